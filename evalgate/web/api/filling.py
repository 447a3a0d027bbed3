"""Queues filled from runs by rule, over the API: the same rules, answers and probabilities as `evalgate queue fill`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated

from pydantic import Field

from evalgate.core.errors import WrongAsWritten
from evalgate.core.values import Value
from evalgate.review import filling
from evalgate.review.rules import Rule, rule_of
from evalgate.store.items import NewItem
from evalgate.store.queues import Queue
from evalgate.web.api.queues import note, queue_named
from evalgate.web.api.routing import API, KEEPERS, Name, api_router, shown_as
from evalgate.web.guard import Caller
from evalgate.web.problems import Problem, missing, one_line

router = api_router("queues")

MOST_RULES = 20
_WANTED = {"run": "c0ffee123456", "rules": ["unknown:answers", "near_threshold:tone,0.5,0.1@0.5", "random:0.05"]}

Line = Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"^[^\x00]+$")]
Short = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class FillWanted(Value):
    """What to take of a run; rules are written as `evalgate queue fill` reads them."""

    model_config = shown_as(_WANTED)

    run: Short
    """The first digits of its id will do."""
    rules: Annotated[tuple[Line, ...], Field(min_length=1, max_length=MOST_RULES)]
    stratum: Short | None = None
    """The slice whose value each item remembers."""


class FilledSeen(Value):
    """What a fill did."""

    model_config = shown_as({"read": 1200, "taken": 90, "added": 88})

    read: int
    taken: int
    added: int
    """The others were in the queue before, or stand twice in the run."""


class PreviewSeen(Value):
    """What a fill would do."""

    model_config = shown_as({"read": 1200, "by_rule": [40, 12, 61], "taken": 90, "added": 88})

    read: int
    by_rule: tuple[int, ...]
    """What each rule takes, in the order of the rules; one sample may count for several."""
    taken: int
    added: int


@router.post("/queues/{queue}/fill")
def fill_queue(caller: Annotated[Caller, KEEPERS], queue: Name, wanted: FillWanted) -> FilledSeen:
    """Put into a queue what rules take of a run; doing it again adds only what is new."""
    found, run, rules = _asked(caller, queue, wanted)

    def keep(items: Iterable[NewItem]) -> int:
        taken = list(items)  # All is read before anything is written: reviewers do not wait for a long run.
        with caller.writing() as work:
            added = work.store.items.add(found, taken)
            note(caller, work, "queue.filled", found, added=added, run=run, rules=" ".join(wanted.rules)[:2_000])
            return added

    with _unusable():
        return FilledSeen(**filling.fill(caller.store, found, run, rules, stratum=wanted.stratum, keep=keep)._asdict())


@router.post("/queues/{queue}/fill/preview")
def preview_fill(caller: Annotated[Caller, KEEPERS], queue: Name, wanted: FillWanted) -> PreviewSeen:
    """Count what a fill would put into a queue, by rule, and put nothing in."""
    found, run, rules = _asked(caller, queue, wanted)
    with _unusable():
        return PreviewSeen(**filling.preview(caller.store, found, run, rules)._asdict())


def _asked(caller: Caller, queue: str, wanted: FillWanted) -> tuple[Queue, str, tuple[Rule, ...]]:
    with caller.reading() as work:
        found = queue_named(work, queue)
        with missing("run", wanted.run, f"{API}/runs"):
            run = work.store.runs.get(wanted.run)
    if not run.finished:
        raise Problem(409, f"run {run.id} is not finished", "run", "run its command again, then fill")
    return found, run.id, tuple(_rule(index, text) for index, text in enumerate(wanted.rules))


@contextmanager
def _unusable() -> Iterator[None]:
    """Turn a rule about a check or run that is not there into 422; the store's place is not told."""
    try:
        yield
    except WrongAsWritten as error:
        what = one_line(str(error))
        told = "a rule names a run that is not here" if " is not in " in what else what
        raise Problem(422, told, "rules", "name a check of this run, or another run of this project") from None


def _rule(index: int, text: str) -> Rule:
    try:
        return rule_of(text)
    except WrongAsWritten as error:
        raise Problem(
            422, one_line(str(error)), f"rules.{index}", "write it as `evalgate queue fill` reads it"
        ) from None
