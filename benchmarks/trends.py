"""The pages of production traffic over one million and ten million interactions: as fast over the one as the other.

Facts, scores and estimates alone, laid in by SQL: texts are never read by these pages. 90 days of hourly windows, so
that ten times the interactions make each window ten times as large.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import orjson

from benchmarks.figures import Figure, at_most
from benchmarks.serving import DATABASES, place, serving, signed_in
from evalgate.core.statistics.detecting import Detector
from evalgate.store.engine import Store, open_store
from evalgate.store.tables import metadata

WINDOWS = 2_160
"""90 days of hours."""
FEW_WINDOWS = 48
SIZES, QUICK = (1_000_000, 10_000_000), (2_000,)
TIMES = 30
LIMIT_MS = 200
LARGER = 1.5
"""How many times as long a page may take over ten times as much."""
CHECKS = 3
SLICES = ("", "release=2026.10", "release=2026.11", "language=en", "language=es", "language=pt")
HOUR = timedelta(hours=1)
SUITE = "support"


def bench(*, quick: bool) -> list[Figure]:
    """Return how long each page takes over each size, and how much longer over the larger one; SQLite first."""
    if quick:
        return list(_on(DATABASES[0], QUICK, FEW_WINDOWS, 2))
    return [figure for database in DATABASES for figure in _on(database, SIZES, WINDOWS, TIMES)]


def _on(database: str, sizes: tuple[int, ...], windows: int, times: int) -> Iterator[Figure]:
    small: dict[str, float] = {}
    for interactions in sizes:
        with place(database) as where:
            with open_store(where) as store:
                begun = time.monotonic()
                window, alert = lay(store, interactions, windows)
                beside = (
                    f"{interactions:,} interactions in {windows:,} windows, laid in {time.monotonic() - begun:.0f} s"
                )
                headers = signed_in(store, store.access, "keeper", "admin")
            pages = {
                "traffic": "/traffic",
                "trend of 90 days": f"/traffic/{SUITE}/check_0?range=90d",
                "trend of a slice, 7 days": f"/traffic/{SUITE}/check_0?range=7d&slice=language%3Des",
                "window": f"/traffic/windows/{window}",
                "window, its rare failures": f"/traffic/windows/{window}?show=failed",
                "interaction": f"/traffic/interactions/{interactions}",
                "alert": f"/alerts/{alert}",
            }
            with serving(where) as address:
                for name, path in pages.items():
                    p95, told = _timed(address, path, headers, times)
                    what = f"{database}, {interactions:,}: {name}"
                    yield at_most(f"{what}, p95", p95, LIMIT_MS, "ms", told, beside)
                    if name in small:
                        ratio = p95 / max(small[name], 1.0)
                        yield at_most(f"{what}, against {sizes[0]:,}", ratio, LARGER, "times", told, "")
                    small.setdefault(name, p95)


def _timed(address: str, path: str, headers: dict[str, str], times: int) -> tuple[float, str]:
    client = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    spent = []
    for _ in range(times + 1):
        begun = time.perf_counter()
        client.request("GET", path, headers=headers)
        answer = client.getresponse()
        size = len(answer.read())
        spent.append(1_000 * (time.perf_counter() - begun))
        assert answer.status == 200, f"{path}: {answer.status}"
    client.close()
    p50, p95 = np.percentile(spent[1:], [50, 95])
    told = f"first {spent[0]:.0f}, then p50 {p50:.0f}, p95 {p95:.0f} ms, {size / 1e3:.0f} kB"
    return float(p95), told


def lay(store: Store, interactions: int, hours: int = WINDOWS) -> tuple[int, int]:
    """Lay in so many interactions over so many hours, and return the newest window and an alert."""
    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    checks = _insert(
        store,
        "traffic_check",
        [
            {
                "project": store.project,
                "suite": SUITE,
                "name": f"check_{number}",
                "criterion": "",
                "annotator": "llm" if number == 0 else "code",
                "digest": f"{number:x}" * 32,
                "since": end - hours * HOUR,
            }
            for number in range(CHECKS)
        ],
    )
    windows = _insert(
        store,
        "traffic_window",
        [_window(store, end - (hours - n) * HOUR, checks, interactions // hours) for n in range(hours)],
    )
    told = [_estimate(window, check, part) for window in windows for check in checks for part in SLICES]
    with store.database.write() as connection:
        connection.execute(metadata.tables["traffic_estimate"].insert(), told)
    _lay_interactions(store, (end - hours * HOUR, hours), checks, interactions)
    _lay_counts(store, end, hours)
    watched = {
        "project": store.project,
        "suite": SUITE,
        "metric": "check_0",
        "slice": "",
        "detector": Detector(floor=0.8).model_dump_json(),
        "digest": "0" * 32,
        "state": "OK",
        "since": end,
    }
    (alert,) = _insert(store, "traffic_alert", [watched])
    return windows[-1], alert


def _window(store: Store, starts: datetime, checks: list[int], many: int) -> dict[str, Any]:
    counts = {
        "interactions": many,
        "strata": {"rest": many},
        "checks": {str(check): {"scored": many} for check in checks},
    }
    return {
        "project": store.project,
        "suite": SUITE,
        "starts_at": starts,
        "ends_at": starts + HOUR,
        "version": 1,
        "state": "closed",
        "attempt": 1,
        "spent_usd": 0.1,
        "spent_at": starts + HOUR,
        "counts": orjson.dumps(counts).decode(),
    }


def _estimate(window: int, check: int, part: str) -> dict[str, Any]:
    known = {"population": 400, "scored": 40, "point": 0.9, "low": 0.85, "high": 0.94, "mean": "{}"}
    return {**known, "window": window, "traffic_check": check, "slice": part}


def _insert(store: Store, table: str, rows: list[dict[str, Any]]) -> list[int]:
    there = metadata.tables[table]
    insert = there.insert().returning(there.c.number, sort_by_parameter_order=True)
    with store.database.write() as connection:
        return list(connection.execute(insert, rows).scalars())


def _lay_counts(store: Store, end: datetime, hours: int) -> None:
    rows = [
        {"project": store.project, "source": "otlp", "hour": end - hour * HOUR, "result": result, "items": 400}
        for hour in range(hours)
        for result in ("accepted", "duplicate", "rejected")
    ]
    with store.database.write() as connection:
        connection.execute(metadata.tables["traffic_count"].insert(), rows)


def _lay_interactions(store: Store, of: tuple[datetime, int], checks: list[int], interactions: int) -> None:
    """Number them by one statement, evenly over the windows; one in 5,000 fails under the first check."""
    start, span = of[0], of[1] * 3_600
    if store.database.is_sqlite:
        numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {interactions})"  # noqa: S608
        second = f"({span} * 1.0 * (i - 1) / {interactions})"
        at = f"strftime('%Y-%m-%d %H:%M:%f', '{start:%Y-%m-%d %H:%M:%S}', '+' || {second} || ' seconds') || '000'"
        digest = "printf('%064d', i)"
    else:
        numbers = f"WITH n AS (SELECT generate_series(1, {interactions}) AS i)"
        at = f"timestamptz '{start:%Y-%m-%d %H:%M:%S}+00' + interval '1 second' * ({span}.0 * (i - 1) / {interactions})"
        digest = "lpad(i::text, 64, '0')"
    facts = '{"language":"es","release":"2026.11","route":"chat"}'
    columns = "number, project, source, external_id, state, version, received_at, completed_at, conversation, draw,"
    values = f"i, {store.project}, 'otlp', 'x' || i, 'complete', 1, {at}, {at}, 't' || i, 0.5, {digest}, '{facts}'"
    rare = "i - i / 5000 * 5000 = 0"  # PostgreSQL's driver takes a per cent sign for its own
    fails = f"CASE WHEN {rare} THEN 'failed' ELSE 'scored' END, CASE WHEN {rare} THEN NULL ELSE 1.0 END,"
    fails += f" CASE WHEN {rare} THEN 'crashed' END"
    states = [fails, *["'scored', 1.0, NULL"] * (len(checks) - 1)]
    said = (f"SELECT i, {check}, {state}, 1.0 FROM n" for check, state in zip(checks, states, strict=True))  # noqa: S608
    scores = " UNION ALL ".join(said)
    with store.database.write() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO interaction ({columns} sample_digest, facts) {numbers} SELECT {values} FROM n"  # noqa: S608
        )
        connection.exec_driver_sql(
            f"INSERT INTO traffic_score (interaction, traffic_check, state, value, reason, chance) {numbers} {scores}"
        )
        connection.exec_driver_sql("ANALYZE")
