"""Rows and core values say the same: no field of a core value is lost on the way."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.core.outcomes import Mark, NotApplicable, Result, Unscored
from evalgate.core.samples import Case, Message, Output, Sample
from evalgate.store.tables import metadata
from evalgate.store.tables import runs as mapping
from evalgate.store.tables.replies import REPLY_COLUMNS
from tests.store.scenes import NO_PII, marked, rich, with_outcomes


def written_and_read(sample: Sample) -> Sample:
    marked = with_outcomes(0, sample, [])
    place = dict(zip(mapping.RUN_SAMPLE_COLUMNS, mapping.run_sample_row(1, 1, marked), strict=True))
    content = dict(zip(mapping.SAMPLE_COLUMNS, mapping.sample_row(1, marked), strict=True))
    return mapping.sample_of(place | content)


def test_every_field_of_a_case_has_a_place() -> None:
    in_columns = {"id", "slices", "cluster"}
    assert set(Case.model_fields) == in_columns | {"input", *mapping.CASE_CONTENT}


def test_every_field_of_an_output_has_a_place() -> None:
    assert set(Output.model_fields) == {"repeat", "text", *mapping.OUTPUT_CONTENT, *mapping.OUTPUT_FACTS}


def test_every_field_of_a_sample_has_a_place() -> None:
    assert set(Sample.model_fields) == {"case", "output", "weight"}


@pytest.mark.parametrize(
    ("table", "columns", "by_itself"),
    [
        ("sample", mapping.SAMPLE_COLUMNS, set()),
        ("run_sample", mapping.RUN_SAMPLE_COLUMNS, set()),
        ("outcome", mapping.OUTCOME_COLUMNS, set()),
        ("reply", REPLY_COLUMNS, {"created_at", "expires_at"}),
    ],
)
def test_every_column_of_a_bulk_table_is_written(table: str, columns: tuple[str, ...], by_itself: set[str]) -> None:
    assert set(columns) | by_itself == set(metadata.tables[table].columns.keys())


@pytest.mark.parametrize("sample", [marked(0).sample, rich(0).sample], ids=["plain", "rich"])
def test_a_sample_is_the_same_after_a_row(sample: Sample) -> None:
    assert written_and_read(sample) == sample


texts = st.text(max_size=20)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
MODERN = datetime(1990, 1, 1)  # noqa: DTZ001 older offsets have seconds, which ISO 8601 cannot write
moments = st.datetimes(MODERN)
samples = st.builds(
    Sample,
    case=st.builds(
        Case,
        id=st.text(min_size=1, max_size=20),
        input=texts | st.lists(st.builds(Message, role=st.just("user"), content=texts), max_size=2).map(tuple),
        reference=st.none() | texts,
        context=st.lists(texts, max_size=2).map(tuple),
        slices=st.dictionaries(texts, texts, max_size=2),
        cluster=st.none() | texts,
        metadata=st.dictionaries(texts, json, max_size=2),
    ),
    output=st.builds(
        Output,
        text=texts,
        model=st.none() | texts,
        created_at=st.none() | moments | st.datetimes(MODERN, timezones=st.timezones()),
        latency_ms=st.none() | st.floats(0, 1e9),
        recorded=st.dictionaries(texts, json, max_size=2),
    ),
    weight=st.floats(1e-9, 1e9),
)


@given(samples)
def test_any_sample_is_the_same_after_a_row(sample: Sample) -> None:
    assert written_and_read(sample) == sample


results: st.SearchStrategy[Result] = st.one_of(
    st.builds(Mark, value=st.floats(0, 1), label=st.none() | texts, explanation=texts, fix=st.none() | texts),
    st.builds(NotApplicable, why=texts),
    st.builds(Unscored, reason=st.sampled_from(["missing", "refused"]), detail=texts),
)


@given(results)
def test_any_outcome_is_the_same_after_a_row(result: Result) -> None:
    (outcome,) = with_outcomes(0, marked(0).sample, [(NO_PII, "tone", result)]).outcomes
    row = dict(zip(mapping.OUTCOME_COLUMNS, mapping.outcome_row(1, 0, 0, outcome), strict=True))
    assert mapping.outcome_of(row, outcome.case_id, outcome.repeat, NO_PII) == outcome


def test_a_plain_mark_has_no_body() -> None:
    (outcome,) = with_outcomes(0, marked(0).sample, [(NO_PII, "", Mark(value=1.0, label="holds"))]).outcomes
    assert mapping.outcome_row(1, 0, 0, outcome)[-1] is None


def test_what_cannot_be_written_is_a_fault() -> None:
    with pytest.raises(TypeError, match="JSON serializable: object"):
        mapping._json({"a": object()})
