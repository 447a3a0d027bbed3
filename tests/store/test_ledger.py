"""Baselines and decisions on both databases."""

from __future__ import annotations

import pytest

from evalgate.core.decisions import Decision
from evalgate.core.errors import WrongAsWritten
from evalgate.core.gates import AtLeast, Gate, Policy
from evalgate.core.metrics import Evidence
from evalgate.core.values import canonical
from evalgate.store.engine import Store
from tests.store.scenes import at_once, manifest, summary


def finished(store: Store, source: str, suite: str = "support") -> str:
    made = manifest(source, suite)
    store.runs.start(made)
    store.runs.finish(made.id, summary(made, 0))
    return made.id


def test_nothing_is_accepted_at_first(store: Store) -> None:
    assert store.baselines.current("support", "main") is None
    assert store.baselines.history("support", "main") == ()
    assert store.baselines.list() == ()


def test_a_name_stands_for_the_run_accepted_last(store: Store) -> None:
    first, second = finished(store, "a"), finished(store, "b")
    store.baselines.accept("main", first, by="ana", reason="first")
    store.baselines.accept("main", second[:6], by="rui", reason="better tone")
    assert store.baselines.current("support", "main") == second


def test_the_history_of_a_name_stays(store: Store) -> None:
    first, second = finished(store, "a"), finished(store, "b")
    for run, by in ((first, "ana"), (second, "rui"), (first, "ana")):
        store.baselines.accept("main", run, by=by, reason="because")
    history = store.baselines.history("support", "main")
    assert [(entry.run_id, entry.accepted_by) for entry in history] == [(first, "ana"), (second, "rui"), (first, "ana")]
    assert history[0].accepted_at > history[1].accepted_at > history[2].accepted_at


def test_two_suites_may_use_the_same_name(store: Store) -> None:
    support, sales = finished(store, "a", "support"), finished(store, "b", "sales")
    store.baselines.accept("main", support, by="ana", reason="")
    store.baselines.accept("main", sales, by="ana", reason="")
    assert store.baselines.current("support", "main") == support
    assert store.baselines.current("sales", "main") == sales


def test_every_name_is_listed_with_its_current_run(store: Store) -> None:
    first, second = finished(store, "a"), finished(store, "b")
    other = finished(store, "c", "sales")
    for name, run in (("main", first), ("main", second), ("2026-11", first), ("main", other)):
        store.baselines.accept(name, run, by="ana", reason="")
    assert [(a.suite, a.name, a.run_id) for a in store.baselines.list()] == [
        ("sales", "main", other),
        ("support", "2026-11", first),
        ("support", "main", second),
    ]
    assert [a.name for a in store.baselines.list("support")] == ["2026-11", "main"]


def test_an_unfinished_run_cannot_be_a_baseline(store: Store) -> None:
    store.runs.start(manifest())
    with pytest.raises(WrongAsWritten, match="is not finished and cannot be a baseline; run its command again"):
        store.baselines.accept("main", manifest().id, by="ana", reason="")
    assert store.baselines.list() == ()


def test_a_run_that_is_not_there_cannot_be_a_baseline(store: Store) -> None:
    with pytest.raises(WrongAsWritten, match="run 'abc' is not in"):
        store.baselines.accept("main", "abc", by="ana", reason="")


ACCEPT = """
from evalgate.store.engine import open_store
place, run, number = sys.argv[1:]
with open_store(place) as store:
    wait()
    for _ in range(20):
        store.baselines.accept("main", run, by=number, reason="")
"""


def test_two_people_may_accept_at_the_same_time(store: Store, place: str) -> None:
    at_once(ACCEPT, place, finished(store, "a"))
    history = store.baselines.history("support", "main")
    assert sorted(entry.accepted_by for entry in history) == ["0"] * 20 + ["1"] * 20


def decision(suite: str = "support", candidate: str = "c" * 12) -> tuple[Decision, bytes]:
    made = Decision(
        suite=suite,
        suite_digest="d" * 32,
        candidate=candidate,
        candidate_source="candidate.jsonl",
        verdict="inconclusive",
        findings=(),
        gates=(Gate(metric="answers", rules=(AtLeast(floor=0.8),)),),
        policy=Policy(),
        evidence=Evidence(),
        evalgate="0.1.0",
    )
    return made, canonical(made.model_dump(mode="json"))


def test_a_decision_comes_back_with_its_record_byte_for_byte(store: Store) -> None:
    made, record = decision()
    store.decisions.keep("D-1a2b3c4d", made, record)
    kept = store.decisions.get("D-1a2b3c4d")
    assert kept.record == record
    assert (kept.verdict, kept.exit_code, kept.candidate, kept.baseline) == ("inconclusive", 3, "c" * 12, None)


def test_the_same_decision_is_kept_once_with_its_first_moment(store: Store) -> None:
    made, record = decision()
    store.decisions.keep("D-1a2b3c4d", made, record)
    first = store.decisions.get("D-1a2b3c4d")
    store.decisions.keep("D-1a2b3c4d", made, record)
    assert store.decisions.list() == (first,)


def test_two_records_that_share_an_id_are_both_kept(store: Store) -> None:
    for candidate in ("a" * 12, "b" * 12):
        store.decisions.keep("D-1a2b3c4d", *decision(candidate=candidate))
    assert store.decisions.get("D-1a2b3c4d").candidate == "b" * 12
    assert len(store.decisions.list()) == 2


def test_decisions_are_listed_newest_first_and_by_suite(store: Store) -> None:
    for number, suite in enumerate(("support", "sales", "support")):
        store.decisions.keep(f"D-{number}", *decision(suite, candidate=str(number)))
    assert [kept.id for kept in store.decisions.list()] == ["D-2", "D-1", "D-0"]
    assert [kept.id for kept in store.decisions.list("support", limit=1)] == ["D-2"]


def test_a_decision_that_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(WrongAsWritten, match=r"decision 'D-0' is not in .*; name one that `evalgate gate` printed"):
        store.decisions.get("D-0")
