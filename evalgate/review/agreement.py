"""How far people agree in a queue, and how well each of them answers where the answer is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from evalgate.core.review import UNKNOWN
from evalgate.core.statistics.agreement import AgreementRow, Ratings, agreement_table
from evalgate.core.values import Unit, Value

if TYPE_CHECKING:
    from evalgate.core.review import ReviewRubric
    from evalgate.store.engine import Store
    from evalgate.store.queues import Queue
    from evalgate.store.reviews import Answered

KNOWN = frozenset({"gold", "practice"})
"""Items whose answer is known: they measure the reviewer, and people's agreement is not reckoned with them."""
Whole = Annotated[int, Field(ge=0)]


class Agreeing(Value):
    """The agreement of a queue's reviewers on one criterion, among some of its items."""

    criterion: str
    group: str
    """`all`, or `language=es`, `stratum=refund`; `weighted` are those of a known probability, by 1/probability."""
    items: Whole
    """With two answers or more."""
    rows: tuple[AgreementRow, ...]
    """Each two reviewers, and last all of them."""


class GoldAnswers(Value):
    """How one reviewer answers where the answer is known."""

    reviewer: str
    answered: Whole
    """Criteria of gold items; `unknown` is an answer that is not right."""
    right: Whole
    contested: Whole
    """Items whose expected answer the reviewer contests."""

    @property
    def accuracy(self) -> Unit | None:
        """The share that is right; None without an answer."""
        return self.right / self.answered if self.answered else None


class Contested(Value):
    """A gold item whose expected answer somebody contests."""

    item: int
    expected: dict[str, str]
    by: dict[str, dict[str, str]]
    """Reviewer to what they answered."""


class QueueAgreement(Value):
    """What a queue's answers say of the people who gave them."""

    agreeing: tuple[Agreeing, ...]
    gold: tuple[GoldAnswers, ...]
    contested: tuple[Contested, ...]


@dataclass
class _Rows:
    """The answers of a queue, by item."""

    reviewers: dict[str, None] = field(default_factory=dict)
    first: dict[int, Answered] = field(default_factory=dict)
    """Any answer of each item: what is said of the item is the same in all."""
    given: dict[int, dict[str, dict[str, str]]] = field(default_factory=dict)


def agreement_of(store: Store, queue: Queue) -> QueueAgreement:
    """Return the agreement of a queue's people: by criterion, and that by language and stratum; gold, by reviewer.

    Of a person shown what the judge said the answer is not independent, and counts for no agreement.
    """
    rows, gold = _Rows(), _Gold()
    for one in store.reviews.stream(queue.number):
        if one.reason in KNOWN:
            gold.add(one)
        elif not one.revealed:
            rows.reviewers[one.login] = None
            rows.first.setdefault(one.item, one)
            rows.given.setdefault(one.item, {})[one.login] = one.answers
    return QueueAgreement(
        agreeing=tuple(_agreeing(queue.rubric, rows)), gold=gold.by_reviewer(), contested=tuple(gold.contested.values())
    )


class _Gold:
    def __init__(self) -> None:
        self.contested: dict[int, Contested] = {}
        self._answered: dict[str, list[int]] = {}

    def add(self, one: Answered) -> None:
        """Count an answer; practice shows how, so it does not count."""
        if one.reason != "gold" or one.expected is None:
            return
        counts = self._answered.setdefault(one.login, [0, 0, 0])
        counts[2] += one.contested
        for criterion, label in one.expected.items():
            counts[0] += 1
            counts[1] += one.answers.get(criterion) == label
        if one.contested:
            known = self.contested.get(one.item)
            by = {**(known.by if known else {}), one.login: one.answers}
            self.contested[one.item] = Contested(item=one.item, expected=one.expected, by=by)

    def by_reviewer(self) -> tuple[GoldAnswers, ...]:
        """Return the counts in the order of logins."""
        return tuple(
            GoldAnswers(reviewer=login, answered=answered, right=right, contested=contested)
            for login, (answered, right, contested) in sorted(self._answered.items())
        )


def _agreeing(rubric: ReviewRubric, rows: _Rows) -> Iterable[Agreeing]:
    reviewers = sorted(rows.reviewers)
    if len(reviewers) < 2:
        return
    for criterion in rubric.criteria:
        codes = {label: code for code, label in enumerate(rubric.criteria[criterion].labels)}
        for group, items in _groups(rows):
            ratings = _ratings(rows, items, reviewers, criterion, codes, weighted=group == "weighted")
            if group == "all" or ratings.items:
                table = agreement_table(ratings, reviewers)
                yield Agreeing(criterion=criterion, group=group, items=ratings.items, rows=table)


def _groups(rows: _Rows) -> Iterable[tuple[str, list[int]]]:
    items = sorted(rows.first)
    yield "all", items
    yield "weighted", [item for item in items if rows.first[item].probability is not None]
    kinds: tuple[tuple[str, Callable[[Answered], str | None]], ...] = (
        ("language", lambda one: one.language),
        ("stratum", lambda one: one.stratum),
    )
    for name, of in kinds:
        for value in sorted({said for item in items if (said := of(rows.first[item])) is not None}):
            yield f"{name}={value}", [item for item in items if of(rows.first[item]) == value]


def _ratings(
    rows: _Rows,
    items: Sequence[int],
    reviewers: Sequence[str],
    criterion: str,
    codes: dict[str, int],
    *,
    weighted: bool,
) -> Ratings:
    import numpy as np

    def code(item: int, login: str) -> int:
        return codes.get(rows.given[item].get(login, {}).get(criterion, UNKNOWN), -1)

    table = np.array([[code(item, login) for login in reviewers] for item in items], dtype=np.int64)
    chances = [rows.first[item].probability or 1.0 for item in items]
    return Ratings(
        table.reshape(len(items), len(reviewers)),
        len(codes),
        clusters=np.array([rows.first[item].cluster or f"item {item}" for item in items]),
        weights=1 / np.array(chances) if weighted else None,
    )
