"""Device access, registers, caches, steps added with buttons, and explanations."""

import re

import pytest
from playwright.sync_api import Page, expect

# The refresh of an unmap gets lost: what was cached before stays in use.
SCENARIO = """\
schema = 1
title = "Unmapped, and still cached"
kernel = "v6.6"
functions = [{ name = "f0", dma = [0x1_0000_0000, 0x1_ffff_ffff] }]
domains = ["d0"]
steps = [
  # the page is mapped, and used
  { attach = "f0", to = "d0" },
  { map = 0x1_0000_0000, phys = 0x8000_0000, size = "16 KiB", in = "d0" },
  { read = 0x1_0000_0000, size = 0x4000, by = "f0" },
  { inject = "refresh_trans", rc = "EIO" }, # lost
  { unmap = 0x1_0000_0000, size = "4 KiB", in = "d0" },
  { read = 0x1_0000_0000, size = 16, by = "f0" },
]
"""


@pytest.fixture
def played(page: Page) -> Page:
    """The page with a scenario of six steps."""
    page.goto("")
    page.get_by_role("textbox", name="Scenario").fill(SCENARIO)
    expect(page.locator("[data-step]")).to_have_count(6)
    expect(page.get_by_role("heading", level=2, name="Unmapped, and still cached")).to_be_visible()
    return page


def text(page: Page) -> str:
    """What stands in the editor."""
    return page.get_by_role("textbox", name="Scenario").input_value()


def test_a_stale_access_shows_three_answers_and_leads_to_its_cause(played: Page) -> None:
    step = played.locator('[data-step="6"]')
    expect(step.locator("[data-verdict]")).to_have_text("≠ stale")
    step.click()
    verdict = step.get_by_role("group", name="Verdict: stale")
    expect(verdict).to_contain_text("unmapped at step 5, no refresh covers it")
    expect(verdict.locator(".truths__one")).to_have_text(
        [re.compile("intent.*unmapped at step 5"), re.compile("tables.*nothing"), re.compile("cache.*0x8000_0000 rw")]
    )
    expect(verdict).to_contain_text("Look for the refresh that failed")
    expect(step).to_contain_text("16 bytes read at 0x8000_0000, found from the cache")
    verdict.get_by_role("button", name="Step 5").click()
    expect(played.locator(".timeline .step--current .step__number")).to_have_text("5")
    expect(played.locator('[data-step="5"]')).to_contain_text("exposed")


def test_the_address_that_is_walked_is_judged_too(played: Page) -> None:
    played.locator('[data-step="6"]').click()
    walk = played.locator("[data-panel=walk]")
    expect(walk.get_by_role("group", name="Verdict: stale")).to_be_visible()
    walk.get_by_label("IOVA").fill("0x1_0000_1000")
    expect(walk.get_by_role("group", name="Verdict: agree")).to_be_visible()
    walk.get_by_label("Who walks").select_option("d0")
    expect(walk.get_by_role("group", name=re.compile("Verdict"))).to_have_count(0)
    expect(walk.locator("[data-device]")).to_be_disabled()


def test_a_read_and_a_write_as_the_device(played: Page) -> None:
    played.locator('[data-step="3"]').click()
    walk = played.locator("[data-panel=walk]")
    walk.get_by_label("IOVA").fill("0x1_0000_2000")
    walk.get_by_label("length").fill("0")
    expect(walk.locator("[data-device]")).to_be_disabled()
    walk.get_by_label("length").fill("24")
    walk.get_by_role("button", name="Read as f0").click()
    expect(played.locator("[data-step]")).to_have_count(7)
    added = played.locator('[data-step="4"]')
    expect(added).to_have_class(re.compile("step--current"))
    expect(added.get_by_role("group", name="Verdict: agree")).to_be_visible()
    assert '\n  { read = 0x1_0000_2000, size = 24, by = "f0" },\n' in text(played)
    walk.get_by_label("Access").select_option("write")
    walk.get_by_label("IOVA").fill("0x1_5000_0000")
    walk.get_by_role("button", name="Write as f0").click()
    fault = played.locator('[data-step="5"]')
    expect(fault.locator("[data-access]")).to_contain_text("no byte moved, then invalid-entry")
    expect(fault.locator("[data-access]")).to_contain_text("error event 0x7")
    assert "# the page is mapped, and used\n" in text(played)


def test_steps_are_added_with_buttons_and_taken_back(played: Page) -> None:
    played.locator('[data-step="4"]').click()
    add = played.get_by_role("region", name="Add a step")
    for verb in ("attach", "map", "unmap", "detach", "read", "write", "refresh", "recover"):
        expect(add.get_by_role("button", name=verb, exact=True)).to_be_visible()
    add.get_by_role("button", name="map", exact=True).click()
    add.get_by_label("IOVA").fill("not a number")
    expect(add.get_by_role("button", name="Add map")).to_be_disabled()
    add.get_by_label("IOVA").fill("0x1_4000_0000")
    add.get_by_label("size").fill("1 MiB")
    add.get_by_label("prot").select_option("r")
    add.get_by_role("button", name="Add map").click()
    expect(played.locator('[data-step="5"]')).to_contain_text("map 0x1_4000_0000")
    line = '  { map = 0x1_4000_0000, phys = 0x8000_0000, size = "1 MiB", prot = "r", in = "d0" },\n'
    assert text(played) == SCENARIO.replace("# lost\n", "# lost\n" + line)
    expect(add).to_contain_text("Added as step 5")
    add.get_by_role("button", name="Undo").click()
    expect(played.locator("[data-step]")).to_have_count(6)
    assert text(played) == SCENARIO


