"""Files of traffic: rows with columns of one's own, native records, OpenAI's batch files."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from evalgate.core.errors import DataInvalid, WrongAsWritten
from evalgate.traffic.files import completion_interactions, native_interactions, row_interactions
from evalgate.traffic.interactions import Interaction
from evalgate.traffic.merging import folded
from tests.traffic.scenes import fixture

ROW: dict[str, Any] = {
    "request": "r-1",
    "prompt": "¿Llueve?",
    "response": "Sí.",
    "session": "conv-1",
    "who": "u-1",
    "revision": "2026.11.3",
    "at": "2026-11-20T10:00:00Z",
    "latency_ms": 1500,
    "thumb": "down",
    "tier": "gold",
}
COLUMNS = {
    "id": "request",
    "input": "prompt",
    "output": "response",
    "cluster": "session",
    "user_id": "who",
    "created_at": "at",
    "feedback": "thumb",
}


def as_jsonl(path: Path) -> None:
    path.write_text(json.dumps(ROW) + "\n", encoding="utf-8")


def as_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ROW)
        writer.writeheader()
        writer.writerow(ROW)


def as_parquet(path: Path) -> None:
    parquet.write_table(pa.Table.from_pylist([ROW]), path)


@pytest.mark.parametrize(
    ("name", "write"),
    [("day.jsonl", as_jsonl), ("day.csv", as_csv), ("day.parquet", as_parquet)],
    ids=["jsonl", "csv", "parquet"],
)
def test_a_row_of_any_kind_of_file_is_the_same_interaction(name: str, write, tmp_path: Path):
    write(tmp_path / name)
    (interaction,) = row_interactions(tmp_path / name, COLUMNS, keep=["tier"])
    assert interaction.key == ("file", "r-1")
    assert (interaction.conversation_id, interaction.user_id, interaction.release) == ("conv-1", "u-1", "2026.11.3")
    assert (interaction.input[0].content, interaction.output[0].content) == ("¿Llueve?", "Sí.")
    assert (interaction.latency_ms, interaction.feedback, interaction.state) == (1500.0, "down", "complete")
    assert interaction.attributes == {"tier": "gold"}


def test_a_field_that_no_interaction_has_is_refused_with_the_nearest(tmp_path: Path):
    as_jsonl(tmp_path / "day.jsonl")
    with pytest.raises(
        WrongAsWritten, match=r"columns\.user: not a field of an interaction\. Did you mean 'user_id'\?"
    ):
        list(row_interactions(tmp_path / "day.jsonl", {"user": "who"}))


def test_a_row_that_cannot_be_read_is_named_by_its_line(tmp_path: Path):
    path = tmp_path / "day.jsonl"
    path.write_text(json.dumps(ROW) + "\n\n" + json.dumps(ROW | {"prompt": 3}) + "\n", encoding="utf-8")
    with pytest.raises(DataInvalid, match=r"day\.jsonl:3: 'prompt' is text or a list of messages"):
        list(row_interactions(path, COLUMNS))


def test_a_file_of_native_records_is_read_as_the_route_reads_them(tmp_path: Path):
    path = tmp_path / "day.jsonl"
    path.write_text('{"id": "1", "input": "?", "output": "!"}\n{"id": "2", "inpt": "?"}\n', encoding="utf-8")
    read = native_interactions(path)
    assert next(read).state == "complete"
    with pytest.raises(DataInvalid, match=r"day\.jsonl:2: inpt: Extra inputs"):
        next(read)


# ── OpenAI's files ───────────────────────────────────────────────────────────────────────────────────────────────────

BATCH = fixture("openai-batch")


def lines(path: Path, told: list[dict[str, Any]]) -> list[Interaction]:
    path.write_text("".join(json.dumps(line) + "\n" for line in told), encoding="utf-8")
    return list(completion_interactions(path))


def test_the_two_files_of_a_batch_make_whole_interactions_in_either_order(tmp_path: Path):
    sent, came = lines(tmp_path / "in.jsonl", BATCH["input"]), lines(tmp_path / "out.jsonl", BATCH["output"])
    assert {one.state for one in sent} == {"partial"}
    wholes = {one.external_id: one for one in folded([*sent, *came])}
    assert wholes == {one.external_id: one for one in folded([*came, *sent])}
    assert {name: one.state for name, one in wholes.items()} == dict.fromkeys(["req-1", "req-2", "req-4"], "complete")
    first, second, failed = wholes["req-1"], wholes["req-2"], wholes["req-4"]
    assert (first.output[0].content, first.model_answered, first.user_id) == ("Llueve.", "gpt-5-2026-08-07", "u-1")
    assert [(m.role, m.content) for m in second.input] == [("system", "Sé breve."), ("user", "hola")]
    assert (second.output[0].content, second.tool_calls[0].name, second.output_tokens) == ("¡Hola!", "greet", 4)
    assert (failed.error, failed.output) == ("context_length_exceeded", ())


def test_a_log_of_requests_and_responses_needs_no_second_file(tmp_path: Path):
    pair = {"request": BATCH["input"][0]["body"], "response": BATCH["output"][0]["response"]["body"]}
    (interaction,) = lines(tmp_path / "pairs.jsonl", [pair])
    assert (interaction.external_id, interaction.state) == ("chatcmpl-1", "complete")


@pytest.mark.parametrize("line", [{"id": "1", "text": "x"}, {"request": {"messages": []}}])
def test_a_line_that_is_neither_is_refused(line: dict[str, Any], tmp_path: Path):
    with pytest.raises(DataInvalid, match=r"in\.jsonl:1: "):
        lines(tmp_path / "in.jsonl", [line])
