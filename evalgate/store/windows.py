"""Windows of production traffic: made once, claimed by one worker at a time, closed for good.

A claim raises the window's attempt, and every write of its owner is held against it: a worker that was thought dead
finds out with its next write, which is undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from evalgate.core.errors import EvalgateError, WrongAsWritten
from evalgate.store.bulk import insert_into
from evalgate.store.database import Database
from evalgate.store.scores import Span
from evalgate.store.tables import metadata

_WINDOW = metadata.tables["traffic_window"]
_ESTIMATE = metadata.tables["traffic_estimate"]
_MARK = metadata.tables["traffic_mark"]
_ITEM = metadata.tables["interaction"]

AT_ONCE = 1000
"""Windows made in one go; those of a longer past are made in the next."""
_LOCK = 0x77_69_6E
"""Any number: what makers and closers of windows agree on."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class LeaseLost(EvalgateError):
    """Somebody else has the window now; what was to be written is not."""


class Window(NamedTuple):
    """A window as it is kept."""

    number: int
    suite: str
    starts_at: datetime
    ends_at: datetime
    version: int
    state: Literal["open", "closed"]
    owner: str | None
    lease_until: datetime | None
    attempt: int
    closed_at: datetime | None
    suite_digest: str | None
    spent_usd: float
    counts: dict[str, Any] | None

    @property
    def span(self) -> Span:
        """[start, end) of the time at which its interactions were complete."""
        return self.starts_at, self.ends_at


class Claim(NamedTuple):
    """A window that somebody has; the attempt fences what they write."""

    window: Window
    owner: str
    attempt: int


class EstimateRow(NamedTuple):
    """What a window says of one criterion and slice."""

    traffic_check: int
    slice: str
    population: int
    scored: int
    point: float | None
    low: float | None
    high: float | None
    reason: str | None
    mean: str


_COLUMNS = [_WINDOW.c[name] for name in Window._fields]


