"""What pages show of many rows at once: decisions of every suite, outcomes counted, the worst cases of a comparison."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Select, and_, case, func, or_, select

from evalgate.core.outcomes import Annotator, metric_name
from evalgate.core.runs import Manifest
from evalgate.core.values import Value
from evalgate.store.database import Database
from evalgate.store.tables import metadata
from evalgate.store.tables.runs import StoredRun

_DECISION = metadata.tables["decision"].c
_OUTCOME = metadata.tables["outcome"]
_PLACE = metadata.tables["run_sample"]
_RUN = metadata.tables["run"].c
_AUDIT = metadata.tables["audit"].c
AT_ONCE = 500
TRIPPED = 100
"""More than all graded losses of one case together."""


class Counted(Value):
    """One metric of a run: how many outcomes of each kind, and the mean of the scores."""

    metric: str
    annotator: Annotator
    scored: int = 0
    violations: int = 0
    """Scores of 0."""
    mean: float | None = None
    not_applicable: int = 0
    unscored: dict[str, int] = {}


_COUNTS = TypeAdapter(tuple[Counted, ...])


def recent_decisions(database: Database, project: int, each: int) -> tuple[dict[str, Any], ...]:
    """Return the latest decisions of every suite, so many of each, oldest first, with their digests; one statement."""
    newest = func.row_number().over(
        partition_by=_DECISION.suite, order_by=(_DECISION.created_at.desc(), _DECISION.record_digest.desc())
    )
    listed = (_DECISION.id, _DECISION.suite, _DECISION.verdict, _DECISION.created_at, _DECISION.record_digest)
    ranked = select(*listed, newest.label("place")).where(_DECISION.project == project).subquery()
    wanted = select(ranked).where(ranked.c.place <= each).order_by(ranked.c.suite, ranked.c.place.desc())
    with database.read() as connection:
        return tuple(dict(row) for row in connection.execute(wanted).mappings())


def records(database: Database, project: int, digests: Collection[str]) -> dict[str, bytes]:
    """Return the bytes of these records by their SHA-256; those that are not here are left out."""
    found: dict[str, bytes] = {}
    wanted = sorted(digests)
    with database.read() as connection:
        for start in range(0, len(wanted), AT_ONCE):
            chosen = _DECISION.record_digest.in_(wanted[start : start + AT_ONCE])
            rows = select(_DECISION.record_digest, _DECISION.record).where(_DECISION.project == project, chosen)
            found |= {row.record_digest: bytes(row.record) for row in connection.execute(rows)}
    return found


def pushed_by(database: Database, project: int, decisions: Collection[str]) -> dict[str, str]:
    """Return who pushed these decisions, by their ids; one made beside the database was pushed by nobody."""
    subjects = [f"decision:{name}" for name in sorted(set(decisions))]
    if not subjects:
        return {}
    wanted = (
        select(_AUDIT.subject, _AUDIT.actor)
        .where(_AUDIT.project == project, _AUDIT.action == "decision.pushed", _AUDIT.subject.in_(subjects))
        .order_by(_AUDIT.number.desc())
    )
    with database.read() as connection:
        return {row.subject.removeprefix("decision:"): row.actor for row in connection.execute(wanted)}


def outcome_counts(database: Database, run: StoredRun) -> tuple[Counted, ...]:
    """Return every metric of a run, in the order of its checks; those of a finished run were counted when it ended."""
    with database.read() as connection:
        kept = connection.execute(select(_RUN.counts).where(_RUN.number == run.number)).scalar_one()
        return _COUNTS.validate_json(kept) if kept is not None else counted(connection, run.number, run.manifest)


def counts_of(connection: Connection, run: int, manifest: Manifest) -> str:
    """Return the metrics of a run as its row keeps them."""
    return _COUNTS.dump_json(counted(connection, run, manifest)).decode()


def counted(connection: Connection, run: int, manifest: Manifest) -> tuple[Counted, ...]:
    """Return every metric of a run; all its outcomes are read."""
    said = _OUTCOME.c
    groups = (said.check_name, said.criterion, said.kind, said.reason)
    zeros = func.sum(case((said.value == 0, 1), else_=0))
    grouped = select(*groups, func.count().label("n"), func.sum(said.value).label("total"), zeros.label("zeros"))
    rows = connection.execute(grouped.where(said.run == run).group_by(*groups)).all()
    order = {check.name: (place, check.annotator) for place, check in enumerate(manifest.checks)}
    found: dict[tuple[int, str, str], dict[str, Any]] = {}
    for row in rows:
        place, annotator = order[row.check_name]
        name = metric_name(row.check_name, row.criterion)
        metric = found.setdefault((place, row.criterion, name), {"metric": name, "annotator": annotator})
        if row.kind == "mark":
            metric |= {"scored": row.n, "violations": row.zeros, "mean": row.total / row.n}
        elif row.kind == "not_applicable":
            metric["not_applicable"] = row.n
        else:
            metric.setdefault("unscored", {})[row.reason] = row.n
    return tuple(Counted.model_validate(found[key]) for key in sorted(found))


def worst_positions(
    database: Database,
    candidate: StoredRun,
    baseline: StoredRun | None,
    metrics: Sequence[str],
    tripping: Collection[str],
    limit: int,
) -> tuple[int, ...]:
    """Return where the candidate's cases stand that violated or got worse under these metrics, the worst first.

    A violation counts 1 and a loss against the baseline its size; what trips a `never` comes before everything else.
    """
    now = _OUTCOME.alias("now")
    name = case((now.c.criterion == "", now.c.check_name), else_=now.c.check_name + "." + now.c.criterion)
    short = 1 - now.c.value
    tripped = case((and_(now.c.value == 0, name.in_(sorted(tripping))), TRIPPED), else_=0)
    wanted = select(now.c.position)
    if baseline is None:
        loss: Any = short
        told: Any = now.c.value < 1
    else:
        before = _OUTCOME.alias("before")
        wanted, drop = _beside(wanted, now, before, baseline)
        loss = case((drop.is_(None), short), else_=drop + short / 10)
        told = or_(drop > 0, and_(drop.is_(None), now.c.value < 1), now.c.value == 0)
    wanted = wanted.where(now.c.run == candidate.number, now.c.kind == "mark", name.in_(list(metrics)), told)
    wanted = wanted.group_by(now.c.position).order_by(func.sum(loss + tripped).desc(), now.c.position).limit(limit)
    with database.read() as connection:
        return tuple(connection.execute(wanted).scalars())


def _beside(wanted: Select[Any], now: Any, before: Any, baseline: StoredRun) -> tuple[Select[Any], Any]:
    """Return a selection of outcomes joined with the baseline's of the same case, and how much each lost."""
    ours, theirs = _PLACE.alias("ours"), _PLACE.alias("theirs")
    same_case = and_(
        theirs.c.run == baseline.number, theirs.c.case_id == ours.c.case_id, theirs.c.repeat == ours.c.repeat
    )
    same_check = and_(
        before.c.run == baseline.number,
        before.c.position == theirs.c.position,
        before.c.check_name == now.c.check_name,
        before.c.criterion == now.c.criterion,
    )
    here = and_(ours.c.run == now.c.run, ours.c.position == now.c.position)
    joined = wanted.join(ours, here).outerjoin(theirs, same_case).outerjoin(before, same_check)
    return joined, before.c.value - now.c.value
