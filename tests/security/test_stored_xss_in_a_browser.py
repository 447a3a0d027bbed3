"""Helicone, February 2026, once more, seen by what matters: in a real browser nothing runs, nothing loads.

Image beacons (OWASP LLM05; a policy of `img-src https:` elsewhere) told a model's author who reads its answers: here no
page asks any other server for anything.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, sync_playwright

from evalgate.reports.formats import render
from evalgate.web.guard import COOKIE, need_of
from tests.reports.scenes import hostile
from tests.security.payloads import PAYLOADS
from tests.security.poisoned import PAGES, Poisoned
from tests.web.test_review_browser import served

STATIC = Path(__file__).resolve().parents[2] / "evalgate" / "web" / "static"
PROVOKE = """
() => {
  for (const e of document.querySelectorAll("details")) e.open = true;
  for (const e of document.querySelectorAll("main *"))
    for (const name of ["mouseover", "mouseenter", "pointerenter", "focus", "toggle", "begin", "load", "error"])
      e.dispatchEvent(new Event(name));
  return [window.__xss ?? null, document.querySelectorAll("main img, main iframe, main object, main embed").length];
}
"""
"""What a reader does to a page by moving over it."""


@pytest.fixture
def browser(require_service: Callable[[str, str], None]) -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        require_service("chromium", "not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path)
        yield opened
        opened.close()


def listening(page: Page) -> list[str]:
    """Give the list of what a page runs, asks elsewhere for, opens or complains of."""
    heard: list[str] = []

    def interrupted(dialog: Dialog) -> None:
        heard.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", interrupted)
    page.on("console", lambda message: heard.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("popup", lambda popup: heard.append(popup.url))
    return heard


def signed_in(browser: Browser, poisoned: Poisoned, base: str, who: str) -> BrowserContext:
    context = browser.new_context(base_url=base)
    context.set_default_timeout(8_000)
    token = poisoned.house.headers[who]["Cookie"].removeprefix(f"{COOKIE}=")
    context.add_cookies([{"name": COOKIE, "value": token, "url": base}])
    return context


def test_in_a_browser_nothing_of_the_corpus_runs_or_leaves(
    poisoned: Poisoned, browser: Browser, tmp_path: Path
) -> None:
    # The browser comes after the house: its event loop leaves room for no other.
    report = tmp_path / "report.html"
    report.write_text(render("html", hostile(PAYLOADS).report(), "en"), encoding="utf-8")
    with served(poisoned.house) as base:
        pages = {who: signed_in(browser, poisoned, base, who).new_page() for who in ("everywhere", "bea")}
        heard = [listening(page) for page in pages.values()]
        asked: list[str] = []
        for page in pages.values():
            page.on("request", lambda request: asked.append(request.url))
        found = {}
        for route in PAGES:
            need = need_of(route)
            who = "bea" if need and "reviewer" in need.roles and "adjudication" not in route.path else "everywhere"
            answer = pages[who].goto(poisoned.addresses[route.path])
            assert answer is not None
            assert (route.path, answer.status) == (route.path, 200)
            found[route.path] = tuple(pages[who].evaluate(PROVOKE))
            assert pages[who].url.startswith(base)
        pages["bea"].goto(report.as_uri())
        found["the report"] = tuple(pages["bea"].evaluate(PROVOKE))
    assert {path: seen for path, seen in found.items() if seen != (None, 0)} == {}
    assert [url for url in asked if not url.startswith((base, report.as_uri(), "data:image/svg+xml"))] == []
    assert heard == [[], []]


def test_no_script_of_ours_makes_elements_out_of_texts() -> None:
    ours = {path.name: path.read_text(encoding="utf-8") for path in STATIC.glob("*.js") if "htmx" not in path.name}
    makes = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc")
    assert {name: makes.findall(text) for name, text in ours.items() if makes.search(text)} == {}
    assert ours
