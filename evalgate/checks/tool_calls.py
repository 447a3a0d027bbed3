"""`tool_calls`: the answer calls the tools it may, with arguments that fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, ClassVar, Self

import orjson
from pydantic import ConfigDict, Field, JsonValue, model_validator

from evalgate.checks.evidence import HELD, SPANS_AT_MOST, quoted, unread
from evalgate.checks.json_schema import Fit, Schema
from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.core.checks import CodeCheck, Texts
from evalgate.core.outcomes import Marks, Severity, Span, Unscored, violated
from evalgate.core.samples import Subject
from evalgate.core.values import Value

_CALLS_AT_MOST = 200
"""Calls of one answer whose arguments are read."""


class Tool(Value):
    """What is known of a tool that may be called."""

    model_config = ConfigDict(serialize_by_alias=True)

    document: Schema | None = Field(default=None, alias="schema")
    """The schema of its arguments, or the path of its JSON file; without one any JSON object will do."""


class ToolCalls(CodeCheck):
    """1 when only the named tools are called, each with a JSON object that fits, and those required are."""

    kind: ClassVar[str] = "tool_calls"
    summary: ClassVar[str] = "The answer calls only the tools it may, with arguments that fit."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"tools": {"look_up": {}, "refund": {"schema": {"type": "object", "required": ["order"]}}}},
        {"tools": {"look_up": {}}},
        {"tools": {"look_up": {}}, "require": ["look_up"]},
        {"tools": {"look_up": {}}, "at_most": 3},
        {"tools": {"look_up": {}}, "severity": "warn"},
    )

    tools: dict[str, Tool]
    """The tools that may be called, by name, each with the schema of its arguments or {}; {} allows no call."""
    require: tuple[str, ...] = ()
    """Tools that must be called at least once."""
    at_most: Annotated[int, Field(ge=1)] | None = None
    """Most calls in one answer."""
    severity: Severity = "block"
    """How bad a violation is: info, warn or block. It is shown; gates count every violation alike."""

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        if strays := set(self.require) - set(self.tools):
            raise ValueError(f"require names {quoted(sorted(strays))}, which is not among the tools")
        if self.at_most is not None and len(set(self.require)) > self.at_most:
            raise ValueError(f"require names {len(set(self.require))} tools and at_most allows {self.at_most} calls")
        return self

    @cached_property
    def _fits(self) -> dict[str, Fit]:
        return {name: Fit(tool.document) for name, tool in self.tools.items() if tool.document is not None}

    def mark(self, subject: Subject, texts: Texts) -> Marks:
        """Return every fault of the calls; an answer without calls holds unless one is required."""
        calls = subject.sample.output.tool_calls
        arguments = texts.pieces("tool_args")
        missing = [name for name in self.require if name not in {call.name for call in calls}]
        faults = Counter({f"does not call {quoted(missing)}": 1}) if missing else Counter[str]()
        hits: list[Hit] = []
        doubt = Unscored(reason="invalid", detail=f"{len(calls)} calls") if len(calls) > _CALLS_AT_MOST else None
        if self.at_most is not None and len(calls) > self.at_most:
            faults[f"makes more than {self.at_most} calls"] += 1
            hits += [Hit(n, 0, len(arguments[n]), "too many calls") for n in range(self.at_most, len(calls))]
        for number, call in enumerate(calls[:_CALLS_AT_MOST]):
            for found in self._faults(number, call.name, arguments[number]):
                if isinstance(found, Unscored):
                    doubt = found
                else:
                    fault, hit = found
                    faults[fault] += 1
                    hits.append(hit)
        if not faults:
            return {"": doubt or HELD}
        spans = (
            Span(side="tool_args", start=hit.start, end=hit.end, message=hit.piece, label=hit.label)
            for hit in hits[:SPANS_AT_MOST]
        )
        return {"": violated("; ".join(list(faults)[:5]), *spans, severity=self.severity)}

    def _faults(self, number: int, name: str, arguments: str) -> Iterator[tuple[str, Hit] | Unscored]:
        """Yield what is wrong with one call; it names the tools of the suite, never what the answer wrote."""
        everything = (0, len(arguments))
        if name not in self.tools:
            yield "calls a tool that is not among the tools", Hit(number, *everything, "tool not allowed")
            return
        if len(arguments) > READ_AT_MOST:
            yield unread([arguments]) or Unscored(reason="invalid")
            return
        try:
            value = orjson.loads(arguments)
        except orjson.JSONDecodeError as error:
            at = min(error.pos, len(arguments))
            hit = Hit(number, at, min(at + 1, len(arguments)), "not JSON")
            yield f"the arguments of {name} are not JSON", hit
            return
        if not isinstance(value, dict):
            yield f"the arguments of {name} are not a JSON object", Hit(number, *everything, "not an object")
            return
        misfit = self._fits[name].misfit(value) if name in self._fits else None
        if isinstance(misfit, Unscored):
            yield misfit
        elif misfit:
            for place in misfit.places(arguments) or [everything]:
                yield f"the arguments of {name} do not fit its schema at {misfit}", Hit(number, *place, "misfit")
