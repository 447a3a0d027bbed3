"""Runs on both databases: written in batches, written again, raced, read back."""

from __future__ import annotations

import itertools
import tracemalloc

import pytest
from sqlalchemy import text

from evalgate.core.errors import DataInvalid, WrongAsWritten
from evalgate.core.outcomes import CheckRef, Mark, Unscored
from evalgate.core.samples import Case, Output, Sample
from evalgate.store.engine import Store
from tests.store.scenes import NO_PII, NOON, at_once, manifest, marked, rich, summary, with_outcomes


def rows(store: Store, table: str) -> int:
    with store.database.read() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608 our own names


def begun(store: Store, source: str = "a") -> str:
    store.runs.start(manifest(source))
    return manifest(source).id


def test_a_run_comes_back_as_it_was_written(store: Store) -> None:
    run = begun(store)
    batch = [marked(0), rich(1), marked(2, clean=Unscored(reason="unavailable", detail="503"))]
    store.runs.writer(run).keep(batch)
    assert list(store.runs.stream(run)) == batch


def test_a_sample_keeps_the_digests_of_its_raw_content(store: Store) -> None:
    run = begun(store)
    masked = marked(0)._replace(case_digest="c" * 32, sample_digest="d" * 32)
    store.runs.writer(run).keep([masked])
    assert next(store.runs.stream(run)).sample_digest == "d" * 32


def test_samples_come_back_in_order_of_position_whatever_order_they_came_in(store: Store) -> None:
    run = begun(store)
    writer = store.runs.writer(run)
    writer.keep([marked(900), marked(3)])
    writer.keep([marked(401), marked(0)])
    assert [read.position for read in store.runs.stream(run)] == [0, 3, 401, 900]


def test_a_run_without_samples_streams_nothing(store: Store) -> None:
    assert list(store.runs.stream(begun(store))) == []


def test_writing_a_batch_again_leaves_the_same_rows(store: Store) -> None:
    run = begun(store)
    batch = [marked(0), rich(1)]
    store.runs.writer(run).keep(batch)
    store.runs.writer(run).keep(batch)
    assert list(store.runs.stream(run)) == batch
    assert (rows(store, "sample"), rows(store, "run_sample"), rows(store, "outcome")) == (2, 2, 7)


def test_writing_a_sample_again_replaces_its_outcomes(store: Store) -> None:
    run = begun(store)
    store.runs.writer(run).keep([marked(0), marked(1)])
    fewer = with_outcomes(0, marked(0).sample, [(NO_PII, "", Mark(value=0.0))])
    store.runs.writer(run).keep([fewer])
    assert list(store.runs.stream(run)) == [fewer, marked(1)]


def test_the_same_content_is_stored_once_for_all_runs(store: Store) -> None:
    for source in "ab":
        store.runs.writer(begun(store, source)).keep([marked(0)])
    assert (rows(store, "sample"), rows(store, "run_sample")) == (1, 2)


def test_what_is_not_content_belongs_to_the_run(store: Store) -> None:
    first, second = (
        Sample(case=marked(0).sample.case, output=Output(text="Tres días.", latency_ms=latency, model=f"m{latency}"))
        for latency in (1.0, 2.0)
    )
    store.runs.writer(begun(store, "a")).keep([with_outcomes(0, first, [])])
    store.runs.writer(begun(store, "b")).keep([with_outcomes(0, second, [])])
    assert next(store.runs.stream(manifest("a").id)).sample == first
    assert next(store.runs.stream(manifest("b").id)).sample == second


def test_a_text_masked_more_strictly_replaces_the_old_one(store: Store) -> None:
    run = begun(store)
    leaked = marked(0, text="CPF 529.982.247-25")
    store.runs.writer(run).keep([leaked])
    masked = marked(0, text="CPF [cpf]")._replace(sample_digest=leaked.sample_digest)
    store.runs.writer(run).keep([masked])
    assert [read.sample.output.text for read in store.runs.stream(run)] == ["CPF [cpf]"]
    assert rows(store, "sample") == 1


