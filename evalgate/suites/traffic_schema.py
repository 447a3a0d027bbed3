"""The JSON Schema of `traffic:`, for editors; a little less strict than the loader, never stricter."""

from __future__ import annotations

from typing import Any

from evalgate.suites.traffic import CLOSED, FACTS, StratumSpec, TrafficSpec, spelled
from evalgate.suites.watching import MOST_DAYS, MOST_WINDOWS

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_SPAN: Schema = {"type": "string", "pattern": r"^\d{1,6}[smhd]$"}
_ENV: Schema = {"type": "object", "additionalProperties": False, "required": ["env"], "properties": {"env": _TEXT}}


def traffic_schema() -> Schema:
    """Return the schema of the key `traffic`."""
    plain = TrafficSpec()
    return _object(
        {
            "every": {**_SPAN, "default": spelled(plain.every), "description": "The length of a window."},
            "wait": {**_SPAN, "default": spelled(plain.wait), "description": "How long a window stays open."},
            "where": {**_when(), "description": "The interactions the suite is about."},
            "strata": {"type": "object", "minProperties": 1, "additionalProperties": _stratum()},
            "control": {**_SHARE, "default": plain.control, "description": "A uniform slice of all traffic."},
            "by": {
                "anyOf": [{"enum": list(FACTS)}, {"type": "array", "items": {"enum": list(FACTS)}}],
                "description": "Slices that are estimated.",
            },
            "queue": {**_TEXT, "description": "The review queue that people's items go to."},
            "spend_cap_usd_a_month": {"type": "number", "minimum": 0, "default": plain.spend_cap_usd_a_month},
            "keep_text_days": _whole(MOST_DAYS, plain.keep_text_days),
            "alerts": {"type": "object", "additionalProperties": _several(_alert())},
            "silence": _whole(MOST_WINDOWS, plain.silence),
            "notify": {"type": "object", "additionalProperties": {"anyOf": _targets()}},
        },
        description="How production is watched by the same checks.",
    )


def _stratum() -> Schema:
    plain = StratumSpec(name="rest")
    chances = {key: {**_SHARE, "default": getattr(plain, key)} for key in ("classifier", "judge", "people")}
    return _object({"when": {**_when(), "minProperties": 1}, **chances})


def _when() -> Schema:
    return _object({fact: _values({"enum": list(CLOSED[fact])} if fact in CLOSED else _TEXT) for fact in FACTS})


def _values(value: Schema) -> Schema:
    return {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}


def _alert() -> Schema:
    return _object(
        {
            "at_least": {**_SHARE, "description": "The floor."},
            "windows_per_false_alarm": {"type": "number", "exclusiveMinimum": 1, "default": 365},
            "by": {"enum": list(FACTS)},
        },
        required=["at_least"],
    )


def _several(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "array", "items": one}]}


def _targets() -> list[Schema]:
    webhook = {"webhook": {"anyOf": [_TEXT, _ENV]}, "secret": _ENV}
    return [_object(webhook, required=list(webhook)), _object({"slack": _ENV}, required=["slack"])]


def _whole(most: int, default: int) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": most, "default": default}


def _object(properties: Schema, **more: Any) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties, **more}
