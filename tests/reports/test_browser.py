"""The HTML page in a real browser: opened from a file, it reaches for nothing and works from the keyboard."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, sync_playwright

from evalgate.reports.formats import render
from evalgate.reports.messages import Language
from tests.reports.scenes import failing, hostile, undecided

SCENES = {"failing": failing, "undecided": undecided, "hostile": hostile}
CONTRAST = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour, under) => {
    canvas.fillStyle = under; canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
    return `rgb(${r}, ${g}, ${b})`;
  };
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.unshift(getComputedStyle(e).backgroundColor);
    return layers.reduce((under, colour) => rgb(colour, under), "rgb(255, 255, 255)");
  };
  const light = (colour) => {
    const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = colour.match(/\\d+/g).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const poor = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility() || element.closest("script, style, svg")) continue;
    const back = behind(element);
    const [a, b] = [light(rgb(getComputedStyle(element).color, back)), light(back)].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.add(`${element.className || element.tagName}: ${node.data.trim()}`);
  }
  return [...poor];
}
"""


@pytest.fixture(scope="module")
def browser(require_service: Callable[[str, str], None]) -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        require_service("chromium", "not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path)
        yield opened
        opened.close()


class Opened:
    """A page opened from a file, with what it tried to load and what it complained of."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._heard)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._interrupted)
        page.goto(path.as_uri())

    def _heard(self, request: Request) -> None:
        self.requests.append(request.url)

    def _interrupted(self, dialog: Dialog) -> None:
        self.complaints.append(dialog.message)
        dialog.dismiss()

    def shown(self) -> list[str]:
        return self.page.locator("article:visible h3").all_inner_texts()


Open = Callable[..., Opened]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    contexts = []

    def _open(scene: str, language: Language = "en", width: int = 1180, **context: object) -> Opened:
        path = tmp_path / f"{scene}-{language}.html"
        path.write_text(render("html", SCENES[scene]().report(), language), encoding="utf-8")
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, **context))  # type: ignore[arg-type]
        return Opened(contexts[-1].new_page(), path)

    yield _open
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scene", SCENES)
def test_the_page_asks_for_nothing_but_itself_and_complains_of_nothing(opened, scene):
    seen = opened(scene)
    seen.page.wait_for_timeout(200)
    assert [url for url in seen.requests if not url.startswith("file:")] == []
    assert len(seen.requests) == 1
    assert seen.complaints == []


def test_no_hostile_text_has_become_an_element(opened):
    seen = opened("hostile")
    assert seen.page.locator("img, iframe, object, embed, base, link, form:not(#filter), svg[onload]").count() == 0
    assert "<script>alert(1)</script>" in seen.page.inner_text("article >> nth=0")


def test_the_cases_are_filtered_from_the_keyboard(opened):
    seen = opened("failing")
    everything = seen.shown()
    seen.page.locator("select[name=check]").focus()
    seen.page.keyboard.type("no_pii")
    assert seen.shown() == ["c-200"]
    assert "1 of " in seen.page.inner_text("#shown")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Enter")
    seen.page.wait_for_timeout(50)
    assert seen.shown() == everything


def test_the_cases_are_filtered_by_slice_and_by_what_happened(opened):
    seen = opened("failing")
    seen.page.select_option("select[name=slice]", label="locale=es")
    assert seen.shown() == ["c-003", "c-030", "c-060", "c-090"]
    seen.page.select_option("select[name=kind]", label="got better")
    assert seen.shown() == ["c-090"]


def test_a_link_to_a_case_that_is_filtered_out_shows_it_again(opened):
    seen = opened("failing")
    seen.page.select_option("select[name=slice]", label="locale=es")
    seen.page.click("a:text-is('c-200')")
    seen.page.wait_for_timeout(100)
    assert "c-200" in seen.shown()
    assert seen.page.locator("article:target h3").inner_text() == "c-200"


def test_the_first_tab_leads_past_the_page_to_the_cases(opened):
    seen = opened("failing")
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.activeElement.getAttribute('href')") == "#cases"
    seen.page.keyboard.press("Enter")
    assert seen.page.evaluate("document.activeElement.id") == "cases"


def test_everything_that_acts_can_be_reached_and_shows_its_focus(opened):
    seen = opened("failing")
    reached = set()
    for _ in range(25):
        seen.page.keyboard.press("Tab")
        reached.add(seen.page.evaluate("document.activeElement.tagName"))
        outline = seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
    assert {"A", "BUTTON", "SELECT", "SUMMARY"} <= reached


def test_without_scripts_every_case_is_there_and_no_control_that_would_do_nothing(opened):
    seen = opened("failing", java_script_enabled=False)
    assert len(seen.shown()) == len(failing().report().cases)
    assert seen.page.locator("#filter:visible, #theme:visible").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_button_turns_the_other_scheme_on(opened, scheme):
    seen = opened("failing", color_scheme=scheme)
    before = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    seen.page.click("#theme")
    after = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before != after
    seen.page.click("#theme")
    assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("scene", ["failing", "undecided"])
def test_every_text_stands_out_from_what_is_behind_it(opened, scene, scheme):
    assert opened(scene, color_scheme=scheme).page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize("scene", SCENES)
def test_on_a_phone_nothing_runs_over_the_edge(opened, scene, language):
    seen = opened(scene, language, width=360)
    assert seen.page.evaluate("document.documentElement.scrollWidth") == 360


def test_on_paper_every_case_is_there_whatever_was_filtered(opened):
    seen = opened("failing")
    seen.page.select_option("select[name=check]", label="no_pii")
    seen.page.emulate_media(media="print")
    assert len(seen.shown()) == len(failing().report().cases)
    assert seen.page.locator("#filter:visible, #theme:visible").count() == 0
