"""Scores that were made elsewhere, taken into windows that are still open.

What was drawn stays as it was drawn: a score fills the row that waits for it, and never one that the sample left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select, tuple_, update

from evalgate.store.database import Database
from evalgate.store.scores import ScoreRow, Scores
from evalgate.store.tables import metadata

_ITEM = metadata.tables["interaction"]
_SCORE = metadata.tables["traffic_score"]
_WINDOW = metadata.tables["traffic_window"]

AT_ONCE = 400
"""Keys looked up in one statement."""
WAITING = ("pending", "failed", "shed")
"""States that a score from elsewhere takes the place of."""

Key = tuple[str, str]
"""Source and external id."""


class Made(NamedTuple):
    """A score made elsewhere."""

    key: Key
    row: ScoreRow
    """Without the interaction's number, stratum and chance, which are those of the draw."""


class Taken(NamedTuple):
    """What became of scores, counted, and the keys that nobody knows."""

    written: int = 0
    there: int = 0
    """What was scored already."""
    too_late: int = 0
    """Of windows that are closed."""
    not_drawn: int = 0
    """Which the sample does not hold."""
    unknown: tuple[Key, ...] = ()
    windows: frozenset[int] = frozenset()
    """Open windows that a score is of."""


class _Place(NamedTuple):
    number: int
    completed_at: datetime | None


class Imports:
    """The way into one project for scores that were made elsewhere."""

    def __init__(self, database: Database, project: int, scores: Scores) -> None:
        self._database = database
        self._project = project
        self._scores = scores

    def take(self, suite: str, made: Sequence[Made]) -> Taken:
        """Write scores of one suite in one transaction, and return what became of each.

        Nothing is written twice, and a window that is closed, or is being closed, gets nothing any more.
        """
        places = self._places([one.key for one in made])
        known = [one for one in made if one.key in places]
        found = [one.row._replace(interaction=places[one.key].number) for one in known]
        at = {places[one.key].number: places[one.key].completed_at for one in known}
        with self._database.write() as connection:
            of = self._windows(connection, suite, at)
            there = _rows(connection, list(at), {row.check_number for row in found})
            rows, late, scored, not_drawn = [], 0, 0, 0
            for row in found:
                old = there.get((row.interaction, row.check_number))
                if of.get(row.interaction) is None:
                    late += 1
                elif old is None or old.chance is None or old.state not in {*WAITING, "scored", "not_applicable"}:
                    not_drawn += 1
                elif old.state not in WAITING:
                    scored += 1
                else:
                    rows.append(row._replace(stratum=old.stratum, chance=old.chance))
            self._scores.write(connection, rows)
        unknown = tuple(dict.fromkeys(one.key for one in made if one.key not in places))
        return Taken(len(rows), scored, late, not_drawn, unknown, frozenset(of.values()))

    def let_go(self, windows: Sequence[int]) -> None:
        """Let workers have windows again that were held back for these scores."""
        free = update(_WINDOW).where(_WINDOW.c.number.in_(windows), _WINDOW.c.owner.is_(None))
        with self._database.write() as connection:
            connection.execute(free.values(lease_until=None))

    def _places(self, keys: Sequence[Key]) -> dict[Key, _Place]:
        wanted, found = list(dict.fromkeys(keys)), {}
        columns = (_ITEM.c.source, _ITEM.c.external_id, _ITEM.c.number, _ITEM.c.completed_at)
        with self._database.read() as connection:
            for some in _pages(wanted):
                among = tuple_(_ITEM.c.source, _ITEM.c.external_id).in_(some)
                rows = select(*columns).where(_ITEM.c.project == self._project, among)
                for source, external_id, number, completed_at in connection.execute(rows):
                    found[source, external_id] = _Place(number, completed_at)
        return found

    def _windows(self, connection: Connection, suite: str, at: dict[int, datetime | None]) -> dict[int, int]:
        """Return the open window that each interaction is of, held open until the transaction ends."""
        moments = [moment for moment in at.values() if moment is not None]
        if not moments:
            return {}
        mine = (_WINDOW.c.project == self._project, _WINDOW.c.suite == suite)
        reach = (_WINDOW.c.ends_at > min(moments), _WINDOW.c.starts_at <= max(moments))
        columns = (_WINDOW.c.number, _WINDOW.c.starts_at, _WINDOW.c.ends_at)
        wanted = select(*columns).where(*mine, *reach, _WINDOW.c.state == "open").with_for_update(read=True)
        windows = connection.execute(wanted.order_by(_WINDOW.c.version)).all()
        return {
            number: window.number
            for number, moment in at.items()
            for window in windows
            if moment is not None and window.starts_at <= moment < window.ends_at
        }


def _rows(connection: Connection, numbers: Sequence[int], checks: Collection[int]) -> dict[tuple[int, int], ScoreRow]:
    """Return the rows as they stand, and as they stay until the transaction ends."""
    found: dict[tuple[int, int], ScoreRow] = {}
    for start in range(0, len(numbers), AT_ONCE):
        among = _SCORE.c.interaction.in_(sorted(numbers)[start : start + AT_ONCE])
        wanted = select(_SCORE).where(among, _SCORE.c.traffic_check.in_(sorted(checks)))
        ordered = wanted.order_by(_SCORE.c.interaction, _SCORE.c.traffic_check).with_for_update()
        found.update(((row[0], row[1]), ScoreRow(*row)) for row in connection.execute(ordered))
    return found


def _pages(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
