"""Traffic that a suite watches, on a clock that a test moves, and a bench whose judge is a local server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from evalgate.checks.privacy.masking import Masker
from evalgate.core.review import Criterion, LabelChoice, QueueSettings, ReviewRubric
from evalgate.core.samples import Message
from evalgate.production.accepting import Accepting
from evalgate.production.bench import Bench, bench_of
from evalgate.production.windows import score_window
from evalgate.runner.execute import Judging
from evalgate.store.engine import Store, open_store
from evalgate.store.tables import metadata
from evalgate.store.windows import Claim, Window
from evalgate.suites.loading import load_suite
from evalgate.suites.suite import Suite
from evalgate.traffic.interactions import Interaction
from evalgate.wiring.catalogue import all_checks
from evalgate.wiring.judging import known_price, open_judging

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WAIT = timedelta(minutes=2)
SUITE = """
version: 1
name: support
owner: owner@acme.example
data: {candidate: c.jsonl}
judge: judge-1
uncalibrated: allow
prices: {judge-1: {input: 1.0, output: 1.0}}
checks:
  brief: {check: length, max_words: 12}
  answers: {rubric: answers_the_question}
gates:
  brief: {at_least: 0.9}
  answers: {at_least: 0.5}
traffic:
  strata:
    complained: {when: {feedback: [down]}, judge: 1.0, people: 0.5}
    rest: {judge: 0.4, people: 0.1}
  control: 0.2
  by: [release]
  queue: triage
"""


class Hands:
    """A clock that stands where it was put."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def suite_at(folder: Path, text: str = SUITE) -> Suite:
    path = folder / "support.yaml"
    path.write_text(text, encoding="utf-8")
    return load_suite(path, all_checks())


def opened(place: str, hands: Hands) -> Store:
    return open_store(place, clock=hands)


def exchange(name: str, answer: str = "It will be there tomorrow.", **said: Any) -> Interaction:
    whole = {
        "source": "api",
        "external_id": name,
        "input": (Message(role="user", content=f"Where is my order {name}?"),),
        "output": (Message(role="assistant", content=answer),),
        "finished": True,
        "release": "r1",
        "user_id": "ana",
    }
    return Interaction.model_validate(whole | said)


def accept(store: Store, suite: Suite, interactions: Iterable[Interaction]) -> None:
    Accepting(store, [suite], Masker()).accept(tuple(interactions), source="api")


def a_day(store: Store, suite: Suite, count: int = 80) -> None:
    """Take in exchanges of which every eighth is complained about, every tenth says nothing of use."""
    accept(
        store,
        suite,
        (
            exchange(
                f"x{number}",
                "I cannot say." if number % 10 == 0 else f"Order x{number} will be there tomorrow.",
                release="r2" if number % 2 else "r1",
                feedback="down" if number % 8 == 0 else None,
            )
            for number in range(count)
        ),
    )


def bench(store: Store, suite: Suite, url: str) -> Bench:
    def purse(journal: Any, prices: Any, cap_usd: float) -> AbstractAsyncContextManager[Judging]:
        environ = {"EVALGATE_JUDGE_BASE_URL": url, "EVALGATE_JUDGE_API_KEY": "k"}
        return open_judging(journal, environ, prices, cap_usd, 8)

    return bench_of(store, suite, [], masker=Masker(), price_of=known_price, open_judging=purse)


def triage(store: Store) -> None:
    """Make the queue that the suite's people look at."""
    labels = {"yes": LabelChoice(value=1.0), "no": LabelChoice(value=0.0)}
    rubric = ReviewRubric(name="answers", criteria={"answers": Criterion(check="answers", labels=labels)})
    store.queues.create("triage", rubric, QueueSettings(practice=0), "user:ana")


def next_due(at: Bench) -> Claim | None:
    """Take the next window that is due."""
    until = at.store.database.clock() - at.spec.wait
    at.store.windows.ensure(at.suite.name, at.spec.every, until)
    return at.store.windows.claim(at.suite.name, "w", timedelta(minutes=1), until)


def close_next(at: Bench) -> Window:
    """Score the next window that is due."""
    claim = next_due(at)
    assert claim is not None
    return score_window(at, claim)


def rows(store: Store, table: str) -> list[Any]:
    with store.database.read() as connection:
        return list(connection.execute(select(metadata.tables[table])).mappings())


def by_check(store: Store) -> Iterator[tuple[str, Any]]:
    """Give the scores with the name of their check."""
    names = {row["number"]: row["name"] for row in rows(store, "traffic_check")}
    yield from ((names[row["traffic_check"]], row) for row in rows(store, "traffic_score"))
