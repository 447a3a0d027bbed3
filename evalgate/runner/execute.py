"""Executes a run: code checks at once, judges under the limiter, results in batches to the sink."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from evalgate.core.errors import ServiceBroke
from evalgate.core.models import Interrupted, ModelRequest, Overloaded, Rejected, Reply
from evalgate.core.outcomes import Marks, Unscored
from evalgate.runner.marking import Item, Marker, Pending, as_outcomes, crashed
from evalgate.runner.ports import Answer, Journal, Marked, Progress, Sink
from evalgate.runner.spending import Spending

CODE_BATCH = 500
"""Samples marked between two writes when no judge is asked."""
JUDGED_BATCH = 16
"""Samples prepared at once between replies: a few milliseconds, so that replies are not kept waiting."""
MODEL_BATCH = 64
"""Samples prepared at once when local models mark too: in a thread, beside the replies."""
KEPT_AT_ONCE = 64
"""Judged samples in one write, for the same reason."""

Ask = Callable[[ModelRequest], Awaitable[bytes]]
"""Asks with retries and under the limiter of the request's provider. Unusable ends the run: no request can succeed."""
ReadReply = Callable[[bytes], Reply]
T = TypeVar("T")


@dataclass
class Totals:
    """What a run did besides its outcomes."""

    samples: int = 0
    answered: int = 0
    recalled: int = 0
    judge_models: set[str] = field(default_factory=set)
    over_budget: bool = False


@dataclass(frozen=True)
class Judging:
    """How questions are answered: the transport, the reader, the journal and the purse."""

    ask: Ask
    read: ReadReply
    journal: Journal
    spending: Spending
    in_flight: int = 64


def mark_with_code(items: Iterable[Item], marker: Marker, sink: Sink, progress: Progress) -> Totals:
    """Mark every item without asking anyone; memory stays flat however many there are."""
    totals = Totals()
    for chunk in _chunks(items, CODE_BATCH):
        sink.keep([_finished(pending) for pending in marker.begin_all(chunk)])
        totals.samples += len(chunk)
        progress.advanced(totals.samples, 0, 0.0)
    return totals


async def mark_with_judges(
    items: Iterable[Item], marker: Marker, sink: Sink, judging: Judging, progress: Progress
) -> Totals:
    """Mark every item, asking judges with many questions in flight; memory is bounded by what is in flight.

    Replies become durable in the journal in the loop turn in which they arrive. A wrong key or a server that was
    never reached stops the run with everything answered so far kept: the same command finishes the rest.
    """
    engine = _Engine(marker, sink, judging, progress)
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(judging.in_flight):
                group.create_task(engine.work())
            await engine.feed(items)
    except BaseExceptionGroup as trouble:
        raise _first(trouble) from None
    finally:
        engine.flush()
    return engine.totals


