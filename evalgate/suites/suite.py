"""A suite as a value: what is compared, which checks mark it, what the gates demand of them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SerializeAsAny

from evalgate.core.checks import Check
from evalgate.core.gates import Gate, NoWorseThan, Policy
from evalgate.core.models import Price
from evalgate.core.values import Value, digest
from evalgate.suites.traffic import TrafficSpec

CASE_FIELDS = ("id", "input", "reference", "context", "cluster", "metadata")
OUTPUT_FIELDS = (
    "output",
    "tool_calls",
    "model",
    "revision",
    "created_at",
    "latency_ms",
    "input_tokens",
    "output_tokens",
    "cost_usd",
    "repeat",
)
FIELDS = CASE_FIELDS + OUTPUT_FIELDS
"""The closed set that `data.columns` may name; without a word about it, a field's column has the field's name."""


class FileSource(Value):
    """Rows in a file."""

    kind: Literal["file"] = "file"
    path: Path
    """Where it is, seen from the working directory."""
    name: str
    """As somebody wrote it."""
    origin: str
    """Who named it: `suites/x.yaml:6`, `--candidate`."""


class RunSource(Value):
    """A stored run."""

    kind: Literal["run"] = "run"
    run: str

    @property
    def name(self) -> str:
        """How it is written on the command line.

        >>> RunSource(run="4e9d0c1f22aa").name
        'run:4e9d0c1f22aa'
        """
        return f"run:{self.run}"


class NamedSource(Value):
    """A baseline that somebody accepted under a name."""

    kind: Literal["name"] = "name"
    name: str


Source = Annotated[FileSource | RunSource | NamedSource, Field(discriminator="kind")]


class DataSpec(Value):
    """Which rows are read and which columns mean what."""

    candidate: FileSource | None = None
    """None when the command gives it."""
    baseline: Source | None = None
    cases: FileSource | None = None
    """Where inputs live when they live apart from outputs; joined by id."""
    columns: dict[str, str] = {}
    """Field to column, as written."""
    slices: dict[str, str] = {}
    """Slice name to column."""

    def column(self, field: str) -> str:
        """Return the column a field is read from.

        >>> DataSpec(columns={"input": "prompt"}).column("input"), DataSpec().column("id")
        ('prompt', 'id')
        """
        return self.columns.get(field, field)


class Suite(Value):
    """Everything a suite file says, resolved."""

    version: Literal[1] = 1
    name: str
    owner: str
    deputy: str | None = None
    data: DataSpec
    judge: str | None = None
    uncalibrated: bool = False
    """Whether judges count that people have not measured (`uncalibrated: allow`)."""
    checks: dict[str, SerializeAsAny[Check]]
    gates: tuple[Gate, ...]
    policy: Policy = Policy()
    prices: dict[str, Price] = {}
    """Model to price, where the shipped price map does not know it."""
    traffic: TrafficSpec | None = None
    """How production is watched; None: it is not. What a run decides does not depend on it."""
    path: Path
    """The file it was read from."""

    @cached_property
    def digest(self) -> str:
        """Equal for suites that decide alike on the same data; names, owners and paths are not part of it."""
        return digest(self._content(margins=True))

    @cached_property
    def digest_without_margins(self) -> str:
        """As `digest`, but a widened margin does not change it: it counts as another attempt at the same question."""
        return digest(self._content(margins=False))

    def _content(self, *, margins: bool) -> dict[str, Any]:
        return {
            "version": self.version,
            "judge": self.judge,
            "uncalibrated": self.uncalibrated,
            "checks": {name: [check.digest, check.advisory] for name, check in self.checks.items()},
            "gates": [_demands(gate, margins=margins) for gate in self.gates],
            "policy": self.policy.model_dump(mode="json"),
            "prices": {model: price.model_dump() for model, price in self.prices.items()},
            "columns": {field: self.data.column(field) for field in FIELDS},
            "slices": self.data.slices,
        }


def _demands(gate: Gate, *, margins: bool) -> dict[str, Any]:
    content = gate.model_dump(mode="json")
    if not margins:
        content["rules"] = [
            rule.model_dump(mode="json", exclude={"margin"} if isinstance(rule, NoWorseThan) else None)
            for rule in gate.rules
        ]
    return content
