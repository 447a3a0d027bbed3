"""Calibration cards in the store: kept as they were made, the newest of each judge counts."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from evalgate.core.cards import CalibrationCard, LabelledMarks, make_card
from evalgate.store.access import Access
from evalgate.store.engine import Store, open_store
from tests.store.scenes import NOON


def card(judge: str = "1", check: str = "answers", criterion: str = "", day: int = 1) -> CalibrationCard:
    people = np.repeat([1.0, 0.0], 30)
    marks = LabelledMarks(people, people, languages=["es", "pt"] * 30, slices={"plan": ["pro", None] * 30})
    return make_card(
        marks,
        check=check,
        criterion=criterion,
        judge=f"judge-{judge}",
        judge_digest=judge * 32,
        made_on=date(2026, 11, day),
    )


def test_a_card_comes_back_as_it_was_made(store: Store) -> None:
    made = card()
    store.cards.keep(made)
    assert store.cards.newest("answers") == (made,)
    assert store.cards.newest("answers")[0].digest == made.digest


def test_the_newest_card_of_each_judge_and_criterion_counts_in_the_order_of_their_names(store: Store) -> None:
    for made in (card("2"), card("1", day=1), card("1", day=2), card("1", criterion="tone"), card("1", "on_brand")):
        store.cards.keep(made)
    assert store.cards.newest("answers") == (card("1", day=2), card("2"), card("1", criterion="tone"))
    assert store.cards.newest() == (*store.cards.newest("answers"), card("1", "on_brand"))
    assert store.cards.newest("nothing") == ()


def test_what_is_newest_is_when_it_was_kept_and_not_the_day_it_says(store: Store) -> None:
    store.cards.keep(card(day=9))
    store.cards.keep(card(day=2))
    assert store.cards.newest("answers") == (card(day=2),)


def test_the_same_card_is_kept_once(store: Store) -> None:
    store.cards.keep(card())
    store.cards.keep(card())
    assert store.cards.history("answers", "", "1" * 32) == (card(),)


def test_the_history_of_a_judge_begins_with_the_newest(store: Store) -> None:
    for day in (1, 2, 3):
        store.cards.keep(card(day=day))
    store.cards.keep(card("2"))
    history = store.cards.history("answers", "", "1" * 32, limit=2)
    assert [one.made_on.day for one in history] == [3, 2]


def test_another_project_sees_none_of_them(store: Store) -> None:
    other = store.within(Access(store.database, store.secret).create_project("sales", "Sales").number)
    store.cards.keep(card())
    assert other.cards.newest() == ()
    other.cards.keep(card(day=5))
    assert (store.cards.newest(), other.cards.newest()) == ((card(),), (card(day=5),))


def test_two_cards_kept_at_the_same_moment_are_both_told(place: str) -> None:
    with open_store(place, clock=lambda: NOON) as store:
        store.cards.keep(card(day=1))
        store.cards.keep(card(day=2))
        assert len(store.cards.newest("answers")) == 2


def test_a_card_written_in_a_transaction_that_is_undone_is_not_kept(store: Store) -> None:
    def written_and_stopped() -> None:
        with store.database.write() as connection:
            store.cards.write(connection, card())
            raise KeyError

    with pytest.raises(KeyError):
        written_and_stopped()
    assert store.cards.newest() == ()


def test_all_cards_of_a_criterion_are_told_whichever_judge_they_are_of_with_their_moments(store: Store) -> None:
    cards = [card(day=1), card("2", day=2), card(criterion="tone", day=3), card(check="on_brand", day=4)]
    for made in cards:
        store.cards.keep(made)
    found = store.cards.made("answers", "")
    assert [one.card for one in found] == [cards[1], cards[0]]
    assert found[0].made_at > found[1].made_at
    assert [one.card for one in store.cards.made()] == cards[::-1]
    assert [one.card for one in store.cards.made(judge_digest="2" * 32)] == [cards[1]]
    assert [one.card for one in store.cards.made("answers", limit=1)] == [cards[2]]
