"""`evalgate ingest`: files of every kind, here or in an object store, counted exactly and never twice."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest
from pyarrow import parquet
from sqlalchemy import select

from evalgate.cli.app import run
from evalgate.store.engine import open_store
from evalgate.store.tables import metadata
from tests.traffic.scenes import fixture

ITEM, SCORE = metadata.tables["interaction"], metadata.tables["traffic_score"]
RECORD = {"id": "e-1", "input": "Where is it?", "output": "On its way.", "release": "r1"}
ROW = {"request": "r-1", "prompt": "¿Llueve?", "response": "Sí, mucho.", "tier": "gold"}
COLUMNS = "id=request,input=prompt,output=response"
SUITE = """\
version: 1
name: support
owner: owner@acme.example
data: {}
checks: {no_pii: {check: pii}}
gates: {no_pii: {never: any}}
traffic: {}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lines(path: Path, *records: Any) -> str:
    path.write_text("".join(f"{json.dumps(one) if isinstance(one, dict) else one}\n" for one in records), "utf-8")
    return path.name


def stored(column: str = "state") -> Counter[str]:
    with open_store(".evalgate/evalgate.db") as store, store.database.read() as connection:
        return Counter(connection.execute(select(ITEM.c[column])).scalars())


def test_a_file_is_taken_in_once_however_often_it_is_given(folder, capsys):
    name = lines(folder / "day.jsonl", *({**RECORD, "id": f"e-{n}"} for n in range(1200)))
    assert [run(["ingest", name]), run(["ingest", name])] == [0, 0]
    assert capsys.readouterr().out.splitlines() == [
        "day.jsonl: 1,200 records: 1,200 accepted",
        "day.jsonl: 1,200 records: 1,200 duplicate",
    ]
    assert stored() == {"complete": 1200}


def test_what_cannot_be_read_is_counted_and_named_and_takes_nothing_with_it(folder, capsys):
    name = lines(folder / "day.jsonl", RECORD, "{broken", {"id": "e-2", "sauce": 1}, {**RECORD, "id": "e-3"})
    assert run(["ingest", name, "--format", "native"]) == 2
    out, err = capsys.readouterr()
    assert out == "day.jsonl: 4 records: 2 accepted, 2 rejected\n"
    assert [line.split(": ")[0] for line in err.splitlines()] == ["  day.jsonl:2", "  day.jsonl:3"]


def test_what_is_wrong_with_a_record_is_told_without_anybodys_data(folder, capsys):
    name = lines(folder / "day.jsonl", {"id": "e-1", "ana@example.com": 1})
    run(["ingest", name, "--format", "native"])
    assert "ana@example.com" not in capsys.readouterr().err


def as_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ROW)
        writer.writeheader()
        writer.writerow(ROW)


def as_parquet(path: Path) -> None:
    parquet.write_table(pa.Table.from_pylist([ROW]), path)


def as_packed_lines(path: Path) -> None:
    path.write_bytes(gzip.compress(json.dumps(ROW).encode()))


@pytest.mark.parametrize(
    ("name", "write"), [("day.csv", as_csv), ("day.parquet", as_parquet), ("day.jsonl.gz", as_packed_lines)]
)
def test_tables_are_read_by_a_map_of_their_columns(folder, capsys, name, write):
    write(folder / name)
    assert run(["ingest", name, "--columns", COLUMNS, "--keep", "tier", "--source", "archive"]) == 0
    assert capsys.readouterr().out == f"{name}: 1 record: 1 accepted\n"
    with open_store(".evalgate/evalgate.db") as store:
        kept = store.interactions.one(1)
    assert kept is not None
    assert (kept.key, kept.attributes) == (("archive", "r-1"), {"tier": "gold"})


def test_the_two_files_of_a_batch_make_whole_exchanges_in_either_order(folder, capsys):
    parts = fixture("openai-batch")
    given = [lines(folder / f"{part}.jsonl", *parts[part]) for part in ("output", "input")]
    assert run(["ingest", *given]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "output.jsonl: 4 records: 2 partial, 1 no content, 1 passed over",
        "input.jsonl: 4 records: 3 completed, 1 passed over",
    ]
    assert set(stored("source")) == {"openai-batch"}


@pytest.mark.parametrize("apart", [False, True])
def test_a_langfuse_export_is_read_whole_or_as_rows(folder, apart):
    export = fixture("langfuse")
    if_whole, if_rows = folder / "export.json", folder / "export.jsonl"
    if_whole.write_text(json.dumps(export), "utf-8")
    lines(if_rows, *(row for part in ("traces", "observations", "scores") for row in export[part]))
    assert run(["ingest", (if_whole, if_rows)[apart].name, *["--format", "langfuse"][: 2 * apart]]) == 0
    assert set(stored("source")) == {"langfuse"}
    assert stored()["complete"] >= 1


def test_an_object_store_is_read_by_address_and_pattern(capsys):
    store = fsspec.filesystem("memory")
    for number in (1, 2):
        store.pipe(f"/days/{number}.jsonl", json.dumps({**RECORD, "id": f"e-{number}"}).encode())
    assert run(["ingest", "memory://days/*.jsonl"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"memory:///days/{number}.jsonl: 1 record: 1 accepted" for number in (1, 2)
    ]
    assert stored() == {"complete": 2}


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["day.jsonl"], 2, "day.jsonl: no such file"),
        (["day.xml"], 2, "day.xml: this kind of file is not read"),
        (["memory://nowhere/a.jsonl"], 2, "memory://nowhere/a.jsonl: there is no such object"),
        (["memory://nowhere/*.jsonl"], 2, "memory://nowhere/*.jsonl: nothing has such a name"),
        (["unheard://a/b.jsonl"], 2, "unheard://a/b.jsonl: Protocol not known: unheard"),
        (["a.jsonl", "--format", "natve"], 2, "--format natve: auto, native, rows, openai, langfuse are known."),
        (["a.jsonl", "--columns", "input"], 2, "--columns input: write FIELD=COLUMN"),
        (["a.jsonl", "--columns", "imput=q"], 2, "columns.imput: not a field of an interaction. Did you mean 'input'?"),
        (["a.jsonl", "--source", "Two Words"], 2, "--source Two Words: write up to 64 lower-case letters"),
        (["a.jsonl", "--project", "sales"], 2, "there is no project 'sales'"),
    ],
)
def test_what_is_wrong_with_the_command_is_one_line(folder, capsys, arguments, code, line):
    lines(folder / "a.jsonl", RECORD)
    assert run(["ingest", *arguments]) == code
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"evalgate: {line}")


def test_suites_look_at_what_is_taken_in(folder):
    (folder / "support.yaml").write_text(SUITE, encoding="utf-8")
    name = lines(folder / "day.jsonl", {**RECORD, "output": "Your card is 4111 1111 1111 1111."})
    assert run(["ingest", name, "--suite", "support.yaml"]) == 0
    with open_store(".evalgate/evalgate.db") as store, store.database.read() as connection:
        assert [tuple(row) for row in connection.execute(select(SCORE.c.state, SCORE.c.value))] == [("scored", 0.0)]
    assert b"4111" not in b"".join(path.read_bytes() for path in (folder / ".evalgate").iterdir())