def test_the_same_sample_may_stand_twice_in_a_batch(store: Store) -> None:
    run = begun(store)
    twin = marked(1)._replace(sample_digest=marked(0).sample_digest, case_digest=marked(0).case_digest)
    store.runs.writer(run).keep([marked(0), twin])
    assert rows(store, "sample") == 1


def test_an_outcome_of_a_check_the_manifest_does_not_hold_is_a_fault(store: Store) -> None:
    run = begun(store)
    changed = NO_PII.model_copy(update={"digest": "9" * 32})
    with pytest.raises(ValueError, match="the run's manifest does not hold"):
        store.runs.writer(run).keep([with_outcomes(0, marked(0).sample, [(changed, "", Mark(value=1.0))])])
    assert rows(store, "run_sample") == 0


def test_chosen_cases_are_read_without_the_others(store: Store) -> None:
    run = begun(store)
    store.runs.writer(run).keep([marked(0), marked(1), marked(2), rich(3)])
    chosen = store.runs.marked(run, [("rich", 2), ("case-1", 0), ("case-2", 7), ("nobody", 0)])
    assert chosen == {("rich", 2): rich(3), ("case-1", 0): marked(1)}


def test_repeats_of_a_case_are_told_apart(store: Store) -> None:
    run = begun(store)
    first, second = (
        with_outcomes(
            position, Sample(case=marked(0).sample.case, output=Output(text=str(position), repeat=position)), []
        )
        for position in (0, 1)
    )
    store.runs.writer(run).keep([first, second])
    assert store.runs.marked(run, [("case-0", 1)]) == {("case-0", 1): second}


def test_chosen_positions_come_back_in_the_order_they_were_asked_for(store: Store) -> None:
    run = begun(store)
    store.runs.writer(run).keep([marked(0), marked(1), rich(2)])
    assert store.runs.at(run, [2, 0, 99]) == (rich(2), marked(0))


def test_many_chosen_cases_are_found(store: Store) -> None:
    run = begun(store)
    store.runs.writer(run).keep([marked(position) for position in range(450)])
    assert len(store.runs.marked(run, [(f"case-{number}", 0) for number in range(450)])) == 450


def test_a_finished_run_tells_its_summary_and_when(store: Store) -> None:
    run = begun(store)
    before = store.runs.get(run)
    store.runs.finish(run, summary(manifest(), 0))
    after = store.runs.get(run)
    assert (before.finished, after.finished) == (False, True)
    assert after.summary == summary(manifest(), 0)
    assert after.finished_at is not None
    assert NOON < after.created_at < after.finished_at
    assert after.created_at.tzinfo is not None


def test_starting_a_run_again_changes_nothing(store: Store) -> None:
    run = begun(store)
    store.runs.finish(run, summary(manifest(), 0))
    known = store.runs.get(run)
    store.runs.start(manifest())
    assert store.runs.get(run) == known


def test_a_run_is_finished_by_its_own_summary_only(store: Store) -> None:
    run = begun(store)
    with pytest.raises(ValueError, match="cannot finish run"):
        store.runs.finish(run, summary(manifest("b"), 0))


def test_runs_are_listed_newest_first_and_by_suite(store: Store) -> None:
    for source, suite in (("a", "support"), ("b", "sales"), ("c", "support")):
        store.runs.start(manifest(source, suite))
    assert [run.manifest.source for run in store.runs.list()] == ["c.jsonl", "b.jsonl", "a.jsonl"]
    assert [run.manifest.source for run in store.runs.list("support")] == ["c.jsonl", "a.jsonl"]
    assert [run.manifest.source for run in store.runs.list(limit=1)] == ["c.jsonl"]


def test_the_first_digits_name_a_run(store: Store) -> None:
    run = begun(store)
    assert store.runs.find(run[:4]) == run
    assert store.runs.get(run[:4]).id == run


