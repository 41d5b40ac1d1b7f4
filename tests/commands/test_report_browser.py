"""The report in a real browser: headless Chromium, driven by playwright, and looked at by axe-core.

axe-core is injected by evaluation, since the page's own policy stops every script that is not the page's. It comes from
npm: `npm install --no-save axe-core`.
"""

from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any  # what a script gives back

import pytest

from tests.command import ROOT, call_mirrorc
from tests.commands.test_report import example, hostile
from tests.fleets import fleet_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Dialog, Page

__all__ = ["example"]

CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)

pytestmark = pytest.mark.xdist_group("browser")  # one browser for all


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.skip("playwright is not installed: `pip install playwright`")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: `apt-get install chromium`")
    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=_QUIET.split())
        yield launched
        launched.close()


class Opened:
    """A page that is open, with what it asked of the network and what its console said."""

    def __init__(self, browser: "Browser", path: Path, fragment: str = "", **settings: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **settings})
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.address = path.as_uri()
        self.page.goto(self.address + fragment)

    def count(self, selector: str) -> int:
        return self.page.locator(selector).count()

    def visible_rows(self, label: str) -> list[str]:
        rows = self.page.locator(f'[aria-label="{label}"] tbody tr:not([data-hidden]) > th')
        return rows.all_inner_texts()

    def close(self) -> None:
        assert self.said == []
        assert {url.partition("#")[0] for url in self.requests} == {self.address}
        self.context.close()


@pytest.fixture
def written(example: Path) -> Path:
    call_mirrorc("report", "--base", "HEAD", "--link-base", "https://forge.example/x", "-o", "report.html", cwd=example)
    return example / "report.html"


def test_search_finds_rows_and_is_a_deep_link(browser: "Browser", written: Path) -> None:
    opened = Opened(browser, written)
    rows = opened.visible_rows("Table of sources and mirrors")
    opened.page.fill("input[type=search]", "argoproj")
    assert opened.visible_rows("Table of sources and mirrors") == ["quay.io/argoproj"]
    assert len(rows) > 10
    assert "rows match" in opened.page.locator("[role=status]").inner_text()
    assert opened.page.url.endswith("#q=argoproj")
    again = Opened(browser, written, "#q=argoproj")
    assert again.visible_rows("Table of sources and mirrors") == ["quay.io/argoproj"]
    again.close()
    opened.page.fill("input[type=search]", "")
    assert opened.visible_rows("Table of sources and mirrors") == rows
    opened.close()


def test_a_column_sorts_both_ways(browser: "Browser", written: Path) -> None:
    opened = Opened(browser, written)
    head = opened.page.locator('[aria-label="Table of sources and mirrors"] thead th').first
    for direction in ("ascending", "descending"):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == direction
        rows = opened.visible_rows("Table of sources and mirrors")
        ordered = opened.page.evaluate(
            "rows => rows.slice().sort(new Intl.Collator('en', {numeric: true}).compare)", rows
        )
        assert rows == (ordered if direction == "ascending" else ordered[::-1])
    opened.close()


def test_conflicts_are_open_and_the_rest_is_folded(browser: "Browser", written: Path) -> None:
    opened = Opened(browser, written)
    lanes = "details[id^=':lanes-']"
    assert opened.count(f"{lanes}[open]") == 1
    assert opened.count(f"{lanes}[open] path.up") == 1
    assert opened.count(f"{lanes}:not([open])") > 1
    opened.page.get_by_role("button", name="Unfold all").click()
    assert opened.count("details:not([open])") == 0
    opened.page.get_by_role("button", name="Fold all", exact=True).click()
    assert opened.count("details[open]") == 0
    opened.close()


