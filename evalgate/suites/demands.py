"""The `gates:` of a suite: each mapping becomes a Gate, each threshold key in it a rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from evalgate.core.checks import Check
from evalgate.core.gates import (
    AtLeast,
    AtMost,
    BetterThanBaseline,
    Calibrated,
    Gate,
    Never,
    NoWorseThan,
    Production,
    Rule,
)
from evalgate.core.outcomes import metric_name
from evalgate.suites.places import Place
from evalgate.suites.words import shown, unknown

THRESHOLDS = ("never", "at_least", "at_most", "no_worse_than", "better_than_baseline", "production")
MODIFIERS = ("by", "require", "coverage", "advisory", "calibrated", "corrected")
MEASURED = ("llm", "classifier")
"""Annotators that people measure and correct."""
MOST_DAYS = 3650
MOST_DAYS_POOLED = 90


def read_gates(place: Place, checks: Mapping[str, Check], slices: Collection[str]) -> tuple[Gate, ...]:
    """Return the gates in the order written; every metric, rule and slice name in them exists.

    Every check is gated or advisory, and at least one gate counts; else SuiteInvalid.
    """
    gates: list[Gate] = []
    for metric, written in place.entries().items():
        check = _check_of(written, metric, checks)
        blocks = written.items() if isinstance(written.value, list) else [written]
        if not blocks:
            raise written.refuse(f"{written.name} demands nothing; known rules are: {', '.join(THRESHOLDS)}")
        read = [_read_gate(block, metric, check, slices) for block in blocks]
        _refuse_twins(written, read)
        gates += read
    if all(gate.advisory for gate in gates):
        raise place.refuse("no gate counts, so nothing could stop a deploy; add a gate without advisory: true")
    return tuple(gates)


def require_gates(place: Place, checks: Mapping[str, Check], gates: Collection[Gate]) -> None:
    """Raise SuiteInvalid for a check at `place` that no gate reads although it is not advisory."""
    gated = {gate.metric.partition(".")[0] for gate in gates}
    for name, check in checks.items():
        if name not in gated and not check.advisory:
            raise place.at(name).refuse(
                f"no gate reads the check {name!r}; add gates.{name} or say advisory: true on the check"
            )


def _check_of(place: Place, metric: str, checks: Mapping[str, Check]) -> Check:
    name, _, criterion = metric.partition(".")
    check = checks.get(name)
    if check is None:
        raise place.refuse(unknown("metric", metric, metrics_of(checks), " in gates"))
    if criterion not in check.criteria:
        if metric == name:
            named = ", ".join(metric_name(name, criterion) for criterion in check.criteria)
            raise place.refuse(f"{name!r} has several criteria; gate them by name: {named}")
        raise place.refuse(unknown("metric", metric, metrics_of(checks), " in gates"))
    if check.advisory:
        raise place.refuse(f"the check {name!r} is advisory: true, so no gate reads it; take one of the two out")
    return check


def metrics_of(checks: Mapping[str, Check]) -> list[str]:
    """Return every metric the checks give: `answers`, or `answers.tone` and so on."""
    return [metric_name(name, criterion) for name, check in checks.items() for criterion in check.criteria]


def _read_gate(place: Place, metric: str, check: Check, slices: Collection[str]) -> Gate:
    entries = place.keys((*THRESHOLDS, *MODIFIERS))
    rules = tuple(_read_rule(key, entry, check) for key, entry in entries.items() if key in THRESHOLDS)
    if not rules:
        raise place.refuse(f"{place.name} demands nothing; add one of: {', '.join(THRESHOLDS)}")
    written: dict[str, Any] = {}
    if "by" in entries:
        written["by"] = _read_by(entries["by"], slices)
    if "require" in entries:
        written["require"] = entries["require"].choice("no_fail", "each")
        if "by" not in entries:
            raise entries["require"].refuse(f"{entries['require'].name} is about slices; add by: or take it out")
    if "coverage" in entries:
        written["coverage"] = entries["coverage"].share()
    if "advisory" in entries:
        written["advisory"] = entries["advisory"].flag()
    return Gate(metric=metric, rules=rules, **written, **_read_people(entries, check, rules))


def _read_people(entries: Mapping[str, Place], check: Check, rules: Collection[Rule]) -> dict[str, Any]:
    """Return what a gate demands of people's labels."""
    written: dict[str, Any] = {}
    for key in ("calibrated", "corrected"):
        if key in entries and check.annotated_by not in MEASURED:
            raise entries[key].refuse(
                f"{entries[key].name} is about judges that people measure, and {check.kind!r} is none; take it out"
            )
    if "calibrated" in entries:
        written["calibrated"] = _read_calibrated(entries["calibrated"])
    if "corrected" in entries:
        written["corrected"] = entries["corrected"].flag()
        if all(isinstance(rule, Never) for rule in rules):
            raise entries["corrected"].refuse(f"{entries['corrected'].name} corrects means, and never counts hits")
    return written


