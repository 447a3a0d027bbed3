"""Calibration cards: how well judges agree with people; made, kept and listed. Reviewers never see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import Field

from evalgate.core.cards import CalibrationCard
from evalgate.core.values import Value
from evalgate.review.carding import made_of, metric_of
from evalgate.store.cards import KeptCard
from evalgate.web.api.labels import Filter, Short
from evalgate.web.api.routing import KEEPERS, READERS, Limit, api_router, shown_as
from evalgate.web.guard import Caller

router = api_router("cards")

CriterionFilter = Annotated[str | None, Query(max_length=200, description="Only those of this criterion; blank: none.")]
JudgeFilter = Annotated[str | None, Query(max_length=200, description="Only those of the judge of this digest.")]


class CardsWanted(Value):
    """Which check's judges to measure; without runs, in all stored ones."""

    model_config = shown_as({"check": "answers", "runs": []})

    check: Short
    runs: Annotated[tuple[Short, ...], Field(max_length=100)] = ()


class CardList(Value):
    """The newest card of each judge and criterion."""

    model_config = shown_as({"cards": []})

    cards: tuple[CalibrationCard, ...]


class CardHistory(Value):
    """Cards with the moments from which they count, the newest first."""

    model_config = shown_as({"cards": []})

    cards: tuple[KeptCard, ...]


@router.get("/cards")
def list_cards(caller: Annotated[Caller, READERS], check: Filter = None) -> CardList:
    """List the newest calibration card of each judge and criterion."""
    with caller.reading() as work:
        return CardList(cards=work.store.cards.newest(check))


@router.get("/cards/history")
def list_card_history(
    caller: Annotated[Caller, READERS],
    check: Filter = None,
    criterion: CriterionFilter = None,
    judge: JudgeFilter = None,
    limit: Limit = 50,
) -> CardHistory:
    """List the cards that were made, the newest first: how judges and people drifted apart."""
    with caller.reading() as work:
        return CardHistory(cards=work.store.cards.made(check, criterion, judge, limit))


@router.post("/cards", status_code=201)
def make_cards(caller: Annotated[Caller, KEEPERS], wanted: CardsWanted) -> CardList:
    """Make and keep the card of each judge and criterion of a check, from the labels that there are now."""
    return CardList(cards=tuple(keep_cards(caller, wanted.check, wanted.runs)))


def keep_cards(
    caller: Caller, check: str, runs: Sequence[str] = (), digest: str | None = None
) -> list[CalibrationCard]:
    """Make the cards of a check, or of its judge of a digest, keep them and note it; raise WrongAsWritten for none.

    They are reckoned before the transaction that keeps them, which others wait for.
    """
    with caller.reading() as work:
        cards = made_of(work.store, runs, check, caller.service.clock().date(), digest)
    with caller.writing() as work:
        for card in cards:
            work.store.cards.write(work.connection, card)
            project, about = caller.project, f"metric:{metric_of(card)}"
            told = {"judge": card.judge_digest, "card": card.digest}
            work.audit.add(work.connection, project, caller.actor, "card.made", about, n=card.n, **told)
    return cards
