"""Files that are dropped on the page or opened: captures, raw memory, cores, recordings, scenarios."""

import base64
import gzip
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

ROOT = Path(__file__).resolve().parents[2]
CAPTURE = ROOT / "engine/tests/dumps/mut-k72-steprot.ck03-blk.tab.gz"


@pytest.fixture
def opened(page: Page) -> Page:
    """The page as it opens."""
    page.goto("")
    expect(page.locator("[data-step]").first).to_be_visible()
    return page


def payload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def choose(page: Page, file: Path | FilePayload) -> None:
    """Chooses a file in the browser's dialog."""
    with page.expect_file_chooser() as dialog:
        page.get_by_role("button", name="Open file").click()
    dialog.value.set_files(file)


def drop(page: Page, name: str, content: bytes) -> None:
    """Drags a file over the page and drops it there."""
    data = page.evaluate_handle(
        """([name, text]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
          return data;
        }""",
        [name, base64.b64encode(content).decode()],
    )
    page.dispatch_event("main", "dragover", {"dataTransfer": data})
    expect(page.locator(".drop")).to_be_visible()
    page.dispatch_event("main", "drop", {"dataTransfer": data})
    expect(page.locator(".drop")).to_have_count(0)


def test_a_capture_is_dropped_browsed_walked_and_linted(opened: Page) -> None:
    drop(opened, CAPTURE.name, CAPTURE.read_bytes())
    panel = opened.locator("[data-panel=file]")
    expect(panel).to_contain_text("records of table memory")
    expect(panel.get_by_label("anchor (IOTA)")).to_have_value("0x2cf_c804")
    expect(panel.locator(".tree__rows")).to_contain_text("segment[0x3ff]")
    expect(panel.locator("[data-lint]")).to_contain_text("0 findings, 1 note")
    expect(panel.locator(".walk__end--found")).to_contain_text("0x370_5000")
    panel.get_by_label("IOVA").fill("0x1_3ffe_0123")
    expect(panel.locator(".walk__end--found")).to_contain_text("0x370_5123")
    panel.get_by_label("Access in the file").select_option("write")
    expect(panel.locator(".walk__end--fault")).to_contain_text("protection")
    panel.locator('[data-term="T011"]').click()
    expect(opened.get_by_role("dialog", name="T011")).to_contain_text("a note")
    opened.keyboard.press("Escape")
    panel.get_by_role("button", name="Close the file").click()
    expect(panel).to_have_count(0)


def test_raw_memory_asks_for_its_base_address(opened: Page) -> None:
    # A segment table whose first entry leads to a page table behind it.
    words = [0x1_4000] + [0x20] * 2047 + [0x400] * 3 + [0x7FEE_D000] + [0x400] * 252
    choose(opened, payload("memory.raw", b"".join(word.to_bytes(8, "big") for word in words)))
    panel = opened.locator("[data-panel=file]")
    expect(panel.locator('[data-problem="D011"]')).to_contain_text("raw memory needs a base address")
    panel.get_by_label("base address").fill("0x1_0000")
    expect(panel).to_contain_text("raw memory")
    panel.get_by_label("anchor (IOTA)").fill("0x1_0000")
    expect(panel.locator('[data-problem="D020"]')).to_contain_text("designates no table")
    panel.get_by_label("anchor (IOTA)").fill("0x1_0800")
    expect(panel.locator(".walk__end--found")).to_contain_text("0x7fee_d000")
    expect(panel.locator("[data-lint=true]")).to_contain_text("pages: 1")
    panel.get_by_label("base address").fill("here")
    expect(panel).to_contain_text("Not a number")


def test_a_core_is_read_and_a_bad_one_is_told_with_its_byte(opened: Page) -> None:
    table = bytes.fromhex("00000000000140000000000000000020") + bytes.fromhex("0000000000000020") * 2046
    pages = bytes.fromhex("000000007feed000") + bytes.fromhex("0000000000000400") * 255
    memory = table + pages
    ident = b"\x7fELF\x02\x02\x01" + bytes(9)

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, "big")

    header = ident + number(4, 2) + number(22, 2) + number(1, 4) + number(0, 8) + number(64, 8) + number(0, 8)
    header += number(0, 4) + number(64, 2) + number(56, 2) + number(1, 2) + bytes(6)
    segment = number(1, 4) + number(7, 4) + number(120, 8) + number(0, 8) + number(0x1_0000, 8)
    segment += number(len(memory), 8) * 2 + number(0x1000, 8)
    core = header + segment + memory
    choose(opened, payload("guest.elf", core))
    panel = opened.locator("[data-panel=file]")
    expect(panel).to_contain_text("ELF core")
    panel.get_by_label("anchor (IOTA)").fill("0x10800")
    expect(panel.locator(".walk__end--found")).to_contain_text("0x7fee_d000")
    choose(opened, payload("cut.elf", core[:100]))
    expect(panel).to_contain_text("cut.elf")
    expect(panel.locator('[data-problem="D002"]')).to_contain_text("at byte 0x")
    choose(opened, payload("half.tab.gz", CAPTURE.read_bytes()[:-20]))
    expect(panel.locator('[data-problem="F003"]')).to_contain_text("damaged gzip file")


def test_a_recording_is_replayed(opened: Page) -> None:
    recording = ROOT / "engine/tests/recordings/groups.jsonl.gz"
    drop(opened, recording.name, recording.read_bytes())
    expect(opened.locator(".notice")).to_contain_text(", 0 mismatches", timeout=60_000)
    with gzip.open(recording, "rt") as text:
        first = text.readline()
    drop(opened, "one.jsonl", first.encode())
    expect(opened.locator(".notice")).to_contain_text("one.jsonl: 1 scenarios")


def test_a_damaged_recording_is_told(opened: Page) -> None:
    recording = ROOT / "engine/tests/recordings/groups.jsonl.gz"
    drop(opened, "half.jsonl.gz", recording.read_bytes()[:300])
    expect(opened.locator(".notice")).to_contain_text("half.jsonl.gz: ")
    expect(opened.locator(".notice")).not_to_contain_text("being replayed")


def test_a_scenario_is_opened_with_a_key(opened: Page) -> None:
    # From here on the browser asks the test for a file; when that begins with the key, the key may be faster.
    opened.on("filechooser", lambda _: None)
    opened.locator(".header").click()
    with opened.expect_file_chooser() as dialog:
        opened.keyboard.press("o")
    dialog.value.set_files(ROOT / "examples/scenarios/lazy-window.zpci.toml")
    expect(opened.get_by_role("heading", level=2, name="The window of a lazy unmap")).to_be_visible()
