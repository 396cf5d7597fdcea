"""The page starts."""

import tomllib
from pathlib import Path

from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_shows_its_name_and_version(page: Page) -> None:
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]
    page.goto("")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"s390-iommu {workspace['package']['version']}")


def test_hashed_files_are_cached_and_the_index_is_not(page: Page) -> None:
    caching: dict[str, str] = {}
    page.on("response", lambda r: caching.__setitem__(r.url.rpartition("/")[2], r.headers["cache-control"]))
    page.goto("")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert caching.pop("") == "no-cache"
    assert caching and all("immutable" in value for value in caching.values()), caching


def test_the_page_is_soon_of_use(page: Page) -> None:
    """Prints how long it takes from navigation to a run that is shown, with controls that can be used."""
    page.goto("")
    expect(page.locator("[data-step]").first).to_be_visible()
    expect(page.get_by_role("combobox", name="Kernel A")).to_be_enabled()
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    print(f"first paint after {painted:.0f} ms, of use after {page.evaluate('performance.now()'):.0f} ms")
