"""Dumps of table memory: what is read from them, by hand and by the commands."""

import gzip
import json
import pickle
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from common import ROOT, command

import s390_iommu
from s390_iommu import Dump, DumpError, explain, load_dump

DUMPS = ROOT / "engine" / "tests" / "dumps"
CHECKPOINT = DUMPS / "k72-multi.ck03-blk.tab.gz"
PROTECTED = DUMPS / "mut-k72-steprot.ck03-blk.tab.gz"

ANCHOR = 0x1_0800
BASE = 0x1_0000


def tables(pages: dict[int, int] | None = None) -> bytes:
    """A segment table and its only page table, which holds these entries."""
    words = [0x1_4000] + [0x20] * 2047 + [0x400] * 256
    for index, word in (pages or {}).items():
        words[2048 + index] = word
    return b"".join(word.to_bytes(8, "big") for word in words)


def anchors(checkpoint: Path) -> dict[str, dict[str, Any]]:
    """What was registered for each function."""
    functions = json.loads(gzip.decompress(checkpoint.with_name(checkpoint.name.replace(".tab", ".json")).read_bytes()))
    return {fid: function for fid, function in functions["fns"].items() if function["iota"] & 0x800}


@pytest.mark.parametrize("path", sorted(DUMPS.glob("*.tab.gz")), ids=lambda path: path.name)
def test_every_translation_of_a_captured_guest_is_found(path: Path, tmp_path: Path) -> None:
    plain = tmp_path / "some.tab"
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    for function in anchors(path).values():
        recorded = [list(each) for each in function["translations"]]
        for dump in (load_dump(path), load_dump(plain), load_dump(path.read_bytes())):
            here = [
                [run.iova + k * run.frame_len, run.phys + k * run.frame_len, int(not run.writable), run.frame_len]
                for run in dump.mappings(function["iota"])
                for k in range(run.count)
            ]
            assert here == recorded
            assert dump.lint(function["iota"], (function["pba"], function["pal"])).clean


def test_a_dump_shows_what_is_in_it() -> None:
    dump = load_dump(tables({3: 0x7FEE_D000, 4: 0x7FEE_E200}), base=BASE)
    assert (dump.format, dump.segments) == ("raw", [(BASE, BASE + 0x47FF)])
    assert (dump.word(BASE), dump.word(BASE - 8)) == (0x1_4000, None)
    tree = dump.tree(ANCHOR)
    assert tree.rows[0].child is not None
    assert [row.kind for row in tree.rows[0].child.rows] == ["invalid", "page", "readonly", "invalid"]
    walk = dump.walk(ANCHOR, 0x4321)
    assert (walk.phys, walk.walk.writable, walk.missing) == (0x7FEE_E321, False, None)
    assert [word.kind for word in walk.explained] == ["iota", "segment", "page"]
    assert dump.walk(ANCHOR, 0x4321, write=True).walk.fault == "protection"
    assert str(walk).endswith("-> 0x7feee321, read-only, in a frame of 4 KiB")
    report = dump.lint(ANCHOR, range=(0, 0x3FFF), memory=(0, 0x7FEE_DFFF))
    assert [finding.code for finding in report.findings] == ["T007", "T006"]
    assert report.found == {"T006": 1, "T007": 1}
    assert not report.clean
    assert all(explain(finding.code) for finding in report.findings)
    for value in (tree, walk, report, *report.findings):
        assert pickle.loads(pickle.dumps(value)) == value


def test_what_is_missing_is_told() -> None:
    dump = load_dump(tables()[:0x4000], base=BASE)
    walk = dump.walk(ANCHOR, 0)
    assert (walk.phys, walk.walk.fault, walk.missing) == (None, None, 0x1_4000)
    assert [finding.code for finding in dump.lint(ANCHOR).findings] == ["T001"]


def test_bad_dumps_have_a_code_and_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(data: bytes, base: int | None = None) -> tuple[str, int | None]:
        path = tmp_path / "bad"
        path.write_bytes(data)
        with pytest.raises(DumpError) as caught:
            load_dump(path, base)
        with pytest.raises(DumpError) as again:
            load_dump(data, base)
        assert str(caught.value) == str(again.value)
        assert pickle.loads(pickle.dumps(caught.value)).code == caught.value.code
        assert explain(caught.value.code)
        return caught.value.code, caught.value.at

    record = (0x8000).to_bytes(8, "big") + bytes(2048)
    assert refused(b"") == ("D001", None)
    assert refused(record + record[:-1]) == ("D002", 2056)
    assert refused(record + record) == ("D004", 2056)
    assert refused(b"KDUMP   ") == ("D005", 0)
    assert refused(b"\x7fELF" + bytes(60)) == ("D006", 4)
    assert refused(b"\x7fELF") == ("D002", 4)
    assert refused(b"text") == ("D011", 0)
    assert refused(bytes(8), (1 << 64) - 1) == ("D008", 0)
    assert refused(b"\x1f\x8bgarbage") == ("F003", None)
    assert refused(gzip.compress(record)[:-4]) == ("F003", None)
    monkeypatch.setattr(s390_iommu.dumps, "UNPACKED", 1000)
    assert refused(gzip.compress(record)) == ("D012", None)
    with pytest.raises(DumpError, match="D020"):
        load_dump(record).tree(0)
    with pytest.raises(ValueError, match="at most"):
        load_dump(record).tree(ANCHOR, 1 << 40)
    with pytest.raises(FileNotFoundError):
        load_dump(tmp_path / "nowhere")
    with pytest.raises(TypeError, match="load the file again"):
        pickle.dumps(load_dump(record))


