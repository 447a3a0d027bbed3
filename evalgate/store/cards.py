"""Calibration cards: each is kept as it was made; the newest of a judge is the one that counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pydantic import AwareDatetime
from sqlalchemy import Connection, Select, and_, func, select

from evalgate.core.cards import CalibrationCard
from evalgate.core.values import Value
from evalgate.store.bulk import insert_into
from evalgate.store.database import Database
from evalgate.store.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

_CARD = metadata.tables["card"]


class KeptCard(Value):
    """A card, and the moment from which it counts."""

    card: CalibrationCard
    made_at: AwareDatetime


class Cards:
    """The cards of one project."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def keep(self, card: CalibrationCard) -> None:
        """Store a card; the same one is kept once."""
        with self._database.write() as connection:
            self.write(connection, card)

    def write(self, connection: Connection, card: CalibrationCard) -> None:
        """Store a card in the caller's transaction."""
        row = {
            "project": self._project,
            "digest": card.digest,
            "check_name": card.check,
            "criterion": card.criterion,
            "judge_digest": card.judge_digest,
            "body": card.model_dump_json(),
            "made_at": self._database.clock(),
        }
        connection.execute(insert_into(_CARD, connection.dialect).values(row).on_conflict_do_nothing())

    def newest(self, check: str | None = None) -> tuple[CalibrationCard, ...]:
        """Return the newest card of each judge and criterion, of one check or of all, in the order of their names."""
        by = (_CARD.c.check_name, _CARD.c.criterion, _CARD.c.judge_digest)
        mine = _CARD.c.project == self._project
        latest = select(*by, func.max(_CARD.c.made_at).label("made_at")).where(mine).group_by(*by).subquery()
        same = and_(*(column == latest.c[column.name] for column in (*by, _CARD.c.made_at)))
        wanted = select(_CARD.c.body).join(latest, same).where(mine).order_by(*by, _CARD.c.digest)
        return self._read(wanted if check is None else wanted.where(_CARD.c.check_name == check))

    def history(self, check: str, criterion: str, judge_digest: str, limit: int = 50) -> tuple[CalibrationCard, ...]:
        """Return the cards of one judge, the newest first."""
        wanted = select(_CARD.c.body).where(
            _CARD.c.project == self._project,
            _CARD.c.check_name == check,
            _CARD.c.criterion == criterion,
            _CARD.c.judge_digest == judge_digest,
        )
        return self._read(wanted.order_by(_CARD.c.made_at.desc(), _CARD.c.digest).limit(limit))

    def made(
        self, check: str | None = None, criterion: str | None = None, judge_digest: str | None = None, limit: int = 50
    ) -> tuple[KeptCard, ...]:
        """Return the cards of a check, a criterion and a judge, of all where one is not said, the newest first."""
        wanted = select(_CARD.c.body, _CARD.c.made_at).where(_CARD.c.project == self._project)
        asked = ((_CARD.c.check_name, check), (_CARD.c.criterion, criterion), (_CARD.c.judge_digest, judge_digest))
        for column, value in asked:
            wanted = wanted if value is None else wanted.where(column == value)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(_CARD.c.made_at.desc(), _CARD.c.digest).limit(limit)).all()
        return tuple(KeptCard(card=CalibrationCard.model_validate_json(row.body), made_at=row.made_at) for row in rows)

    def _read(self, wanted: Select[Any]) -> tuple[CalibrationCard, ...]:
        with self._database.read() as connection:
            rows: Sequence[RowMapping] = connection.execute(wanted).mappings().all()
        return tuple(CalibrationCard.model_validate_json(row["body"]) for row in rows)
