"""Reviewing in a real browser: ten items by keyboard, a mark, an undo, a decision; and the same with scripts off."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from evalgate.core.review import QueueSettings
from evalgate.web.app import create_app
from evalgate.web.passwords import hashed
from evalgate.web.serving import bound
from tests.reports.test_browser import CONTRAST
from tests.web.review_scenes import BAD, PLAIN, QUEUE, answered, filled, let_in
from tests.web.scenes import PASSWORD, House

By = Callable[[str], httpx.Client]
TEXTS = tuple(f"Respuesta {number}: tarda tres días 🙂 en llegar." for number in range(11))


@pytest.fixture(scope="module")
def browser(require_service: Callable[[str, str], None]) -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        require_service("chromium", "not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path)
        yield opened
        opened.close()


@contextmanager
def served(house: House) -> Iterator[str]:
    """Serve a house on a free port of this machine."""
    listening = bound("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create_app(house.service), log_config=None, lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


@pytest.fixture
def desk(house: House) -> House:
    let_in(house)
    for login in ("bea", "zoe"):
        user = house.service.access.user(login)
        assert user is not None
        house.service.access.set_password(user.number, hashed(PASSWORD, user.login))
    filled(house, TEXTS)
    return house


@pytest.fixture
def place(desk: House) -> Iterator[str]:
    with served(desk) as address:
        yield address


@pytest.fixture
def by(desk: House, place: str) -> Iterator[By]:
    """Give clients that knock over the network: an event loop runs here already, the browser's."""
    with ExitStack() as opened:
        yield lambda who: opened.enter_context(httpx.Client(base_url=place, headers=desk.headers[who], trust_env=False))


def sign_in(context: BrowserContext, place: str, login: str) -> tuple[Page, list[str]]:
    """Sign in by the form and give the page with what it complains of."""
    page = context.new_page()
    page.set_default_timeout(8_000)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{place}/sign-in?next=/queues")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/queues")
    return page, complaints


def test_ten_items_by_keyboard_then_an_undo_and_a_decision(browser: Browser, by: By, place: str) -> None:
    context = browser.new_context()
    page, complaints = sign_in(context, place, "bea")
    page.get_by_role("link", name="Review", exact=True).click()
    for number in range(10):
        expect(page.locator("#progress")).to_have_text(f"{number} done · {11 - number} left")
        page.locator(".block.current").wait_for()
        page.keyboard.press("2" if number == 9 else "1")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("1")
        page.keyboard.press("Control+Enter")
    expect(page.locator("#progress")).to_have_text("10 done · 1 left")
    expect(page.locator("#said")).to_have_text("Your answer is kept. Here is the next item.")
    page.locator(".block.current").wait_for()
    assert page.evaluate("document.activeElement.name") == "answer.answers"
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("taken back")
    expect(page.locator("#progress")).to_have_text("9 done · 2 left")
    assert complaints == []
    mine = by("bea").get(f"{QUEUE}/answers").json()["answers"]
    assert [one["given"]["answers"] for one in mine] == [{"answers": "answered", "tone": "kind"}] * 9
    assert all(one["given"]["seconds"] is not None for one in mine)
    answered(by("rui"), BAD)
    decider, _ = sign_in(browser.new_context(), place, "zoe")
    decider.get_by_role("link", name="Decide (1)").click()
    decider.get_by_label("Yes").check()
    decider.locator("[value=kind]").check()
    decider.get_by_role("button", name="Decide").click()
    expect(decider.locator("#said")).to_have_text("Decided. The item is closed.")


def test_flag_skip_help_and_a_mark_that_counts_code_points(browser: Browser, by: By, place: str) -> None:
    page, complaints = sign_in(browser.new_context(), place, "bea")
    page.goto(f"{place}/queues/support/review")
    page.locator(".block.current").wait_for()
    page.keyboard.press("f")
    expect(page.locator("#said")).to_have_text("Flagged.")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_have_attribute("open", "")
    page.evaluate(
        """() => {
          const text = document.querySelector('.text[data-side=output]').firstChild;
          const range = document.createRange();
          const at = text.data.indexOf('en llegar');
          range.setStart(text, at); range.setEnd(text, at + 9);
          getSelection().removeAllRanges(); getSelection().addRange(range);
          document.dispatchEvent(new PointerEvent('pointerup'));
        }"""
    )
    expect(page.locator(".spans q")).to_have_text("en llegar")
    page.locator("[value=answered]").check()
    page.locator("[value=kind]").check()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#progress")).to_contain_text("1 done")
    given = by("bea").get(f"{QUEUE}/answers").json()["answers"][0]["given"]
    start = TEXTS[0].index("en llegar")
    assert given["flagged"] is True
    assert [(one["criterion"], one["side"], one["start"], one["end"]) for one in given["spans"]] == [
        ("answers", "output", start, start + 9)
    ]
    page.locator(".block.current").wait_for()
    page.keyboard.press("s")
    page.keyboard.press("Space")
    page.locator("#skip button").click()
    expect(page.locator("#said")).to_contain_text("Skipped")
    assert complaints == []


