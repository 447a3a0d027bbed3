"""The page on formats names every key, event and limit that the code reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalgate.traffic import attributes, dialects, files, interactions, langfuse
from evalgate.traffic.dialects import DIALECTS, EVENTS, RESOURCE
from evalgate.traffic.native import SentInteraction
from evalgate.traffic.refusals import Malformed, TooLarge, UnknownKind

PAGE = (Path(__file__).parents[2] / "docs/reference/traffic-formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_every_key_that_a_dialect_reads_is_on_the_page(dialect: dialects.Dialect):
    keys = {key for reading in (*dialect.table.readings, *RESOURCE.readings) for key in reading.keys}
    fields = {reading.field for reading in dialect.table.readings} - {"instructions"}
    assert {f"`{key}`" for key in keys if f"`{key}`" not in PAGE} == set()
    assert {prefix for prefix in dialect.prefixes if f"`{prefix}N." not in PAGE} == set()
    assert {field for field in fields if field not in PAGE} == set()
    assert f"`{dialect.name}`" in PAGE
    assert {mark for mark in dialect.marks if ".0." not in mark and f"`{mark}`" not in PAGE} == set()


def test_every_event_and_every_thumb_is_on_the_page():
    assert {name for name in (*EVENTS, dialects.DETAILS, *langfuse.FEEDBACK) if f"`{name}`" not in PAGE} == set()


def test_the_limits_and_the_statuses_on_the_page_are_those_of_the_code():
    assert f"| attributes kept | {attributes.MOST}," in PAGE
    assert f"| {attributes.LONGEST_KEY} signs" in PAGE
    assert f"| {attributes.LONGEST_VALUE:,} characters" in PAGE
    assert f"| ids | {interactions.MOST_ID} characters" in PAGE
    assert f"| {interactions.MOST_WORDS} characters" in PAGE
    for kind in (Malformed, TooLarge, UnknownKind):
        assert f"| {kind.status} | `{kind.__name__}` |" in PAGE


def test_the_columns_of_rows_and_the_examples_are_those_of_the_code():
    assert {field for field in files._OWN if f"`{field}`" not in PAGE} == set()
    example = PAGE.split("```json\n")[1].split("```")[0].splitlines()
    assert [SentInteraction.model_validate_json(line).id for line in example] == ["req-7f3a", "req-7f3a"]