def test_steps_are_added_with_keys_alone(played: Page) -> None:
    played.locator('[data-step="6"]').click()
    played.keyboard.press("a")
    expect(played.get_by_role("button", name="attach", exact=True)).to_be_focused()
    for _ in range(3):
        played.keyboard.press("Tab")
    played.keyboard.press("Enter")
    played.keyboard.press("Tab")
    add = played.get_by_role("region", name="Add a step")
    expect(add.get_by_role("button", name="detach", exact=True)).to_have_attribute("aria-pressed", "true")
    add.get_by_role("button", name="Add detach").focus()
    played.keyboard.press("Enter")
    expect(played.locator('[data-step="7"]')).to_contain_text("detach f0 from d0")


def test_no_step_is_added_to_a_text_with_errors(played: Page) -> None:
    played.get_by_role("textbox", name="Scenario").fill(SCENARIO.replace("attach =", "atach =", 1))
    expect(played.locator(".problems__one").first).to_be_visible()
    played.locator("[data-panel=walk]").get_by_role("button", name="Read as f0").click()
    expect(played.locator(".notice")).to_contain_text("The text has errors")


def test_stale_entries_are_marked_and_a_refresh_puts_them_right(played: Page) -> None:
    played.locator('[data-step="6"]').click()
    panel = played.locator('[data-iotlb="f0"]')
    expect(panel).to_contain_text("4 pages cached")
    stale = panel.locator('[data-stale="true"]')
    expect(stale).to_have_count(1)
    expect(stale).to_contain_text("≠ stale")
    expect(stale).to_contain_text("unmapped at step 5")
    expect(stale).to_contain_text("a refresh (RPCIT) that covers 0x1_0000_0000–0x1_0000_0fff")
    expect(panel.locator('[data-stale="false"]')).to_contain_text("3 pages, 12 KiB")
    stale.get_by_role("button", name="Add the refresh").click()
    expect(played.locator('[data-step="7"]')).to_contain_text("refresh f0 0x1_0000_0000 size 0x1000")
    expect(panel.locator('[data-stale="true"]')).to_have_count(0)


def test_registers_are_decoded_and_changes_marked(played: Page) -> None:
    played.locator('[data-step="1"]').click()
    registers = played.locator('[data-registers="f0"]')
    iota = registers.locator('[data-register="IOTA"]')
    expect(iota).to_contain_text("region-third table at")
    expect(iota).to_contain_text("changed")
    expect(registers.locator('[data-register="state"]')).to_contain_text("enabled, registered")
    expect(registers.locator('[data-register="PAL"]')).to_contain_text("4 GiB in all")
    played.locator('[data-step="2"]').click()
    expect(played.locator("[data-panel=registers]")).to_contain_text("after step 2")
    expect(iota).not_to_contain_text("changed")
    iota.get_by_role("button").click()
    expect(played.locator("[data-panel=decoder]").get_by_label("Kind of word")).to_have_value("iota")


def test_names_are_explained_and_the_focus_comes_back(played: Page) -> None:
    played.locator('[data-step="6"]').click()
    badge = played.locator('[data-step="6"]').get_by_role("button", name="≠ stale")
    badge.focus()
    played.keyboard.press("Enter")
    sheet = played.get_by_role("dialog", name="stale")
    expect(sheet).to_contain_text("Verdict about an access")
    expect(sheet).to_contain_text("Source:")
    expect(sheet.get_by_role("button", name="Close")).to_be_focused()
    played.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(badge).to_be_focused()
    walk = played.locator("[data-panel=walk]")
    walk.get_by_label("IOVA").fill("0x5")
    walk.locator('[data-term="out-of-range"]').click()
    expect(played.get_by_role("dialog", name="out-of-range")).to_contain_text("Fault")


def test_answers_of_instructions_are_explained(played: Page) -> None:
    played.locator('[data-step="1"]').click()
    played.locator(".event").get_by_role("button", name="cc 0").first.click()
    expect(played.get_by_role("dialog", name="cc0")).to_contain_text("Condition code 0, done")


def test_what_user_space_has_open_is_shown(page: Page) -> None:
    page.goto("")
    page.get_by_role("button", name=re.compile("^Gallery")).click()
    page.locator('[data-scenario="vfio-unmap-in-error"]').click()
    page.locator("[data-step]").filter(has_text="user_map").first.click()
    client = page.locator('[data-client="c0"]')
    expect(client).to_contain_text("type 1, version 2")
    expect(client).to_contain_text("c0.d0")
    expect(client).to_contain_text("0x1_0000_1000")
    expect(page.locator("[data-panel=clients]")).to_contain_text("pinned pages")
    # What the container's user was told is not followed, so nothing is said about it.
    expect(page.locator("[data-panel=walk] .truths")).to_have_count(0)
