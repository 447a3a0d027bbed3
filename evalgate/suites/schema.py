"""The JSON Schema of a suite, for editors: generated from the types and the catalogue, never written by hand.

It says no more than the loader and a little less: that metrics, slices and files exist only the loader knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticUndefined

from evalgate.core.checks import Check
from evalgate.suites.rows import SUFFIXES
from evalgate.suites.suite import FIELDS
from evalgate.suites.traffic_schema import traffic_schema

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string", "minLength": 1}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}


def suite_schema(catalogue: Mapping[str, type[Check]]) -> Schema:
    """Return the schema (draft 2020-12) of suite files whose checks come from this catalogue."""
    definitions: Schema = {}
    entries = [_entry(name, catalogue[name], definitions) for name in sorted(catalogue)]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "evalgate suite",
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "name", "owner", "checks", "gates"],
        "properties": {
            "version": {"const": 1},
            "name": {**_TEXT, "description": "What the suite guards."},
            "owner": {**_TEXT, "description": "The one person who answers for it."},
            "deputy": _TEXT,
            "data": _data(),
            "judge": {**_TEXT, "description": "The model that judges; host and key come from the environment."},
            "uncalibrated": {"const": "allow", "description": "Count judges that people have not measured."},
            "checks": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": _checks(sorted(catalogue), entries),
            },
            "gates": _gates(),
            "policy": _policy(),
            "prices": _prices(),
            "traffic": traffic_schema(),
        },
        "$defs": definitions,
    }


def _data() -> Schema:
    path = {**_TEXT, "description": f"A path relative to the suite, ending in {', '.join(SUFFIXES)}."}
    run = {"type": "object", "additionalProperties": False, "required": ["run"], "properties": {"run": _TEXT}}
    name = {
        "type": "object",
        "additionalProperties": False,
        "required": ["baseline"],
        "properties": {"baseline": _TEXT},
    }
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "candidate": path,
            "baseline": {"anyOf": [path, run, name]},
            "cases": path,
            "columns": {
                "type": "object",
                "additionalProperties": False,
                "properties": {field: {**_TEXT, "description": f"The column that holds {field}."} for field in FIELDS},
            },
            "slices": {
                "type": "object",
                "additionalProperties": _TEXT,
                "propertyNames": {"pattern": "^[^=]+$"},
                "description": "Slice name to column.",
            },
        },
    }


def _checks(kinds: list[str], entries: list[Schema]) -> Schema:
    """Return the schema of one entry: first which check it is, then, by that, its parameters."""
    shapes: list[Schema] = [{"required": ["check"]}]
    named = [kind for kind in kinds if kind != "rubric"]
    if "rubric" in kinds:
        shapes.append({"required": ["rubric"]})
    return {
        "type": "object",
        "oneOf": shapes,
        "properties": {"check": {"enum": named}},
        "allOf": entries,
    }


def _entry(name: str, kind: type[Check], definitions: Schema) -> Schema:
    schema = kind.model_json_schema(ref_template=f"#/$defs/{name}.{{model}}")
    definitions |= {f"{name}.{model}": inside for model, inside in schema.pop("$defs", {}).items()}
    schema["description"] = kind.summary or schema.get("description", "")
    for field in _read_by_the_check(kind):
        schema["properties"][field] = {"anyOf": [_TEXT, schema["properties"][field]]}
    if name == "rubric":
        # The suite's judge stands in for the check's own.
        schema["required"] = [field for field in schema.get("required", []) if field != "judge"]
        return {"if": {"required": ["rubric"]}, "then": schema}
    schema["properties"] = {"check": {"const": name}, **schema.get("properties", {})}
    return {"if": {"required": ["check"], "properties": {"check": {"const": name}}}, "then": schema}


def _read_by_the_check(kind: type[Check]) -> set[str]:
    """Return the fields a check reads itself before pydantic does, as a path for the content; it rarely says so."""
    validators = [one.info for one in kind.__pydantic_decorators__.field_validators.values()]
    named = {
        field
        for one in validators
        if one.mode == "before" and one.json_schema_input_type is PydanticUndefined
        for field in one.fields
    }
    return {field.alias or name for name, field in kind.model_fields.items() if name in named}


def _gates() -> Schema:
    margin = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}
    rules: Schema = {
        "never": {"enum": ["any", "new"], "description": "No violation at all, or none that the baseline lacks."},
        "at_least": {**_SHARE, "description": "The floor the mean stays above."},
        "at_most": {**_SHARE, "description": "The share of violations tolerated."},
        "no_worse_than": {**margin, "description": "The loss against the baseline that is tolerated."},
        "better_than_baseline": {"const": True},
        "production": {
            "type": "object",
            "additionalProperties": False,
            "required": ["at_least"],
            "properties": {
                "at_least": {**_SHARE, "description": "The floor that production keeps."},
                "days": {"type": "integer", "minimum": 1, "maximum": 90, "default": 7},
            },
            "description": "What closed windows of production traffic show, pooled.",
        },
    }
    gate = {
        "type": "object",
        "additionalProperties": False,
        "anyOf": [{"required": [rule]} for rule in rules],
        "dependentRequired": {"require": ["by"]},
        "properties": {
            **rules,
            "by": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}], "description": "Slices."},
            "require": {"enum": ["no_fail", "each"], "default": "no_fail"},
            "coverage": {**_SHARE, "default": 0.95},
            "advisory": {"type": "boolean", "default": False},
            "calibrated": {
                "description": "What the judge's calibration card must say.",
                "anyOf": [
                    {"type": "boolean"},
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "max_age_days": {"type": "integer", "minimum": 1, "maximum": 3650, "default": 90},
                            "agreement": {**_SHARE, "description": "The floor of AC1 between the judge and people."},
                        },
                    },
                ],
            },
            "corrected": {
                "type": "boolean",
                "default": False,
                "description": "Bounds corrected with people's labels decide.",
            },
        },
    }
    several = {"type": "array", "items": gate, "minItems": 1}
    return {"type": "object", "minProperties": 1, "additionalProperties": {"anyOf": [gate, several]}}


def _policy() -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "on_inconclusive": {"enum": ["block", "fail"], "default": "block"},
            "advisory_until": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
            "spend_cap_usd": {"type": "number", "minimum": 0, "default": 5},
        },
    }


def _prices() -> Schema:
    amount = {"type": "number", "minimum": 0}
    price = {
        "type": "object",
        "additionalProperties": False,
        "required": ["input", "output"],
        "properties": {"input": amount, "output": amount},
        "description": "US dollars per million tokens.",
    }
    return {"type": "object", "additionalProperties": price}
