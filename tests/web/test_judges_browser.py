"""Watching a judge being measured in a real browser, and reading its pages in both themes, on a desk and a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from evalgate.review.carding import cards_of
from evalgate.web.guard import COOKIE
from tests.reports.test_browser import CONTRAST
from tests.web.judge_scenes import LATER, PATH, answer, good, judged, measured, queued
from tests.web.scenes import House
from tests.web.test_review_browser import browser, served

__all__ = ["browser"]


def cookie(house: House, base: str) -> dict[str, str]:
    return {"name": COOKIE, "value": house.headers["maintainer"]["Cookie"].partition("=")[2], "url": base}


def test_the_card_is_seen_changing_when_reviewers_close_items(browser: Browser, house: House) -> None:
    queue = queued(house, judged(house, 60))
    answer(house, queue, "ana", good)
    with served(house) as base:
        context = browser.new_context()
        context.add_cookies([cookie(house, base)])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(base + PATH)
        expect(page.locator("#fresh")).to_have_text("0 labels since the card.")
        answer(house, queue, "rui", good)
        tested = sum(one.labels for one in house.service.store.labels.counts() if one.split == "test")
        page.reload()
        expect(page.locator("#labels-today")).to_have_text(str(tested))
        page.get_by_role("button", name="Make the card").click()
        expect(page.locator("#said")).to_contain_text("The card is made and kept.")
        expect(page.locator("#fresh")).to_have_text("0 labels since the card.")
        assert [one.n for one in house.service.store.cards.newest()] == [tested]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_every_text_can_be_read_and_nothing_is_wider_than_the_screen(
    browser: Browser, house: House, theme: str, width: int
) -> None:
    measured(house)
    queue = queued(house, judged(house, 40, LATER, source="k", says=good))
    answer(house, queue, "ana", good)
    answer(house, queue, "rui", lambda number: number % 3 == 0)
    cards_of(house.service.store, [], "answers", house.service.clock().date())
    with served(house) as base:
        viewport = {"width": width, "height": 800}
        context = browser.new_context(viewport=viewport, color_scheme=theme, locale="es")  # type: ignore[arg-type]
        context.add_cookies([cookie(house, base)])  # type: ignore[list-item]
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        for path in ("/judges", PATH, "/queues/weekly/agreement"):
            page.goto(base + path)
            page.evaluate("for (const e of document.querySelectorAll('details')) e.open = true")
            assert page.evaluate(CONTRAST) == []
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert complaints == []
