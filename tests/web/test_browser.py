"""The pages in a real browser: keyboard, both themes, a phone, and nothing hostile that runs."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect, sync_playwright

from evalgate.web import passwords
from evalgate.web.app import create_app
from evalgate.web.guard import COOKIE
from tests.reports.scenes import failing, hostile
from tests.reports.test_browser import CONTRAST
from tests.web.furnished import Furnished, with_scene
from tests.web.scenes import PASSWORD, House

PATHS = (
    "/",
    "/runs",
    "/runs/{candidate}",
    "/runs/{candidate}/samples",
    "/decisions",
    "/decisions/{decision}",
    "/admin",
    "/audit",
    "/audit/verify",
    "/account",
    "/runs/not-here",
)
RULES = """
() => {
  const wrong = [];
  const says = (e) => {
    const by = e.getAttribute("aria-labelledby");
    const named = by ? by.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("") : "";
    const label = e.labels?.length ? e.labels[0].textContent : "";
    return (e.getAttribute("aria-label") || named || label || e.textContent || "").trim();
  };
  const told = (e, why) => wrong.push(`${why}: ${e.outerHTML.slice(0, 120)}`);
  for (const e of document.querySelectorAll("a[href], button, summary, [role=img], nav, section"))
    if (!says(e)) told(e, "no name");
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!e.labels?.length && !e.getAttribute("aria-label")) told(e, "no label");
  for (const e of document.querySelectorAll("fieldset")) if (!e.querySelector(":scope > legend")) told(e, "no legend");
  for (const e of document.querySelectorAll("[aria-labelledby], [aria-describedby]"))
    for (const name of ["aria-labelledby", "aria-describedby"])
      for (const id of (e.getAttribute(name) ?? "").split(" ").filter(Boolean))
        if (!document.getElementById(id)) told(e, `no ${id}`);
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  if (new Set(ids).size !== ids.length) wrong.push("an id stands twice");
  let last = 0;
  for (const e of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const level = Number(e.tagName[1]);
    if (level > last + 1) told(e, `heading after h${last}`);
    last = level;
  }
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  for (const name of ["main", "body > header", "body > footer"])
    if (document.querySelectorAll(name).length !== 1) wrong.push(`not one ${name}`);
  for (const e of document.querySelectorAll("th")) if (!e.scope) told(e, "no scope");
  for (const e of document.querySelectorAll("button, select, input:not([type=hidden])")) {
    const box = e.getBoundingClientRect();
    if (e.checkVisibility() && e.type !== "checkbox" && (box.height < 24 || box.width < 24)) told(e, "too small");
  }
  if (!document.documentElement.lang || !document.title.trim()) wrong.push("no language or title");
  return wrong;
}
"""
"""What an accessibility checker looks at first: names, labels, headings, landmarks, targets."""


@dataclass
class Site:
    """A house that answers on a port."""

    house: House
    told: Furnished
    base: str


@pytest.fixture(scope="module")
def browser(require_service: Callable[[str, str], None]) -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        require_service("chromium", "not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path)
        yield opened
        opened.close()


@pytest.fixture
def site(house: House) -> Iterator[Site]:
    told = with_scene(house.service.store, failing())
    server = uvicorn.Server(uvicorn.Config(create_app(house.service), port=0, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Site(house, told, f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join()


def opened(browser: Browser, site: Site, who: str | None = "everywhere", **how: object) -> BrowserContext:
    """Give a browser of its own, in which somebody is signed in."""
    context = browser.new_context(base_url=site.base, locale="en-GB", **how)  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    if who is not None:
        token = site.house.headers[who]["Cookie"].removeprefix(f"{COOKIE}=")
        context.add_cookies([{"name": COOKIE, "value": token, "url": site.base}])
    return context


def listening(page: Page) -> list[str]:
    """Give the list of everything that the page complains of or asks elsewhere for."""
    heard: list[str] = []

    def interrupted(dialog: Dialog) -> None:
        heard.append(dialog.message)
        dialog.dismiss()

    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", interrupted)
    return heard


@pytest.fixture
def reviewer(site: Site) -> str:
    number = site.house.service.access.user("maintainer")
    assert number is not None
    site.house.service.access.set_password(number.number, passwords.hashed(PASSWORD, "maintainer"))
    return "maintainer"


@pytest.mark.parametrize("scripts", [True, False])
def test_somebody_signs_in_looks_and_signs_out_with_the_keyboard_alone(browser, site, reviewer, scripts) -> None:
    with opened(browser, site, None, java_script_enabled=scripts) as context:
        page = context.new_page()
        page.goto("/decisions")
        assert page.url == f"{site.base}/sign-in?next=/decisions"
        expect(page.get_by_label("Login")).to_be_focused()
        page.keyboard.type(reviewer)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site.base}/decisions")
        page.get_by_role("link", name=site.told.decision).focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/decisions/*")
        assert page.get_by_role("heading", level=1).inner_text() == "Do not deploy: support fails"
        page.get_by_role("button", name="Sign out").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/sign-in*")
        assert page.get_by_role("status").inner_text() == "You are signed out."


def test_the_first_tab_leads_past_the_navigation_and_every_stop_shows_its_focus(browser, site) -> None:
    with opened(browser, site) as context:
        page = context.new_page()
        page.goto("/admin")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
        outlines = set()
        for _ in range(25):
            page.keyboard.press("Tab")
            outlines.add(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
        assert "none" not in outlines


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_named_labelled_ordered_and_stands_out_in_both_themes(browser, site, scheme) -> None:
    with opened(browser, site, color_scheme=scheme) as context:
        page = context.new_page()
        found = {}
        for path in (path.format(**site.told._asdict()) for path in PATHS):
            page.goto(path)
            page.evaluate("for (const e of document.querySelectorAll('details')) e.open = true")
            found[path] = page.evaluate(RULES) + page.evaluate(CONTRAST)
        assert {path: wrong for path, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("path", ["/sign-in", "/first/t", "/join/t"])
def test_the_pages_of_nobody_are_named_labelled_and_narrow_too(browser, site, path) -> None:
    with opened(browser, site, None, viewport={"width": 390, "height": 800}, color_scheme="dark") as context:
        page = context.new_page()
        page.goto(path)
        assert page.evaluate(RULES) + page.evaluate(CONTRAST) == []
        assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("language", ["en", "es", "pt-BR"])
def test_on_a_phone_nothing_runs_over_the_edge(browser, site, language) -> None:
    with opened(browser, site, viewport={"width": 390, "height": 800}) as context:
        context.set_extra_http_headers({"Accept-Language": language})
        page = context.new_page()
        widths = {}
        for path in (path.format(**site.told._asdict()) for path in PATHS):
            page.goto(path)
            page.evaluate("for (const e of document.querySelectorAll('details')) e.open = true")
            widths[path] = page.evaluate("document.documentElement.scrollWidth")
        assert set(widths.values()) == {390}, widths


def test_nothing_hostile_runs_loads_or_complains(browser, site) -> None:
    told = with_scene(site.house.service.store, hostile())
    with opened(browser, site, viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        heard, widths = listening(page), set()
        for path in PATHS[:-1]:
            page.goto(path.format(**told._asdict()))
            widths.add(page.evaluate("document.documentElement.scrollWidth"))
        assert (heard, widths) == ([], {390})
        assert [url for url in asked if not url.startswith(site.base)] == []


def test_what_destroys_asks_once_more_and_a_key_is_shown_once(browser, site) -> None:
    with opened(browser, site) as context:
        page = context.new_page()
        page.goto("/admin")
        page.get_by_text("Make a key").first.click()
        form = page.locator("form[action='/admin/keys']")
        form.get_by_label("Name").fill("the shop")
        form.get_by_role("button").click()
        assert page.locator(".secret").inner_text().startswith("eg_")
        page.get_by_role("button", name="Revoke the shop").click()
        assert page.get_by_role("status").last.is_visible()
        assert page.locator("#said").inner_text() == "Revoke the shop for good? Click again."
        page.get_by_role("button", name="Revoke the shop").click()
        page.wait_for_url("**/admin?done=key_revoked")
        assert page.locator("#said").inner_text() == "The key opens nothing from now on."


def test_the_theme_that_somebody_chose_is_there_at_once(browser, site) -> None:
    with opened(browser, site, color_scheme="light") as context:
        page = context.new_page()
        page.goto("/account")
        page.get_by_label("Theme").select_option("dark")
        page.get_by_role("button", name="Save").click()
        page.wait_for_url("**/account?done=account_kept")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 20, 23)"
