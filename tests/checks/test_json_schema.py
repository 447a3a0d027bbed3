"""`json_schema`: fits or not; nothing is fetched, nothing hangs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from evalgate.checks.json_schema import JsonSchema
from evalgate.checks.text.hits import READ_AT_MOST
from evalgate.core.checks import Loading
from evalgate.core.errors import SuiteInvalid
from tests.checks.scenes import check, quickest, result, shown

INTENT = {
    "type": "object",
    "required": ["intent"],
    "properties": {"intent": {"enum": ["reembolso", "envío"]}, "days": {"type": "integer", "minimum": 0}},
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"intent": "envío", "days": 3}', 1.0),
        ('  {"intent": "reembolso"}\n', 1.0),
        ('{"intent": "refund"}', 0.0),
        ('{"days": 3}', 0.0),
        ('{"intent": "envío", "days": -1}', 0.0),
        ('{"intent": "envío", "cpf": "529.982.247-25"}', 0.0),
        ("[]", 0.0),
    ],
)
def test_the_answer_fits_or_it_does_not(text: str, value: float) -> None:
    assert result(check("json_schema", schema=INTENT), text).value == value


def test_a_misfit_names_places_of_the_schema_and_never_what_the_answer_says() -> None:
    mark = result(check("json_schema", schema=INTENT), '{"intent": "529.982.247-25", "days": "ana@x.com"}')
    assert mark.explanation == "the JSON does not fit the schema at /properties/intent/enum, /properties/days/type"


@pytest.mark.parametrize(
    ("text", "says", "stretch"),
    [
        ("", "the answer is not JSON at character 1", [""]),
        ('{"a": 1,}', "the answer is not JSON at character 8", [","]),
        ('ok: {"a": 1}', "the answer is not JSON at character 1", ["o"]),
        ("[1, NaN]", "the answer is not JSON at character 5", ["N"]),
        ('["ñ", é]', "the answer is not JSON at character 7", ["é"]),
    ],
)
def test_what_is_not_json_is_shown_where_it_stops_being_it(text: str, says: str, stretch: list[str]) -> None:
    mark = result(check("json_schema", schema={"type": "object"}), text)
    assert (mark.value, mark.explanation) == (0.0, says)
    assert shown(mark, text) == stretch


def test_a_fence_is_allowed_only_when_the_suite_says_so_and_with_nothing_around_it() -> None:
    text = '```json\n{"intent": "envío"}\n```\n'
    fenced = check("json_schema", schema=INTENT, fenced=True)
    assert result(check("json_schema", schema=INTENT), text).value == 0.0
    assert result(fenced, text).value == 1.0
    assert result(fenced, '{"intent": "envío"}').value == 1.0
    assert result(fenced, "Aquí está:\n" + text).value == 0.0
    assert shown(result(fenced, "```json\n{x}\n```"), "```json\n{x}\n```") == ["x"]


def test_numbers_that_are_equal_are_not_unique_and_true_is_not_1() -> None:
    unique = check("json_schema", schema={"uniqueItems": True})
    assert result(unique, '[{"a": 1}, {"a": 1.0}]').value == 0.0
    assert result(unique, '[1, true, "1", null, [1], {"a": [1]}]').value == 1.0
    assert result(check("json_schema", schema={"uniqueItems": False}), "[1, 1]").value == 1.0


def test_patterns_are_re2_in_values_and_names() -> None:
    schema = {
        "patternProperties": {"^é\\w+$": {"type": "string", "pattern": "^\\bñ"}, "^x": True},
        "additionalProperties": {"type": "integer"},
    }
    fits = check("json_schema", schema=schema)
    assert result(fits, '{"época": "ñu", "xis": [], "outro": 1}').value == 1.0
    assert result(fits, '{"época": "nu"}').value == 0.0
    assert result(fits, '{"outro": "1"}').value == 0.0


def test_a_pattern_that_hangs_elsewhere_is_quick_here() -> None:
    hostile = '"' + "a" * 90_000 + '!"'
    fits = check("json_schema", schema={"pattern": "^(a+)+$"})
    assert result(fits, hostile).value == 0.0
    assert quickest(lambda: result(fits, hostile)) < 0.050


def test_references_inside_the_schema_work_and_depth_has_an_end() -> None:
    tree = {"$ref": "#/$defs/node", "$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}}}}}
    fits = check("json_schema", schema=tree)
    assert result(fits, '{"next": {"next": {}}}').value == 1.0
    deep = result(fits, '{"next":' * 900 + "{}" + "}" * 900)
    assert (deep.reason, deep.detail) == ("invalid", "the JSON is nested too deeply to be checked")


def test_a_text_too_long_to_check_is_unscored() -> None:
    assert result(check("json_schema", schema={}), " " * (READ_AT_MOST + 1)).reason == "invalid"


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"$ref": "https://example.org/schema.json"}, "lies elsewhere and nothing is fetched"),
        ({"properties": {"a": {"$ref": "other.json#/a"}}}, "/properties/a/\\$ref 'other.json#/a' lies elsewhere"),
        ({"$ref": "#/$defs/missing"}, "is not in this schema"),
        ({"$ref": "#"}, "leads back to itself"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "is another draft"),
        ({"type": "objekt"}, "not a JSON Schema at /type"),
        ({"pattern": "(?=a)"}, "/pattern .* look-around"),
        ({"patternProperties": {"a(?!b)": {}}}, "look-around"),
        ({"patternProperties": {"a": {}}, "unevaluatedProperties": False}, "use additionalProperties"),
        ([], "valid dictionary"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_when_the_suite_is_read(schema: Any, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        check("json_schema", schema=schema)


def test_data_in_a_schema_are_not_taken_for_keywords() -> None:
    schema = {"enum": [{"$ref": "https://example.org"}], "properties": {"pattern": {"type": "string"}}}
    assert result(check("json_schema", schema=schema), '{"$ref": "https://example.org"}').value == 1.0


def test_a_schema_file_is_read_relative_to_the_suite(tmp_path: Path) -> None:
    (tmp_path / "intent.json").write_text('{"type": "object"}')
    loading = Loading(read=lambda name: (tmp_path / name).read_bytes())
    from_file = JsonSchema.model_validate({"schema": "intent.json"}, context=loading)
    assert from_file.digest == check("json_schema", schema={"type": "object"}).digest
    (tmp_path / "intent.json").write_text('{\n"type": object}')
    with pytest.raises(SuiteInvalid, match=r"^intent\.json:2: not JSON: "):
        JsonSchema.model_validate({"schema": "intent.json"}, context=loading)


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        ('{"intent": "devolución", "days": -1}', ['"devolución"', "-1"]),
        ('{"intent": "envío", "days": "três"}', ['"três"']),
        ('  {"days": 3}', ['{"days": 3}']),
        ('{"intent": "refund", "intent": "order"}', ['"order"']),
    ],
)
def test_the_values_that_do_not_fit_are_shown(text: str, stretches: list[str]) -> None:
    assert shown(result(check("json_schema", schema=INTENT), text), text) == stretches


def test_a_value_in_a_fence_is_shown_where_it_stands() -> None:
    text = '```json\n{"intent": "no sé"}\n```'
    assert shown(result(check("json_schema", schema=INTENT, fenced=True), text), text) == ['"no sé"']


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("{'intent': 'envío', 'days': 3,}", '{"intent": "envío", "days": 3}'),
        ('Aquí está:\n```json\n{"intent": "reembolso"}\n```', '{"intent": "reembolso"}'),
        ('{"intent": "envío"', '{"intent": "envío"}'),
        ('{"intent": "devolução",}', None),
        ("I cannot do that.", None),
        ("Não posso ajudar com isso.", None),
        ("", None),
    ],
)
def test_what_is_almost_json_and_would_fit_is_offered_as_the_fix(text: str, fix: str | None) -> None:
    mark = result(check("json_schema", schema=INTENT), text)
    assert (mark.value, mark.fix) == (0.0, fix)


def test_a_long_answer_is_offered_no_fix() -> None:
    text = "[" + "'sí', " * 1_000 + "]"
    assert result(check("json_schema", schema={"type": "array"}), text).fix is None


@pytest.mark.parametrize("unit", ["{'", '["x" ', '("', "{'a'", '["a"b', '“"', "[", '{"a":', "/*"])
def test_repairing_costs_little_even_where_it_is_hard(unit: str) -> None:
    text = (unit * 150).ljust(4_000)
    fits = check("json_schema", schema={"type": "array"})
    assert quickest(lambda: result(fits, text)) < 0.050


def test_the_severity_is_the_one_of_the_suite() -> None:
    assert result(check("json_schema", schema=INTENT), "[]").severity == "block"
    assert result(check("json_schema", schema=INTENT, severity="warn"), "{").severity == "warn"
    assert result(check("json_schema", schema=INTENT, severity="info"), "[]").severity == "info"
