"""The built page, served on a free port, in the system's Chromium."""

import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "web/toolchain"))

from serve import make_server  # noqa: E402  (the path above has to come first)

# The page needs no network beyond the local server; the browser's own services are switched off so that a machine
# without internet sees no failed connections. No sandbox: it refuses to run as root, as containers do.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """The served page's address."""
    folder = ROOT / "dist"
    assert (folder / "index.html").is_file(), "there is no page: run `make web` first"
    server = make_server(folder, 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; CHROMIUM names another program than the one on PATH."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "no Chromium: run `make browser`, or set CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A new page in a new profile, not yet opened; `page.goto("")` opens the playground.

    Whatever reports an error while the test runs fails it: the console, an uncaught exception, a failed request.
    """
    problems: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            problems.append(f"console {message.type}: {message.text}")

    def on_error(error: Error) -> None:
        problems.append(f"uncaught: {error}")

    def on_failure(request: Request) -> None:
        # Aborted is what a page that is left, or a worker that is ended, had still to load.
        if request.failure != "net::ERR_ABORTED":
            problems.append(f"failed: {request.url} {request.failure}")

    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("console", on_console)
    page.on("pageerror", on_error)
    page.on("requestfailed", on_failure)
    yield page
    context.close()
    assert not problems, "\n".join(problems)