def test_typing_a_comment_is_no_command(browser: Browser, by: By, place: str) -> None:
    page, _ = sign_in(browser.new_context(), place, "bea")
    page.goto(f"{place}/queues/support/review")
    page.locator("[name=comment]").press_sequentially("suf? 12")
    assert page.input_value("[name=comment]") == "suf? 12"
    assert page.locator("input[type=radio]:checked").count() == 0
    assert by("bea").get(f"{QUEUE}/answers").json()["answers"] == []


def test_an_open_page_keeps_its_item(browser: Browser, house: House) -> None:
    let_in(house)
    user = house.service.access.user("bea")
    assert user is not None
    house.service.access.set_password(user.number, hashed(PASSWORD, user.login))
    filled(house, TEXTS[:1], QueueSettings(**{**PLAIN.model_dump(), "lease_s": 30}))
    with served(house) as place:
        page, complaints = sign_in(browser.new_context(), place, "bea")
        with page.expect_response("**/heartbeat", timeout=20_000) as heard:
            page.goto(f"{place}/queues/support/review")
        assert heard.value.json() == {"kept": True}
        assert complaints == []


def test_without_scripts_the_same_forms_do_the_work(browser: Browser, by: By, place: str) -> None:
    page, _ = sign_in(browser.new_context(java_script_enabled=False), place, "bea")
    page.get_by_role("link", name="Review", exact=True).click()
    page.locator("[value=not_answered]").check()
    page.locator("[value=rude]").check()
    page.fill("[name=comment]", "sin guion")
    page.get_by_role("button", name="Send and next").click()
    assert "1 done" in page.locator("#progress").inner_text()
    page.locator("#skip summary").click()
    page.locator("#skip [value=language]").check()
    page.locator("#skip button").click()
    page.get_by_role("button", name="Take my last answer back").click()
    assert "0 done" in page.locator("#progress").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_text_can_be_read_and_nothing_is_wider_than_the_screen(
    browser: Browser, by: By, place: str, theme: str, width: int
) -> None:
    answered(by("bea"), BAD)
    answered(by("rui"), {"answers": {"answers": "answered", "tone": "kind"}})
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)  # type: ignore[arg-type]
    page, complaints = sign_in(context, place, "zoe")
    for path in ("/queues", "/queues/support/adjudication", "/queues/support/review", "/queues/support/answers"):
        page.goto(place + path)
        assert page.evaluate(CONTRAST) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        unnamed = (
            "[...document.querySelectorAll('input:not([type=hidden]), textarea, select')].filter(e => !e.labels.length)"
        )
        assert page.evaluate(f"{unnamed}.length") == 0
    assert complaints == []


def test_the_keyboard_reaches_every_choice_in_the_order_of_reading_and_the_focus_is_seen(
    browser: Browser, place: str
) -> None:
    page, _ = sign_in(browser.new_context(), place, "bea")
    page.goto(f"{place}/queues/support/review")
    page.locator(".block.current").wait_for()
    stops: list[str] = []
    for _ in range(14):
        page.keyboard.press("Tab")
        seen = "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
        assert page.evaluate(seen), stops
        stops.append(page.evaluate("(e => e.name || e.id || e.textContent.trim())(document.activeElement)"))
    wanted = ["answer.answers", "answer.tone", "comment", "flagged", "Send and next", "Skip"]
    assert [one for one in stops if one in wanted] == wanted
    assert stops[0] == "Skip to content"


def test_a_digit_chooses_where_somebody_is_and_one_too_many_chooses_nothing(browser: Browser, place: str) -> None:
    page, _ = sign_in(browser.new_context(), place, "bea")
    page.goto(f"{place}/queues/support/review")
    page.locator(".block.current").wait_for()
    chosen = "[...document.querySelectorAll('input[type=radio]:checked')].map(e => e.value)"
    after: dict[str, list[str]] = {}
    for key in "9876543210":
        page.keyboard.press(key)
        after[key] = page.evaluate(chosen)
    assert after == {
        **{key: [] for key in "9876543"},
        "2": ["not_answered"],
        "1": ["answered"],
        "0": ["unknown"],
    }
    page.locator("#keys").evaluate("e => { e.checked = false }")
    page.keyboard.press("1")
    assert page.evaluate(chosen) == ["unknown"]


def test_three_clicks_mark_a_paragraph_and_no_word_of_it_besides(browser: Browser, by: By, place: str) -> None:
    page, complaints = sign_in(browser.new_context(), place, "bea")
    page.goto(f"{place}/queues/support/review")
    page.locator(".block.current").wait_for()
    text = page.locator(".text[data-side=output]")
    text.click(click_count=3, position={"x": 20, "y": 8})
    spans = page.locator("input[name=spans]")
    expect(spans).not_to_have_value("")
    said = text.inner_text()
    assert [(one["start"], one["end"]) for one in json.loads(spans.input_value())] == [(0, len(said))]
    assert complaints == []
