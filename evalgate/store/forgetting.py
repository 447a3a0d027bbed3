"""Forgetting: texts whose days are over, and everything that somebody said who asks for it.

What is counted stays: scores, facts, digests and labels. A record whose text somebody had erased says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

import orjson
from sqlalchemy import Connection, and_, delete, func, or_, select, update

from evalgate.store.database import Database
from evalgate.store.tables import metadata
from evalgate.store.tables.replies import unpack

_ITEM = metadata.tables["interaction"]
_TEXT = metadata.tables["interaction_text"]
_SCORE = metadata.tables["traffic_score"]
_CHECK = metadata.tables["traffic_check"]
_SAMPLE = metadata.tables["sample"]
_REPLY = metadata.tables["reply"]
_QUEUED = metadata.tables["queue_item"]
_REVIEW = metadata.tables["review"]
_ADJUDICATION = metadata.tables["adjudication"]
_ASSIGNMENT = metadata.tables["assignment"]

AT_ONCE = 500
ERASED = "erased"
"""What stands where a text was."""
_T = TypeVar("_T")


class Erased(NamedTuple):
    """What an erasure took away."""

    interactions: int = 0
    samples: int = 0
    replies: int = 0
    items: int = 0
    """Items of queues that showed one of the samples."""


class Forgetting:
    """What one project forgets."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def old(self, before: datetime) -> int:
        """Remove the texts of interactions received before a moment, and what judges wrote of them; return how many."""
        newer = select(func.min(_ITEM.c.number)).where(
            _ITEM.c.project == self._project, _ITEM.c.completed_at >= before, _ITEM.c.received_at >= before
        )
        mine = and_(_ITEM.c.project == self._project, _ITEM.c.received_at < before)
        page = select(_TEXT.c.number).join(_ITEM, _ITEM.c.number == _TEXT.c.number).where(mine)
        page = page.order_by(_TEXT.c.number).limit(AT_ONCE)
        gone = 0
        with self._database.read() as connection:
            end = connection.execute(newer).scalar()
        if end is not None:  # numbers rise with time: behind this one nothing is that old
            page = page.where(_TEXT.c.number < end)
        while True:
            with self._database.write() as connection:
                numbers = connection.execute(page).scalars().all()
                self._silence(connection, numbers)
            gone += len(numbers)
            if len(numbers) < AT_ONCE:
                return gone

    def user(self, connection: Connection, user_key: str, nonce_key: bytes) -> Erased:
        """Take away everything that was said by somebody, in the caller's transaction; return what there was.

        user_key: the keyed hash that stands for them; nonce_key: of the fences in judges' prompts, by which these are
        found. What somebody else said in the same words stays theirs. Erasing again takes what has come since.
        """
        mine = and_(_ITEM.c.project == self._project, _ITEM.c.user_key == user_key, _ITEM.c.erased_at.is_(None))
        wanted = select(_ITEM.c.number, _ITEM.c.sample_digest).where(mine).order_by(_ITEM.c.number)
        rows = connection.execute(wanted).all()
        numbers = [row.number for row in rows]
        digests = self._theirs_alone(connection, {row.sample_digest for row in rows if row.sample_digest}, user_key)
        replies = self._unanswered(connection, digests, nonce_key)
        items = self._unasked(connection, digests)
        samples = 0
        for some in _parts(digests):
            held = update(_SAMPLE).where(_SAMPLE.c.project == self._project, _SAMPLE.c.digest.in_(some))
            samples += connection.execute(held.values(body=_NOTHING)).rowcount
        self._silence(connection, numbers)
        for part in _parts(numbers):
            gone = update(_ITEM).where(_ITEM.c.number.in_(part))
            connection.execute(gone.values(erased_at=self._database.clock(), version=_ITEM.c.version + 1))
        return Erased(len(numbers), samples, replies, items)

    def _theirs_alone(self, connection: Connection, digests: Collection[str], user_key: str) -> list[str]:
        shared: set[str] = set()
        for some in _parts(sorted(digests)):
            other = or_(_ITEM.c.user_key.is_(None), _ITEM.c.user_key != user_key)
            mine = and_(_ITEM.c.project == self._project, _ITEM.c.sample_digest.in_(some), other)
            shared |= set(connection.execute(select(_ITEM.c.sample_digest).where(mine)).scalars())
        return sorted(set(digests) - shared)

    def _silence(self, connection: Connection, numbers: Sequence[int]) -> None:
        """Remove texts, and of the scores what was written beside the number."""
        for part in _parts(numbers):
            connection.execute(delete(_TEXT).where(_TEXT.c.number.in_(part)))
            said = and_(_SCORE.c.interaction.in_(part), _SCORE.c.body.is_not(None))
            connection.execute(update(_SCORE).where(said).values(body=None))

    def _unasked(self, connection: Connection, digests: Sequence[str]) -> int:
        """Take items about some samples out of the work, with what was written and marked in their texts."""
        found = 0
        for some in _parts(digests):
            about = and_(_QUEUED.c.project == self._project, _QUEUED.c.sample_digest.in_(some))
            items = connection.execute(select(_QUEUED.c.number).where(about)).scalars().all()
            found += len(items)
            for part in _parts(items):
                silent = update(_REVIEW).where(_REVIEW.c.item.in_(part))
                connection.execute(silent.values(comment="", spans="[]"))
                connection.execute(update(_ADJUDICATION).where(_ADJUDICATION.c.item.in_(part)).values(comment=""))
                waiting = and_(_ASSIGNMENT.c.item.in_(part), _ASSIGNMENT.c.state != "done")
                connection.execute(update(_ASSIGNMENT).where(waiting).values(state="cancelled"))
                open_ones = and_(_QUEUED.c.number.in_(part), _QUEUED.c.state != "closed")
                connection.execute(update(_QUEUED).where(open_ones).values(state="removed"))
                connection.execute(
                    update(_QUEUED).where(_QUEUED.c.number.in_(part)).values(judged="[]", explanation=None)
                )
        return found

    def _unanswered(self, connection: Connection, digests: Sequence[str], nonce_key: bytes) -> int:
        """Remove judges' replies about some samples: their questions carry a fence that only these have."""
        from evalgate.runner.marking import fence_of  # what marks samples takes a while to import

        mine = select(_CHECK.c.digest).where(_CHECK.c.project == self._project, _CHECK.c.annotator == "llm")
        judges = connection.execute(mine.distinct()).scalars().all()
        fences = {fence_of(nonce_key, sample, judge).encode() for sample in digests for judge in judges}
        if not fences:
            return 0
        wanted = select(_REPLY.c.key, _REPLY.c.request).where(_REPLY.c.project == self._project)
        asked = connection.execute(wanted.execution_options(yield_per=AT_ONCE))
        found = [key for key, request in asked if not fences.isdisjoint(_FENCE.findall(unpack(request)))]
        for some in _parts(found):
            connection.execute(delete(_REPLY).where(_REPLY.c.project == self._project, _REPLY.c.key.in_(some)))
        return len(found)


_NOTHING = orjson.dumps({"input": ERASED, "text": ERASED}).decode()
_FENCE = re.compile(rb"<<\w+ (?:\d+ \w+ )?([0-9a-f]{16})>>")


def _parts(rows: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))
