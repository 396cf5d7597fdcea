"""What people do on the page."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parents[2]

SCENARIO = """\
schema = 1
title = "Two functions, two ranges"
functions = [
  { name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] },
  { name = "f1", dma = [0x1_0000_0000, 0x1_7fff_ffff] },
]
domains = ["d0"]
steps = [
  { attach = "f0", to = "d0" },
  { map = 0x1_c000_0000, phys = 0x8000_0000, size = "1 MiB", in = "d0" },
  { detach = "f0", from = "d0" },
  { attach = "f1", to = "d0" },
  { iova_to_phys = 0x1_c000_0000, in = "d0" },
]
"""


@pytest.fixture
def played(page: Page) -> Page:
    """The page with a scenario of five steps that patch 3 changes."""
    page.goto("")
    page.get_by_role("textbox", name="Scenario").fill(SCENARIO)
    expect(page.locator("[data-step]")).to_have_count(5)
    expect(page.get_by_role("heading", level=2, name="Two functions, two ranges")).to_be_visible()
    return page


def current(page: Page) -> str:
    """The number of the selected step."""
    return page.locator(".timeline .step--current .step__number").inner_text()


def test_a_scenario_is_chosen_from_the_gallery(page: Page) -> None:
    page.goto("")
    page.get_by_role("button", name=re.compile("^Gallery")).click()
    entries = page.locator("[data-scenario]")
    expect(entries.last).to_be_visible()
    all_entries = entries.count()
    page.get_by_role("searchbox").fill("no such words anywhere")
    expect(entries).to_have_count(0)
    page.get_by_role("searchbox").fill("")
    expect(entries).to_have_count(all_entries)
    title = entries.last.locator(".gallery__title").inner_text()
    entries.last.click()
    expect(page.locator(".about__title")).to_have_text(title)
    expect(page.locator("[data-step]").first).to_be_visible()


def test_a_mistake_is_marked_and_listed(played: Page) -> None:
    editor = played.get_by_role("textbox", name="Scenario")
    editor.fill(SCENARIO.replace("attach =", "atach =", 1))
    expect(played.locator(".ink--error").first).to_be_visible()
    message = played.locator(".problems__one").first
    expect(message).to_contain_text("9:")
    message.click()
    expect(editor).to_be_focused()
    expect(played.get_by_text("this is the last run that worked")).to_be_visible()
    editor.fill(SCENARIO)
    expect(played.locator(".ink--error")).to_have_count(0)


def test_patches_are_switched_one_by_one(played: Page) -> None:
    bar = played.get_by_role("region", name="Kernel A")
    patch = bar.locator('[data-patch="p2"]')
    expect(patch).to_have_attribute("aria-pressed", "false")
    patch.click()
    expect(patch).to_have_attribute("aria-pressed", "true")
    expect(bar).to_contain_text("p2 builds on p1")
    expect(bar.get_by_role("combobox")).to_have_value("v6.1-rc2+p2")


def test_steps_with_keys(played: Page) -> None:
    played.locator(".header").click()
    played.keyboard.press("End")
    assert current(played) == "5"
    played.keyboard.press("ArrowLeft")
    assert current(played) == "4"
    played.keyboard.press("Home")
    played.keyboard.press("ArrowRight")
    expect(played.locator("#spoken")).to_contain_text("Step 1: attach f0")
    played.keyboard.press("ArrowDown")
    expect(played.locator(".event--current")).to_have_count(1)
    played.get_by_role("textbox", name="Scenario").focus()
    played.keyboard.press("ArrowRight")
    assert current(played) == "1"


def test_a_comparison_selects_the_first_divergence(played: Page) -> None:
    played.get_by_role("combobox", name="Kernel B").select_option("p3")
    expect(played.locator(".compare__headline")).to_contain_text(re.compile(r"Step \d differs in"))
    step = current(played)
    expect(played.locator(f'[data-step="{step}"]')).to_contain_text("differs")
    expect(played.locator("[data-panel=topology] .columns__one")).to_have_count(2)
    expect(played.locator(".counters thead th")).to_have_count(2)


def test_the_walk_follows_the_address(played: Page) -> None:
    played.locator('[data-step="2"]').click()
    walk = played.locator("[data-panel=walk]")
    expect(walk.get_by_label("IOVA")).to_have_value("0x1_c000_0000")
    expect(walk.locator(".walk__end--found")).to_contain_text("0x8000_0000")
    walk.get_by_label("IOVA").fill("0x1_c000_5123")
    expect(walk.locator(".walk__end--found")).to_contain_text("0x8000_5123")
    walk.get_by_label("IOVA").fill("0x1_d000_0000")
    expect(walk.locator(".walk__end--fault")).to_contain_text("invalid-entry")
    walk.get_by_label("IOVA").fill("nonsense!")
    expect(walk).to_contain_text("Not a number")


def test_a_word_of_the_walk_is_decoded(played: Page) -> None:
    played.locator('[data-step="2"]').click()
    played.locator("[data-panel=walk] .hop--segment .entry__word").click()
    decoder = played.locator("[data-panel=decoder]")
    expect(decoder.get_by_label("Kind of word")).to_have_value("segment")
    expect(decoder).to_contain_text("page table at")


def test_a_link_opens_the_same_page(played: Page, browser: Browser, address: str) -> None:
    played.get_by_role("combobox", name="Kernel A").select_option("p2")
    played.get_by_role("combobox", name="Kernel B").select_option("p3")
    played.locator('[data-step="4"]').click()
    played.locator("[data-panel=walk]").get_by_label("IOVA").fill("0x1_c000_1000")
    played.wait_for_timeout(900)
    link = played.url
    assert "#1" in link
    context = browser.new_context()
    other = context.new_page()
    other.goto(link)
    expect(other.get_by_role("textbox", name="Scenario")).to_have_value(SCENARIO)
    expect(other.get_by_role("combobox", name="Kernel A")).to_have_value("p2")
    expect(other.get_by_role("combobox", name="Kernel B")).to_have_value("p3")
    expect(other.locator("[data-panel=walk]").get_by_label("IOVA")).to_have_value("0x1_c000_1000")
    assert current(other) == "4"
    context.close()


def test_a_bad_link_is_told(page: Page) -> None:
    page.goto("#1nothing-good")
    expect(page.locator(".notice")).to_contain_text("cannot be read")
    expect(page.locator("[data-step]").first).to_be_visible()


@pytest.fixture
def late(played: Page) -> Page:
    """A page where a run has begun that takes half a minute."""
    pair = """
  { map = 0x1_0000_0000, phys = 0, size = "100 GiB", in = "d0" },
  { unmap = 0x1_0000_0000, size = "100 GiB", in = "d0" },"""
    text = f"""\
