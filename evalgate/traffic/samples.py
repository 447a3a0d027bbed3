"""An interaction as a sample: what checks, judges and people look at, the same in production as in CI."""

from __future__ import annotations

from collections.abc import Mapping

from evalgate.core.samples import Case, Message, Output, Sample
from evalgate.traffic.facts import answer_of
from evalgate.traffic.interactions import Interaction

LATER = frozenset({"feedback", "check_hit"})
"""Facts that are known only after the exchange: a sample and its digest do not depend on them."""


def sample_of(interaction: Interaction, facts: Mapping[str, str]) -> Sample:
    """Return the sample that an interaction is.

    Its id is `source:external_id`, its cluster the conversation, its slices the facts. `where` of a check reads
    attributes and facts, `recorded` reads attributes.
    """
    attributes = interaction.attributes
    case = Case(
        id=f"{interaction.source}:{interaction.external_id}",
        input=_asked(interaction.input),
        context=interaction.context,
        slices=dict(facts),
        cluster=interaction.group,
        metadata={**attributes, **{fact: value for fact, value in facts.items() if fact not in LATER}},
    )
    output = Output(
        text=answer_of(interaction),
        tool_calls=interaction.tool_calls,
        model=interaction.model_answered or interaction.model_requested,
        revision=interaction.release,
        created_at=interaction.ended or interaction.started,
        latency_ms=interaction.latency_ms,
        input_tokens=interaction.input_tokens,
        output_tokens=interaction.output_tokens,
        cost_usd=interaction.cost_usd,
        recorded=dict(attributes),
    )
    return Sample(case=case, output=output)


def _asked(said: tuple[Message, ...]) -> str | tuple[Message, ...]:
    """Return the input as a file of cases would hold it: a single question is its text."""
    if len(said) == 1 and said[0].role == "user" and not (said[0].tool_calls or said[0].name):
        return said[0].content
    return said