@pytest.mark.parametrize("cluster", ["north", "south"])
def test_a_deep_link_opens_what_it_leads_to(browser: "Browser", written: Path, cluster: str) -> None:
    opened = Opened(browser, written, f"#{cluster}/digest/quay.io/argoproj")
    target = opened.page.locator(f'[id="{cluster}/digest/quay.io/argoproj"]')
    assert target.locator("xpath=ancestor::details[1]").get_attribute("open") is not None
    assert target.evaluate("each => Math.abs(each.getBoundingClientRect().top) < innerHeight")
    opened.close()


def test_a_deep_link_finds_a_cluster_of_a_large_group(browser: "Browser", repo: Path) -> None:
    fleet_of(repo, *(f"c{number:02}" for number in range(30)))
    call_mirrorc("report", "-o", "report.html", cwd=repo)
    opened = Opened(browser, repo / "report.html", "#c29/digest/quay.io/shared")
    hit = opened.page.locator(".hit")
    assert hit.inner_text() == "by digest"
    assert hit.locator("xpath=ancestor::details[1]").get_attribute("open") is not None
    opened.close()


def test_it_is_whole_without_script(browser: "Browser", written: Path) -> None:
    opened = Opened(browser, written, java_script_enabled=False)
    assert not opened.page.locator(".tools").is_visible()
    assert len(opened.visible_rows("Table of sources and mirrors")) > 10
    opened.page.locator("details:not([open]) > summary").first.click()
    assert opened.count("thead button") == 0
    opened.close()


def test_print_shows_what_is_folded(browser: "Browser", written: Path) -> None:
    opened = Opened(browser, written)
    opened.page.emulate_media(media="print")
    assert not opened.page.locator(".tools").is_visible()
    folded = opened.count("details:not([open])")
    assert folded > 1
    opened.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.count("details:not([open])") == 0
    opened.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.count("details:not([open])") == folded
    assert opened.page.pdf().startswith(b"%PDF")
    opened.close()


def test_colours_follow_the_preference(browser: "Browser", written: Path) -> None:
    colours = []
    for scheme in ("light", "dark"):
        opened = Opened(browser, written, color_scheme=scheme)
        colours.append(opened.page.evaluate("getComputedStyle(document.body).backgroundColor"))
        opened.close()
    assert colours == ["rgb(255, 255, 255)", "rgb(13, 17, 23)"]


@pytest.mark.parametrize(
    "settings", [{}, {"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}, {"forced_colors": "active"}]
)
def test_axe_has_no_serious_finding(browser: "Browser", written: Path, settings: dict[str, Any]) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: `npm install --no-save axe-core`")
    opened = Opened(browser, written, **settings)
    opened.page.get_by_role("button", name="Unfold all").click()
    opened.page.evaluate(AXE.read_text(encoding="utf-8"))
    found = opened.page.evaluate("axe.run()")
    assert found["passes"]
    serious = [
        (each["id"], each["nodes"][0]["html"])
        for each in found["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    opened.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_only_tables_scroll_sideways(browser: "Browser", written: Path, width: int) -> None:
    opened = Opened(browser, written, viewport={"width": width, "height": 844})
    opened.page.get_by_role("button", name="Unfold all").click()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    opened.close()


def test_the_keyboard_reaches_search_and_folds(browser: "Browser", written: Path) -> None:
    opened = Opened(browser, written)
    reached = set()
    for _ in range(60):
        opened.page.keyboard.press("Tab")
        reached.add(opened.page.evaluate("document.activeElement.tagName"))
    assert {"A", "INPUT", "BUTTON", "SUMMARY", "DIV"} <= reached
    opened.close()


def test_nothing_hostile_runs(browser: "Browser", repo: Path) -> None:
    hostile(repo)
    call_mirrorc("report", "-o", "report.html", cwd=repo)
    opened = Opened(browser, repo / "report.html")
    asked: list[str] = []

    def dismiss(dialog: "Dialog") -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    opened.page.on("dialog", dismiss)
    opened.page.get_by_role("button", name="Unfold all").click()
    opened.page.fill("input[type=search]", "<img src=x onerror=alert(1)>")
    assert opened.count("img") == 0
    assert asked == []
    opened.close()
