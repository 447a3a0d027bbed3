"""Rules for what goes into a queue: a closed set, each read from one line of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from evalgate.core.cards import POSITIVE
from evalgate.core.errors import WrongAsWritten, did_you_mean
from evalgate.core.labels import Probability
from evalgate.core.outcomes import Mark, Outcome, Unscored
from evalgate.core.values import Unit, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evalgate.core.outcomes import CheckRef
    from evalgate.runner.ports import Marked
    from evalgate.store.items import Reason

Metric = Annotated[str, Field(min_length=1)]


class Seen(NamedTuple):
    """A sample as rules look at it: by metric, what was said of it and, for `flips`, of the other run's answer."""

    marked: Marked
    outcomes: Mapping[str, Outcome]
    before: Mapping[str, Mapping[str, Outcome]]
    """Run, as the rule names it, to outcomes by metric."""

    def value(self, metric: str) -> float | None:
        """Return the score of a metric, None without a mark."""
        return _value(self.outcomes.get(metric))


class _Rule(Value):
    """What all rules have; a sample that one could take is taken where its cluster's u is below the probability."""

    probability: Probability | None = None
    """None: it takes all there is and nobody reckons with how likely that was."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that the run must have."""
        return ()


class Unknown(_Rule):
    """A check said that it cannot tell."""

    rule: Literal["unknown"] = "unknown"
    check: Metric

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that the run must have."""
        return (self.check,)

    def could_take(self, seen: Seen) -> bool:
        """Say whether the sample is one."""
        outcome = seen.outcomes.get(self.check)
        return outcome is not None and isinstance(outcome.result, Unscored) and outcome.result.reason == "unknown"


class Disagreement(_Rule):
    """One check marks good what the other marks bad."""

    rule: Literal["disagreement"] = "disagreement"
    check: Metric
    other: Metric

    @model_validator(mode="after")
    def _are_two(self) -> Disagreement:
        if self.check == self.other:
            raise ValueError("a check does not disagree with itself; name two")
        return self

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that the run must have."""
        return self.check, self.other

    def could_take(self, seen: Seen) -> bool:
        """Say whether the sample is one."""
        return _differ(seen.value(self.check), seen.value(self.other))


class NearThreshold(_Rule):
    """A score lies no farther from a threshold than so much."""

    rule: Literal["near_threshold"] = "near_threshold"
    check: Metric
    at: Unit
    within: Unit

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that the run must have."""
        return (self.check,)

    def could_take(self, seen: Seen) -> bool:
        """Say whether the sample is one; 1e-9 is left for how decimals are held."""
        value = seen.value(self.check)
        return value is not None and abs(value - self.at) <= self.within + 1e-9


class Flips(_Rule):
    """A check marks the case otherwise than in another run."""

    rule: Literal["flips"] = "flips"
    check: Metric
    against: Annotated[str, Field(min_length=1)]
    """A run's id, or a beginning that is its alone."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that the run must have."""
        return (self.check,)

    def could_take(self, seen: Seen) -> bool:
        """Say whether the sample is one."""
        return _differ(seen.value(self.check), _value(seen.before.get(self.against, {}).get(self.check)))


class Random(_Rule):
    """Any sample, as likely as is said."""

    rule: Literal["random"] = "random"
    probability: Probability

    def could_take(self, seen: Seen) -> bool:  # noqa: ARG002 - every rule is asked the same way
        """Say yes."""
        return True


class Chosen(_Rule):
    """Cases that somebody names."""

    rule: Literal["chosen"] = "chosen"
    cases: Annotated[tuple[str, ...], Field(min_length=1)]

    def could_take(self, seen: Seen) -> bool:
        """Say whether the sample is one."""
        return seen.marked.sample.case.id in self.cases


Rule = Annotated[
    Unknown | Disagreement | NearThreshold | Flips | Random | Chosen,
    Field(discriminator="rule"),
]
REASONS: dict[str, Reason] = {
    "unknown": "unknown",
    "disagreement": "disagreement",
    "near_threshold": "near_threshold",
    "flips": "flip",
    "random": "random",
    "chosen": "chosen",
}
_RULE: TypeAdapter[Any] = TypeAdapter(Rule)
_WRITTEN: dict[str, tuple[str, ...]] = {
    "unknown": ("check",),
    "disagreement": ("check", "other"),
    "near_threshold": ("check", "at", "within"),
    "flips": ("check", "against"),
    "random": ("probability",),
    "chosen": ("cases",),
}


def rule_of(text: str) -> Rule:
    """Return the rule that a line says, as `near_threshold:tone,0.5,0.1` or `unknown:tone@0.2`.

    What stands after the last `@` is the probability. Raise WrongAsWritten for a line that says none.

    >>> rule_of("unknown:answers.tone@0.2")
    Unknown(probability=0.2, rule='unknown', check='answers.tone')
    >>> rule_of("random:0.1").probability
    0.1
    """
    name, _, rest = text.strip().partition(":")
    if name not in _WRITTEN:
        raise WrongAsWritten(f"rule {text!r}: no rule is called {name!r}.{did_you_mean(name, _WRITTEN)} {_HOW}")
    fields = _WRITTEN[name]
    data: dict[str, object] = {"rule": name}
    if name == "chosen":
        data["cases"] = tuple(filter(None, (part.strip() for part in rest.split(","))))
    else:
        rest, marked, probability = rest.partition("@")
        parts = [part.strip() for part in rest.split(",")] if rest.strip() else []
        if len(parts) != len(fields):
            raise WrongAsWritten(f"rule {text!r}: it is written {_shape(name)}")
        data |= {"probability": probability.strip()} if marked else {}
        data |= dict(zip(fields, parts, strict=True))
    try:
        rule: Rule = _RULE.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        said = first["msg"].removeprefix("Value error, ")
        raise WrongAsWritten(f"rule {text!r}: {where + ': ' if where else ''}{said}") from None
    return rule


def check_metrics(rules: Iterable[Rule], checks: Iterable[CheckRef], where: str) -> None:
    """Raise WrongAsWritten for a rule about a check that a run does not have; criteria are not known beforehand."""
    names = [check.name for check in checks]
    for rule in rules:
        for metric in rule.metrics:
            if not any(metric == name or metric.startswith(f"{name}.") for name in names):
                hint = did_you_mean(metric, names)
                known = ", ".join(names)
                raise WrongAsWritten(f"{where} has no check {metric!r}.{hint} It has: {known}")


def _shape(name: str) -> str:
    return f"{name}:{','.join(field.upper() for field in _WRITTEN[name])}"


_HOW = f"Rules: {', '.join(map(_shape, _WRITTEN))}; all but `random` and `chosen` may end in @PROBABILITY"


def _value(outcome: Outcome | None) -> float | None:
    return outcome.result.value if outcome is not None and isinstance(outcome.result, Mark) else None


def _differ(one: float | None, other: float | None) -> bool:
    return one is not None and other is not None and (one >= POSITIVE) != (other >= POSITIVE)
