"""Windows handed out as shards and taken in again say what a worker would have said, on both databases."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select

from evalgate.checks.privacy.masking import Masker
from evalgate.core.errors import DataInvalid, WrongAsWritten
from evalgate.core.samples import Message
from evalgate.engines import alone
from evalgate.production.accepting import Accepting
from evalgate.production.bench import Bench
from evalgate.production.sharding import Handed, TakenIn, hand_out, take_in
from evalgate.production.windows import score_window
from evalgate.store.engine import Store, open_store
from evalgate.store.tables import metadata
from evalgate.suites.suite import Suite
from evalgate.traffic.interactions import Interaction
from evalgate.wiring.scoring import benches_of
from evalgate.wiring.settings import Settings
from evalgate.wiring.traffic import Watch
from tests.production.shard_scenes import demo_suite, judge, load
from tests.store.scenes import NOON, Clock

TRAFFIC = """
traffic:
  every: 1h
  strata:
    long: {when: {length: [medium, long]}, judge: 0.3}
    rest: {judge: 0.6}
"""
ANSWERS = 40
RANGE = (NOON, NOON + timedelta(hours=1))
HOLD = timedelta(hours=30)
LEASE = timedelta(hours=1)


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    path = demo_suite(tmp_path / "demo")
    path.write_text(path.read_text(encoding="utf-8") + TRAFFIC, encoding="utf-8")
    return load(path)


def fill(opened: Store, suite: Suite) -> Bench:
    """Let the demo's answers come in as traffic, and give the bench that scores them; every store draws alike."""
    store = Store(opened.database, opened.id, b"one secret for both of these stores")
    lines = (suite.path.parent / "candidate.jsonl").read_text(encoding="utf-8").splitlines()[:ANSWERS]
    came = [
        Interaction(
            source="api",
            external_id=row["id"],
            conversation_id=row["session_id"],
            finished=True,
            input=(Message(role="user", content=row["prompt"]),),
            output=(Message(role="assistant", content=row["response"]),),
            context=tuple(row["context"]),
        )
        for row in map(json.loads, lines)
    ]
    Accepting(store, [suite], Masker()).accept(came, source="api")
    (bench,) = benches_of(store, [Watch("default", suite)], os.environ, Settings())
    return bench


def handed(bench: Bench, folder: Path, shards: int = 1, hold: timedelta = HOLD) -> Handed:
    return hand_out(bench, *RANGE, RANGE[1], folder, shards=shards, hold=hold, owner="here")


def rows(store: Store) -> list[tuple[Any, ...]]:
    """Return every score, by what names it outside a database."""
    score, check, item = (metadata.tables[name] for name in ("traffic_score", "traffic_check", "interaction"))
    joined = score.join(check, check.c.number == score.c.traffic_check).join(item, item.c.number == score.c.interaction)
    said = [score.c[name] for name in ("state", "value", "label", "reason", "stratum", "chance", "body")]
    wanted = (
        select(item.c.external_id, check.c.name, *said).select_from(joined).order_by(item.c.external_id, check.c.name)
    )
    with store.database.read() as connection:
        return [tuple(row) for row in connection.execute(wanted)]


def closed(bench: Bench) -> list[Counter[str]]:
    """Let a worker score and close what is free, and give the calls of each window."""
    windows = bench.store.windows
    claims = iter(lambda: windows.claim(bench.suite.name, "worker", LEASE, RANGE[1]), None)
    return [Counter((score_window(bench, claim).counts or {})["calls"]) for claim in claims]


@pytest.fixture
def bench(store: Store, suite: Suite) -> Bench:
    return fill(store, suite)


@pytest.fixture
def other(suite: Suite, tmp_path: Path) -> Iterator[Bench]:
    """Give the same traffic in another store, which draws as the first one does."""
    with open_store(tmp_path / "other.db", clock=Clock()) as store:
        bench = fill(store, suite)
        bench.store.windows.fill(suite.name, bench.spec.every, *RANGE, RANGE[1])
        yield bench


