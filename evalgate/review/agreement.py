"""How far people agree in a queue, and how well each of them answers where the answer is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from evalgate.core.review import UNKNOWN
from evalgate.core.statistics.agreement import AgreementRow, Ratings, agreement_table
from evalgate.core.values import Unit, Value

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from evalgate.core.review import ReviewRubric
    from evalgate.store.engine import Store
    from evalgate.store.queues import Queue
    from evalgate.store.reviews import Answered

DRAWN = (0, 1_000)
"""Seed and number of the draws behind the interval of everybody's alpha: the same answers give the same interval."""
MOST_DISPUTES = 20
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
    """A gold or practice item whose expected answer somebody contests."""

    item: int
    expected: dict[str, str]
    by: dict[str, dict[str, str]]
    """Reviewer to what they answered."""
    why: dict[str, str]
    """Reviewer to what they wrote beside it; blank where nothing."""


class Dispute(Value):
    """An item on which people differ, once nobody else is asked about it."""

    item: int
    state: str
    """`adjudicating` while it waits for somebody who decides."""
    apart: Unit
    """The share of pairs of people who differ, under the criterion where most do."""
    answers: dict[str, dict[str, int]]
    """Criterion to label to how many gave it, of the criteria on which they differ; `unknown` counts nowhere."""


class QueueAgreement(Value):
    """What a queue's answers say of the people who gave them."""

    agreeing: tuple[Agreeing, ...]
    gold: tuple[GoldAnswers, ...]
    contested: tuple[Contested, ...]
    disputed: Whole
    """Items on which people differ, without those still open."""
    disputes: tuple[Dispute, ...]
    """The most disputed of them."""


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
    disputes = _disputes(queue.rubric, rows)
    return QueueAgreement(
        agreeing=tuple(_agreeing(queue.rubric, rows)),
        gold=gold.by_reviewer(),
        contested=tuple(gold.contested.values()),
        disputed=len(disputes),
        disputes=tuple(disputes[:MOST_DISPUTES]),
    )


class _Gold:
    def __init__(self) -> None:
        self.contested: dict[int, Contested] = {}
        self._answered: dict[str, list[int]] = {}

    def add(self, one: Answered) -> None:
        """Count an answer; practice shows how, so it does not count, nor does what was withdrawn."""
        if one.expected is None:
            return
        if one.contested:
            known = self.contested.setdefault(one.item, Contested(item=one.item, expected=one.expected, by={}, why={}))
            by, why = {**known.by, one.login: one.answers}, {**known.why, one.login: one.comment}
            self.contested[one.item] = known.model_copy(update={"by": by, "why": why})
        if one.reason != "gold":
            return
        counts = self._answered.setdefault(one.login, [0, 0, 0])
        counts[2] += one.contested
        for criterion, label in one.expected.items():
            counts[0] += 1
            counts[1] += one.answers.get(criterion) == label

    def by_reviewer(self) -> tuple[GoldAnswers, ...]:
        """Return the counts in the order of logins."""
        return tuple(
            GoldAnswers(reviewer=login, answered=answered, right=right, contested=contested)
            for login, (answered, right, contested) in sorted(self._answered.items())
        )


def _agreeing(rubric: ReviewRubric, rows: _Rows) -> Iterable[Agreeing]:
    import numpy as np

    reviewers, items = sorted(rows.reviewers), sorted(rows.first)
    if len(reviewers) < 2:
        return
    clusters = np.array([rows.first[item].cluster or f"item {item}" for item in items])
    chances = np.array([rows.first[item].probability or 1.0 for item in items])
    for criterion in rubric.criteria:
        codes = {label: code for code, label in enumerate(rubric.criteria[criterion].labels)}
        table = _table(rows, items, reviewers, criterion, codes)
        for group, inside in _groups([rows.first[item] for item in items]):
            weights = 1 / chances[inside] if group == "weighted" else None
            ratings = Ratings(table[inside], len(codes), clusters=clusters[inside], weights=weights)
            if group == "all" or ratings.items:
                found = agreement_table(ratings, reviewers, bootstrap=DRAWN)
                yield Agreeing(criterion=criterion, group=group, items=ratings.items, rows=found)


def _groups(items: Sequence[Answered]) -> Iterable[tuple[str, list[int]]]:
    """Give each group of items with the places at which they stand."""
    places = range(len(items))
    yield "all", list(places)
    yield "weighted", [place for place in places if items[place].probability is not None]
    kinds: tuple[tuple[str, Callable[[Answered], str | None]], ...] = (
        ("language", lambda one: one.language),
        ("stratum", lambda one: one.stratum),
    )
    for name, of in kinds:
        said = list(map(of, items))
        for value in sorted({each for each in said if each is not None}):
            yield f"{name}={value}", [place for place in places if said[place] == value]


def _table(
    rows: _Rows, items: Sequence[int], reviewers: Sequence[str], criterion: str, codes: dict[str, int]
) -> npt.NDArray[np.int64]:
    """Return (items, reviewers) of label codes, -1 for no answer and for `unknown`."""
    import numpy as np

    table = np.full((len(items), len(reviewers)), -1, dtype=np.int64)
    column = {login: place for place, login in enumerate(reviewers)}
    for place, item in enumerate(items):
        for login, answers in rows.given[item].items():
            table[place, column[login]] = codes.get(answers.get(criterion, UNKNOWN), -1)
    return table


def _disputes(rubric: ReviewRubric, rows: _Rows) -> list[Dispute]:
    """Return the items on which people differ, the most disputed first.

    Open ones are left out: who may still answer is blind to what others said.
    """
    found = []
    for item, given in rows.given.items():
        if rows.first[item].state == "open":
            continue
        answers = {
            name: Counter(said[name] for said in given.values() if said.get(name, UNKNOWN) != UNKNOWN)
            for name in rubric.criteria
        }
        apart = max((_apart(counts) for counts in answers.values()), default=0.0)
        if apart:
            told = {name: dict(sorted(counts.items())) for name, counts in answers.items() if len(counts) > 1}
            found.append(Dispute(item=item, state=rows.first[item].state, apart=apart, answers=told))
    return sorted(found, key=lambda one: (-one.apart, -len(one.answers), one.item))


def _apart(counts: Counter[str]) -> float:
    """Return the share of pairs of people who differ; 0 with fewer than two.

    >>> _apart(Counter(yes=1, no=1)), _apart(Counter(yes=3, no=1)), _apart(Counter(yes=1))
    (1.0, 0.5, 0.0)
    """
    people = counts.total()
    pairs = people * (people - 1)
    return 1 - sum(each * (each - 1) for each in counts.values()) / pairs if pairs else 0.0
