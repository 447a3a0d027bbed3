from __future__ import annotations

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from pyarrow import parquet

from evalgate.core.samples import Message, ToolCall
from evalgate.suites.fields import Wanted
from evalgate.suites.suite import DataSpec
from tests.suites.scenes import GOOD, Pii, Recorded, as_csv, jsonl, one, said

SPEC = DataSpec(
    columns={"input": "pregunta", "output": "resposta", "cluster": "sessão"}, slices={"região": "país", "nivel": "plan"}
)


def test_columns_with_accents_become_fields(tmp_path):
    path = jsonl(
        tmp_path / "a.jsonl",
        {"id": "ção-1", "pregunta": "¿Cuándo?", "resposta": "Amanhã", "sessão": 7, "país": "México", "plan": True},
    )
    sample = one(path, SPEC)
    assert (sample.case.id, sample.case.input, sample.output.text) == ("ção-1", "¿Cuándo?", "Amanhã")
    assert (sample.case.cluster, sample.case.slices) == ("7", {"região": "México", "nivel": "true"})


def test_every_field_is_read(tmp_path):
    facts = {
        "id": 12,
        "input": "q",
        "output": "a",
        "reference": 42,
        "context": ["one", "two"],
        "cluster": "s",
        "tool_calls": [{"name": "find", "arguments": {"q": "ñ"}}],
        "model": "m-1",
        "revision": 1234567,
        "created_at": "2026-03-01T10:00:00-03:00",
        "latency_ms": 12.5,
        "input_tokens": 3,
        "output_tokens": 4,
        "cost_usd": 0,
        "repeat": 1,
    }
    sample = one(jsonl(tmp_path / "a.jsonl", facts))
    case, output = sample.case, sample.output
    assert (case.id, case.reference, case.context, case.cluster) == ("12", "42", ("one", "two"), "s")
    assert output.tool_calls == (ToolCall(name="find", arguments='{"q":"ñ"}'),)
    assert (output.model, output.revision, output.repeat) == ("m-1", "1234567", 1)
    assert output.created_at == datetime(2026, 3, 1, 13, tzinfo=UTC)
    assert (output.latency_ms, output.input_tokens, output.output_tokens, output.cost_usd) == (12.5, 3, 4, 0)


def test_what_is_null_or_absent_is_unknown(tmp_path):
    sample = one(jsonl(tmp_path / "a.jsonl", {"id": "1", "input": "q", "output": "", "model": None, "reference": None}))
    assert (sample.output.text, sample.output.model, sample.output.cost_usd) == ("", None, None)
    assert (sample.case.reference, sample.case.context, sample.case.cluster) == (None, (), None)


def test_jsonl_csv_and_parquet_say_the_same(tmp_path):
    turns = [{"role": "user", "content": "olá"}, {"role": "assistant", "content": None, "tool_calls": [{"name": "f"}]}]
    row = {
        "id": 7,
        "input": turns,
        "output": "é",
        "context": ["a", "b"],
        "latency_ms": 1.5,
        "prompt_safe": True,
        "n": 3,
    }
    wanted = Wanted(where={"prompt_safe": True, "n": 3})
    cells = {**row, "input": json.dumps(turns), "context": json.dumps(row["context"]), "prompt_safe": "True"}
    parquet.write_table(pa.Table.from_pylist([row]), tmp_path / "a.parquet")
    from_jsonl = one(jsonl(tmp_path / "a.jsonl", row), wanted=wanted)
    assert one(as_csv(tmp_path / "a.csv", cells), wanted=wanted) == from_jsonl
    assert one(tmp_path / "a.parquet", wanted=wanted) == from_jsonl
    assert from_jsonl.case.metadata == {"prompt_safe": True, "n": 3}
    assert from_jsonl.case.input[1] == Message(role="assistant", tool_calls=(ToolCall(name="f"),))


def test_messages_are_read_as_providers_write_them(tmp_path):
    turns = [
        {"role": "system", "content": [{"type": "text", "text": "Seja"}, {"type": "text", "text": "breve"}]},
        {
            "role": "assistant",
            "content": None,
            "refusal": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "buscar", "arguments": "{bad"}}],
        },
        {"role": "tool", "content": "nada", "tool_call_id": "c1"},
    ]
    case = one(jsonl(tmp_path / "a.jsonl", {"id": 1, "input": turns, "output": "a"})).case
    assert case.input == (
        Message(role="system", content="Seja\nbreve"),
        Message(role="assistant", tool_calls=(ToolCall(name="buscar", arguments="{bad", id="c1"),)),
        Message(role="tool", content="nada", tool_call_id="c1"),
    )