class _Engine:
    """One producer, many workers, one loop. Workers take single questions; a sample ends with its last answer."""

    def __init__(self, marker: Marker, sink: Sink, judging: Judging, progress: Progress) -> None:
        self.totals = Totals()
        self._marker, self._sink, self._judging, self._progress = marker, sink, judging, progress
        self._queue: asyncio.Queue[ModelRequest | None] = asyncio.Queue(maxsize=2 * judging.in_flight)
        self._replies: dict[int, dict[str, Reply | Unscored]] = {}
        self._asked_by: dict[str, list[Pending]] = {}
        self._answers: list[Answer] = []
        self._done: list[Marked] = []
        self._flushing = False
        self._settled = asyncio.Event()
        self._broken: Exception | None = None

    async def feed(self, items: Iterable[Item]) -> None:
        """Prepare samples a few at a time; what the journal knows is not asked."""
        for chunk in _chunks(items, MODEL_BATCH if self._marker.has_models else JUDGED_BATCH):
            if self._marker.has_models:
                pendings = await asyncio.to_thread(self._marker.begin_all, chunk)
            else:
                pendings = self._marker.begin_all(chunk)
            # Recall and register without an await between: an answer that arrives meanwhile is neither in the
            # journal's reply nor among the questions in flight, and would be asked, and paid, again.
            self._keep_answers()
            keys = {request.key for p in pendings for question in p.questions for request in question.requests}
            known = self._judging.journal.recall(list(keys)) if keys else {}
            for request in [request for p in pendings for request in self._register(p, known)]:
                await self._queue.put(request)
        for _ in range(self._judging.in_flight):
            await self._queue.put(None)

    def _register(self, pending: Pending, known: dict[str, bytes]) -> list[ModelRequest]:
        """Return the questions of a sample that nobody has asked yet, and end it at once when there are none."""
        self._replies[id(pending)] = {}
        wanted = {request.key: request for question in pending.questions for request in question.requests}
        fresh = []
        pending.waiting = len(wanted)
        for key, request in wanted.items():
            if key in known:
                self.totals.recalled += 1
                self._settle(pending, key, self._judging.read(known[key]))
            elif key in self._asked_by:
                self._asked_by[key].append(pending)  # the same question is in flight: share its answer
            else:
                self._asked_by[key] = [pending]
                fresh.append(request)
        if not wanted:
            self._finish(pending)
        return fresh

    async def work(self) -> None:
        """Ask questions until there are no more."""
        while (request := await self._queue.get()) is not None:
            answer = await self._answer(request)
            for pending in self._asked_by.pop(request.key):
                self._settle(pending, request.key, answer)
            # The flush of this loop turn comes first: no question is sent while an answer in hand is not durable.
            await asyncio.sleep(0)
            if self._broken is not None:
                raise self._broken

    async def _answer(self, request: ModelRequest) -> Reply | Unscored:
        reserved = await self._reserve(request)
        if reserved is None:
            self.totals.over_budget = True
            return Unscored(reason="over_budget", detail="the spend cap was reached first")
        reply = None
        try:
            body = await self._judging.ask(request)
            reply = self._judging.read(body)
        except Rejected as trouble:
            return Unscored(reason="refused", detail=str(trouble))
        except (Interrupted, Overloaded) as trouble:
            return Unscored(reason="unavailable", detail=str(trouble))
        finally:
            self._judging.spending.settle(reserved, request, reply)
            self._settled.set()
        self.totals.answered += 1
        self._answers.append(Answer(request.key, request, body))
        self._flush_soon()
        return reply

    async def _reserve(self, request: ModelRequest) -> float | None:
        """Set a call's cautious cost aside; near the cap, wait until what is in flight has cost what it costs."""
        spending = self._judging.spending
        while (reserved := spending.reserve(request)) is None and spending.in_flight:
            self._settled.clear()
            await self._settled.wait()
        return reserved

    def _settle(self, pending: Pending, key: str, answer: Reply | Unscored) -> None:
        if isinstance(answer, Reply):
            self.totals.judge_models.add(answer.model)
        self._replies[id(pending)][key] = answer
        pending.waiting -= 1
        if pending.waiting == 0:
            self._finish(pending)

    def _finish(self, pending: Pending) -> None:
        replies = self._replies.pop(id(pending))
        case, repeat = pending.item.sample.case, pending.item.sample.output.repeat
        for named, check, asked in pending.questions:
            answers = [replies[request.key] for request in asked]
            missing = next((answer for answer in answers if isinstance(answer, Unscored)), None)
            marks: Marks
            if missing is not None:
                marks = dict.fromkeys(check.criteria, missing)
            else:
                try:
                    marks = check.read(pending.subject, [a for a in answers if isinstance(a, Reply)])
                except Exception as error:  # noqa: BLE001 - a check that crashes is a value, the run goes on
                    marks = dict.fromkeys(check.criteria, crashed(error))
            pending.outcomes += as_outcomes(marks, named.ref, case.id, repeat)
        self._done.append(_finished(pending))
        self.totals.samples += 1
        self._flush_soon()

    def _flush_soon(self) -> None:
        # One commit a loop turn: replies that arrive together are made durable together, before anything else runs.
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush_turn)

    def _flush_turn(self) -> None:
        self._flushing = False
        try:
            self._keep_answers()
            if len(self._done) >= KEPT_AT_ONCE:
                self._keep_done()
            self._progress.advanced(self.totals.samples, self.totals.answered, self._judging.spending.spent_usd)
        except Exception as error:  # noqa: BLE001 - raised again by the next worker: a callback has no caller
            self._broken = error

    def flush(self) -> None:
        """Keep everything that has arrived; called once more when the run ends for whatever reason."""
        if isinstance(self._broken, ServiceBroke):
            return
        self._keep_answers()
        self._keep_done()

    def _keep_answers(self) -> None:
        if self._answers:
            answers, self._answers = self._answers, []
            self._judging.journal.keep(answers)

    def _keep_done(self) -> None:
        if self._done:
            done, self._done = self._done, []
            self._sink.keep(done)


def _finished(pending: Pending) -> Marked:
    item = pending.item
    return Marked(item.position, pending.subject.sample, item.case_digest, item.sample_digest, tuple(pending.outcomes))


def _chunks(items: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first trouble that is not the echo of a cancellation."""
    flat: list[BaseException] = []
    for error in group.exceptions:
        flat += [_first(error)] if isinstance(error, BaseExceptionGroup) else [error]
    return next((error for error in flat if not isinstance(error, asyncio.CancelledError)), flat[0])
