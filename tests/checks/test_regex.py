"""`regex` in three languages."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from evalgate.checks.evidence import SPANS_AT_MOST
from evalgate.checks.text.hits import READ_AT_MOST
from tests.checks.scenes import EN, ES, PT, check, result, said, shown, subject


@pytest.mark.parametrize(
    ("pattern", "text", "stretch"),
    [
        (r"\btres años\b", ES, "tres años"),
        (r"\btrês anos\b", PT, "três anos"),
        (r"\bthree years\b", EN, "three years"),
    ],
)
def test_a_forbidden_pattern_is_a_violation_with_its_place(pattern: str, text: str, stretch: str) -> None:
    mark = result(check("regex", pattern=pattern, must="not_match"), text)
    assert (mark.value, mark.explanation) == (0.0, "the pattern matches once")
    assert shown(mark, text) == [stretch]


def test_a_wanted_pattern_holds_when_it_matches_and_not_otherwise() -> None:
    wanted = check("regex", pattern=r"\bgarant[íi]a\b")
    assert result(wanted, ES).value == 1.0
    missing = result(wanted, EN)
    assert (missing.value, missing.spans) == (0.0, ())
    assert missing.explanation == "the pattern matches 0 times; 1 are asked for"


def test_matches_are_counted_over_the_whole_side() -> None:
    greeting = check("regex", pattern=r"^(Hola|Olá|Hello)\b", flags=["m"], max_count=1, side="input")
    once = subject(asked=(said("user", "Olá"), said("assistant", "Sim?")))
    twice = subject(asked=(said("user", "Olá"), said("assistant", "Olá!")))
    assert result(greeting, once).value == 1.0
    mark = result(greeting, twice)
    assert mark.explanation == "the pattern matches more than 1 times"
    assert [(span.message, shown_) for span, shown_ in zip(mark.spans, shown(mark, twice), strict=True)] == [
        (0, "Olá"),
        (1, "Olá"),
    ]


def test_flags_ignore_case_and_let_the_dot_take_newlines() -> None:
    assert result(check("regex", pattern="ÁGUA.*fogo", flags=["i", "s"]), "água\ne fogo").value == 1.0
    assert result(check("regex", pattern="ÁGUA.*fogo", flags=["i"]), "água\ne fogo").value == 0.0


def test_a_case_without_context_is_not_applicable_but_an_answer_without_tool_calls_is_empty() -> None:
    assert result(check("regex", pattern="x", side="context"), "x").why == "the case has no context"
    assert result(check("regex", pattern="x", side="tool_args"), "x").value == 0.0
    assert result(check("regex", pattern="x", side="tool_args", must="not_match"), "x").value == 1.0


def test_a_text_that_is_not_read_to_its_end_is_never_called_clean() -> None:
    long = "a" * READ_AT_MOST + " segredo"
    clean = result(check("regex", pattern="segredo", must="not_match"), long)
    assert (clean.reason, clean.detail) == (
        "invalid",
        "the text has 100,008 characters and a check reads the first 100,000",
    )
    assert result(check("regex", pattern="segredo"), long).reason == "invalid"
    assert result(check("regex", pattern="a$", must="not_match"), long).reason == "invalid"


def test_a_hit_in_the_part_that_is_read_counts_however_long_the_text() -> None:
    long = "segredo " + "a" * READ_AT_MOST
    assert result(check("regex", pattern="segredo", must="not_match"), long).value == 0.0
    assert result(check("regex", pattern="segredo"), long).value == 1.0
    assert result(check("regex", pattern="segredo", max_count=3), long).reason == "invalid"


def test_a_mark_keeps_the_first_hundred_places() -> None:
    mark = result(check("regex", pattern="não", must="not_match"), "não " * 500)
    assert len(mark.spans) == SPANS_AT_MOST
    assert mark.explanation == "the pattern matches in 100 places or more"


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"pattern": "(?=x)"}, "look-around"),
        ({"pattern": "x", "must": "not_match", "max_count": 2}, "drop them"),
        ({"pattern": "x", "min_count": 3, "max_count": 2}, "below min_count 3"),
        ({"pattern": "x", "min_count": 0}, "holds for every text"),
        ({"pattern": "x", "flags": ["x"]}, "'i', 'm' or 's'"),
        ({"pattern": "x", "must": "contain"}, "'match' or 'not_match'"),
        ({"patern": "x"}, "Extra inputs"),
    ],
)
def test_what_makes_no_sense_is_refused_when_the_suite_is_read(parameters: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        check("regex", **parameters)
