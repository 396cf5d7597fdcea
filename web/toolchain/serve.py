"""Serves the built page: `serve.py DIR [--port N]`. A static server, for this machine only."""

import argparse
import errno
import functools
import re
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HASHED = re.compile(r"-[0-9a-f]{12}\.\w+$")


class Handler(SimpleHTTPRequestHandler):
    """Files, with the types and caching the page needs."""

    # Python asks the system for types, and not every system knows these; a browser refuses Wasm of another type.
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".svg": "image/svg+xml",
        ".wasm": "application/wasm",
    }
    protocol_version = "HTTP/1.1"

    def end_headers(self) -> None:
        """Hashed names never change their content; everything else is asked for again each time."""
        hashed = HASHED.search(self.path.partition("?")[0])
        self.send_header("Cache-Control", "public, max-age=31536000, immutable" if hashed else "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: a line per file would bury the address."""


def make_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server on 127.0.0.1; port 0 takes any free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Handler, directory=str(folder)))


def main() -> None:
    """Serves until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serves the built page on this machine.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=8080)
    args = parser.parse_args()
    if not (args.folder / "index.html").is_file():
        sys.exit(f"serve: there is no page in {args.folder}: run `make web` first")
    try:
        server = make_server(args.folder, args.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            sys.exit(f"serve: port {args.port} is in use; choose another: make play PORT={args.port + 1}")
        sys.exit(f"serve: cannot listen on port {args.port}: {error.strerror}")
    except OverflowError:
        sys.exit(f"serve: {args.port} is not a port")
    print(f"http://127.0.0.1:{server.server_address[1]}  (Ctrl-C stops)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