class Windows:
    """The windows of one project."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def ensure(self, suite: str, every: timedelta, until: datetime) -> int:
        """Make the windows that end by `until`: from the last one on, or from the first interaction; return how many.

        They end at whole multiples of `every` since 1970 and leave no gap, also where `every` has changed. Those of a
        long past are made AT_ONCE at a time.
        """
        with self._database.read() as connection:
            since = self._begin(connection, suite, every)
            if since is None or _next(since, every) > until:
                return 0
        with self._database.write() as connection:
            self._alone(connection)
            since = self._begin(connection, suite, every) or until
            return self._make(connection, suite, list(islice(_spans(since, until, every), AT_ONCE)), 1)

    def fill(
        self, suite: str, every: timedelta, since: datetime, until: datetime, latest: datetime
    ) -> tuple[Window, ...]:
        """Return the windows that reach into a range and end by `latest`, made where there were none."""
        at = aligned(since, every)
        end = until if until == aligned(until, every) else _next(until, every)
        with self._database.write() as connection:
            self._alone(connection)
            for one in self._within(connection, suite, at, end):
                self._make(connection, suite, list(_spans(at, one.starts_at, every, cut=True)), 1)
                at = max(at, one.ends_at)
            self._make(connection, suite, list(_spans(at, min(end, latest), every)), 1)
            found = self._within(connection, suite, since, until)
        return tuple(one for one in found if one.ends_at <= latest)

    def again(self, windows: Sequence[Window]) -> tuple[Window, ...]:
        """Return a further version of each closed window, to be scored by other checks; open ones as they are."""
        with self._database.write() as connection:
            self._alone(connection)
            for one in windows:
                if one.state == "closed":
                    self._make(connection, one.suite, [one.span], one.version + 1)
            found = [self._newest(connection, one) for one in windows]
        return tuple(found)

    def newest(self, window: Window) -> Window:
        """Return the newest version of a window."""
        with self._database.read() as connection:
            return self._newest(connection, window)

    def claim(self, suite: str, owner: str, lease: timedelta, until: datetime) -> Claim | None:
        """Take the first open window that has ended by `until`, if nobody has it; None when there is none."""
        mine = and_(_WINDOW.c.project == self._project, _WINDOW.c.suite == suite, _WINDOW.c.ends_at <= until)
        return self._claim(mine, owner, lease)

    def claim_this(self, number: int, owner: str, lease: timedelta) -> Claim | None:
        """Take one window; None when somebody has it, or it is closed."""
        return self._claim(and_(_WINDOW.c.project == self._project, _WINDOW.c.number == number), owner, lease)

    def renew(self, claim: Claim, lease: timedelta) -> None:
        """Keep a window a while longer; raise LeaseLost when it is somebody else's."""
        with self._database.write() as connection:
            self._change(connection, claim, lease_until=self._database.clock() + lease)

    def release(self, claim: Claim, *, after: timedelta = timedelta(0)) -> None:
        """Give a window back, to be taken by anybody after a while; one that was lost stays with whoever has it."""
        until = self._database.clock() + after
        with self._database.write() as connection:
            connection.execute(update(_WINDOW).where(_held(claim)).values(owner=None, lease_until=until))

    def fenced(self, connection: Connection, claim: Claim) -> None:
        """Hold the window until the caller's transaction ends; raise LeaseLost when it is somebody else's."""
        held = select(_WINDOW.c.number).where(_held(claim)).with_for_update(key_share=True)
        if connection.execute(held).first() is None:
            raise _lost(claim)

    def mark(self, claim: Claim) -> None:
        """Let no interaction fall into the window any more: whoever is writing one is waited for."""
        row = {"project": self._project, "closed_until": claim.window.ends_at}
        with self._database.write() as connection:
            insert = insert_into(_MARK, connection.dialect).values(row)
            later = or_(_MARK.c.closed_until.is_(None), _MARK.c.closed_until < row["closed_until"])
            connection.execute(
                insert.on_conflict_do_update(
                    index_elements=["project"], set_={"closed_until": row["closed_until"]}, where=later
                )
            )

    def pay(self, connection: Connection, claim: Claim, usd: float) -> None:
        """Add what was paid for a window in the caller's transaction, whoever has the window now."""
        paid = update(_WINDOW).where(_WINDOW.c.number == claim.window.number)
        values = {"spent_usd": _WINDOW.c.spent_usd + usd, "spent_at": self._database.clock()}
        connection.execute(paid.values(values))

    def spent(self, connection: Connection) -> float:
        """Return what this month's scoring of the project has cost, in US dollars."""
        month = self._database.clock().astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        mine = and_(_WINDOW.c.project == self._project, _WINDOW.c.spent_at >= month)
        return float(
            connection.execute(select(func.coalesce(func.sum(_WINDOW.c.spent_usd), 0.0)).where(mine)).scalar_one()
        )

    def close(
        self,
        connection: Connection,
        claim: Claim,
        *,
        suite_digest: str,
        counts: dict[str, Any],
        estimates: Sequence[EstimateRow],
    ) -> Window:
        """Close a window with its estimates in the caller's transaction; raise LeaseLost when it is somebody else's.

        Closings of one project come one after the other: each sees all that closed before it.
        """
        self._alone(connection)
        self._change(
            connection,
            claim,
            state="closed",
            owner=None,
            lease_until=None,
            closed_at=self._database.clock(),
            suite_digest=suite_digest,
            counts=orjson.dumps(counts, option=orjson.OPT_SORT_KEYS).decode(),
        )
        number = claim.window.number
        connection.execute(delete(_ESTIMATE).where(_ESTIMATE.c.window == number))
        if estimates:
            connection.execute(_ESTIMATE.insert(), [{"window": number, **one._asdict()} for one in estimates])
        return self._read(connection, number)

    def get(self, number: int) -> Window:
        """Return a window; raise WrongAsWritten when the project has none of this number."""
        with self._database.read() as connection:
            return self._read(connection, number)

    def list(self, suite: str, since: datetime, until: datetime) -> tuple[Window, ...]:
        """Return the windows of a suite that reach into a range, every version, in order."""
        with self._database.read() as connection:
            return self._within(connection, suite, since, until, version=None)

    def _begin(self, connection: Connection, suite: str, every: timedelta) -> datetime | None:
        mine = and_(_WINDOW.c.project == self._project, _WINDOW.c.suite == suite)
        last: datetime | None = connection.execute(select(func.max(_WINDOW.c.ends_at)).where(mine)).scalar()
        if last is not None:
            return last
        first = select(func.min(_ITEM.c.completed_at)).where(_ITEM.c.project == self._project)
        found: datetime | None = connection.execute(first).scalar()
        return None if found is None else aligned(found, every)

    def _make(self, connection: Connection, suite: str, spans: Sequence[Span], version: int) -> int:
        rows = [
            {
                "project": self._project,
                "suite": suite,
                "starts_at": start,
                "ends_at": end,
                "version": version,
                "state": "open",
                "attempt": 0,
                "spent_usd": 0.0,
            }
            for start, end in spans
        ]
        if rows:
            connection.execute(insert_into(_WINDOW, connection.dialect).on_conflict_do_nothing(), rows)
        return len(rows)

    def _claim(self, mine: ColumnElement[bool], owner: str, lease: timedelta) -> Claim | None:
        now = self._database.clock()
        free = and_(_WINDOW.c.state == "open", or_(_WINDOW.c.lease_until.is_(None), _WINDOW.c.lease_until <= now))
        wanted = select(_WINDOW.c.number).where(mine, free).order_by(_WINDOW.c.ends_at, _WINDOW.c.version).limit(1)
        if not self._database.is_sqlite:
            wanted = wanted.with_for_update(skip_locked=True)
        # A common table: PostgreSQL may run a subquery again for each row, and would then take several.
        first = wanted.cte("first")
        taken = update(_WINDOW).where(_WINDOW.c.number == first.c.number)
        taken = taken.values(owner=owner, lease_until=now + lease, attempt=_WINDOW.c.attempt + 1)
        with self._database.write() as connection:
            row = connection.execute(taken.returning(*_COLUMNS)).first()
        if row is None:
            return None
        window = _window(row)
        return Claim(window, owner, window.attempt)

    def _change(self, connection: Connection, claim: Claim, **values: Any) -> None:
        if connection.execute(update(_WINDOW).where(_held(claim)).values(values)).rowcount != 1:
            raise _lost(claim)

    def _alone(self, connection: Connection) -> None:
        """Let makers and closers of a project's windows come one after the other; writers of interactions go on."""
        if not self._database.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK, self._project)))

    def _within(
        self, connection: Connection, suite: str, since: datetime, until: datetime, version: int | None = 1
    ) -> tuple[Window, ...]:
        mine = [_WINDOW.c.project == self._project, _WINDOW.c.suite == suite]
        mine += [_WINDOW.c.ends_at > since, _WINDOW.c.starts_at < until]
        mine += [] if version is None else [_WINDOW.c.version == version]
        wanted = select(*_COLUMNS).where(*mine).order_by(_WINDOW.c.starts_at, _WINDOW.c.version)
        return tuple(map(_window, connection.execute(wanted)))

    def _newest(self, connection: Connection, window: Window) -> Window:
        mine = and_(_WINDOW.c.project == self._project, _WINDOW.c.suite == window.suite)
        same = select(*_COLUMNS).where(mine, _WINDOW.c.starts_at == window.starts_at)
        return _window(connection.execute(same.order_by(_WINDOW.c.version.desc()).limit(1)).one())

    def _read(self, connection: Connection, number: int) -> Window:
        mine = and_(_WINDOW.c.project == self._project, _WINDOW.c.number == number)
        row = connection.execute(select(*_COLUMNS).where(mine)).first()
        if row is None:
            raise WrongAsWritten(f"there is no window {number} here")
        return _window(row)


