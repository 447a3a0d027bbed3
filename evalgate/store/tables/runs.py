"""The tables of a run: its manifest, the samples it looked at, and what was said of each.

Texts are kept once per content (`sample`); what may differ between runs of the same content stands in `run_sample`.
Outcomes are keyed by place, not by name, so that a run is written and read in one direction, and so that the checks'
references need not be repeated: the manifest holds them. JSON is kept as text, not as PostgreSQL's jsonb, which refuses
the NUL characters that models write.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

import orjson
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from evalgate.core.outcomes import CheckRef, Mark, NotApplicable, Outcome, Result, Unscored
from evalgate.core.runs import Manifest, RunSummary
from evalgate.core.samples import Sample
from evalgate.core.values import Value
from evalgate.runner.ports import Marked
from evalgate.store.tables.base import Instant, Row


class RunRow(Row, table=True):
    """One run; `summary`, `counts` and `finished_at` are there once it is finished."""

    __tablename__: ClassVar[str] = "run"
    __table_args__ = (UniqueConstraint("project", "id"), Index(None, "project", "suite", "created_at"))

    number: int | None = Field(default=None, primary_key=True)
    """What the rows of its samples and outcomes carry: two projects may hold runs of one id."""
    project: int = Field(foreign_key="project.number")
    id: str = Field(sa_type=Text)
    suite: str = Field(sa_type=Text)
    revision: str | None = Field(default=None, sa_type=Text)
    manifest: str = Field(sa_type=Text)
    summary: str | None = Field(default=None, sa_type=Text)
    counts: str | None = Field(default=None, sa_type=Text)
    """JSON of its outcomes counted by metric: a page of a finished run reads none of them."""
    created_at: datetime = Field(sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)


class StoredRun(Value):
    """What the store knows of a run."""

    number: int
    """What the store's own rows call it."""
    id: str
    manifest: Manifest
    summary: RunSummary | None
    """None until the run is finished."""
    created_at: AwareDatetime
    finished_at: AwareDatetime | None

    @property
    def finished(self) -> bool:
        """Whether all of the run was marked and stored."""
        return self.summary is not None


def run_row(project: int, manifest: Manifest, at: datetime) -> RunRow:
    """Return the row of a run that begins at a moment."""
    return RunRow(
        project=project,
        id=manifest.id,
        suite=manifest.suite,
        revision=manifest.revision,
        manifest=manifest.model_dump_json(),
        created_at=at,
    )


def finished_values(summary: RunSummary, at: datetime) -> dict[str, object]:
    """Return the columns that change when a run is finished at a moment, perhaps by a newer evalgate than began it."""
    return {"manifest": summary.manifest.model_dump_json(), "summary": summary.model_dump_json(), "finished_at": at}