schema = 1
title = "Enormous sizes over and over"
kernel = "v6.1-rc2"
functions = [{{ name = "f0", dma = [0x1_0000_0000, 0x3ff_ffff_ffff] }}]
domains = ["d0"]
steps = [
  {{ attach = "f0", to = "d0" }},{pair * 200}
]
"""
    played.get_by_role("textbox", name="Scenario").fill(text)
    expect(played.locator(".busy")).to_contain_text(re.compile(r"step \d+ of 401"))
    return played


def test_a_long_run_is_stopped_and_the_page_goes_on(late: Page) -> None:
    late.get_by_role("button", name="Stop").click()
    expect(late.locator(".busy")).to_have_count(0)
    expect(late.locator(".stale")).to_contain_text("Stopped")
    # The run before is still there, and a new worker answers for it.
    late.locator('[data-step="2"]').click()
    expect(late.locator("[data-panel=walk] .walk__end--found")).to_contain_text("0x8000_0000")
    late.get_by_role("textbox", name="Scenario").fill(SCENARIO.replace("Two functions", "Once more"))
    expect(late.get_by_role("heading", level=2, name="Once more")).to_be_visible()
    expect(late.locator(".stale")).to_have_count(0)


def test_a_long_run_is_stopped_with_a_key_and_run_again(late: Page) -> None:
    late.locator(".header").click()
    late.keyboard.press("s")
    expect(late.locator(".busy")).to_have_count(0)
    late.get_by_role("button", name="Run again").click()
    expect(late.locator(".busy")).to_be_visible()


def test_the_page_answers_while_a_run_takes_long(late: Page) -> None:
    # The longest time that the page's thread was not free, in milliseconds.
    late.evaluate("""() => {
      window.gap = 0;
      let last = performance.now();
      setInterval(() => {
        const now = performance.now();
        window.gap = Math.max(window.gap, now - last);
        last = now;
      }, 10);
    }""")
    late.locator('[data-step="2"]').click()
    expect(late.locator("[data-panel=topology]")).to_contain_text("after step 2")
    decoder = late.locator("[data-panel=decoder]")
    decoder.get_by_label("Word", exact=True).fill("0x400")
    expect(decoder.locator(".decoded__meaning")).to_contain_text("invalid")
    late.locator(".header").click()
    late.keyboard.press("?")
    expect(late.get_by_role("dialog", name="Keys")).to_be_visible()
    expect(late.locator(".busy")).to_be_visible()
    gap = late.evaluate("window.gap")
    print(f"longest gap on the page's thread during a run: {gap:.0f} ms")
    assert gap < 1000


def test_an_engine_that_cannot_be_loaded_is_told(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.route(re.compile("/worker-[0-9a-f]+[.]wasm"), lambda route: route.abort())
    page.goto("")
    expect(page.locator(".notice")).to_contain_text("The engine failed")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    context.close()


@pytest.fixture
def phone(page: Page) -> Iterator[Page]:
    """A page as wide as a phone."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("")
    yield page