def _read_rule(key: str, place: Place, check: Check) -> Rule:
    if key in {"never", "at_most"} and not check.binary:
        raise place.refuse(
            f"{place.name} counts violations, and {check.kind!r} gives more than 0 and 1;"
            " use at_least, no_worse_than or better_than_baseline"
        )
    if key == "never":
        return Never(scope="any" if place.choice("any", "new") == "any" else "new")
    if key == "at_least":
        return AtLeast(floor=place.share())
    if key == "at_most":
        return AtMost(rate=place.share())
    if key == "no_worse_than":
        return NoWorseThan(margin=_read_margin(place))
    if key == "production":
        return _read_production(place)
    if not place.flag():
        raise place.refuse(f"{place.name}: false demands nothing; take it out")
    return BetterThanBaseline()


def _read_calibrated(place: Place) -> Calibrated | None:
    """Return what a card must say: `true` is the defaults, `false` is nothing."""
    if isinstance(place.value, bool):
        return Calibrated() if place.value else None
    entries = place.keys(("max_age_days", "agreement"))
    written: dict[str, Any] = {}
    if "max_age_days" in entries:
        written["max_age_days"] = _read_days(entries["max_age_days"], MOST_DAYS)
    if "agreement" in entries:
        written["agreement"] = entries["agreement"].share()
    return Calibrated(**written)


def _read_production(place: Place) -> Production:
    entries = place.keys(("at_least", "days"))
    if "at_least" not in entries:
        raise place.refuse(f"{place.name} has no floor; write {{at_least: 0.8, days: 7}}")
    written: dict[str, Any] = {"floor": entries["at_least"].share()}
    if "days" in entries:
        written["days"] = _read_days(entries["days"], MOST_DAYS_POOLED)
    return Production(**written)


def _read_days(place: Place, most: int) -> int:
    if isinstance(place.value, bool) or not isinstance(place.value, int) or not 1 <= place.value <= most:
        raise place.refuse(f"{place.name} is a whole number of days from 1 to {most}, not {shown(place.value)}")
    return place.value


def _read_margin(place: Place) -> float:
    if place.number() <= 0:
        raise place.refuse(
            f"{place.name} is a tolerated loss above 0, not {shown(place.value)}; to allow none,"
            " use better_than_baseline: true"
        )
    return place.share()


def _read_by(place: Place, slices: Collection[str]) -> tuple[str, ...]:
    names = place.items() if isinstance(place.value, list) else [place]
    for name in names:
        if name.text() not in slices:
            raise name.refuse(unknown("slice", name.text(), slices, f" in {place.name} (data.slices declares them)"))
    if not names:
        raise place.refuse(f"{place.name} names no slice; take it out or name one of data.slices")
    return tuple(dict.fromkeys(name.text() for name in names))


def _refuse_twins(place: Place, gates: list[Gate]) -> None:
    """Two findings may not carry the same name: gate, rule, slices and weight say which is which."""
    seen: dict[tuple[str, tuple[str, ...], bool], int] = {}
    for index, gate in enumerate(gates):
        for rule in gate.rules:
            demand = (rule.kind, gate.by, gate.advisory)
            if demand in seen:
                first, second = (place.document.line((*place.way, at, rule.kind)) for at in (seen[demand], index))
                raise place.at(index).refuse(
                    f"{gate.metric}.{rule.kind} is demanded twice, on lines {first} and {second}; keep the stricter one"
                )
            seen[demand] = index
