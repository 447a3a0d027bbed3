"""Every page, for everybody who may see it, in both themes and on a phone: axe finds nothing to complain of.

axe comes in beside the page, as an extension would: the page's own policy stays in force.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, Page, expect, sync_playwright

from evalgate.reports.formats import render
from evalgate.web.guard import COOKIE, need_of
from evalgate.web.pages.routers import PAGES
from evalgate.web.service import service_of
from evalgate.wiring.server import ServerSettings, opened
from tests.reports.scenes import failing, undecided
from tests.web.inhabited import inhabit
from tests.web.scenes import House, furnish
from tests.web.test_review_browser import served

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
CHECK = """
async (tags) => {
  const found = await axe.run(document, { resultTypes: ["violations"], runOnly: { type: "tag", values: tags } });
  const told = found.violations.flatMap((one) => one.nodes.map((n) => `${one.id}: ${n.html.slice(0, 200)}`));
  const wide = document.documentElement.scrollWidth - innerWidth;
  return wide > 0 ? [...told, `${wide} px too wide`] : told;
}
"""
OPEN = "for (const e of document.querySelectorAll('details')) e.open = true"
LOOKS: tuple[tuple[Any, int], ...] = (("light", 1280), ("dark", 390))
"""Theme and width in CSS pixels: each theme and each width once."""
ROUTES = [route for router in PAGES for route in router.routes if isinstance(route, APIRoute)]
ELSEWHERE = {"/sign-in/oidc", "/sign-in/oidc/return"}
"""Routes that answer with a redirect, never with a page of their own."""
EVERYBODY = ("reviewer", "maintainer", "admin", "auditor")


def nothing_is_done(_: Page) -> None:
    """Look at a page as it comes."""


class Stop(NamedTuple):
    """A page to look at: its route, who looks, its address where it is not the route's, and what is done there."""

    route: str
    who: tuple[str | None, ...]
    address: str = ""
    act: Callable[[Page], None] = nothing_is_done


def help_is_open(page: Page) -> None:
    page.locator(".block.current").wait_for()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_have_attribute("open", "")


def a_stretch_is_marked(page: Page) -> None:
    page.locator(".block.current").wait_for()
    page.locator(".text[data-side=output]").first.dblclick(position={"x": 12, "y": 10})
    page.locator(".spans q").wait_for()


def a_problem_is_told(page: Page) -> None:
    page.locator("form").last.evaluate("form => { form.noValidate = true; form.submit(); }")
    page.locator("main > .problem").wait_for()


def an_answer_is_missing(page: Page) -> None:
    page.locator("#answer").evaluate("form => { form.noValidate = true; form.submit(); }")
    page.locator("main > .problem").wait_for()


def a_hard_text_is_shown(page: Page) -> None:
    page.locator("#unblur").check()


def the_judge_is_revealed(page: Page) -> None:
    page.locator("summary", has=page.locator("xpath=../button[@formaction]")).click()
    page.locator("[formaction$=reveal]").click()
    page.locator(".judged").wait_for()


REVIEW = "/queues/{queue}/review"
ANSWER = "/queues/{queue}/answers/{item}"
READERS = ("maintainer", "auditor")
STOPS = (
    Stop("/sign-in", (None,)),
    Stop("/sign-in", (None,), "/sign-in", a_problem_is_told),
    Stop("/first/{token}", (None,)),
    Stop("/join/{token}", (None,)),
    Stop("/", READERS),
    Stop("/runs", READERS),
    Stop("/runs", ("maintainer",), "/runs?suite=support"),
    Stop("/runs/{run_id}", READERS),
    Stop("/runs/{run_id}", ("maintainer",), "/runs/not-here"),
    Stop("/runs/{run_id}/samples", ("maintainer",)),
    Stop("/decisions", READERS),
    Stop("/decisions/{decision_id}", ("maintainer",)),
    Stop("/decisions/{decision_id}", ("reviewer",)),
    Stop("/admin", ("admin", "auditor", "everywhere")),
    Stop("/audit", ("admin", "auditor")),
    Stop("/audit/verify", ("auditor",)),
    Stop("/account", (*EVERYBODY, "nobody's member")),
    Stop("/queues", ("bea", "reviewer", "zoe", "auditor")),
    Stop(REVIEW, ("bea", "zoe")),
    Stop(REVIEW, ("bea",), REVIEW, help_is_open),
    Stop(REVIEW, ("bea",), REVIEW, a_stretch_is_marked),
    Stop(REVIEW, ("bea",), REVIEW, an_answer_is_missing),
    Stop(REVIEW, ("bea",), REVIEW, the_judge_is_revealed),
    Stop(REVIEW, ("bea",), "/queues/empty/review"),
    Stop(REVIEW, ("rui",), "/queues/practice/review"),
    Stop(REVIEW, ("bea",), "/queues/harm/review"),
    Stop(REVIEW, ("bea",), "/queues/harm/review", a_hard_text_is_shown),
    Stop("/queues/{queue}/answers", ("bea", "zoe")),
    Stop(ANSWER, ("bea",)),
    Stop(ANSWER, ("bea",), "/queues/practice/answers/{practised}"),
    Stop(ANSWER, ("bea",), "/queues/gold/answers/{gold}"),
    Stop(ANSWER, ("bea",), "/queues/support/answers/{settled}"),
    Stop("/queues/{queue}/adjudication", ("zoe",)),
    Stop("/queues/{queue}/adjudication", ("zoe",), "/queues/empty/adjudication"),
    Stop("/queues/new", ("zoe",)),
    Stop("/queues/new", ("zoe",), "/queues/new", a_problem_is_told),
    Stop("/queues/{queue}/settings", ("zoe", "admin")),
    Stop("/queues/{queue}/fill", ("zoe",)),
    Stop("/queues/{queue}/agreement", ("zoe", "auditor")),
    Stop("/queues/{queue}/agreement", ("zoe",), "/queues/empty/agreement"),
    Stop("/queues/{queue}/agreement", ("zoe",), "/queues/gold/agreement"),
    Stop("/judges", ("zoe", "auditor")),
    Stop("/judges/{metric}/{digest}", ("zoe", "auditor")),
    Stop("/traffic", READERS),
    Stop("/traffic/{suite}/{metric}", READERS),
    Stop("/traffic/{suite}/{metric}", ("auditor",), "/traffic/support/answers?range=24h&slice=release%3D2026.11"),
    Stop("/traffic/windows/{number:int}", READERS, "/traffic/windows/{window}"),
    Stop("/traffic/interactions/{number:int}", READERS, "/traffic/interactions/{interaction}"),
    Stop("/traffic/interactions/{number:int}", ("zoe",), "/traffic/interactions/{erased}"),
    Stop("/alerts", READERS),
    Stop("/alerts/{number:int}", READERS, "/alerts/{alert}"),
    Stop("", (None, "maintainer"), "/nowhere"),
)
"""A new page is a line here."""


