"""People's labels out and in, and the calibration cards that they gave judges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from evalgate.core.cards import CalibrationCard
from evalgate.core.labels import Label, Probability
from evalgate.core.values import Unit, Value
from evalgate.review.splitting import split_of
from evalgate.web.api.routing import KEEPERS, READERS, api_router, shown_as
from evalgate.web.guard import Caller

router = api_router("labels")

MOST = 1_000
JSONL = "application/x-ndjson"
_LABEL = {"check": "answers", "sample_digest": "9f86d081884c7d65", "case_id": "c1", "value": 1.0, "label": "answered"}

Filter = Annotated[str | None, Query(min_length=1, max_length=200, description="Only those of this check.")]
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


class CardList(Value):
    """The newest card of each judge and criterion."""

    model_config = shown_as({"cards": []})

    cards: tuple[CalibrationCard, ...]


@router.get(
    "/labels",
    response_class=StreamingResponse,
    responses={200: {"content": {JSONL: {}}, "description": "One label a line, in the order in which they came."}},
)
def list_labels(caller: Annotated[Caller, READERS], check: Filter = None) -> StreamingResponse:
    """Give every label of the project, one JSON object a line."""
    lines: Iterator[str] = (f"{one.model_dump_json()}\n" for one in caller.store.labels.stream(check))
    return StreamingResponse(lines, media_type=JSONL)


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


@router.get("/cards")
def list_cards(caller: Annotated[Caller, READERS], check: Filter = None) -> CardList:
    """List the newest calibration card of each judge and criterion."""
    with caller.reading() as work:
        return CardList(cards=work.store.cards.newest(check))
