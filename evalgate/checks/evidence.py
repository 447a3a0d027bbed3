"""What checks that read one side have in common: hits with their place, the cap on what is read, absent sides."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice

from pydantic import model_validator

from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.checks.text.views import fold
from evalgate.checks.text.words import is_whole
from evalgate.core.checks import CodeCheck, Texts
from evalgate.core.outcomes import Mark, Marks, NotApplicable, Severity, Side, Span, Unscored, held, violated
from evalgate.core.samples import Subject

SPANS_AT_MOST = 100
"""Places kept in one mark."""
HELD = held()
"""The one mark of every virtue that holds; made once, as most marks are this one."""
_FIXES_AT_MOST = 5
_ABSENT = {side: NotApplicable(why=f"the case has no {side}") for side in ("input", "context")}


class SideCheck(CodeCheck):
    """A check that reads one side. What the answer lacks counts as empty; what the case lacks is not applicable."""

    side: Side = "output"
    """output, input, context or tool_args."""
    severity: Severity = "block"
    """How bad a violation is: info, warn or block. It is shown; gates count every violation alike."""

    def mark(self, subject: Subject, texts: Texts) -> Marks:
        """Return the result of reading this check's side."""
        pieces = texts.pieces(self.side)
        if not pieces and self.side in _ABSENT:
            return {"": _ABSENT[self.side]}
        return {"": self.read(subject, texts, pieces)}

    @abstractmethod
    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | NotApplicable | Unscored:
        """Return the result for the pieces of the side, which are the whole answer when they are empty."""

    def none_of(
        self, hits: Sequence[Hit], subject: Subject, pieces: Sequence[str], explanation: str
    ) -> Mark | Unscored:
        """Return a violation for any hit, Unscored when none was found but not all was read, else HELD."""
        if hits:
            return self.violation(hits, subject, explanation)
        return unread(pieces) or HELD

    def violation(
        self, hits: Sequence[Hit], subject: Subject, explanation: str, severity: Severity | None = None
    ) -> Mark:
        """Return the mark of a violation with its spans and what could stand in their place."""
        spans = (
            Span(
                side=self.side,
                start=hit.start,
                end=hit.end,
                message=hit.piece if in_pieces(self.side, subject) else None,
                view=hit.view,
                label=hit.label,
            )
            for hit in hits[:SPANS_AT_MOST]
        )
        return violated(explanation, *spans, severity=severity or self.severity, fix=_fix(hits))


class FindingCheck(SideCheck):
    """A check for what must not be there: any hit is a violation, unless the user wrote it first and may hear it."""

    ignore_echo: bool = False
    """Whether what the user wrote first may be repeated."""

    @model_validator(mode="after")
    def _compares_two_sides(self) -> FindingCheck:
        if self.ignore_echo and self.side == "input":
            raise ValueError("ignore_echo compares with the input; with side: input it would ignore everything")
        return self

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | NotApplicable | Unscored:
        """Return a violation with every hit that is no echo."""
        hits: Sequence[Hit] = self.find(subject, texts, pieces)
        if hits and self.ignore_echo:
            hits = self.without_echo(hits, subject, texts, pieces)
        return self.none_of(hits, subject, pieces, self.explain(hits) if hits else "")

    @abstractmethod
    def find(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Sequence[Hit]:
        """Return what stands in the pieces (in the first READ_AT_MOST code points of each) and must not."""

    @abstractmethod
    def explain(self, hits: Sequence[Hit]) -> str:
        """Return why hits are a violation, in one line that names kinds and terms and never quotes the text."""

    def without_echo(self, hits: Sequence[Hit], subject: Subject, texts: Texts, pieces: Sequence[str]) -> Sequence[Hit]:
        """Return the hits whose words the user did not write, whatever their case and accents."""
        said = list(said_by_user(subject, texts))
        words = [pieces[hit.piece][hit.start : hit.end] for hit in hits]
        echoes = {written: _is_said(fold(written)[0], said) for written in set(words)}
        return [hit for hit, written in zip(hits, words, strict=True) if not echoes[written]]


def said_by_user(subject: Subject, texts: Texts) -> Iterator[str]:
    """Yield what the user wrote, folded: the whole input, or the user's turns of a conversation."""
    asked = subject.sample.case.input
    for number, _ in enumerate(texts.pieces("input")):
        if isinstance(asked, str) or asked[number].role == "user":
            yield texts.view("input", number, "folded")[0]


def _is_said(words: str, said: Sequence[str]) -> bool:
    for text in said:
        at = text.find(words)
        while at >= 0:
            if is_whole(text, at, at + len(words)):
                return True
            at = text.find(words, at + 1)
    return False


def in_pieces(side: Side, subject: Subject) -> bool:
    """Return whether spans on a side say which message, passage or call they stand in."""
    return side != "output" and not (side == "input" and isinstance(subject.sample.case.input, str))


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


def _fix(hits: Sequence[Hit]) -> str | None:
    """Return what to write for what, as `gratis → sin coste`; `∅` is nothing. None without a suggestion."""
    pairs = dict.fromkeys((hit.label, hit.instead) for hit in hits if hit.instead is not None)
    fixes = (f"{label} → {new or '∅'}" if label != new else f"→ {new}" for label, new in pairs)
    return "; ".join(islice(fixes, _FIXES_AT_MOST)) or None
