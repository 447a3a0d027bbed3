"""Labels out as files and in again, in four shapes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from evalgate.core.errors import DataInvalid, WrongAsWritten
from evalgate.core.labels import Label
from evalgate.core.splitting import split_of
from evalgate.review.exchange import FORMATS, Format, Import, format_of, read_labels, written
from evalgate.store.engine import Store
from tests.review.scenes import RUBRIC, sample, stored
from tests.store.scenes import NOON

ABOUT = Import("weekly", NOON, RUBRIC)
ENDS: dict[Format, str] = {"jsonl": "a.jsonl", "csv": "a.csv", "argilla": "a.jsonl", "label-studio": "a.json"}


def labels(store: Store, case_id: str = "case-0") -> list[Label]:
    run = stored(store, [sample(n) for n in range(3)])
    return [
        Label(
            check="answers",
            sample_digest=marked.sample_digest,
            case_id=case_id,
            language="es",
            cluster="=cmd|' /C calc'!A0",
            value=1.0,
            label="yes",
            probability=0.25,
            split=split_of(marked.sample_digest),
            source="queue:weekly",
            at=NOON,
        )
        for marked in store.runs.stream(run)
    ]


def file_of(folder: Path, store: Store, given: list[Label], form: Format) -> Path:
    path = folder / ENDS[form]
    path.write_bytes(b"".join(written(store, given, form)))
    return path


@pytest.mark.parametrize("form", FORMATS)
def test_what_goes_out_comes_in_again_as_an_import(store: Store, tmp_path: Path, form: Format) -> None:
    given = labels(store)
    path = file_of(tmp_path, store, given, form)
    expected = [one.model_copy(update={"basis": "imported", "source": "import:weekly"}) for one in given]
    assert read_labels(path, form, ABOUT) == expected


@pytest.mark.parametrize("case_id", ["=1+1", "+1", "-1", "@a", "\ta", "'=1", "'quoted"])
def test_no_cell_of_a_csv_is_a_formula_and_every_one_comes_back(store: Store, tmp_path: Path, case_id: str) -> None:
    path = file_of(tmp_path, store, labels(store, case_id), "csv")
    cells = [cell for row in csv.reader(io.StringIO(path.read_text())) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {one.case_id for one in read_labels(path, "csv", ABOUT)} == {case_id}


def test_records_for_argilla_and_tasks_for_label_studio_hold_the_texts(store: Store, tmp_path: Path) -> None:
    given = labels(store)
    record = json.loads(file_of(tmp_path, store, given, "argilla").read_text().splitlines()[0])
    (task, *_) = json.loads(file_of(tmp_path, store, given, "label-studio").read_text())
    assert record["fields"] == {"input": "¿Cuánto tarda? 0", "output": "Tarda tres días en llegar a su casa."}
    assert record["responses"] == {"answers": [{"value": "yes", "status": "submitted"}]}
    assert task["data"]["output"] == record["fields"]["output"]
    assert task["annotations"][0]["result"][0]["value"] == {"choices": ["yes"]}


def test_of_several_responses_most_count_and_a_tie_drafts_and_unknown_give_no_label(tmp_path: Path) -> None:
    def record(digest: str, *said: tuple[str, str]) -> str:
        responses = [{"value": value, "status": status} for value, status in said]
        about = {"sample_digest": digest * 32, "case_id": digest}
        return json.dumps({"metadata": about, "responses": {"answers": responses}})

    yes, no = ("yes", "submitted"), ("no", "submitted")
    path = tmp_path / "a.jsonl"
    path.write_text(
        "\n".join(
            [
                record("1", yes, yes, no),
                record("2", yes, no),
                record("3", ("yes", "draft")),
                record("4", ("unknown", "submitted"), no),
            ]
        )
    )
    found = [(one.case_id, one.label, one.people) for one in read_labels(path, "argilla", ABOUT)]
    assert found == [("1", "yes", 2), ("4", "no", 1)]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"colour": "red"}, "unknown column 'colour'"),
        ({"sample_digest": None}, "sample_digest is missing"),
        ({"label": "maybe"}, "'maybe' is no label of answers; known are yes, no"),
        ({"value": 0.0}, "'yes' of answers stands for 1.0, not for 0.0"),
        ({"check": "answer"}, "the queue does not ask about 'answer'. Did you mean 'answers'?"),
        ({"probability": 2}, "probability: Input should be less than or equal to 1"),
        ({"split": "nowhere"}, "for ever, not in 'nowhere'"),
    ],
)
def test_a_row_that_is_wrong_is_named_with_its_line(
    store: Store, tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    rows = [one.model_dump(mode="json") for one in labels(store)]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in (rows[0], {**rows[1], **change})))
    with pytest.raises(DataInvalid) as refused:
        read_labels(path, "jsonl", ABOUT)
    assert str(refused.value).startswith(f"{path}:2: ")
    assert complaint in str(refused.value)


@pytest.mark.parametrize(
    ("form", "row", "complaint"),
    [
        ("argilla", {"metadata": {}}, "responses is missing"),
        ("argilla", {"responses": {"answers": "yes"}}, "responses.answers is a list"),
        ("argilla", {"responses": {"answers": []}, "metadata": {}}, "sample_digest is missing"),
        ("label-studio", {"data": {}}, "annotations is missing"),
        (
            "label-studio",
            {"annotations": [{"result": [{"type": "choices", "from_name": "answers", "value": {"choices": []}}]}]},
            "answers: one choice is a label",
        ),
    ],
)
def test_a_record_of_another_shape_is_refused(
    tmp_path: Path, form: Format, row: dict[str, object], complaint: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row))
    with pytest.raises(DataInvalid) as refused:
        read_labels(path, form, ABOUT)
    assert f"{path}:1: {complaint}" in str(refused.value)


def test_a_file_whose_name_does_not_tell_its_format_needs_one_named() -> None:
    assert format_of(Path("a.csv")) == "csv"
    assert format_of(Path("a.json"), "label-studio") == "label-studio"
    with pytest.raises(WrongAsWritten, match="Give one of jsonl, csv, argilla, label-studio"):
        format_of(Path("a.json"))
