"""What checks that read one side have in common: hits with their place, the cap on what is read, absent sides."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from evalgate.core.checks import CodeCheck, Texts
from evalgate.core.outcomes import Mark, Marks, NotApplicable, Side, Span, Unscored, View, held, violated
from evalgate.core.samples import Subject

READ_AT_MOST = 100_000
"""Code points of one text that a check reads. A hit in them counts; without a hit a longer text is Unscored."""
SPANS_AT_MOST = 100
"""Places kept in one mark."""
HELD = held()
"""The one mark of every virtue that holds; made once, as most marks are this one."""
_ABSENT = {side: NotApplicable(why=f"the case has no {side}") for side in ("input", "context")}


class Hit(NamedTuple):
    """A stretch of one piece of a side, in code points of the original."""

    piece: int
    start: int
    end: int
    label: str = ""
    view: View = "raw"


class SideCheck(CodeCheck):
    """A check that reads one side. What the answer lacks counts as empty; what the case lacks is not applicable."""

    side: Side = "output"
    """output, input, context or tool_args."""

    def mark(self, subject: Subject, texts: Texts) -> Marks:
        """Return the result of reading this check's side."""
        pieces = texts.pieces(self.side)
        if not pieces and self.side in _ABSENT:
            return {"": _ABSENT[self.side]}
        return {"": self.read(subject, texts, pieces)}

    @abstractmethod
    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | Unscored:
        """Return the result for the pieces of the side, which are the whole answer when they are empty."""

    def none_of(
        self, hits: Sequence[Hit], subject: Subject, pieces: Sequence[str], explanation: str
    ) -> Mark | Unscored:
        """Return a violation for any hit, Unscored when none was found but not all was read, else HELD."""
        if hits:
            return self.violation(hits, subject, explanation)
        return unread(pieces) or HELD

    def violation(self, hits: Sequence[Hit], subject: Subject, explanation: str) -> Mark:
        """Return the mark of a violation with its spans."""
        conversation = self.side != "output" and not (
            self.side == "input" and isinstance(subject.sample.case.input, str)
        )
        spans = (
            Span(
                side=self.side,
                start=hit.start,
                end=hit.end,
                message=hit.piece if conversation else None,
                view=hit.view,
                label=hit.label,
            )
            for hit in hits[:SPANS_AT_MOST]
        )
        return violated(explanation, *spans)


def unread(pieces: Sequence[str]) -> Unscored | None:
    """Return why a side cannot be called clean: one of its texts is longer than what is read."""
    longest = max(map(len, pieces), default=0)
    if longest <= READ_AT_MOST:
        return None
    return Unscored(
        reason="invalid", detail=f"the text has {longest:,} characters and a check reads the first {READ_AT_MOST:,}"
    )


def quoted(names: Sequence[str]) -> str:
    """Return up to five names in quotes, and how many more there are.

    >>> quoted(["a", "b"]), quoted("abcdefg")
    ("'a', 'b'", "'a', 'b', 'c', 'd', 'e' and 2 more")
    """
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(f"'{name}'" for name in names[:5]) + more
