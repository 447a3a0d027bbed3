"""Labels as files: JSON Lines and CSV with all that a label says, and the shapes that Argilla and Label Studio read.

What comes in is an import: its basis and source say so, and its split is the one of its sample. A row that is wrong
raises DataInvalid with `file:line`, and nothing of the file is kept.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import orjson
from pydantic import ValidationError
from sqlalchemy import text

from evalgate.core.errors import DataInvalid, WrongAsWritten, did_you_mean
from evalgate.core.labels import Label
from evalgate.core.outcomes import metric_name
from evalgate.core.review import UNKNOWN, Criterion, ReviewRubric, agreed_label
from evalgate.core.splitting import split_of
from evalgate.store.items import Content
from evalgate.suites.rows import rows

if TYPE_CHECKING:
    from evalgate.store.engine import Store
    from evalgate.store.queues import Queue

_BODY = text("SELECT body FROM sample WHERE project = :project AND digest = :digest")
Format = Literal["jsonl", "csv", "argilla", "label-studio"]
FORMATS: tuple[Format, ...] = get_args(Format)
COLUMNS = tuple(Label.model_fields)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_ABOUT = ("sample_digest", "case_id", "cluster", "language", "stratum", "probability")
"""What is told of a sample beside its texts."""


class Import(NamedTuple):
    """What is said of a whole file that is read."""

    name: str
    """`source` becomes import:NAME."""
    at: datetime
    """When labels were given that do not say it."""
    rubric: ReviewRubric
    """The labels that may be given; those of other criteria are refused."""


def format_of(path: Path, named: str | None = None) -> Format:
    """Return the format that is named, else the one that the file's name ends in; WrongAsWritten for neither."""
    wanted = named or path.name.lower().removesuffix(".gz").rpartition(".")[2]
    for known in FORMATS:
        if wanted == known:
            return known
    hint = did_you_mean(wanted, FORMATS)
    raise WrongAsWritten(f"{path}: which format is it? Give one of {', '.join(FORMATS)}.{hint}")


def written(store: Store, labels: Iterable[Label], form: Format) -> Iterator[bytes]:
    """Give the bytes of a file of labels; JSON Lines and CSV with flat memory, the others sample by sample."""
    if form == "jsonl":
        return (orjson.dumps(label.model_dump(mode="json")) + b"\n" for label in labels)
    if form == "csv":
        return _csv(labels)
    if form == "argilla":
        return (orjson.dumps(record) + b"\n" for record in _by_sample(store, labels, _argilla))
    return _listed(_by_sample(store, labels, _label_studio))


def labels_of(store: Store, queue: Queue) -> Iterator[Label]:
    """Give the labels that a queue gave, and those that were imported into it, check by check."""
    sources = {f"queue:{queue.name}", f"import:{queue.name}"}
    for check in sorted({criterion.check for criterion in queue.rubric.criteria.values()}):
        yield from (label for label in store.labels.stream(check) if label.source in sources)


def read_labels(path: Path, form: Format, about: Import) -> list[Label]:
    """Return the labels of a file."""
    read: dict[Format, Callable[[Mapping[str, Any], Import], list[Label]]] = {
        "jsonl": _plain,
        "csv": lambda row, about: _plain(_from_cells(row), about),
        "argilla": _from_argilla,
        "label-studio": _from_label_studio,
    }
    found: list[Label] = []
    for line, row in rows(path):
        try:
            found += read[form](row, about)
        except (_WrongRowError, WrongAsWritten) as error:
            raise DataInvalid(f"{path}:{line}: {error}") from None
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise DataInvalid(f"{path}:{line}: {where}: {first['msg'].removeprefix('Value error, ')}") from None
    return found


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula.

    >>> guarded("=1+1"), guarded("tone")
    ("'=1+1", 'tone')
    """
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def unguarded(cell: str) -> str:
    """Return the cell as it was.

    >>> unguarded(guarded("=1+1")), unguarded(guarded("'quoted'"))
    ('=1+1', "'quoted'")
    """
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'")) else cell


class _WrongRowError(Exception):
    """What is wrong with a row."""


def _csv(labels: Iterable[Label]) -> Iterator[bytes]:
    page = io.StringIO()
    # A writer quotes cells that hold a character of its line's end: without the quotes a lone CR would end the row.
    writer = csv.writer(page, lineterminator="\r\n")
    found = (label.model_dump(mode="json") for label in labels)
    for cells in chain([COLUMNS], ([_cell(data[name]) for name in COLUMNS] for data in found)):
        writer.writerow(cells)
        yield page.getvalue().removesuffix("\r\n").encode() + b"\n"
        page.seek(0)
        page.truncate()


def _cell(value: object) -> str:
    if value is None:
        return ""
    return guarded(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else repr(value)


def _from_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of text as a label's fields; an empty cell is absent."""
    return {name: unguarded(cell) if isinstance(cell, str) else cell for name, cell in row.items() if cell != ""}


def _plain(row: Mapping[str, Any], about: Import) -> list[Label]:
    known = {name: value for name, value in row.items() if value is not None}
    for name in known:
        if name not in COLUMNS:
            raise _WrongRowError(f"unknown column {name!r}.{did_you_mean(name, COLUMNS)}")
    digest = _text(known, "sample_digest")
    split = split_of(digest)
    if known.get("split", split) != split:
        raise _WrongRowError(f"split: sample {digest} is in {split!r} for ever, not in {known['split']!r}")
    facts = {"at": about.at.isoformat(), **known, "split": split, **_imported(about)}
    label = Label.model_validate(facts)
    _, asked = _criterion(about.rubric, label.metric)
    if label.label not in asked.labels:
        raise _WrongRowError(_no_such(label.label, label.metric, asked))
    if abs(asked.labels[label.label].value - label.value) > 1e-9:
        right = asked.labels[label.label].value
        raise _WrongRowError(f"value: {label.label!r} of {label.metric} stands for {right}, not for {label.value}")
    return [label]