def test_a_csv_cell_in_brackets_is_text_unless_it_holds_messages(tmp_path):
    path = as_csv(tmp_path / "a.csv", {"id": "1", "input": "[sic] what?", "output": '["a"]', "context": "[sic"})
    sample = one(path)
    assert (sample.case.input, sample.output.text, sample.case.context) == ("[sic] what?", '["a"]', ("[sic",))


def test_a_text_in_brackets_stays_text_where_files_know_lists(tmp_path):
    row = {"id": "1", "input": '[{"role": "user", "content": "x"}]', "output": "a"}
    assert one(jsonl(tmp_path / "a.jsonl", row)).case.input == row["input"]


def test_an_answer_that_only_calls_tools_has_no_text(tmp_path):
    row = {"id": "1", "input": "q", "output": None, "tool_calls": [{"name": "f"}]}
    assert one(jsonl(tmp_path / "a.jsonl", row)).output.text == ""


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (
            {"q": 1, "text": "x"},
            "no column 'id'; the columns are q, text; say which one is the id: data.columns.id",
        ),
        (
            {"id": 1, "prompt": "x"},
            "no column 'input'; the columns are id, prompt; say which one is the input: data.columns.input",
        ),
        (
            {"id": 1, "input": "x"},
            "no column 'output'; the columns are id, input; say which one is the output: data.columns.output",
        ),
        ({**GOOD, "id": None}, "'id' is empty, and every row needs its id"),
        ({**GOOD, "id": ""}, "'id' is empty, and every row needs its id"),
        ({**GOOD, "id": True}, "'id' is text or a whole number, not true or false"),
        ({**GOOD, "id": 1.5}, "'id' is text or a whole number, not 1.5; put long numbers in quotes"),
        ({**GOOD, "id": 10**22}, "'id' is text or a whole number, not 1e+22; put long numbers in quotes"),
        ({**GOOD, "id": ["a"]}, "'id' is text or a whole number, not a list"),
        ({**GOOD, "input": None}, "'input' is empty, and every row needs its input"),
        ({**GOOD, "input": 3}, "'input' is text or a list of messages, not a number"),
        ({**GOOD, "input": []}, "'input' is an empty list of messages"),
        ({**GOOD, "input": ["a"]}, "'input' message 0 is no object with role and content"),
        (
            {**GOOD, "input": [{"role": "user", "text": "a"}]},
            "'input' message 0 has the key 'text'; known are content, name, role, tool_call_id, tool_calls",
        ),
        (
            {**GOOD, "input": [{"role": "king", "content": "a"}]},
            "'input' message 0: role: Input should be 'system', 'developer', 'user', 'assistant' or 'tool'",
        ),
        (
            {**GOOD, "input": [{"role": "user", "content": [{"type": "image_url", "image_url": "x"}]}]},
            "'input' message 0 has content that is not text; only text is read",
        ),
        ({**GOOD, "output": None}, "'output' is empty, and every row needs its output; an empty answer is \"\""),
        ({**GOOD, "output": {"a": 1}}, "'output' is the answer's text, not an object; write JSON answers as text"),
        ({**GOOD, "tool_calls": "f"}, "'tool_calls' is a list of calls, each with name and arguments"),
        (
            {**GOOD, "tool_calls": [{"arguments": "{}"}]},
            "'tool_calls' holds a call that cannot be read: name: Field required",
        ),
        ({**GOOD, "reference": ["a"]}, "'reference' is text, not a list; write JSON as text"),
        ({**GOOD, "context": {"a": 1}}, "'context' is a text or a list of texts"),
        ({**GOOD, "context": ["a", 1]}, "'context' is a text or a list of texts"),
        ({**GOOD, "cluster": []}, "'cluster' is text or a whole number, not a list"),
        ({**GOOD, "latency_ms": "12"}, "'latency_ms' is a number, not text"),
        ({**GOOD, "latency_ms": -1}, "latency_ms: Input should be greater than or equal to 0"),
        (
            {**GOOD, "input_tokens": 1.5},
            "input_tokens: Input should be a valid integer, got a number with a fractional part",
        ),
        ({**GOOD, "repeat": True}, "'repeat' is a number, not true or false"),
        ({**GOOD, "created_at": "yesterday"}, "'created_at' is a time like 2026-03-01T10:00:00Z, not 'yesterday'"),
        ({**GOOD, "created_at": 1700000000}, "'created_at' is a time like 2026-03-01T10:00:00Z, not a number"),
        ({**GOOD, "model": {"name": "m"}}, "'model' is text or a whole number, not an object"),
    ],
)
def test_a_field_that_cannot_be_read_is_one_line(tmp_path, row, line):
    assert said(jsonl(tmp_path / "a.jsonl", {**GOOD, "id": "first"}, row)) == f"a.jsonl:2: {line}"