def colliding(digits: int) -> tuple[str, str]:
    """Find two sources whose runs share their first digits."""
    seen: dict[str, str] = {}
    for number in itertools.count():
        source = f"{number:x}"
        other = seen.setdefault(manifest(source).id[:digits], source)
        if other != source:
            return other, source
    raise AssertionError


def test_digits_that_two_runs_share_are_refused_with_both(store: Store) -> None:
    ids = sorted(begun(store, source) for source in colliding(2))
    with pytest.raises(WrongAsWritten, match=f"several in .* \\({ids[0]}, {ids[1]}\\); give more digits"):
        store.runs.get(ids[0][:2])


def test_an_unknown_run_is_refused_with_the_nearest_one(store: Store) -> None:
    run = begun(store)
    with pytest.raises(WrongAsWritten, match=f"is not in .* Did you mean '{run}'\\?"):
        store.runs.stream(run[:-1] + "x")


@pytest.mark.parametrize("name", ["%", "_", "", "'; --"])
def test_a_name_is_never_a_pattern(store: Store, name: str) -> None:
    begun(store)
    with pytest.raises(WrongAsWritten, match="is not in"):
        store.runs.get(name)


def test_postgresql_refuses_a_nul_character_in_an_id_in_one_line(postgres_store: Store) -> None:
    run = begun(postgres_store)
    sample = Sample(case=Case(id="nul \x00", input="?"), output=Output(text="!"))
    with pytest.raises(DataInvalid, match=r"cannot hold this value: .*NUL.*; take it out of the data"):
        postgres_store.runs.writer(run).keep([with_outcomes(0, sample, [])])


SAME_RUN = """
from evalgate.store.engine import open_store
from tests.store.scenes import manifest, marked, summary
place, number = sys.argv[1:]
with open_store(place) as store:
    wait()
    store.runs.start(manifest())
    writer = store.runs.writer(manifest().id)
    for first in range(0, 200, 20):
        writer.keep([marked(position) for position in range(first, first + 20)])
    store.runs.finish(manifest().id, summary(manifest(), 200))
"""


def test_two_processes_that_write_the_same_run_leave_it_once(store: Store, place: str) -> None:
    at_once(SAME_RUN, place)
    assert list(store.runs.stream(manifest().id)) == [marked(position) for position in range(200)]
    assert (rows(store, "run"), rows(store, "sample"), rows(store, "outcome")) == (1, 200, 400)
    assert store.runs.get(manifest().id).finished


SHARED_SAMPLES = """
from evalgate.store.engine import open_store
from tests.store.scenes import manifest, marked
place, number = sys.argv[1:]
with open_store(place) as store:
    store.runs.start(manifest(number))
    writer = store.runs.writer(manifest(number).id)
    batch = [marked(position) for position in range(2000)]
    if number == "1":
        batch.reverse()
    wait()
    writer.keep(batch)
"""


def test_two_runs_that_share_samples_do_not_block_one_another(store: Store, place: str) -> None:
    at_once(SHARED_SAMPLES, place)
    assert (rows(store, "sample"), rows(store, "run_sample")) == (2000, 4000)


def test_a_large_run_is_read_with_flat_memory(sqlite_store: Store) -> None:
    run = begun(sqlite_store)
    writer = sqlite_store.runs.writer(run)
    long = "x" * 2000
    for first in range(0, 4000, 500):
        writer.keep([marked(position, text=f"{position} {long}") for position in range(first, first + 500)])
    tracemalloc.start()
    read = sum(1 for _ in sqlite_store.runs.stream(run))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read == 4000
    assert most < 4_000_000  # all of them would be more than 8 MB of text alone


def test_outcomes_keep_the_order_of_the_checks(store: Store) -> None:
    checks = tuple(CheckRef(name=name, annotator="code", digest=name * 32) for name in "zay")
    named = manifest(checks=checks)
    store.runs.start(named)
    written = with_outcomes(0, marked(0).sample, [(check, "", Mark(value=1.0)) for check in checks])
    store.runs.writer(named.id).keep([written])
    assert [outcome.check.name for outcome in next(store.runs.stream(named.id)).outcomes] == ["z", "a", "y"]
