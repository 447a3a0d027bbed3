"""`secrets`: no key, token or password is shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, ClassVar

from pydantic import Field, JsonValue, field_validator

from evalgate.checks.evidence import FindingCheck
from evalgate.checks.privacy.secrets import SECRETS, SecretFinder
from evalgate.checks.text.hits import READ_AT_MOST, Hit, longest
from evalgate.checks.text.phrases import Phrase
from evalgate.core.checks import Texts
from evalgate.core.errors import did_you_mean
from evalgate.core.samples import Subject

DOCUMENTED = frozenset({"AKIAIOSFODNN7EXAMPLE"})
"""Keys that their vendors print in documentation: nobody's."""


class Secrets(FindingCheck):
    """1 when no key, token, password or private key is shown; vendors' documented examples do not count."""

    kind: ClassVar[str] = "secrets"
    version: ClassVar[int] = 2
    summary: ClassVar[str] = "No key, token or password is shown."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {},
        {"kinds": ["aws", "openai", "private_key"]},
        {"allow": ["sk-test-0000000000000000"]},
        {"ignore_echo": True},
        {"side": "context", "severity": "warn"},
        {"side": "context"},
    )

    kinds: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """Only these kinds, as aws, github, private_key. Absent is all."""
    allow: tuple[Phrase, ...] = ()
    """Values that may be shown, as keys of a sandbox."""

    @field_validator("kinds")
    @classmethod
    def _known(cls, kinds: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for kind in kinds or ():
            if kind not in SECRETS:
                raise ValueError(f"no kind {kind!r}.{did_you_mean(kind, SECRETS)} Known: {', '.join(SECRETS)}")
        return kinds

    @cached_property
    def _finder(self) -> SecretFinder:
        return SecretFinder(self.kinds or SECRETS)

    def find(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Sequence[Hit]:  # noqa: ARG002 - one shape
        """Return where secrets stand."""
        hits: list[Hit] = []
        for number, piece in enumerate(pieces):
            here = (
                Hit(number, one.start, one.end, one.kind, instead="<SECRET>")
                for one in self._finder.find(piece[:READ_AT_MOST])
                if not self._may_show(piece[one.start : one.end])
            )
            hits += longest(here)
        return hits

    def _may_show(self, value: str) -> bool:
        return value in DOCUMENTED or (bool(self.allow) and any(allowed in value for allowed in self.allow))

    def explain(self, hits: Sequence[Hit]) -> str:
        """Return which kinds are shown."""
        return f"shows secrets: {', '.join(sorted({hit.label for hit in hits}))}"