def _held(claim: Claim) -> ColumnElement[bool]:
    mine = and_(_WINDOW.c.number == claim.window.number, _WINDOW.c.state == "open")
    return and_(mine, _WINDOW.c.attempt == claim.attempt, _WINDOW.c.owner == claim.owner)


def _lost(claim: Claim) -> LeaseLost:
    return LeaseLost(f"window {claim.window.number} is somebody else's by now; they finish it")


def _window(row: Any) -> Window:
    counts = None if row.counts is None else orjson.loads(row.counts)
    return Window(**{**row._asdict(), "counts": counts})


def aligned(moment: datetime, every: timedelta) -> datetime:
    """Return the last whole multiple of `every` since 1970 that is not after a moment.

    >>> aligned(datetime(2026, 11, 21, 14, 40, tzinfo=UTC), timedelta(hours=6)).isoformat()
    '2026-11-21T12:00:00+00:00'
    """
    return _EPOCH + (moment - _EPOCH) // every * every


def _next(moment: datetime, every: timedelta) -> datetime:
    return aligned(moment, every) + every


def _spans(since: datetime, until: datetime, every: timedelta, *, cut: bool = False) -> Iterator[Span]:
    """Give the spans from a moment on, each ending at the next multiple of `every`, none after `until`.

    cut: the last one ends there, however short it is.
    """
    while since < until:
        end = _next(since, every)
        if end > until and not cut:
            return
        yield since, min(end, until)
        since = end