def _imported(about: Import) -> dict[str, Any]:
    return {"basis": "imported", "source": f"import:{about.name}"}


def _by_sample(
    store: Store, labels: Iterable[Label], shape: Callable[[list[Label], Content | None], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    grouped: dict[str, list[Label]] = defaultdict(list)
    for label in labels:
        grouped[label.sample_digest].append(label)
    for digest, mine in grouped.items():
        yield shape(mine, _content(store, digest))


def _content(store: Store, digest: str) -> Content | None:
    """Return the texts of a sample; None for one that the store does not hold, as its labels were imported."""
    with store.database.read() as connection:
        row = connection.execute(_BODY, {"project": store.project, "digest": digest}).first()
    if row is None:
        return None
    body = orjson.loads(row[0])
    return Content(**{name: body[name] for name in Content.model_fields if name in body})


def _about(labels: list[Label]) -> dict[str, Any]:
    said = labels[0].model_dump(mode="json")
    return {name: said[name] for name in _ABOUT if said[name] is not None}


def _shown(content: Content | None) -> dict[str, str]:
    """Return the texts of a sample; a conversation is one text, and so are the passages."""
    if content is None:
        return {"input": "", "output": ""}
    asked = content.input if isinstance(content.input, str) else orjson.dumps(content.input).decode()
    shown = {"input": asked, "output": content.text}
    return {**shown, "context": "\n\n".join(content.context)} if content.context else shown


def _argilla(labels: list[Label], content: Content | None) -> dict[str, Any]:
    responses = {label.metric: [{"value": label.label, "status": "submitted"}] for label in labels}
    return {
        "id": labels[0].sample_digest,
        "fields": _shown(content),
        "metadata": _about(labels),
        "responses": responses,
    }


def _from_argilla(row: Mapping[str, Any], about: Import) -> list[Label]:
    said: dict[str, list[str]] = {}
    for question, responses in _mapping(row, "responses").items():
        if not isinstance(responses, list):
            raise _WrongRowError(f"responses.{question} is a list of responses")
        given = [_mapping({"response": one}, "response") for one in responses]
        said[question] = [_text(one, "value") for one in given if one.get("status", "submitted") == "submitted"]
    return _labels(_mapping(row, "metadata"), said, about)


def _label_studio(labels: list[Label], content: Content | None) -> dict[str, Any]:
    result = [
        {"from_name": label.metric, "to_name": "output", "type": "choices", "value": {"choices": [label.label]}}
        for label in labels
    ]
    return {
        "data": {**_shown(content), **_about(labels)},
        "annotations": [{"was_cancelled": False, "result": result}],
    }


def _from_label_studio(row: Mapping[str, Any], about: Import) -> list[Label]:
    said: dict[str, list[str]] = defaultdict(list)
    annotations = row.get("annotations")
    if not isinstance(annotations, list):
        raise _WrongRowError("annotations is missing, or is no list")
    for annotation in annotations:
        one = _mapping({"annotation": annotation}, "annotation")
        if one.get("was_cancelled"):
            continue
        for result in one.get("result", ()):
            chosen = _mapping({"result": result}, "result")
            if chosen.get("type") != "choices":
                continue
            choices = _mapping(chosen, "value").get("choices")
            if not isinstance(choices, list) or len(choices) != 1 or not isinstance(choices[0], str):
                raise _WrongRowError(f"{_text(chosen, 'from_name')}: one choice is a label, this has another number")
            said[_text(chosen, "from_name")].append(choices[0])
    return _labels(_mapping(row, "data"), said, about)


def _labels(facts: Mapping[str, Any], said: Mapping[str, list[str]], about: Import) -> list[Label]:
    """Return the label that most people give each metric; a tie and `unknown` give none."""
    digest = _text(facts, "sample_digest")
    known = {name: facts[name] for name in _ABOUT if facts.get(name) is not None}
    found = []
    for metric, answers in said.items():
        name, asked = _criterion(about.rubric, metric)
        for answer in answers:
            if answer != UNKNOWN and answer not in asked.labels:
                raise _WrongRowError(_no_such(answer, metric, asked))
        agreed = agreed_label([{name: answer} for answer in answers], name)
        if agreed is None:
            continue
        label, people = agreed
        given = {"check": asked.check, "criterion": asked.criterion, "label": label, "people": people}
        given |= {"value": asked.labels[label].value, "split": split_of(digest), "at": about.at}
        found.append(Label.model_validate({**known, **given, **_imported(about)}))
    return found


def _criterion(rubric: ReviewRubric, metric: str) -> tuple[str, Criterion]:
    by_metric = {metric_name(one.check, one.criterion): (name, one) for name, one in rubric.criteria.items()}
    if metric not in by_metric:
        hint = did_you_mean(metric, by_metric)
        raise _WrongRowError(f"the queue does not ask about {metric!r}.{hint} It asks: {', '.join(by_metric)}")
    return by_metric[metric]


def _no_such(label: str, metric: str, asked: Criterion) -> str:
    return f"{label!r} is no label of {metric}; known are {', '.join(asked.labels)}"


def _mapping(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = row.get(name)
    if not isinstance(value, Mapping):
        raise _WrongRowError(f"{name} is missing, or is no object")
    return value


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value:
        raise _WrongRowError(f"{name} is missing, or is no text")
    return value


def _listed(tasks: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Give the tasks as one JSON list."""
    yield b"["
    for number, task in enumerate(tasks):
        yield (b",\n" if number else b"\n") + orjson.dumps(task)
    yield b"\n]\n"
