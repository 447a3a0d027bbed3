"""People's labels out and in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from evalgate.core.labels import Label, Probability
from evalgate.core.splitting import split_of
from evalgate.core.values import Unit, Value
from evalgate.review.exchange import Format, written
from evalgate.web.api.routing import KEEPERS, READERS, api_router, shown_as
from evalgate.web.guard import Caller

router = api_router("labels")

MOST = 1_000
TYPES: dict[Format, str] = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "argilla": "application/x-ndjson",
    "label-studio": "application/json",
}
ENDS: dict[Format, str] = {"jsonl": ".jsonl", "csv": ".csv", "argilla": ".jsonl", "label-studio": ".json"}
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {kind.partition(";")[0]: {} for kind in TYPES.values()},
        "description": "The labels, in the order in which they came; the last two formats sample by sample.",
    }
}
_LABEL = {"check": "answers", "sample_digest": "9f86d081884c7d65", "case_id": "c1", "value": 1.0, "label": "answered"}

Filter = Annotated[str | None, Query(min_length=1, max_length=200, description="Only those of this check.")]
Shape = Annotated[Format, Query(alias="format", description="How the file is written.")]
Short = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
Clear = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class LabelGiven(Value):
    """A label from elsewhere; its split follows from its sample, whatever its source calls it."""

    check: Short
    criterion: Clear = ""
    sample_digest: Short
    case_id: Short
    cluster: Clear | None = None
    language: Clear | None = None
    stratum: Clear | None = None
    value: Unit
    label: Short
    probability: Probability | None = None
    people: Annotated[int, Field(ge=1, le=1_000)] = 1
    blind: bool = True


class LabelsGiven(Value):
    """Labels from one named source; what it says now replaces what it said before."""

    model_config = shown_as({"source": "vendor", "labels": [_LABEL]})

    source: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,80}$")]
    labels: Annotated[tuple[LabelGiven, ...], Field(min_length=1, max_length=MOST)]


class LabelsKept(Value):
    """How many labels were kept."""

    model_config = shown_as({"kept": 1})

    kept: int


@router.get("/labels", response_class=StreamingResponse, responses=FILES)
def list_labels(caller: Annotated[Caller, READERS], check: Filter = None, form: Shape = "jsonl") -> StreamingResponse:
    """Give every label of the project as a file."""
    return as_file("labels", form, written(caller.store, caller.store.labels.stream(check), form))


@router.post("/labels", status_code=201)
def import_labels(caller: Annotated[Caller, KEEPERS], given: LabelsGiven) -> LabelsKept:
    """Keep labels that people gave elsewhere, all or none."""
    now = caller.service.clock()
    source = f"import:{given.source}"
    labels = [
        Label(**one.model_dump(), basis="imported", split=split_of(one.sample_digest), source=source, at=now)
        for one in given.labels
    ]
    with caller.writing() as work:
        work.store.labels.write(work.connection, labels)
        work.audit.add(
            work.connection, caller.project, caller.actor, "labels.imported", f"source:{given.source}", n=len(labels)
        )
    return LabelsKept(kept=len(labels))


def as_file(name: str, form: Format, pieces: Iterator[bytes]) -> StreamingResponse:
    """Return a response that a browser saves under a name."""
    told = f"attachment; filename*=UTF-8''{quote(name + ENDS[form], safe='')}"
    return StreamingResponse(pieces, media_type=TYPES[form], headers={"Content-Disposition": told})