def test_a_cell_that_should_be_a_number_is_named(tmp_path):
    path = as_csv(tmp_path / "a.csv", {**GOOD, "latency_ms": "fast"})
    assert said(path) == "a.csv:2: 'latency_ms' is a number, not 'fast'"
    assert one(as_csv(tmp_path / "b.csv", {**GOOD, "latency_ms": "1.5", "cost_usd": ""})).output.latency_ms == 1.5


def test_values_too_deep_to_hash_are_refused(tmp_path):
    deep = "[" * 300 + "]" * 300
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"id": 1, "input": "q", "output": "a", "extra": {deep}}}\n', encoding="utf-8")
    line = "a.jsonl:1: 'extra' is nested too deeply, or holds something that is not JSON"
    assert said(path, wanted=Wanted(where={"extra": 1})) == line
    assert said(path, wanted=Wanted(recorded=("extra",))) == line
    assert one(path).output.text == "a"


# ── columns that somebody names ──────────────────────────────────────────────────────────────────────────────────────


def test_a_mapped_column_that_is_not_there_names_the_nearest(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", {"id": 1, "prompt": "q", "output": "a"})
    assert said(path, DataSpec(columns={"input": "promt"})) == (
        "a.jsonl:1: no column 'promt', which data.columns.input names; the columns are id, prompt, output."
        " Did you mean 'prompt'?"
    )


def test_an_optional_column_that_no_row_has_is_refused(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", GOOD, {**GOOD, "id": "c-2", "sesion": "s"})
    assert said(path, DataSpec(columns={"cluster": "session"})) == (
        "a.jsonl: no row has the column 'session', which data.columns.cluster names; the columns are id, input, output,"
        " sesion. Did you mean 'sesion'?"
    )


def test_a_slice_column_that_no_row_has_is_refused(tmp_path):
    assert said(jsonl(tmp_path / "a.jsonl", GOOD), DataSpec(slices={"locale": "lang"})) == (
        "a.jsonl: no row has the column 'lang', which data.slices.locale names; the columns are id, input, output"
    )


def test_columns_that_checks_read_are_kept_and_demanded(tmp_path):
    checks = {
        "win": Recorded(column="preference"),
        "safe": Pii(where={"prompt_safe": True}),
    }
    wanted = Wanted.by(checks)
    path = jsonl(tmp_path / "a.jsonl", {**GOOD, "preference": 1.5, "prompt_safe": False, "other": 1})
    sample = one(path, wanted=wanted)
    assert (sample.output.recorded, sample.case.metadata) == ({"preference": 1.5}, {"prompt_safe": False})
    assert said(jsonl(tmp_path / "b.jsonl", {**GOOD, "prompt_safe": True, "preferences": 1}), wanted=wanted) == (
        "b.jsonl: no row has the column 'preference', which checks.win names; the columns are id, input, output,"
        " prompt_safe, preferences. Did you mean 'preferences'?"
    )
    assert said(jsonl(tmp_path / "c.jsonl", {**GOOD, "preference": 1}), wanted=wanted) == (
        "c.jsonl: no row has the column 'prompt_safe', which checks.safe.where names; the columns are id, input,"
        " output, preference"
    )


def test_where_also_looks_into_metadata(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", {**GOOD, "metadata": {"tier": "ouro", "noise": 1}})
    wanted = Wanted(where={"tier": "ouro"})
    assert said(path, wanted=wanted) == ""
    assert one(path, wanted=wanted).case.metadata == {"tier": "ouro"}


def test_recorded_scores_alone_need_no_texts(tmp_path):
    wanted = Wanted.by({"win": Recorded(column="preference")})
    sample = one(jsonl(tmp_path / "a.jsonl", {"q": 3, "preference": 1.2}), DataSpec(columns={"id": "q"}), wanted)
    assert (sample.case.id, sample.case.input, sample.output.text) == ("3", "", "")


def test_a_column_that_a_check_reads_of_the_case_is_kept() -> None:
    from evalgate.checks.canary_leak import CanaryLeak

    wanted = Wanted.by({"no_leak": CanaryLeak(column="canary")})
    assert wanted.where == {"canary": ""}
    assert wanted.asked_by == {"canary": "checks.no_leak"}
