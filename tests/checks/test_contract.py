"""What holds for every check in the catalogue, on texts that nobody wrote kindly."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

import evalgate.checks
from evalgate.checks.catalogue import CHECKS, builtin_checks
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.checks import Check
from evalgate.core.outcomes import Mark, NotApplicable, Unscored
from evalgate.core.samples import Subject
from tests.checks.hostile import HOSTILE
from tests.checks.scenes import EN, ES, PT, marks_of, quickest, said, subject

CLASSES: dict[str, Any] = dict(builtin_checks())
ALL = [(kind, number) for kind, cls in CLASSES.items() for number in range(len(cls.examples))]
"""Every example of every check."""

MOVES_NO_MARK = {("recorded", "file")}
"""Parameters that say where something is kept; what it says is in the sample."""

ODD_TEXTS = {
    "nothing": "",
    "blank": " \n\t ",
    "Spanish": ES,
    "Portuguese": PT,
    "English": EN,
    "emoji": "👍🏽 ok 👨‍👩‍👧 fim 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ana@exemplo.com.br",
    "right to left": "שלום עולם CPF 529.982.247-25 مرحبا",
    "combining": "cafe\u0301 garantizado\u0301 sem ris\u0327co",
    "zero width": "ris\u200bk\u2060-free\ufeff",
    "lone surrogate": "a\ud83d b garantizado",
    "nul": "a\0b",
    "markers": "\ufdd0garantizado\ufdd5",
    "one long word": "á" * 500,
}


def made(kind: str, number: int) -> Check:
    check = CLASSES[kind].model_validate(CLASSES[kind].examples[number])
    assert isinstance(check, Check)
    return check


def seen(text: str) -> Subject:
    """Return a subject that has the text on every side and in every column."""
    columns = dict.fromkeys(["preference", "final_label", "passed", "stars"], text)
    return subject(text, asked=(said("user", text),), context=(text,), calls=(text,), reference=text, recorded=columns)


def variants(cls: Any, field: str) -> Iterator[tuple[Check, Check]]:
    """Yield pairs of checks that differ in one field: left out, as in another example, or changed within."""
    for example in cls.examples:
        if field not in example:
            continue
        others = [other[field] for other in cls.examples if field in other and other[field] != example[field]]
        nested = [{**value, "name": "another"} for value in [example[field]] if isinstance(value, dict)]
        changed = [{**example, field: value} for value in [*others, *nested]]
        for variant in [{k: v for k, v in example.items() if k != field}, *changed]:
            try:
                one, other = cls.model_validate(example), cls.model_validate(variant)
            except ValidationError:
                continue
            if one != other:
                yield one, other


FIELDS = [
    (kind, field.alias or name)
    for kind, cls in CLASSES.items()
    for name, field in cls.model_fields.items()
    if name not in Check.model_fields
]


def modules() -> dict[str, Any]:
    names = [found.name for found in pkgutil.walk_packages(evalgate.checks.__path__, "evalgate.checks.")]
    return {name: importlib.import_module(name) for name in names}


def test_every_check_in_the_folder_is_in_the_catalogue() -> None:
    in_the_folder = {
        f"{name}:{cls.__name__}"
        for name, module in modules().items()
        for cls in vars(module).values()
        if inspect.isclass(cls) and issubclass(cls, Check) and cls.__module__ == name and hasattr(cls, "kind")
    }
    assert in_the_folder == set(CHECKS.values())


def test_every_check_is_catalogued_under_its_own_kind_in_alphabetical_order() -> None:
    assert {kind: cls.kind for kind, cls in CLASSES.items()} == {kind: kind for kind in sorted(CHECKS)}
    assert list(CHECKS) == sorted(CHECKS)


@pytest.mark.parametrize("kind", CHECKS)
def test_every_check_says_in_one_sentence_what_a_mark_of_1_means(kind: str) -> None:
    cls = CLASSES[kind]
    assert cls.summary.endswith(".")
    assert inspect.getdoc(cls)


@pytest.mark.parametrize(("kind", "field"), FIELDS)
def test_the_digest_changes_with_every_parameter_that_can_move_a_mark(kind: str, field: str) -> None:
    pairs = list(variants(CLASSES[kind], field))
    assert pairs, f"no two examples of {kind} differ in {field} alone"
    same = {(kind, field)} & MOVES_NO_MARK
    assert {one.digest == other.digest for one, other in pairs} == {bool(same)}


@pytest.mark.parametrize(("kind", "number"), ALL)
def test_a_check_survives_the_way_through_yaml_with_its_digest(kind: str, number: int) -> None:
    before = made(kind, number)
    after = type(before).model_validate(yaml.safe_load(yaml.safe_dump(before.model_dump(mode="json"))))
    assert after == before
    assert after.digest == before.digest


@pytest.mark.parametrize(("kind", "number"), ALL)
def test_advisory_does_not_change_the_digest_but_where_does(kind: str, number: int) -> None:
    before = made(kind, number)
    fields = before.model_dump(mode="json")
    assert type(before).model_validate(fields | {"advisory": True}).digest == before.digest
    assert type(before).model_validate(fields | {"where": {"locale": "es"}}).digest != before.digest


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
@pytest.mark.parametrize(("kind", "number"), ALL)
def test_a_check_says_the_same_twice_and_its_spans_lie_inside_the_text(kind: str, number: int, text: str) -> None:
    check, about = made(kind, number), seen(text)
    texts = SubjectTexts(about)
    first, second = marks_of(check, about), marks_of(made(kind, number), about)
    assert first == second
    assert list(first) == list(check.criteria)
    for one in first.values():
        assert isinstance(one, Mark | NotApplicable | Unscored)
        for span in getattr(one, "spans", ()):
            assert span.start <= span.end <= len(texts.pieces(span.side)[span.message or 0])


@pytest.mark.parametrize(("kind", "number"), ALL)
def test_a_binary_check_gives_only_0_and_1(kind: str, number: int) -> None:
    check = made(kind, number)
    results = [one for text in ODD_TEXTS.values() for one in marks_of(check, seen(text)).values()]
    values = {one.value for one in results if isinstance(one, Mark)}
    assert not check.binary or values <= {0.0, 1.0}


@pytest.mark.parametrize(("kind", "number"), ALL)
@settings(max_examples=12)
@given(text=st.text(max_size=200))
def test_no_text_crashes_a_check(kind: str, number: int, text: str) -> None:
    assert marks_of(made(kind, number), seen(text))


@pytest.mark.parametrize(("kind", "number"), ALL)
def test_a_check_that_has_worked_can_be_sent_to_another_process(kind: str, number: int) -> None:
    check, about = made(kind, number), seen(ES)
    before = marks_of(check, about)
    sent = pickle.loads(pickle.dumps(check))  # noqa: S301 - our own bytes
    assert marks_of(sent, about) == before


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(("kind", "number"), ALL)
def test_a_hostile_text_of_100_kb_costs_less_than_50_ms(kind: str, number: int, text: str) -> None:
    check, about = made(kind, number), subject(text, context=(text,), calls=(text,), reference="sí")
    marks_of(check, subject("a á", context=("a",), calls=("a",)))
    assert quickest(lambda: marks_of(check, about)) < 0.050
