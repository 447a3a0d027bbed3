"""The labels of a queue as files, out and in, in every shape that `evalgate queue export` writes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from fastapi.responses import StreamingResponse

from evalgate.core.errors import DataInvalid
from evalgate.review.exchange import Format, Import, labels_of, read_labels, written
from evalgate.web.api.labels import ENDS, FILES, LabelsKept, Shape, as_file
from evalgate.web.api.queues import note, queue_named
from evalgate.web.api.routing import BINARY, KEEPERS, READERS, Name, api_router
from evalgate.web.guard import Caller
from evalgate.web.problems import Problem, one_line
from evalgate.web.unpacking import LABELS_SENT

router = api_router("labels")


@router.get("/queues/{queue}/labels", response_class=StreamingResponse, responses=FILES)
def export_queue_labels(caller: Annotated[Caller, READERS], queue: Name, form: Shape = "jsonl") -> StreamingResponse:
    """Give the labels that a queue gave, and those imported into it, as a file."""
    with caller.reading() as work:
        found = queue_named(work, queue)
    return as_file(f"{found.name}-labels", form, written(caller.store, labels_of(caller.store, found), form))


@router.post("/queues/{queue}/labels", status_code=201, openapi_extra=BINARY)
def import_queue_labels(
    caller: Annotated[Caller, KEEPERS], queue: Name, path: Annotated[Path, LABELS_SENT], form: Shape = "jsonl"
) -> LabelsKept:
    """Keep the labels of a file, gzipped or not, all or none; they must answer what the queue asks."""
    try:
        return keep_labels(caller, queue, path, form)
    finally:
        shutil.rmtree(path.parent, ignore_errors=True)


def keep_labels(caller: Caller, queue: str, path: Path, form: Format) -> LabelsKept:
    """Keep the labels of a file that lies in a folder of its own; raise Problem 400 with the line of what is wrong."""
    named = path.rename(path.with_name(f"labels{ENDS[form]}"))
    with caller.reading() as work:
        found = queue_named(work, queue)
    with _bad_row(named.name):
        labels = read_labels(named, form, Import(found.name, caller.service.clock(), found.rubric))
    with caller.writing() as work:
        work.store.labels.write(work.connection, labels)
        note(caller, work, "labels.imported", found, n=len(labels))
    return LabelsKept(kept=len(labels))


@contextmanager
def _bad_row(name: str) -> Iterator[None]:
    """Turn what is wrong in a file of labels into 400, without the folder that the caller never saw."""
    try:
        yield
    except DataInvalid as error:
        _, _, what = one_line(str(error)).partition(name)
        raise Problem(400, f"the file{what}", "body", "correct the row or the format; nothing was kept") from None
