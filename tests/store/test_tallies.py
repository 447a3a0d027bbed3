"""What pages show of many rows at once, on both databases."""

from __future__ import annotations

from evalgate.core.gates import Never
from evalgate.store.audit import Audit
from evalgate.store.engine import Store
from evalgate.store.tallies import outcome_counts, pushed_by, recent_decisions, records, worst_positions
from tests.reports.scenes import failing, undecided
from tests.store.scenes import manifest, rich, summary
from tests.web.furnished import keep, with_scene


def test_the_latest_decisions_of_every_suite_come_oldest_first_with_their_records(store: Store) -> None:
    decision = failing().report().decision
    names = [keep(store, decision.model_copy(update={"revision": f"r{number}"})) for number in range(4)]
    other = keep(store, decision.model_copy(update={"suite": "sales"}))
    keep(store.within(store.project), decision)
    rows = recent_decisions(store.database, store.project, 3)
    assert [row["id"] for row in rows if row["suite"] == "sales"] == [other]
    of_support = [row["id"] for row in rows if row["suite"] == "support"]
    assert (len(of_support), of_support[:2]) == (3, names[2:])
    digests = [row["record_digest"] for row in rows]
    assert sorted(records(store.database, store.project, [*digests, "none"])) == sorted(digests)


def test_every_kind_of_outcome_is_counted_under_its_metric(store: Store) -> None:
    made = manifest()
    store.runs.start(made)
    store.runs.writer(made.id).keep([rich(0)])
    store.runs.finish(made.id, summary(made, 1))
    counts = {one.metric: one for one in outcome_counts(store.database, store.runs.get(made.id))}
    assert (counts["no_pii"].scored, counts["no_pii"].violations, counts["no_pii"].mean) == (1, 1, 0.0)
    assert (counts["answers.tone"].mean, counts["answers.complete"].not_applicable) == (1.0, 1)
    assert counts["answers.faithful"].unscored == {"unreadable": 1}


def test_the_worst_cases_are_those_that_a_report_shows_first(store: Store) -> None:
    scene = failing()
    told = with_scene(store, scene)
    runs = store.runs
    tripping = [gate.metric for gate in scene.gates if any(isinstance(rule, Never) for rule in gate.rules)]
    metrics = [gate.metric for gate in scene.gates]
    candidate, baseline = runs.get(told.candidate), runs.get(told.baseline)
    found = worst_positions(store.database, candidate, baseline, metrics, tripping, 10)
    assert [runs.at(told.candidate, found)[place].sample.case.id for place in range(10)] == [
        case.id for case in scene.report().cases[:10]
    ]


def test_without_a_baseline_the_lowest_scores_are_the_worst(store: Store) -> None:
    told = with_scene(store, undecided())
    found = worst_positions(store.database, store.runs.get(told.candidate), None, ["answers"], [], 10)
    assert found == (0, 1, 2)


def test_who_pushed_a_decision_is_read_from_the_audit_of_its_project(store: Store) -> None:
    with store.database.write() as connection:
        for actor, action in (("key:a", "decision.pushed"), ("user:b", "decision.seen")):
            Audit(store.database).add(connection, store.project, actor, action, "decision:D-1")
    assert pushed_by(store.database, store.project, ["D-1", "D-2"]) == {"D-1": "key:a"}