def test_what_comes_back_is_what_a_worker_would_have_said_and_the_worker_asks_nothing(
    bench: Bench, other: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with judge(monkeypatch) as replies:
        out = handed(bench, tmp_path / "shards", shards=3)
        assert closed(bench) == []
        told = alone.score(tmp_path / "shards", tmp_path / "scored.parquet", bench.suite)
        taken = take_in(bench, [tmp_path / "scored.parquet"])
        again = take_in(bench, [tmp_path / "scored.parquet"])
        calls = closed(bench)
        assert len(replies.prompts) == told.asked == out.rows
        with_a_worker = closed(other)
    assert 0 < out.rows < 2 * ANSWERS
    assert (taken, again) == (TakenIn(written=out.rows), TakenIn(there=out.rows))
    assert sum(calls, Counter())["answered"] == 0
    assert sum(with_a_worker, Counter())["answered"] == out.rows
    assert rows(bench.store) == rows(other.store)
    assert take_in(bench, [tmp_path / "scored.parquet"]) == TakenIn(too_late=out.rows)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_same_shards_are_handed_out_again_and_what_is_missing_is_left_to_a_worker(
    bench: Bench, other: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = handed(bench, tmp_path / "shards", shards=2)
    before = [path.read_bytes() for path in first.files]
    again = handed(bench, tmp_path / "shards", shards=2)
    assert again == first
    assert [path.read_bytes() for path in again.files] == before
    with judge(monkeypatch):
        part = alone.score(first.files[0], tmp_path / "scored.parquet", bench.suite)
        assert take_in(bench, [tmp_path / "scored.parquet"]) == TakenIn(written=part.rows)
        assert closed(bench) == []
        assert handed(bench, tmp_path / "rest").rows == first.rows - part.rows
        later = bench.store.database.clock() + HOLD
        bench.store.database.clock = lambda: later
        (calls,) = closed(bench)
        closed(other)
    assert calls["answered"] == first.rows - part.rows
    assert rows(bench.store) == rows(other.store)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_scores_that_nothing_waits_for_are_counted_and_named_and_impossible_ones_are_refused(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored, changed = tmp_path / "scored.parquet", tmp_path / "changed.parquet"
    out = handed(bench, tmp_path / "shards")
    with judge(monkeypatch):
        alone.score(out.files[0], scored, bench.suite)
    frame = pd.read_parquet(scored)
    drawn = set(frame["external_id"])
    left_out = next(row[0] for row in rows(bench.store) if row[0] not in drawn)
    strangers = frame.assign(external_id=["nobody", "nobody", left_out, *frame["external_id"][3:]])
    strangers.to_parquet(changed)
    taken = take_in(bench, [changed])
    assert (taken.written, taken.not_drawn, taken.unknown, taken.unknown_ids) == (out.rows - 3, 1, 2, ("api:nobody",))
    said: dict[str, dict[str, Any]] = {
        "no check says this": {"value": 1.5},
        "it is failed and over_budget at once": {
            "state": "failed",
            "reason": "over_budget",
            "value": None,
            "label": None,
            "body": None,
        },
        "its state is 'pending'": {"state": "pending"},
        "not scored yet": {"state": None},
    }
    for sentence, values in said.items():
        frame.assign(**values).to_parquet(changed)
        with pytest.raises(DataInvalid, match=sentence):
            take_in(bench, [changed])
    frame.assign(digest="00" * 16).to_parquet(changed)
    with pytest.raises(WrongAsWritten, match="it has changed since"):
        take_in(bench, [changed])
    with pytest.raises(WrongAsWritten, match="there is no Parquet file"):
        take_in(bench, [tmp_path / "nowhere.parquet"])


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_personal_data_in_scores_from_elsewhere_is_masked_on_the_way_in(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored = tmp_path / "scored.parquet"
    out = handed(bench, tmp_path / "shards")
    with judge(monkeypatch):
        alone.score(out.files[0], scored, bench.suite)
    frame = pd.read_parquet(scored)
    frame.assign(body=json.dumps({"explanation": "Ana, 529.982.247-25"}), label="ana@x.example").to_parquet(scored)
    take_in(bench, [scored])
    stored = [row for row in rows(bench.store) if row[1] in {"answers", "faithful"} and row[8]]
    assert {(row[4], row[8]) for row in stored} == {("<EMAIL>", '{"explanation":"Ana, <CPF>"}')}