class Site(NamedTuple):
    """A house that answers on a port, and the names its addresses are filled in with."""

    base: str
    house: House
    names: Mapping[str, object]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = ServerSettings(database=str(tmp_path_factory.mktemp("site") / "evalgate.db"))
    with opened(settings) as parts:
        house = furnish(service_of(parts, settings))
        names = inhabit(house)
        with served(house) as base:
            yield Site(base, house, names)


@pytest.fixture(scope="module")
def browser(site: Site, require_service: Callable[[str, str], None]) -> Iterator[Browser]:
    """A browser, started after the house is furnished: its event loop keeps others out of this thread."""
    path = shutil.which("chromium")
    if path is None:
        require_service("chromium", "not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path)
        yield started
        started.close()


def looked_at(page: Page) -> dict[str, list[str]]:
    """Give what axe finds, by theme and width."""
    found: dict[str, list[str]] = {}
    for theme, width in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        found |= {f"{theme} {width}": told} if (told := page.evaluate(CHECK, TAGS)) else {}
    return found


def seen_by(browser: Browser, site: Site, who: str | None, stop: Stop) -> dict[str, list[str]]:
    with browser.new_context(base_url=site.base, locale="en-GB") as context:
        context.set_default_timeout(8_000)
        context.add_init_script(AXE)
        if who is not None:
            token = site.house.headers[who]["Cookie"].removeprefix(f"{COOKIE}=")
            context.add_cookies([{"name": COOKIE, "value": token, "url": site.base}])
        page = context.new_page()
        page.goto((stop.address or stop.route).format_map(site.names))
        stop.act(page)
        page.evaluate(OPEN)
        return looked_at(page)


def test_every_page_that_there_is_has_a_stop() -> None:
    pages = {route.path for route in ROUTES if "GET" in (route.methods or ())}
    assert {stop.route for stop in STOPS} - {""} == pages - ELSEWHERE


def test_everybody_who_may_see_pages_looks_at_some() -> None:
    roles = {role for route in ROUTES if (need := need_of(route)) for role in need.roles}
    assert roles <= {who for stop in STOPS for who in stop.who}


@pytest.mark.parametrize(
    ("stop", "who"),
    [(stop, who) for stop in STOPS for who in stop.who],
    ids=lambda part: (part.address or part.route) + "#" + part.act.__name__ if isinstance(part, Stop) else str(part),
)
def test_axe_finds_nothing_in_a_page(browser: Browser, site: Site, stop: Stop, who: str | None) -> None:
    assert seen_by(browser, site, who, stop) == {}


@pytest.mark.parametrize("scene", [failing, undecided])
def test_axe_finds_nothing_in_a_decisions_report(browser: Browser, scene: Any, tmp_path: Path) -> None:
    place = tmp_path / "report.html"
    place.write_text(render("html", scene().report(), "en"), encoding="utf-8")
    with browser.new_context() as context:
        context.add_init_script(AXE)
        page = context.new_page()
        page.goto(place.as_uri())
        page.evaluate(OPEN)
        assert looked_at(page) == {}
