"""Tell another tool what was said of its spans: `gen_ai.evaluation.result` over OTLP/HTTP, once a window is closed.

Everything is told at least once: a page that nobody confirmed is told again. Nothing here keeps scoring waiting; a
target that is away is tried again after a pause that doubles, for as long as a window is young enough.
"""

from __future__ import annotations

import gzip
import http.client
import ssl
import time
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from evalgate import __version__
from evalgate.core.values import Value
from evalgate.production.otlp_events import record, request
from evalgate.store.tellings import Page, Telling, ToldScore

if TYPE_CHECKING:
    from evalgate.checks.privacy.masking import Masker
    from evalgate.store.engine import Store

AT_ONCE = 200
"""Interactions whose scores travel in one request."""
YOUNG = timedelta(days=7)
"""Windows that ended longer ago are not told."""
TURN_S = 3.0
"""How long one turn lasts: beside it stand others who do not want to wait."""
PATIENCE_S = 10.0
"""How long the target may take over one request."""
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
_ANSWER = 64 * 1024
_PARTIAL_SUCCESS = b"\x0a"
_TAKEN = range(200, 300)


class EventsTarget(Value):
    """Where events go: OTLP/HTTP in protobuf."""

    url: str
    headers: dict[str, str] = {}
    explanations: bool = False
    """Whether what a judge wrote goes with the score, masked once more."""

    @property
    def place(self) -> str:
        """The address without what may be secret in it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


class Refused(Exception):
    """The target did not take a request: why, and how long it asks to be left alone."""

    def __init__(self, why: str, after: timedelta | None = None) -> None:
        super().__init__(why)
        self.after = after


class Told(NamedTuple):
    """What a turn came to."""

    events: int
    """Taken by the target."""
    trouble: str | None = None


def tell_due(store: Store, suites: Collection[str], target: EventsTarget, seconds: float = TURN_S) -> Told:
    """Tell windows that are due for about so long, or to the first trouble; what is left waits for the next turn."""
    end, events = time.monotonic() + seconds, 0
    while (told := _tell_next(store, suites, target, end)) is not None:
        events += told.events
        if told.trouble or time.monotonic() >= end:
            return Told(events, told.trouble)
    return Told(events)


def _tell_next(store: Store, suites: Collection[str], target: EventsTarget, end: float) -> Told | None:
    """Tell the next window that is due, until its end, the end of the turn or trouble; None when none is due."""
    telling = store.tellings.claim(suites, store.database.clock() - YOUNG)
    if telling is None:
        return None
    events, notes = 0, ""
    try:
        while page := store.tellings.page(telling, AT_ONCE):
            told = _records(page, telling, target)
            if told:
                notes = _post(target, told) or notes
            events += len(told)
            if not store.tellings.advance(telling, page.last):
                return Told(events)  # another worker has it by now, and goes on from what was written down
            telling = telling._replace(told_to=page.last, failures=0)
            if time.monotonic() >= end:
                store.tellings.put_down(telling)
                return Told(events, notes or None)
    except Refused as problem:
        pause = problem.after or min(FIRST_PAUSE * 2 ** min(telling.failures, 10), LONGEST_PAUSE)
        store.tellings.postpone(telling, store.database.clock() + pause, str(problem))
        return Told(events, f"{problem}; next try in {pause.total_seconds():.0f} s")
    store.tellings.finish(telling, notes or None)
    return Told(events, notes or None)


def _records(page: Page, telling: Telling, target: EventsTarget) -> list[bytes]:
    masker = _masker() if target.explanations else None
    made = (record(_shown(score, masker), telling.closed_at, telling.suite) for score in page.scores)
    return [one for one in made if one is not None]


def _shown(score: ToldScore, masker: Masker | None) -> ToldScore:
    """Return the score with its explanation as it may leave: masked at this exit as at every other, or not at all."""
    return score._replace(explanation=masker.mask(score.explanation) if masker and score.explanation else "")


def _masker() -> Masker:
    from evalgate.checks.privacy.masking import Masker

    return Masker()


def _post(target: EventsTarget, records: list[bytes]) -> str | None:
    """Send the records; return what the target says it did not keep of them. Raises Refused."""
    parts = urlsplit(target.url)
    body = gzip.compress(request(records, {"service.name": "evalgate"}, "evalgate", __version__), mtime=0)
    headers = {
        **target.headers,
        "Content-Type": "application/x-protobuf",
        "Content-Encoding": "gzip",
        "User-Agent": f"evalgate/{__version__}",
    }
    connection = _connection(parts.scheme, str(parts.hostname), parts.port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        answer = response.read(_ANSWER)
    except (http.client.HTTPException, OSError) as error:
        raise Refused(f"{target.place} cannot be reached ({type(error).__name__})") from error
    finally:
        connection.close()
    if response.status not in _TAKEN:
        raise Refused(f"{target.place} answers HTTP {response.status}", _after(response.headers))
    return _not_kept(target, answer)


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    return http.client.HTTPSConnection(host, port, timeout=PATIENCE_S, context=ssl.create_default_context())


def _after(headers: Mapping[str, str] | http.client.HTTPMessage) -> timedelta | None:
    """Return how long the target asks to wait, when it says so in seconds; no longer than the longest pause."""
    asked = str(headers.get("Retry-After") or "").strip()
    return (
        min(timedelta(seconds=int(asked)), LONGEST_PAUSE)
        if asked.isascii() and asked.isdigit() and len(asked) < 7
        else None
    )


def _not_kept(target: EventsTarget, answer: bytes) -> str | None:
    """Return a line when the answer holds a partial success; what was rejected must not be sent again."""
    if not answer.startswith(_PARTIAL_SUCCESS) or len(answer) <= 2:
        return None
    return f"{target.place} took a page of events and says that it did not keep all of it"
