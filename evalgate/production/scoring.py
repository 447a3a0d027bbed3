"""Marking what was drawn: local models and judges over the masked texts of one window, every write fenced.

A reply is durable, and paid for in the books, before anything else happens with it. Whoever takes the window over finds
it in the journal and pays nothing twice.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from evalgate.core.errors import ServiceBroke
from evalgate.core.models import ModelTrouble
from evalgate.core.outcomes import Unscored
from evalgate.core.samples import Sample
from evalgate.production.bench import JUDGE, Bench
from evalgate.runner.execute import mark_with_code, mark_with_judges
from evalgate.runner.marking import Item
from evalgate.runner.ports import Answer, Marked
from evalgate.runner.spending import Spending
from evalgate.store.scores import ScoreRow, Seen, score_row
from evalgate.store.windows import Claim
from evalgate.traffic.samples import sample_of

GONE = Unscored(reason="missing", detail="its texts are not kept any more")


class Calls(NamedTuple):
    """What marking a window took, this time."""

    answered: int = 0
    recalled: int = 0
    """Answers that were there already."""
    spent_usd: float = 0.0


def score(bench: Bench, claim: Claim) -> Calls:
    """Mark everything of the window that waits, and return what that took.

    Raise LeaseLost when somebody else has the window, ServiceBroke when no judge can be asked at all: what was
    answered is kept, and the rest waits.
    """
    due = _Due(bench, claim)
    if not due.any():
        return Calls()
    if all(one.phase != JUDGE for one in bench.drawn):
        mark_with_code(due.items(), bench.marker, due, Quiet())
        return Calls()
    try:
        return asyncio.run(_ask(bench, claim, due))
    except ModelTrouble as trouble:
        raise ServiceBroke(str(trouble)) from trouble


async def _ask(bench: Bench, claim: Claim, due: _Due) -> Calls:
    books = Books(bench, claim)
    async with bench.open_judging(books, bench.prices, books.left()) as judging:
        books.keep_for(judging.spending)
        totals = await mark_with_judges(due.items(), bench.marker, due, judging, Quiet())
    return Calls(totals.answered, totals.recalled, judging.spending.spent_usd)


class Books:
    """A reply journal that also books what each reply cost on its window, in the same transaction.

    What other workers spend of the month's budget is known with every reply.
    """

    def __init__(self, bench: Bench, claim: Claim) -> None:
        self._store, self._claim = bench.store, claim
        self._cap = math.inf if bench.cap_usd is None else bench.cap_usd
        self._expires_at = claim.window.ends_at + bench.keep_texts
        self._spending: Spending | None = None
        self._booked = 0.0

    def left(self) -> float:
        """Return what is left of the month's budget, in US dollars."""
        with self._store.database.read() as connection:
            return max(0.0, self._cap - self._store.windows.spent(connection))

    def keep_for(self, spending: Spending) -> None:
        """Book what this purse pays."""
        self._spending = spending

    def recall(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return the bodies known for these request keys."""
        return self._store.journal.recall(keys)

    def keep(self, answers: Sequence[Answer]) -> None:
        """Make the answers durable with what they cost; whoever has the window now, they are paid for."""
        own = 0.0 if self._spending is None else self._spending.spent_usd
        with self._store.database.write() as connection:
            self._store.journal.write(connection, answers, self._expires_at)
            self._store.windows.pay(connection, self._claim, own - self._booked)
            spent = self._store.windows.spent(connection)
        self._booked = own
        if self._spending is not None:
            self._spending.limit(self._cap - (spent - own))


class _Due:
    """What waits in a window, as items for the runner; as its sink it writes what became of them."""

    def __init__(self, bench: Bench, claim: Claim) -> None:
        self._bench, self._claim = bench, claim
        self._numbers = {(one.named.name, one.criterion): one.number for one in bench.drawn}
        self._names = {one.number: one.named.name for one in bench.drawn}
        self._rows: dict[tuple[int, int], ScoreRow] = {}

    def any(self) -> bool:
        """Say whether anything waits."""
        return any(self._pages())

    def items(self) -> Iterator[Item]:
        """Give the interactions that wait, in order, each with the checks that it waits for."""
        for rows in self._pages():
            by_number: dict[int, list[ScoreRow]] = {}
            for row in rows:
                by_number.setdefault(row.interaction, []).append(row)
                self._rows[row[:2]] = row
            seen = self._bench.store.scores.seen(list(by_number))
            texts = self._bench.store.interactions.many(list(by_number))
            self._fail([row for number, those in by_number.items() if number not in texts for row in those])
            for number, interaction in texts.items():
                waiting = {self._names[row.check_number] for row in by_number[number]}
                yield self._item(seen[number], sample_of(interaction, seen[number].facts), waiting)

    def keep(self, batch: Sequence[Marked]) -> None:
        """Write what became of a batch; raise LeaseLost when the window is somebody else's."""
        rows = []
        for marked in batch:
            for outcome in marked.outcomes:
                key = marked.position, self._numbers[outcome.check.name, outcome.criterion]
                drawn = self._rows.pop(key, None)
                if drawn is not None:  # another criterion of the same check may not have waited
                    rows.append(score_row(*key, outcome, stratum=drawn.stratum, chance=drawn.chance))
        self._write(rows)

    def _item(self, seen: Seen, sample: Sample, waiting: set[str]) -> Item:
        known = {name: () for name in self._names.values() if name not in waiting}
        return Item(seen.number, sample, sample.case.digest, seen.sample_digest or sample.digest, known)

    def _pages(self) -> Iterator[list[ScoreRow]]:
        return self._bench.store.scores.pending(self._claim.window.span, list(self._names))

    def _fail(self, rows: Sequence[ScoreRow]) -> None:
        for row in rows:
            self._rows.pop(row[:2])
        self._write([score_row(*row[:2], GONE, stratum=row.stratum, chance=row.chance) for row in rows])

    def _write(self, rows: Sequence[ScoreRow]) -> None:
        if rows:
            with self._bench.store.database.write() as connection:
                self._bench.store.windows.fenced(connection, self._claim)
                self._bench.store.scores.write(connection, rows)


class Quiet:
    """A Progress that says nothing."""

    def planned(self, samples: int | None, calls: int | None) -> None:
        """Hear and keep silent."""

    def advanced(self, samples: int, calls: int, spent_usd: float) -> None:
        """Hear and keep silent."""
