"""Langfuse's export becomes interactions: its generations, with what their traces say about who asked and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from evalgate.traffic.attributes import flat
from evalgate.traffic.decoded import Decoded, Tally
from evalgate.traffic.interactions import Interaction
from evalgate.traffic.merging import folded, unwrapped
from evalgate.traffic.payloads import opened
from evalgate.traffic.reading import Reading, Table, amount, answered, asked, count, name, text, thumbs, when
from evalgate.traffic.refusals import ItemRefused

SOURCE = "langfuse"
FEEDBACK = frozenset({"user-feedback", "user_feedback", "feedback", "thumbs", "user-thumbs", "user_thumbs"})
"""The names of scores that are a person's thumb."""


def _both(*camel: str) -> tuple[str, ...]:
    """Return names as the interface writes them and as the files of a bucket do.

    >>> _both("sessionId")
    ('sessionId', 'session_id')
    """
    snake = ("".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in word) for word in camel)
    return tuple(dict.fromkeys((*camel, *snake)))


OBSERVATION = Table(
    Reading("trace_id", name, _both("traceId")),
    Reading("started", when, _both("startTime")),
    Reading("ended", when, _both("endTime")),
    Reading("input", asked, ("input",)),
    Reading("output", answered, ("output",)),
    Reading("model_requested", text, ("model", "provided_model_name")),
    Reading("input_tokens", count, (*_both("usageDetails.input", "promptTokens", "inputUsage"), "usage.input")),
    Reading("output_tokens", count, (*_both("usageDetails.output", "completionTokens", "outputUsage"), "usage.output")),
    Reading("cost_usd", amount, _both("costDetails.total", "calculatedTotalCost", "totalCost", "totalPrice")),
    Reading("conversation_id", name, _both("sessionId")),
    Reading("user_id", name, _both("userId")),
    Reading("release", text, ("release", "version")),
    Reading("route", text, _both("promptName", "traceName")),
)
TRACE = Table(
    Reading("conversation_id", name, _both("sessionId")),
    Reading("user_id", name, _both("userId")),
    Reading("release", text, ("release", "version")),
    Reading("route", text, ("name",)),
)
_KEPT = _both("environment", "level", "promptVersion", "tags", "name", "modelParameters.temperature")


def langfuse_interactions(
    traces: Iterable[Mapping[str, Any]],
    observations: Iterable[Mapping[str, Any]],
    scores: Iterable[Mapping[str, Any]] = (),
) -> Decoded:
    """Return the interactions among observations, completed by their traces; scores named as feedback are thumbs.

    Observations may also stand inside their traces. One trace's thumb goes to the last of its interactions.
    """
    around = {str(trace.get("id")): trace for trace in traces if isinstance(trace, Mapping)}
    inside = (item for trace in around.values() for item in _list(trace.get("observations")))
    tally = Tally()
    found: list[Interaction] = []
    for observation in (*inside, *observations):
        named = observation.get("id") if isinstance(observation, Mapping) else None
        found += tally.read(observation, lambda sent: observation_interaction(sent, around), "observation ", named)
    given = (*scores, *(score for trace in around.values() for score in _list(trace.get("scores"))))
    return tally.decoded(_with_thumbs(unwrapped(folded(found)), given), found)


def observation_interaction(
    observation: Mapping[str, Any], traces: Mapping[str, Mapping[str, Any]]
) -> Interaction | None:
    """Return the interaction that a generation is, None for another observation. Raises ItemRefused without an id."""
    if not isinstance(observation, Mapping):
        raise ItemRefused("an observation is an object")
    if str(observation.get("type", "")).upper() != "GENERATION":
        return None
    told = opened(
        observation, "usageDetails", "usage_details", "usage", "costDetails", "cost_details", "modelParameters"
    )
    named = name(told.get("id"))
    if named is None:
        raise ItemRefused("id is missing")
    found = OBSERVATION.read(told)
    found |= {
        field: value
        for field, value in TRACE.read(traces.get(found.get("trace_id", ""), {})).items()
        if field not in found
    }
    if str(told.get("level", "")).upper() == "ERROR":
        found["error"] = text(_first(told, _both("statusMessage"))) or "error"
    return Interaction(
        source=SOURCE,
        external_id=named,
        parent_id=name(_first(told, _both("parentObservationId"))),
        finished="ended" in found or "output" in found,
        attributes=flat({key: told[key] for key in _KEPT if key in told}),
        **found,
    )


def _with_thumbs(interactions: tuple[Interaction, ...], scores: Iterable[Any]) -> Iterator[Interaction]:
    thumbed: dict[str, set[str]] = {}
    for score in scores:
        if isinstance(score, Mapping) and str(score.get("name", "")).lower() in FEEDBACK:
            target = name(_first(score, _both("observationId"))) or name(_first(score, _both("traceId")))
            value = next((score[key] for key in _both("stringValue", "value") if score.get(key) is not None), None)
            if target and (thumb := thumbs(value)):
                thumbed.setdefault(target, set()).add(thumb)
    last = {item.trace_id: item.external_id for item in sorted(interactions, key=lambda item: str(item.started))}
    for item in interactions:
        given = thumbed.get(item.external_id, set())
        if last[item.trace_id] == item.external_id:
            given = given | thumbed.get(item.trace_id or "", set())
        yield item.model_copy(update={"feedback": min(given)}) if given else item


def _first(record: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((record[key] for key in keys if record.get(key) is not None), None)


def _list(value: Any) -> list[Any]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
