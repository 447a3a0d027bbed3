"""Facts of an interaction: cheap, known at once, kept beside it; strata and slices are made of them, never of texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from evalgate.checks.text.language import language_of
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.outcomes import Mark, Outcome
from evalgate.core.samples import Case, Output, Sample, Subject
from evalgate.suites.traffic import FACTS, StratumSpec, TrafficSpec
from evalgate.traffic.interactions import Interaction

if TYPE_CHECKING:
    from evalgate.checks.refusal import Refusal

__all__ = ["FACTS", "facts_of", "hits_of", "matches", "stratum_of"]

SHORT, MEDIUM = 200, 1_000
"""Characters up to which an answer is short, and up to which it is medium."""
_SEPARATOR = ","


def facts_of(interaction: Interaction, outcomes: Iterable[Outcome]) -> dict[str, str]:
    """Return what is known of a masked interaction and what code checks said of it; unknown facts are absent."""
    answer = answer_of(interaction)
    said = {
        "source": interaction.source,
        "service": interaction.service,
        "route": interaction.route,
        "model": interaction.model_answered or interaction.model_requested,
        "release": interaction.release,
        "language": interaction.language or _language(interaction, answer),
        "feedback": interaction.feedback,
        "cache_hit": None if interaction.cache_hit is None else _yes(interaction.cache_hit),
        "refusal": _refusal(answer),
        "length": _length(answer),
        "error": _yes(interaction.error is not None) if interaction.finished else None,
    }
    return {fact: value for fact, value in said.items() if value} | hits_of(outcomes)


def hits_of(outcomes: Iterable[Outcome]) -> dict[str, str]:
    """Return the fact `check_hit`: the names of code checks that found a violation, in order; nothing without one."""
    hits = {
        outcome.check.name
        for outcome in outcomes
        if outcome.check.annotator == "code" and isinstance(outcome.result, Mark) and outcome.result.value == 0
    }
    return {"check_hit": _SEPARATOR.join(sorted(hits))} if hits else {}


def matches(when: Mapping[str, tuple[str, ...]], facts: Mapping[str, str]) -> bool:
    """Say whether every fact has one of the values; an unknown fact has none.

    >>> matches({"check_hit": ("no_pii",), "route": ("chat",)}, {"check_hit": "no_pii,short", "route": "chat"})
    True
    >>> matches({"route": ("chat",)}, {}), matches({}, {})
    (False, True)
    """
    for fact, values in when.items():
        known = facts.get(fact, "")
        held = known.split(_SEPARATOR) if fact == "check_hit" else [known]
        if not any(one and one in values for one in held):
            return False
    return True


def stratum_of(spec: TrafficSpec, facts: Mapping[str, str]) -> StratumSpec:
    """Return the first stratum that takes an interaction of these facts; the last one takes the rest."""
    return next((stratum for stratum in spec.strata[:-1] if matches(stratum.when, facts)), spec.strata[-1])


def answer_of(interaction: Interaction) -> str:
    """Return what was answered as one text: several choices, or several turns, stand apart by a blank line."""
    said = interaction.output
    return said[0].content if len(said) == 1 else "\n\n".join(message.content for message in said)


def _yes(holds: bool) -> str:  # noqa: FBT001 - a fact's value
    return "yes" if holds else "no"


def _length(answer: str) -> str | None:
    if not answer:
        return None
    return "short" if len(answer) <= SHORT else "medium" if len(answer) <= MEDIUM else "long"


def _language(interaction: Interaction, answer: str) -> str | None:
    """Return the language of the answer, else of what was asked last."""
    asked = next((message.content for message in reversed(interaction.input) if message.role == "user"), "")
    return language_of(answer) or language_of(asked)


def _refusal(answer: str) -> str | None:
    """Return whether the answer refuses, wholly or in part; None where that cannot be told."""
    if not answer.strip():
        return None
    sample = Sample(case=Case(id="answer", input=()), output=Output(text=answer))
    subject = Subject(sample=sample)
    result = _refuses().mark(subject, SubjectTexts(subject))[""]
    return _yes(result.value == 0) if isinstance(result, Mark) else None


@lru_cache(maxsize=1)
def _refuses() -> Refusal:
    """Return the check that reads refusals; its packs take a tenth of a second to load."""
    from evalgate.checks.refusal import Refusal

    return Refusal(expect="answer")
