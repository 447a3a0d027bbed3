from __future__ import annotations

import gzip
import json
import os
import sys

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from evalgate.core.errors import DataInvalid
from evalgate.suites.rows import SUFFIXES, columns_of, rows
from tests.suites.scenes import complaint


def read(path):
    return list(rows(path))


def wrong(path, content):
    """Write bytes, read them as rows, return what is said without the folder."""
    path.write_bytes(content)
    with pytest.raises(DataInvalid) as refused:
        read(path)
    assert refused.value.exit_code == 2
    return str(refused.value).removeprefix(f"{path.parent}/")


# ── JSON Lines ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "A.JSONL"])
def test_json_lines_are_rows_with_their_line(tmp_path, name):
    path = tmp_path / name
    path.write_bytes('\ufeff{"id": "ação-1", "n": 1}\n\n  \r\n{"id": 2}\r\n{"id": null}'.encode())
    assert read(path) == [(1, {"id": "ação-1", "n": 1}), (4, {"id": 2}), (5, {"id": None})]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'{"a": 1}\n{"a": \n', "a.jsonl:2: broken JSON at column 6: unexpected end of data"),
        (b"{'a': 1}\n", "a.jsonl:1: broken JSON at column 2: unexpected character, expected a string key"),
        (b'{"a": 1}{"a": 2}\n', "a.jsonl:1: broken JSON at column 9: unexpected content after document"),
        (
            b'{"a": 1}\n\n{"b": {"score": NaN}}',
            "a.jsonl:3: 'score' is NaN, which is no number; leave it out or write null",
        ),
        (b'{"score": -Infinity}', "a.jsonl:1: 'score' is infinite, which is no number; leave it out or write null"),
        (b'{"scores": [1, 1e999]}', "a.jsonl:1: 'scores' is infinite, which is no number; leave it out or write null"),
        (b'{"a": 1}\n[1]\n', "a.jsonl:2: a row is an object with columns, not a list"),
        (b"3\n", "a.jsonl:1: a row is an object with columns, not a number"),
        (b"null\n", "a.jsonl:1: a row is an object with columns, not null"),
        (b'{"a": 1}\n{"a": "\xff"}\n', "a.jsonl:2: byte 0xff is not UTF-8; save the file as UTF-8"),
        (b'{"a": "\\ud800"}', "a.jsonl:1: JSON that cannot be read at column 8: no low surrogate in string"),
        (b"[" * 3000, "a.jsonl:1: broken JSON at column 1026: depth limit exceeded"),
        (b"", "a.jsonl: no cases; a data file holds at least one row"),
        (b"\n \n", "a.jsonl: no cases; a data file holds at least one row"),
    ],
)
def test_a_broken_json_line_is_named(tmp_path, content, line):
    assert wrong(tmp_path / "a.jsonl", content) == line


# ── a JSON list ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_objects_of_a_json_list_keep_their_lines(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('\n[\n  {"id": 1,\n   "t": "x\\ny"}, {"id": 2},\n\n  {"id": 3}\n]\n', encoding="utf-8")
    assert [(line, row["id"]) for line, row in read(path)] == [(3, 1), (4, 2), (6, 3)]


@given(
    st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=3) | st.integers()), min_size=1),
    st.sampled_from([None, 2]),
)
def test_any_json_list_is_read_as_json_reads_it(tmp_path_factory, items, indent):
    path = tmp_path_factory.mktemp("json") / "a.json"
    path.write_text(json.dumps(items, indent=indent), encoding="utf-8")
    assert [row for _, row in read(path)] == items


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"[]", "a.json: no cases; a data file holds at least one row"),
        (b"", "a.json: a .json file holds a list of objects, not something else; one object a line is .jsonl"),
        (b'{"a": 1}', "a.json: a .json file holds a list of objects, not one object; one object a line is .jsonl"),
        (b'[{"a": 1},\n\n{"a": }]', "a.json:3: broken JSON: Expecting value"),
        (b'[{"a": 1},\n3]', "a.json:2: a row is an object with columns, not a number"),
        (b'[{"a": 1}\n{"a": 2}]', "a.json:2: broken JSON: a comma or the end of the list is missing before this"),
        (b'[{"a": 1}\n', "a.json:2: broken JSON: a comma or the end of the list is missing before this"),
        (b'[{"a": 1}]\n[]', "a.json:2: broken JSON: there is more after the end of the list"),
        (b'[\n{"a": NaN}]', "a.json:2: 'a' is NaN, which is no number; leave it out or write null"),
        (b'[\n{"a": "\xff"}]', "a.json:2: byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"[" * 100_000, "a.json:1: broken JSON: nested too deeply"),
    ],
)
def test_a_broken_json_list_is_named(tmp_path, content, line):
    assert wrong(tmp_path / "a.json", content) == line


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_cell_with_line_breaks_does_not_shift_the_lines_after_it(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes('\ufeffid,região\r\n1,"uma\r\nduas\n\ntrês"\r\n\r\n2,"com ""aspas"""\r\n3,'.encode())
    assert read(path) == [
        (2, {"id": "1", "região": "uma\r\nduas\n\ntrês"}),
        (7, {"id": "2", "região": 'com "aspas"'}),
        (8, {"id": "3", "região": ""}),
    ]


def test_a_cell_may_be_as_long_as_a_document(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,context\n1," + "x" * 300_000 + "\n", encoding="utf-8")
    assert len(read(path)[0][1]["context"]) == 300_000


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"id,a\n1,2\n1,2,3\n", "a.csv:3: 3 cells under 2 columns; a cell with a comma goes in quotes"),
        (b'id,a\n1,"x\ny"\n1\n', "a.csv:4: 1 cells under 2 columns; a cell with a comma goes in quotes"),
        (b"id;a\n1;2\n", "a.csv:1: columns are separated by ';' here; save the file with commas"),
        (b"id\ta\n1\t2\n", "a.csv:1: columns are separated by '\\t' here; save the file with commas"),
        (b"id,id\n1,2\n", "a.csv:1: two columns are called 'id'; rename one"),
        (b'id,a\n1,"x\n', "a.csv:2: broken CSV: unexpected end of data"),
        (b'id,a\n1,"x"y\n', "a.csv:2: broken CSV: ',' expected after '\"'"),
        (b"id,a\n1,ol\xe1\n", "a.csv:2: byte 0xe1 is not UTF-8; save the file as UTF-8"),
        (b"id,a\n", "a.csv: no cases; a data file holds at least one row"),
        (b"", "a.csv: no cases; a data file holds at least one row"),
    ],
)
def test_a_broken_csv_is_named(tmp_path, content, line):
    assert wrong(tmp_path / "a.csv", content) == line


