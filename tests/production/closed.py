"""A store in which windows are closed: rows as a worker leaves them, for what only reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from evalgate.store.engine import Store
from evalgate.store.tables import metadata

HOUR = timedelta(hours=1)
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def write(store: Store, table: str, **values: Any) -> Any:
    """Write one row and give its key."""
    with store.database.write() as connection:
        done: Any = connection.execute(insert(metadata.tables[table]).values(values))
        return done.inserted_primary_key[0]


def span_id(number: int) -> str:
    return f"{TRACE}:{number:016x}"


def checked(store: Store, name: str, annotator: str, digest: str = "d" * 32, criterion: str = "") -> int:
    """Let a check of the suite be known from some moment on."""
    return write(
        store,
        "traffic_check",
        project=store.project,
        suite="support",
        name=name,
        criterion=criterion,
        annotator=annotator,
        digest=digest,
        since=store.database.clock(),
    )


def closed_window(store: Store, end: datetime, checks: Iterable[int], **further: Any) -> int:
    """Close an hour that ends then, with an estimate for all traffic of each check."""
    window = write(
        store,
        "traffic_window",
        project=store.project,
        suite=further.pop("suite", "support"),
        starts_at=end - HOUR,
        ends_at=end,
        version=further.pop("version", 1),
        state="closed",
        attempt=1,
        closed_at=end + timedelta(minutes=2),
        spent_usd=further.pop("spent_usd", 0.0),
        **further,
    )
    for check in checks:
        estimated(store, window, check, "", point=0.5, low=0.25, high=0.75)
    return window


def estimated(store: Store, window: int, check: int, of: str, **said: Any) -> None:
    """Write what a window says of one metric in one slice."""
    plain = {"window": window, "traffic_check": check, "slice": of, "population": 8, "scored": 4, "mean": "{}"}
    write(store, "traffic_estimate", **plain | said)


def interaction(store: Store, at: datetime, external_id: str, source: str = "otlp") -> int:
    """Write one complete interaction."""
    return write(
        store,
        "interaction",
        project=store.project,
        source=source,
        external_id=external_id,
        state="complete",
        version=1,
        received_at=at,
        completed_at=at,
        conversation="c",
        draw=0.5,
        facts="{}",
    )


def scored(store: Store, number: int, check: int, state: str = "scored", **said: Any) -> None:
    """Write what became of one interaction under one check."""
    write(store, "traffic_score", interaction=number, traffic_check=check, state=state, **said)


def tellings(store: Store) -> list[Any]:
    with store.database.read() as connection:
        return list(connection.execute(select(metadata.tables["traffic_telling"])))


def busy(store: Store) -> datetime:
    """Close three windows of which the last but one is scored again, and let a worker be seen; give the last end."""
    now = store.database.clock()
    end = now.replace(minute=0, second=0, microsecond=0)
    judge = checked(store, "answers", "llm", criterion="tone")
    clear = checked(store, "no_pii", "code")
    counts = '{"checks": {"1": {"scored": 4, "failed:unreadable": 1, "shed:over_budget": 2}, "2": {"scored": 1}}}'
    closed_window(store, end - HOUR, [judge], spent_usd=0.5, spent_at=now)
    last = closed_window(store, end, [judge, clear], spent_usd=0.25, spent_at=now, counts=counts)
    closed_window(store, end - HOUR, [judge], version=2)
    estimated(store, last, judge, "release=2", population=3, scored=2, point=0.125, low=0.0, high=0.5)
    estimated(store, last, judge, "release=3", scored=0, reason="too_few")
    write(store, "worker", owner="w", started_at=now - HOUR, seen_at=now - timedelta(seconds=40))
    series = {"project": store.project, "suite": "support", "metric": "answers.tone", "slice": ""}
    write(store, "traffic_alert", **series, detector="{}", state="ALERT", since=now)
    return end
