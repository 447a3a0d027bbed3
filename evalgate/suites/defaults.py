"""Every default a suite relies on, so that `plan` can print what nobody wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from evalgate.core.gates import Production
from evalgate.core.values import Value
from evalgate.suites.demands import MEASURED
from evalgate.suites.suite import FIELDS, Suite
from evalgate.suites.traffic import TrafficSpec, spelled

_REQUIRED = {"version", "name", "owner", "data", "checks", "gates", "policy", "traffic", "path"}


def defaults_of(suite: Suite) -> list[tuple[str, Any]]:
    """Return (path, value) for everything the suite's file leaves out, in the order of the file's keys."""
    return [
        *_unwritten("", suite, _REQUIRED),
        *_unwritten("data.", suite.data, {"columns"}),
        *((f"data.columns.{name}", name) for name in FIELDS if name not in suite.data.columns),
        *(default for name, check in suite.checks.items() for default in _unwritten(f"checks.{name}.", check)),
        *_of_gates(suite),
        *_unwritten("policy.", suite.policy),
        *(_of_traffic(suite.traffic) if suite.traffic else ()),
    ]


def _unwritten(prefix: str, value: Value, but: Collection[str] = ()) -> Iterator[tuple[str, Any]]:
    for name, field in type(value).model_fields.items():
        if name not in value.model_fields_set and name not in but:
            yield f"{prefix}{field.alias or name}", getattr(value, name)


def _of_gates(suite: Suite) -> Iterator[tuple[str, Any]]:
    """Yield the modifiers no gate wrote; several gates on one metric are told apart by their place in the list."""
    written = Counter(gate.metric for gate in suite.gates)
    seen: Counter[str] = Counter()
    for gate in suite.gates:
        place = f"gates.{gate.metric}." + (f"{seen[gate.metric]}." if written[gate.metric] > 1 else "")
        seen[gate.metric] += 1
        check = suite.checks[gate.metric.partition(".")[0]]
        for rule in gate.rules:
            if isinstance(rule, Production) and "days" not in rule.model_fields_set:
                yield f"{place}production.days", rule.days
        yield from _unwritten(place, gate, () if check.annotated_by in MEASURED else ("calibrated", "corrected"))


def _of_traffic(spec: TrafficSpec) -> Iterator[tuple[str, Any]]:
    """Yield what nobody wrote of production: spans as a suite writes them, strata one by one."""
    for key, value in _unwritten("traffic.", spec, {"strata"}):
        yield key, spelled(value) if isinstance(value, timedelta) else value
    told = "strata" in spec.model_fields_set
    for stratum in spec.strata:
        for key in ("classifier", "judge", "people"):
            if not told or key not in stratum.model_fields_set:
                yield f"traffic.strata.{stratum.name}.{key}", getattr(stratum, key)
    for alert in spec.alerts:
        if "wanted" not in alert.model_fields_set:
            yield f"traffic.alerts.{alert.metric}.windows_per_false_alarm", alert.wanted
