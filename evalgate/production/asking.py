"""The last phase of the sample: what people are asked about goes into the suite's queue, with its probability."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from evalgate.core.errors import WrongAsWritten
from evalgate.core.outcomes import Outcome
from evalgate.core.splitting import split_of
from evalgate.production.bench import PEOPLE, Bench
from evalgate.production.drawing import why_not
from evalgate.runner.ports import Marked
from evalgate.store.asked import judged_of, language, priority
from evalgate.store.items import NewItem
from evalgate.store.scores import ScoreRow, Seen, result_in
from evalgate.store.windows import Claim
from evalgate.traffic.facts import stratum_of
from evalgate.traffic.samples import sample_of


class Asked(NamedTuple):
    """What became of the people's phase of a window."""

    drawn: int = 0
    """Interactions that people are to be asked about."""
    added: int = 0
    """Those that are new in the queue; a text that is there already is asked about once."""
    why_none: str | None = None
    """Why nothing was put into the queue."""


def ask_people(bench: Bench, claim: Claim) -> Asked:
    """Put what the people's phase takes of a window into the queue; doing it again adds nothing."""
    chances = {one.name: one.phases(bench.spec.control).chances[PEOPLE] for one in bench.spec.strata}
    if bench.spec.queue is None or not any(chances.values()):
        return Asked()
    try:
        queue = bench.store.queues.get(bench.spec.queue)
    except WrongAsWritten as missing:
        return Asked(why_none=str(missing))
    drawn = added = 0
    for page in bench.store.scores.stream(claim.window.span):
        near = [seen for seen in page if seen.draw < max(chances.values()) and not why_not(bench.spec.where, seen)]
        found = list(_items(bench, near, chances))
        bench.store.items.hold([marked for marked, _ in found])
        drawn += len(found)
        added += bench.store.items.add(queue, [item for _, item in found])
    return Asked(drawn, added)


def _items(bench: Bench, near: Sequence[Seen], chances: dict[str, float]) -> Iterator[tuple[Marked, NewItem]]:
    numbers = [seen.number for seen in near]
    rows = bench.store.scores.of(numbers, [one.number for one in bench.criteria])
    texts = bench.store.interactions.many(numbers)
    for seen in near:
        said = {one.number: row for one in bench.criteria if (row := rows.get((seen.number, one.number))) is not None}
        stratum = _stratum(bench, seen, said.values())
        if seen.draw >= chances.get(stratum, 0.0) or seen.number not in texts or seen.sample_digest is None:
            continue
        sample = sample_of(texts[seen.number], seen.facts)
        outcomes = tuple(_outcomes(bench, sample.case.id, said))
        marked = Marked(seen.number, sample, sample.case.digest, seen.sample_digest, outcomes)
        judged = judged_of(outcomes)
        yield (
            marked,
            NewItem(
                sample_digest=seen.sample_digest,
                case_id=sample.case.id,
                cluster=seen.conversation,
                language=language(marked),
                reason="random",
                stratum=stratum,
                probability=chances[stratum],
                priority=priority(judged, outcomes),
                split=split_of(seen.sample_digest),
                judged=judged,
            ),
        )


def _stratum(bench: Bench, seen: Seen, rows: Iterable[ScoreRow]) -> str:
    """Return the stratum that it was drawn in; where nothing but code looked, that of its facts."""
    return next((row.stratum for row in rows if row.stratum), None) or stratum_of(bench.spec, seen.facts).name


def _outcomes(bench: Bench, case_id: str, said: dict[int, ScoreRow]) -> Iterator[Outcome]:
    for one in bench.criteria:
        row = said.get(one.number)
        result = None if row is None else result_in(row)
        if result is not None:
            yield Outcome(case_id=case_id, check=one.named.ref, criterion=one.criterion, result=result)
