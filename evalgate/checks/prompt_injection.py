"""`prompt_injection`: no text gives orders to the model that reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar

from pydantic import JsonValue, model_validator

from evalgate.checks.evidence import FindingCheck
from evalgate.checks.packs.matching import Found, Matcher
from evalgate.checks.packs.using import PackedCheck
from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.checks.text.patterns import compiled
from evalgate.checks.text.phrases import Phrase
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, NotApplicable, Severity, Side, Unscored, View
from evalgate.core.samples import Subject

ABOUT_WITHIN = 250
"""Code points after words about attacks in which a quoted or reported order is taken for an example of one."""

ABOUT = "about"
"""The group of words about attacks."""
HARMLESS = "harmless"
"""The group of what looks like an order to the model and is none."""
ADDRESSED = "addressed"
"""Orders to "the assistant": a user may give them, a document may not."""

_KINDS = {
    "override": "sets the instructions aside",
    "extract": "asks for the system prompt",
    "persona": "asks for a persona without limits",
    "token": "forges a role or a tool call",
    "planted": "addresses the AI that reads it",
    ADDRESSED: "gives the assistant orders",
    "conceal": "asks to hide it from the user",
    "exfiltrate": "asks to send data away",
}
_VEIL = (
    r"[a-z][013457@$_][a-z@$0-9]|[a-z]{1,4}[^a-z0-9\s]{1,2}[a-z]{1,4}[^a-z0-9\s]{1,2}[a-z]"
    r"|[a-z][^\x00-\x7f][a-z]|(?:\b[a-z0-9@$][^a-z0-9@$]{1,3}){5}"
)
"""A digit or sign between letters, words cut by signs, letters that stand alone: what the squashed view undoes."""
_PLACES_AT_MOST = 20
"""Places of one pattern in one text that are looked at."""
_SPEAKERS = {"user", "tool"}
_OPENS = frozenset(".!?:;…\n\r*•-–—>#|()[]{}")
"""What stands before a sentence: an order after it is given, after anything else it is quoted or reported."""


class PromptInjection(PackedCheck, FindingCheck):
    """1 when no text gives the model orders: its instructions set aside, its prompt shown, a role played or forged."""

    kind: ClassVar[str] = "prompt_injection"
    summary: ClassVar[str] = "No text gives orders to the model that reads it."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {},
        {"side": "context"},
        {"side": "context", "severity": "warn"},
        {"side": "context", "ignore_echo": True},
        {"allow": ["ignore all previous instructions on this form"]},
        {"pin": "2026.11"},
        {"pack": {"name": "ours", "version": "1", "terms": [{"term": "code word heron", "label": "override"}]}},
    )

    side: Side = "input"
    """input: what users and tools say; context: the passages; also output and tool_args."""
    severity: Severity = "block"
    """How bad a violation is; unless given, warn in the input, where people try things, and block elsewhere."""
    allow: tuple[Phrase, ...] = ()
    """Phrases in which nothing counts."""

    @model_validator(mode="before")
    @classmethod
    def _warns_of_input(cls, written: Any) -> Any:
        if isinstance(written, dict) and "severity" not in written and written.get("side", "input") == "input":
            return {**written, "severity": "warn"}
        return written

    @property
    def allowed(self) -> tuple[str, ...]:
        """As `allow` says."""
        return self.allow

    @cached_property
    def _in_documents(self) -> Matcher:
        return self.finding()

    @cached_property
    def _from_users(self) -> Matcher:
        return self.finding(lambda entry: entry.label != ADDRESSED)

    @cached_property
    def _veil(self) -> Any:
        return compiled(_VEIL)

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | NotApplicable | Unscored:
        """Return a violation with every order, or that nobody but the team and the model speaks in a conversation."""
        if pieces and not any(True for _ in self._heard(subject, pieces)):
            return NotApplicable(why="neither a user nor a tool speaks in the input")
        return super().read(subject, texts, pieces)

    def find(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Sequence[Hit]:
        """Return where orders to the model stand."""
        asked = subject.sample.case.input
        hits: list[Hit] = []
        for piece in self._heard(subject, pieces):
            user = self.side == "input" and (isinstance(asked, str) or asked[piece].role == "user")
            hits += self._orders(texts, piece, self._from_users if user else self._in_documents)
        return hits

    def explain(self, hits: Sequence[Hit]) -> str:
        """Return what the orders are for."""
        return ", ".join(dict.fromkeys(_KINDS.get(hit.label, f"says {hit.label!r}") for hit in hits))

    def _heard(self, subject: Subject, pieces: Sequence[str]) -> Iterator[int]:
        """Yield the pieces that others wrote: in a conversation not the system's, the developer's and the model's."""
        asked = subject.sample.case.input
        for piece in range(len(pieces)):
            if self.side != "input" or isinstance(asked, str) or asked[piece].role in _SPEAKERS:
                yield piece

    def _orders(self, texts: Texts, piece: int, matcher: Matcher) -> Iterator[Hit]:
        folded = texts.view(self.side, piece, "folded")[0][:READ_AT_MOST]
        views: list[View] = ["folded", "decoded"]
        if self._veil.search(folded):
            views.append("squashed")
        original = texts.pieces(self.side)[piece]
        spoken_of = -ABOUT_WITHIN
        for one in matcher.find(texts, self.side, piece, views, at_most=_PLACES_AT_MOST):
            if one.entry.label == ABOUT:
                spoken_of = one.hit.end
            elif one.entry.label != HARMLESS and not _is_example(one, original, spoken_of):
                yield one.hit._replace(label=one.entry.label or one.hit.label)


def _is_example(one: Found, text: str, spoken_of: int) -> bool:
    """Return whether an order stands after words about attacks and is quoted or reported, not given."""
    start = one.hit.start
    if start - spoken_of > ABOUT_WITHIN:
        return False
    before = text[max(0, start - 8) : start].rstrip(" \t")
    return bool(before) and before[-1] not in _OPENS