def test_a_phone_scrolls_in_one_direction(phone: Page) -> None:
    phone.locator("#file").set_input_files(ROOT / "engine/tests/dumps/mut-k72-steprot.ck03-blk.tab.gz")
    expect(phone.locator("[data-panel=file]")).to_contain_text("records of table memory")
    expect(phone.get_by_label("anchor (IOTA)")).to_be_in_viewport()
    for part in ("Scenario", "Steps", "State"):
        phone.locator(".tabs").get_by_role("button", name=part).click()
        expect(phone.get_by_role("heading", level=1)).to_be_visible()
        width = phone.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, f"{part} is {width} wide"


def test_dark_and_light(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("")
    background = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(background)
    button = page.get_by_role("button", name=re.compile("^Theme"))
    button.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert page.evaluate(background) != dark
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_the_keys_are_listed(page: Page) -> None:
    page.goto("")
    page.locator(".header").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_later_kernels_come_from_the_engine_and_have_no_switches(played: Page) -> None:
    select = played.get_by_role("combobox", name="Kernel A")
    names = select.locator("option").evaluate_all("options => options.map(option => option.value)")
    assert names[1:8] == ["v6.1-rc2", "p1", "p2", "p3", "p4", "p5", "p6"] and len(names) > 8
    patches = played.get_by_role("group", name="Patches of A")
    expect(patches.get_by_role("button")).to_have_count(6)
    select.select_option(names[-1])
    expect(patches).to_have_count(0)
    expect(played.locator("[data-step]")).to_have_count(5)


def test_other_programs_may_replay_and_hash(page: Page) -> None:
    page.goto("")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    own = page.evaluate("text => window.s390_trace_hash(text, null)", SCENARIO)
    assert re.fullmatch("[0-9a-f]{16}", own)
    assert page.evaluate("text => window.s390_trace_hash(text, 'v6.1-rc2')", SCENARIO) == own
    assert "v5.0" in page.evaluate("text => window.s390_trace_hash(text, 'v5.0')", SCENARIO)
    assert page.evaluate("window.s390_replay('')") == "0 scenarios, 0 operations, 0 mismatches"


def test_gallery_traces_are_those_of_the_native_engine(page: Page) -> None:
    """One hash per gallery scenario, pinned by the Rust tests: WebAssembly has to give the same."""
    pinned = [line.split() for line in (ROOT / "engine/tests/gallery.hashes").read_text().splitlines()]
    assert len(pinned) > 30
    page.goto("")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for name, _, digest in pinned:
        text = (ROOT / f"examples/scenarios/{name}.zpci.toml").read_text()
        assert page.evaluate("text => window.s390_trace_hash(text, null)", text) == digest, name


def test_the_recordings_of_the_series_replay_in_the_browser(page: Page) -> None:
    with gzip.open(ROOT / "engine/tests/recordings/series.jsonl.gz", "rt") as recording:
        text = recording.read()
    page.goto("")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    verdict = page.evaluate("text => window.s390_replay(text)", text)
    assert verdict == "931 scenarios, 6085 operations, 0 mismatches"