# ── Parquet ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_parquet_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "a.parquet"
    written = [
        {"id": f"ñ-{n}", "turns": [{"role": "user", "content": "olá"}], "n": n, "none": None} for n in range(2500)
    ]
    parquet.write_table(pa.Table.from_pylist(written), path)
    assert [row for _, row in read(path)] == written
    assert [line for line, _ in read(path)] == list(range(1, 2501))


def test_only_wanted_columns_of_a_parquet_file_are_read(tmp_path):
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"id": [1], "vector": [[0.5] * 1000]}), path)
    assert list(rows(path, {"id", "no such column"})) == [(1, {"id": 1})]


def test_a_nan_in_a_wanted_parquet_column_is_named(tmp_path):
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"id": [1, 2], "score": [0.5, float("nan")]}), path)
    assert complaint(lambda: read(path)) == f"{path}:2: 'score' is NaN, which is no number; leave it out or write null"
    assert [row for _, row in rows(path, {"id"})] == [{"id": 1}, {"id": 2}]


def test_what_is_no_parquet_is_one_line(tmp_path):
    said = wrong(tmp_path / "a.parquet", b"PAR1 not really")
    assert said.startswith("a.parquet: not a Parquet file that can be read: ")
    assert "\n" not in said


def test_an_empty_parquet_file_holds_no_cases(tmp_path):
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"id": pa.array([], pa.string())}), path)
    assert complaint(lambda: read(path)) == f"{path}: no cases; a data file holds at least one row"


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"id": [1]}), path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert complaint(lambda: read(path)) == (
        f"{path}: reading Parquet needs pyarrow; pip install 'evalgate-service[parquet]'"
    )


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.json"])
def test_a_gzipped_text_reads_as_the_text(tmp_path, name):
    content = {"a.jsonl": b'{"id": "1"}\n', "a.csv": b"id\n1\n", "a.json": b'[{"id": "1"}]'}[name]
    path = tmp_path / f"{name}.gz"
    path.write_bytes(gzip.compress(content, mtime=0))
    assert [row for _, row in read(path)] == [{"id": "1"}]


@pytest.mark.parametrize("content", [b"plain", gzip.compress(b'{"id": "1"}\n' * 1000, mtime=0)[:40]])
def test_a_torn_gzip_is_one_line(tmp_path, content):
    said = wrong(tmp_path / "a.jsonl.gz", content)
    assert said.startswith("a.jsonl.gz: not a whole gzip file: ")
    assert "\n" not in said


def test_a_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "candidate.jsonl").touch()
    assert complaint(lambda: read(tmp_path / "candidat.jsonl")) == (
        f"{tmp_path}/candidat.jsonl: no such file. Did you mean 'candidate.jsonl'?"
    )


def test_an_unknown_kind_of_file_names_the_known_ones(tmp_path):
    assert complaint(lambda: read(tmp_path / "a.xlsx")) == (
        f"{tmp_path}/a.xlsx: this kind of file is not read; known are {', '.join(SUFFIXES)}"
    )


def test_a_pipe_is_refused_because_data_is_read_twice(tmp_path):
    os.mkfifo(tmp_path / "a.jsonl")
    assert complaint(lambda: read(tmp_path / "a.jsonl")) == (
        f"{tmp_path}/a.jsonl: not a file; data is read more than once, so it has to be one"
    )


def test_the_columns_are_those_of_the_first_rows_in_order(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "b": 2}\n{"a": 1, "id": 2}\n', encoding="utf-8")
    assert columns_of(path) == ("id", "b", "a")


@given(st.sampled_from(["a.jsonl", "a.json", "a.csv", "a.jsonl.gz", "a.parquet"]), st.binary(max_size=100))
def test_any_bytes_are_rows_or_one_line(tmp_path_factory, name, content):
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content)
    assert "\n" not in complaint(lambda: read(path))
