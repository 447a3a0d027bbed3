"""Scores a frame of exchanges that await their checks: the same look as a worker's, anywhere a data frame can go.

A row of a shard asks one check about one exchange. Scored, it is a row for each criterion, without its text. What is
scored already passes through as it is, so that a frame can be scored again, or in pieces, or both.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from evalgate.checks.privacy.masking import Masker
from evalgate.core.checks import CodeCheck
from evalgate.core.errors import DataInvalid, ServiceBroke
from evalgate.core.models import ModelTrouble, Price
from evalgate.core.outcomes import Mark, NotApplicable, Outcome, Result
from evalgate.core.samples import Sample
from evalgate.judges.check import RubricCheck
from evalgate.production.bench import OpenPurse
from evalgate.production.scoring import Quiet
from evalgate.production.shards import FORMAT, SCORED, SHARD, answers_to
from evalgate.runner.execute import Totals, mark_with_judges
from evalgate.runner.marking import Item, Marker, Named
from evalgate.runner.ports import Answer, Journal, Marked
from evalgate.store.engine import Store, open_store
from evalgate.store.scores import score_row
from evalgate.suites.suite import Suite

if TYPE_CHECKING:
    from pandas import DataFrame

Row = Mapping[str, Any]
PriceOf = Callable[[str, Mapping[str, Price]], Price]


class _Asked(NamedTuple):
    """One exchange of a frame and the checks that its rows ask for."""

    sample: Sample
    checks: set[str]


class FrameScoring:
    """Scores frames by the classifiers and judges of one suite; it can be pickled, and then loads its models anew.

    Judges' replies go through a journal: of the store at a path or URL, which outlives the process, or in memory.
    `asked` and `recalled` count this process's calls, `spent_usd` is what they cost; `spend_cap_usd` bounds it.
    """

    def __init__(
        self,
        suite: Suite,
        open_judging: OpenPurse,
        price_of: PriceOf,
        *,
        journal: str | None = None,
        spend_cap_usd: float | None = None,
    ) -> None:
        """Refuse a judge whose price nobody knows; without a cap, `policy.spend_cap_usd` of the suite holds."""
        self._given = suite, open_judging, price_of, journal, spend_cap_usd
        self._open = open_judging
        self._named = {named.name: named for named in watched(suite)}
        self._prices = {
            named.check.judge: price_of(named.check.judge, suite.prices)
            for named in self._named.values()
            if isinstance(named.check, RubricCheck)
        }
        self._suite = suite.name
        self._cap = suite.policy.spend_cap_usd if spend_cap_usd is None else spend_cap_usd
        self._place = journal
        self._store: Store | None = None
        self._memory = _Memory()
        self._markers: dict[str, Marker] = {}
        self.asked = 0
        self.recalled = 0
        self.spent_usd = 0.0

    def __reduce__(self) -> tuple[Any, ...]:
        return _scoring, self._given

    def close(self) -> None:
        """Close the journal's store; the next frame opens it again."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def __call__(self, frame: DataFrame) -> DataFrame:
        """Return what is said of every row of a shard, in its order, a row a criterion; columns are those of SCORED.

        Rows that say it already are returned as they are. Raise WrongAsWritten for a frame that is none of this
        suite, ServiceBroke where judges or the journal cannot be reached: what was answered is in the journal.
        """
        rows = read_rows(frame)
        due = [row for row in rows if row["state"] is None]
        outcomes = self._outcomes(self._groups(due)) if due else {}
        written: list[tuple[Any, ...]] = []
        for row in rows:
            if row["state"] is not None:
                written.append(tuple(row[name] for name in SCORED))
            else:
                written += self._written(row, outcomes[_address(row)])
        return frame_of(written)

    def _groups(self, rows: Sequence[Row]) -> dict[tuple[str, ...], _Asked]:
        """Return each exchange once, with what is asked about it; refuse what is not of this suite."""
        found: dict[tuple[str, ...], _Asked] = {}
        for row in rows:
            answers_to(row, self._suite, self._named)
            address = _address(row)
            if address not in found:
                found[address] = _Asked(_sample(row), set())
            found[address].checks.add(row["check"])
        return found

    def _outcomes(self, groups: Mapping[tuple[str, ...], _Asked]) -> dict[tuple[str, ...], tuple[Outcome, ...]]:
        """Return what the checks say of each exchange, by its address."""
        found: dict[tuple[str, ...], tuple[Outcome, ...]] = {}
        for key in dict.fromkeys(address[-1] for address in groups):
            mine = [address for address in groups if address[-1] == key]
            items = [self._item(position, groups[address]) for position, address in enumerate(mine)]
            for marked in self._marked(items, self._marker(key)):
                found[mine[marked.position]] = marked.outcomes
        return found

    def _item(self, position: int, asked: _Asked) -> Item:
        """Return the item with nothing more to say by the checks that no row asks for."""
        passed_over: dict[str, tuple[Outcome, ...]] = {name: () for name in self._named if name not in asked.checks}
        return Item.fresh(position, asked.sample)._replace(known=passed_over)

    def _marker(self, key: str) -> Marker:
        """Return the marker that fences answers off with this key; local models are loaded once."""
        if key not in self._markers:
            self._markers = {key: Marker(tuple(self._named.values()), Masker(), bytes.fromhex(key))}
        return self._markers[key]

    def _marked(self, items: Sequence[Item], marker: Marker) -> list[Marked]:
        # In a thread of its own: a notebook, or an engine's actor, may have a running loop in this one.
        with ThreadPoolExecutor(1) as thread:
            try:
                return thread.submit(lambda: asyncio.run(self._ask(items, marker))).result()
            except ModelTrouble as trouble:
                raise ServiceBroke(str(trouble)) from trouble

    async def _ask(self, items: Sequence[Item], marker: Marker) -> list[Marked]:
        sink = _Kept()
        async with self._open(self._journal(), self._prices, self._cap - self.spent_usd) as judging:
            try:
                totals = await mark_with_judges(items, marker, sink, judging, Quiet())
                self._count(totals)
            finally:
                self.spent_usd += judging.spending.spent_usd
        return sink.marked

    def _count(self, totals: Totals) -> None:
        self.asked += totals.answered
        self.recalled += totals.recalled

    def _journal(self) -> Journal:
        if self._place is None:
            return self._memory
        if self._store is None:
            self._store = open_store(self._place)
        return self._store.journal

    def _written(self, row: Row, outcomes: Sequence[Outcome]) -> Iterator[tuple[Any, ...]]:
        for outcome in outcomes:
            if outcome.check.name == row["check"]:
                scored = score_row(0, 0, outcome)
                yield tuple(
                    {
                        **row,
                        "criterion": outcome.criterion,
                        "annotator": outcome.check.annotator,
                        "state": scored.state,
                        "value": scored.value,
                        "label": scored.label,
                        "reason": scored.reason,
                        "explanation": _words(outcome.result) or None,
                        "body": scored.body,
                    }[name]
                    for name in SCORED
                )