def test_a_huge_file_is_read_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.write(tables({0: 0x7000_0000}))
        # A file of a tebibyte that takes no room.
        file.truncate(1 << 40)
    dump = load_dump(path, base=BASE)
    assert dump.segments == [(BASE, BASE + (1 << 40) - 1)]
    assert dump.walk(ANCHOR, 0x123).phys == 0x7000_0123
    assert dump.lint(ANCHOR).counts["pages"] == 1


def test_tables_and_walk_print_and_tell_by_their_exit_code(tmp_path: Path) -> None:
    path = tmp_path / "raw"
    path.write_bytes(tables({0: 0x7000_0000}))
    raw = ("--iota", hex(ANCHOR), "--base", hex(BASE))
    run = command("tables", path, *raw)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.endswith("tables: 2 (region 0, segment 1, page 1); pages: 1 (read-only 0), unmapped 0\n0 findings, 0 notes\n")
    run = command("tables", path, *raw, "--pba", "0x1000", "--pal", "0xffff", "--memory", "0x7000_0000", "--json")
    assert run.returncode == 1
    assert json.loads(run.stdout)["lint"]["found"] == {"T006": 1, "T007": 1}
    assert command("walk", path, *raw, "0x123", "0x456").returncode == 0
    run = command("walk", path, *raw, "0x123", "0x1000", "--json")
    assert run.returncode == 1
    assert [walk["walk"]["phys"] for walk in json.loads(run.stdout)] == [0x7000_0123, None]
    mistakes: list[tuple[tuple[str | Path, ...], str]] = [
        (("tables", path, "--iota", hex(ANCHOR)), f"{path}: error[D011]: at byte 0x808"),
        (("tables", "nowhere", "--iota", "1"), "nowhere: error[F001]: cannot be read"),
        (("tables", path, *raw, "--pba", "1"), "error[A001]: --pba and --pal go together"),
        (("tables", path, *raw, "--rows", "1000000"), "error[A001]: at most"),
        (("walk", path, "--iota", "0", "--base", "0", "0"), "error[D020]: 0x0 designates no table"),
        (("walk", path, *raw, "there"), "error[A002]"),
    ]
    for bad, message in mistakes:
        run = command(*bad)
        assert (run.returncode, run.stdout) == (2, "")
        assert message in run.stderr


def test_the_page_on_dumps_shows_what_the_commands_print() -> None:
    page = (ROOT / "book" / "src" / "dumps.md").read_text()
    examples = re.findall(r"^\$ s390-iommu (.+)\n((?:(?!```|\$ ).*\n)*)", page, re.MULTILINE)
    assert len(examples) >= 4
    for line, shown in examples:
        words = [str(DUMPS / word) if word.endswith(".tab.gz") else word for word in shlex.split(line)]
        printed = command(*words).stdout.rstrip("\n") + "\n"
        # Of a long output the page shows parts, with `…` for what is left out.
        parts = [part.strip("\n") for part in shown.split("…\n")]
        at = 0
        for part in parts:
            place = printed.find(part, at)
            assert place >= 0, f"{line}:\n{part}\nis not in\n{printed}"
            at = place + len(part)
        assert printed.startswith(parts[0]) and printed.rstrip("\n").endswith(parts[-1])


def test_the_program_on_the_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "book" / "src" / "dumps.md").read_text()
    (program,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    monkeypatch.chdir(DUMPS)
    exec(compile(program, "dumps.md", "exec"), {})


def test_the_codes_of_the_commands_are_explained() -> None:
    sources = (ROOT / "py" / "python" / "s390_iommu").rglob("*.py")
    codes = {code for path in sources for code in re.findall(r"error\[([A-Z]\d{3})\]", path.read_text())}
    assert {"A001", "F001", "F006"} <= codes
    for code in codes:
        assert explain(code)


def test_what_people_write_for_a_name_is_understood() -> None:
    assert command("explain", "pec", "0x3a").stdout.startswith("Error event 0x3a, service action: ")
    assert command("explain", "cc1/40").stdout.count("condition code 1, status 40") == 4
    assert explain("-EINVAL") == explain("EINVAL")
