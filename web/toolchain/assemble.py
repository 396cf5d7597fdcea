"""Puts the page together: hashed script, Wasm and style files plus an index that names them.

A file whose name carries a hash of its content can be cached for ever; only index.html has to be asked for again.
The styles are web/style/*.css in name order (00-tokens.css first, then one file per component). Everything in
web/static is copied as it is.
"""

import argparse
import gzip
import hashlib
import shutil
import sys
from pathlib import Path


def put(folder: Path, stem: str, suffix: str, content: bytes) -> str:
    """Writes content under a name that changes exactly when it does, and returns that name."""
    name = f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}{suffix}"
    (folder / name).write_bytes(content)
    return name


def fill(template: str, values: dict[str, str]) -> str:
    """Replaces each {{key}}; a key that the template does not have is an error, not a silent nothing."""
    for key, value in values.items():
        mark = "{{" + key + "}}"
        if mark not in template:
            sys.exit(f"assemble: the template has no {mark}")
        template = template.replace(mark, value)
    return template


def module(glue: Path, name: str, new: Path) -> dict[str, str]:
    """Puts a Wasm module and its glue in place and returns what they are called now."""
    wasm = put(new, name, ".wasm", (glue / f"{name}_bg.wasm").read_bytes())
    # The glue's own guess of where the Wasm file is must name the hashed one too, for whoever calls it without.
    script = (glue / f"{name}.js").read_text(encoding="utf-8").replace(f"{name}_bg.wasm", wasm)
    return {"js": put(new, name, ".js", script.encode()), "wasm": wasm}


def assemble(glue: Path, web: Path, new: Path) -> None:
    """Fills the empty folder `new` with the whole page."""
    style = "".join(f.read_text(encoding="utf-8") for f in sorted((web / "style").glob("*.css")))
    css = put(new, "app", ".css", style.encode())

    # Glue that imports further files (wasm-bindgen's snippets) keeps their relative paths.
    if (glue / "snippets").is_dir():
        shutil.copytree(glue / "snippets", new / "snippets")

    worker_template = (web / "worker.js").read_text(encoding="utf-8")
    starts = {
        name: put(new, f"{name}-start", ".js", fill(worker_template, module(glue, name, new)).encode())
        for name in ("worker", "replay")
    }
    page = module(glue, "page", new)
    boot_template = (web / "boot.js").read_text(encoding="utf-8")
    boot = put(new, "boot", ".js", fill(boot_template, page | starts).encode())

    index_template = (web / "index.html").read_text(encoding="utf-8")
    index = fill(index_template, page | {"css": css, "boot": boot})
    (new / "index.html").write_text(index, encoding="utf-8")

    if (web / "static").is_dir():
        shutil.copytree(web / "static", new, dirs_exist_ok=True)


def leaks(folder: Path, private: list[str]) -> list[str]:
    """Files that name a directory of the machine they were built on."""
    needles = [p.encode() for p in private if len(p) > len("/x")]
    return [
        f"{path.name} contains {needle.decode()}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for needle in needles
        # Followed by a separator, or a short home such as /root would be found in innocent text.
        if needle.rstrip(b"/") + b"/" in path.read_bytes()
    ]


def compressed(path: Path) -> int:
    """What a visitor downloads of a file."""
    return len(gzip.compress(path.read_bytes(), compresslevel=9))


def report(folder: Path) -> None:
    """Prints the size of every file, raw and compressed. What is replayed is loaded on demand only."""
    total_raw = total_zip = 0
    print(f"{'':30}{'bytes':>10}{'gzip':>10}")
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        raw, zipped = path.stat().st_size, compressed(path)
        print(f"{path.relative_to(folder)!s:30}{raw:>10}{zipped:>10}")
        if not path.name.startswith("replay"):
            total_raw += raw
            total_zip += zipped
    print(f"{'total, without replay':30}{total_raw:>10}{total_zip:>10}")


def main() -> None:
    """Assembles next to the old page, then swaps, so that a failure leaves the old page in place."""
    parser = argparse.ArgumentParser(description="Puts the playground's page together.")
    parser.add_argument("--glue", type=Path, required=True, help="what the bindgen step wrote")
    parser.add_argument("--web", type=Path, required=True, help="the templates: index.html, boot.js, worker.js, style/")
    parser.add_argument("--dist", type=Path, required=True, help="the folder to fill")
    parser.add_argument("--limit", type=int, help="bytes that the page's module may have, compressed")
    parser.add_argument("--private", action="append", default=[], help="a path that no file may name")
    args = parser.parse_args()

    new: Path = args.dist.with_name(args.dist.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    assemble(args.glue, args.web, new)
    if found := leaks(new, args.private):
        sys.exit("assemble: the page names local directories:\n  " + "\n  ".join(found))
    size = compressed(next(new.glob("page-*.wasm")))
    if args.limit and size > args.limit:
        sys.exit(f"assemble: the page's module has {size} bytes compressed; {args.limit} are allowed")
    shutil.rmtree(args.dist, ignore_errors=True)
    new.rename(args.dist)
    report(args.dist)


if __name__ == "__main__":
    main()