class _Memory:
    """A journal for as long as the process lives."""

    def __init__(self) -> None:
        self._bodies: dict[str, bytes] = {}

    def recall(self, keys: Sequence[str]) -> dict[str, bytes]:
        return {key: self._bodies[key] for key in keys if key in self._bodies}

    def keep(self, answers: Sequence[Answer]) -> None:
        for answer in answers:
            self._bodies.setdefault(answer.key, answer.body)


class _Kept:
    """A sink in memory: a frame is in memory too."""

    def __init__(self) -> None:
        self.marked: list[Marked] = []

    def keep(self, batch: Sequence[Marked]) -> None:
        self.marked += batch


def watched(suite: Suite) -> tuple[Named, ...]:
    """Return the checks that a shard asks for: classifiers and judges, for code checks look when traffic comes in."""
    return tuple(named for named in Named.all_of(suite.checks) if not isinstance(named.check, CodeCheck))


def read_rows(frame: DataFrame) -> list[dict[str, Any]]:
    """Return a frame's rows with every column of a shard and of its scores; absent values are None.

    Raise DataInvalid for columns that are missing and for a format that this evalgate does not read.
    """
    import pandas as pd

    absent = [name for name in SHARD if name not in frame.columns and name not in {"sample", "nonce_key"}]
    if absent:
        raise DataInvalid(
            f"the frame is no shard: it has no column {', '.join(absent)}; `evalgate traffic shard` writes one"
        )
    columns = {}
    for name in (*SHARD, *SCORED):
        if name in frame.columns:
            values = frame[name].astype(object)
            columns[name] = values.where(pd.notna(values), None).tolist()
        else:
            columns[name] = [None] * len(frame)
        if SCORED.get(name, SHARD.get(name)) == "string" and any(
            not isinstance(one, str | None) for one in columns[name]
        ):
            raise DataInvalid(
                f"the frame's column {name} holds something else than text; take the file as it was written"
            )
    rows = [dict(zip(columns, each, strict=True)) for each in zip(*columns.values(), strict=True)]
    for row in rows:
        if row["format"] != FORMAT:
            raise DataInvalid(
                f"the frame has the format {row['format']!r}, this evalgate reads {FORMAT}; write it anew"
            )
    return rows


def frame_of(rows: Sequence[tuple[Any, ...]]) -> DataFrame:
    """Return rows of SCORED as a frame; what is absent is None, and NaN in columns of numbers."""
    import pandas as pd

    columns = zip(*rows, strict=True) if rows else ([] for _ in SCORED)
    return pd.DataFrame(
        {
            name: pd.Series(list(values), dtype=_DTYPES.get(SCORED[name], "object"))
            for name, values in zip(SCORED, columns, strict=True)
        }
    )


_DTYPES = {"int64": "int64", "double": "float64"}


def _address(row: Row) -> tuple[str, ...]:
    """Return what names an exchange in a frame, its fence's key last."""
    return row["source"], row["external_id"], row["nonce_key"] or ""


def _sample(row: Row) -> Sample:
    place = f"{row['source']}:{row['external_id']}"
    if row["sample"] is None or row["nonce_key"] is None:
        raise DataInvalid(f"{place}: neither a sample to look at nor what was said of it; take the shard itself")
    with contextlib.suppress(ValidationError):
        return Sample.model_validate_json(row["sample"])
    raise DataInvalid(f"{place}: its sample is not one this evalgate reads; write the shard anew")


def _words(result: Result) -> str:
    if isinstance(result, Mark):
        return result.explanation
    return result.why if isinstance(result, NotApplicable) else result.detail


def _scoring(
    suite: Suite, open_judging: OpenPurse, price_of: PriceOf, journal: str | None, spend_cap_usd: float | None
) -> FrameScoring:
    """Return the scoring that was pickled."""
    return FrameScoring(suite, open_judging, price_of, journal=journal, spend_cap_usd=spend_cap_usd)
