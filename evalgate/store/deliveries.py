"""Messages that somebody is to get: an outbox, written with what it tells and emptied by whoever comes.

A claim is one conditional UPDATE that raises `attempts`, the fence of what its owner writes afterwards. A message may
be sent twice, after a kill between the sending and its mark; it then carries the same id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, or_, select, update

from evalgate.store.alerts import Alert, AlertEvent, Alerts
from evalgate.store.bulk import insert_into
from evalgate.store.database import Database
from evalgate.store.tables import metadata

LEASE = timedelta(minutes=2)
"""How long one sending may take until another worker tries."""
LONGEST_TROUBLE = 300

_DELIVERY = metadata.tables["delivery"]
_EVENT = metadata.tables["traffic_event"]


class Delivery(NamedTuple):
    """A message to one target, claimed by one worker."""

    number: int
    target: str
    attempts: int
    """This one counted."""
    alert: Alert
    event: AlertEvent


class DeliverySeen(NamedTuple):
    """How a message stands."""

    event: int
    target: str
    state: str
    attempts: int
    next_at: datetime
    trouble: str | None


class Deliveries:
    """The outbox of one project."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project
        self._alerts = Alerts(database, project)

    def add(self, connection: Connection, event: int, targets: Sequence[str]) -> None:
        """Have targets told of an event, from now on; one that is told already is not told again."""
        now = self._database.clock()
        for target in targets:
            row = {"project": self._project, "event": event, "target": target, "state": "waiting", "next_at": now}
            insert = insert_into(_DELIVERY, connection.dialect).values({**row, "attempts": 0})
            connection.execute(insert.on_conflict_do_nothing())

    def is_told(self, connection: Connection, event: int) -> bool:
        """Say whether anybody was to be told of an event."""
        return connection.execute(select(_DELIVERY.c.number).where(_DELIVERY.c.event == event)).first() is not None

    def claim(self, owner: str, suites: Sequence[str]) -> Delivery | None:
        """Hand out the message of these suites that is due first; None when none is due."""
        now = self._database.clock()
        free = or_(_DELIVERY.c.lease_until.is_(None), _DELIVERY.c.lease_until <= now)
        due = and_(_DELIVERY.c.state == "waiting", _DELIVERY.c.next_at <= now, free)
        alert = metadata.tables["traffic_alert"]
        joined = _DELIVERY.join(_EVENT, _EVENT.c.number == _DELIVERY.c.event)
        joined = joined.join(alert, alert.c.number == _EVENT.c.alert)
        wanted = select(_DELIVERY.c.number).select_from(joined).where(_DELIVERY.c.project == self._project, due)
        wanted = wanted.where(alert.c.suite.in_(suites)).order_by(_DELIVERY.c.next_at, _DELIVERY.c.number)
        with self._database.read() as connection:
            numbers = connection.execute(wanted.limit(20)).scalars().all()
        for number in numbers:
            values = {"owner": owner, "lease_until": now + LEASE, "attempts": _DELIVERY.c.attempts + 1}
            taking = update(_DELIVERY).where(_DELIVERY.c.number == number, due).values(values)
            with self._database.write() as connection:
                if connection.execute(taking).rowcount == 1:
                    return self._claimed(connection, number)
        return None

    def sent(self, claimed: Delivery) -> bool:
        """Keep that a message was taken; False when another worker has it now."""
        return self._settle(claimed, state="sent", trouble=None)

    def postpone(self, claimed: Delivery, until: datetime, trouble: str) -> bool:
        """Try a message again later; False when another worker has it now."""
        return self._settle(claimed, next_at=until, trouble=trouble[:LONGEST_TROUBLE])

    def give_up(self, claimed: Delivery, trouble: str) -> bool:
        """Send a message no more; False when another worker has it now."""
        return self._settle(claimed, state="given_up", trouble=trouble[:LONGEST_TROUBLE])

    def of(self, events: Sequence[int]) -> tuple[DeliverySeen, ...]:
        """Return how the messages of events stand."""
        names = ("event", "target", "state", "attempts", "next_at", "trouble")
        mine = and_(_DELIVERY.c.project == self._project, _DELIVERY.c.event.in_(events))
        wanted = select(*(_DELIVERY.c[name] for name in names)).where(mine)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(_DELIVERY.c.event.desc(), _DELIVERY.c.target))
            return tuple(DeliverySeen(*row) for row in rows)

    def _settle(self, claimed: Delivery, **values: object) -> bool:
        mine = and_(_DELIVERY.c.number == claimed.number, _DELIVERY.c.attempts == claimed.attempts)
        free = {"owner": None, "lease_until": None}
        with self._database.write() as connection:
            return connection.execute(update(_DELIVERY).where(mine).values(**free, **values)).rowcount == 1

    def _claimed(self, connection: Connection, number: int) -> Delivery:
        row = connection.execute(select(_DELIVERY).where(_DELIVERY.c.number == number)).mappings().one()
        event = self._alerts.event(connection, row["event"])
        return Delivery(number, row["target"], row["attempts"], self._alerts.one(connection, event.alert), event)