def stored_run(row: RunRow) -> StoredRun:
    """Return what a row says of its run."""
    if row.number is None:
        raise ValueError(f"run {row.id} was not read from the store")
    return StoredRun(
        number=row.number,
        id=row.id,
        manifest=Manifest.model_validate_json(row.manifest),
        summary=None if row.summary is None else RunSummary.model_validate_json(row.summary),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


class SampleRow(Row, table=True):
    """A question and its answer, masked, under the digest of their raw content."""

    __tablename__: ClassVar[str] = "sample"

    project: int = Field(primary_key=True, foreign_key="project.number", sa_column_kwargs={"autoincrement": False})
    """Each project keeps its own: whoever pushes a text under a digest cannot change another project's."""
    digest: str = Field(sa_type=Text, primary_key=True)
    body: str = Field(sa_type=Text)
    """JSON of the fields the digest covers: input, CASE_CONTENT, text and OUTPUT_CONTENT."""


class RunSampleRow(Row, table=True):
    """A sample's place in a run, with everything of it that is not content."""

    __tablename__: ClassVar[str] = "run_sample"
    __table_args__ = (
        UniqueConstraint("run", "case_id", "repeat"),
        ForeignKeyConstraint(["project", "sample_digest"], ["sample.project", "sample.digest"]),
        {"sqlite_with_rowid": False},
    )

    run: int = Field(
        primary_key=True, foreign_key="run.number", ondelete="CASCADE", sa_column_kwargs={"autoincrement": False}
    )
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    case_id: str = Field(sa_type=Text)
    repeat: int
    case_digest: str = Field(sa_type=Text)
    project: int
    sample_digest: str = Field(sa_type=Text)
    cluster: str | None = Field(default=None, sa_type=Text)
    slices: str | None = Field(default=None, sa_type=Text)
    """JSON of slice name to value; absent when there is none."""
    facts: str | None = Field(default=None, sa_type=Text)
    """JSON of OUTPUT_FACTS and the weight; absent when nothing is known."""


CASE_CONTENT = ("reference", "context", "metadata")
"""Kept beside the input, each unless it is absent."""
OUTPUT_CONTENT = ("tool_calls", "recorded")
"""Kept beside the text, each unless it is absent."""
OUTPUT_FACTS = ("model", "revision", "created_at", "latency_ms", "input_tokens", "output_tokens", "cost_usd")
_ABSENT: tuple[object, ...] = (None, (), {})
SAMPLE_COLUMNS = ("project", "digest", "body")
RUN_SAMPLE_COLUMNS = (
    "run",
    "position",
    "case_id",
    "repeat",
    "case_digest",
    "project",
    "sample_digest",
    "cluster",
    "slices",
    "facts",
)


def sample_row(project: int, marked: Marked) -> tuple[Any, ...]:
    """Return the values of SAMPLE_COLUMNS."""
    case, output = marked.sample.case, marked.sample.output
    content = {"input": case.input, "text": output.text}
    content |= {name: value for name in CASE_CONTENT if (value := getattr(case, name)) not in _ABSENT}
    content |= {name: value for name in OUTPUT_CONTENT if (value := getattr(output, name)) not in _ABSENT}
    return project, marked.sample_digest, _json(content)


def run_sample_row(run: int, project: int, marked: Marked) -> tuple[Any, ...]:
    """Return the values of RUN_SAMPLE_COLUMNS."""
    case, output, weight = marked.sample.case, marked.sample.output, marked.sample.weight
    facts = {name: value for name in OUTPUT_FACTS if (value := getattr(output, name)) is not None}
    if weight != 1:
        facts["weight"] = weight
    return (
        run,
        marked.position,
        case.id,
        output.repeat,
        marked.case_digest,
        project,
        marked.sample_digest,
        case.cluster,
        _json(case.slices) if case.slices else None,
        _json(facts) if facts else None,
    )


def sample_of(row: Mapping[Any, Any]) -> Sample:
    """Return the sample from the columns of `run_sample` and the body of `sample`."""
    content = orjson.loads(row["body"])
    facts = orjson.loads(row["facts"]) if row["facts"] else {}
    case = {name: content[name] for name in CASE_CONTENT if name in content}
    output = {name: content[name] for name in OUTPUT_CONTENT if name in content}
    output |= {name: facts[name] for name in OUTPUT_FACTS if name in facts}
    return Sample.model_validate(
        {
            "case": {
                "input": content["input"],
                **case,
                "id": row["case_id"],
                "cluster": row["cluster"],
                "slices": orjson.loads(row["slices"]) if row["slices"] else {},
            },
            "output": {"text": content["text"], **output, "repeat": row["repeat"]},
            "weight": facts.get("weight", 1.0),
        }
    )


class OutcomeRow(Row, table=True):
    """What one check says of one criterion of one sample."""

    __tablename__: ClassVar[str] = "outcome"
    __table_args__ = (
        ForeignKeyConstraint(["run", "position"], ["run_sample.run", "run_sample.position"], ondelete="CASCADE"),
        {"sqlite_with_rowid": False},
    )

    run: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    position: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    place: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The outcome's place among those of its sample, from 0."""
    check_name: str = Field(sa_type=Text)
    criterion: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    """mark, not_applicable or unscored."""
    value: float | None = None
    label: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    """Why it is unscored."""
    body: str | None = Field(default=None, sa_type=Text)
    """JSON of what the columns do not hold; absent for a plain mark."""


OUTCOME_COLUMNS = (
    "run",
    "position",
    "place",
    "check_name",
    "criterion",
    "kind",
    "value",
    "label",
    "reason",
    "body",
)
_IN_COLUMNS = {"kind", "value", "label", "reason"}
_KINDS: dict[str, type[Mark | NotApplicable | Unscored]] = {
    "mark": Mark,
    "not_applicable": NotApplicable,
    "unscored": Unscored,
}


def outcome_row(run: int, position: int, place: int, outcome: Outcome) -> tuple[Any, ...]:
    """Return the values of OUTCOME_COLUMNS."""
    result = outcome.result
    return run, position, place, outcome.check.name, outcome.criterion, result.kind, *result_columns(result)


def result_columns(result: Result) -> tuple[float | None, str | None, str | None, str | None]:
    """Return a result's value, label and reason, and JSON of what these do not hold: None for a plain mark."""
    value = label = reason = None
    plain = False
    if isinstance(result, Mark):
        value, label = result.value, result.label
        plain = not (result.explanation or result.spans or result.votes) and result.severity is result.fix is None
    elif isinstance(result, Unscored):
        reason = result.reason
        plain = not (result.detail or result.votes)
    body = None if plain else result.model_dump_json(exclude=_IN_COLUMNS, exclude_defaults=True)
    return value, label, reason, body


def outcome_of(row: Mapping[Any, Any], case_id: str, repeat: int, check: CheckRef) -> Outcome:
    """Return the outcome from the columns of `outcome`, its sample's case and its check."""
    result = result_of(row["kind"], row["value"], row["label"], row["reason"], row["body"])
    return Outcome(case_id=case_id, repeat=repeat, check=check, criterion=row["criterion"], result=result)


def result_of(kind: str, value: float | None, label: str | None, reason: str | None, body: str | None) -> Result:
    """Return the result of its columns."""
    return (
        _result(kind, value, label, reason, orjson.loads(body)) if body else _plain_result(kind, value, label, reason)
    )


@lru_cache(maxsize=4096)
def _plain_result(kind: str, value: float | None, label: str | None, reason: str | None) -> Result:
    """Return one frozen value for the results that most samples share: the mark of a virtue that holds."""
    return _result(kind, value, label, reason, {})


def _result(kind: str, value: float | None, label: str | None, reason: str | None, body: dict[str, Any]) -> Result:
    columns = {"value": value, "label": label, "reason": reason}
    return _KINDS[kind].model_validate(body | {name: held for name, held in columns.items() if held is not None})


def _json(value: object) -> str:
    return orjson.dumps(value, default=_plain).decode()


def _plain(value: object) -> object:
    """Return a value inside a sample (a message, a tool call) as plain data, its defaults left out."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
