"""`tool_calls`: which tools are called, how often, and with what."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from evalgate.checks.text.hits import READ_AT_MOST
from evalgate.checks.tool_calls import ToolCalls
from evalgate.core.checks import Loading
from evalgate.core.samples import Case, Output, Sample, Subject, ToolCall
from tests.checks.scenes import check, quickest, result, shown

REFUND = {
    "type": "object",
    "required": ["pedido"],
    "properties": {"pedido": {"type": "string", "pattern": "^[A-Z]\\d+$"}, "valor": {"type": "number", "maximum": 100}},
    "additionalProperties": False,
}
TOOLS: dict[str, Any] = {"buscar_pedido": {}, "devolver": {"schema": REFUND}}


def calling(*calls: tuple[str, str], text: str = "") -> Subject:
    """Return a subject whose answer makes these calls, each a name and its arguments."""
    made = tuple(ToolCall(name=name, arguments=arguments) for name, arguments in calls)
    return Subject(sample=Sample(case=Case(id="c1", input="¿?"), output=Output(text=text, tool_calls=made)))


@pytest.mark.parametrize(
    "calls",
    [
        [],
        [("buscar_pedido", "{}")],
        [("buscar_pedido", '{"qué": "el último, señor Núñez"}'), ("devolver", '{"pedido": "A12", "valor": 99.9}')],
        [("devolver", ' {"pedido": "B7"}\n')],
        [("buscar_pedido", '{"texto": "ligação não concluída"}')],
    ],
)
def test_calls_of_named_tools_with_fitting_objects_hold(calls: list[tuple[str, str]]) -> None:
    assert result(check("tool_calls", tools=TOOLS), calling(*calls)).value == 1.0


@pytest.mark.parametrize(
    ("call", "says", "stretch"),
    [
        (("borrar_todo", '{"a": 1}'), "calls a tool that is not among the tools", '{"a": 1}'),
        (("Devolver", '{"pedido": "A1"}'), "calls a tool that is not among the tools", '{"pedido": "A1"}'),
        (("buscar_pedido", "el último"), "the arguments of buscar_pedido are not JSON", "e"),
        (("buscar_pedido", ""), "the arguments of buscar_pedido are not JSON", ""),
        (("buscar_pedido", '["último"]'), "the arguments of buscar_pedido are not a JSON object", '["último"]'),
        (
            ("devolver", '{"pedido": "não sei"}'),
            "the arguments of devolver do not fit its schema at /properties/pedido/pattern",
            '"não sei"',
        ),
        (("devolver", '{"valor": 5}'), "the arguments of devolver do not fit its schema at /required", '{"valor": 5}'),
    ],
)
def test_a_wrong_call_is_shown_with_its_number_and_never_quoted(call: tuple[str, str], says: str, stretch: str) -> None:
    about = calling(("buscar_pedido", "{}"), call)
    mark = result(check("tool_calls", tools=TOOLS), about)
    assert (mark.value, mark.severity, mark.explanation) == (0.0, "block", says)
    assert [span.message for span in mark.spans] == [1]
    assert shown(mark, about) == [stretch]


def test_a_required_tool_must_be_called() -> None:
    requires = check("tool_calls", tools=TOOLS, require=["buscar_pedido"])
    assert result(requires, calling()).explanation == "does not call 'buscar_pedido'"
    assert result(requires, calling(("devolver", '{"pedido": "A1"}'))).value == 0.0
    assert result(requires, calling(("buscar_pedido", "{}"))).value == 1.0


def test_a_tool_that_is_only_spoken_of_is_not_called() -> None:
    requires = check("tool_calls", tools=TOOLS, require=["devolver"])
    assert (
        result(requires, calling(text="Vou chamar devolver agora; I'll call devolver; llamo a devolver.")).value == 0.0
    )


def test_no_tool_at_all_may_be_allowed() -> None:
    none = check("tool_calls", tools={})
    assert result(none, calling(text="Hola")).value == 1.0
    assert result(none, calling(("buscar_pedido", "{}"))).value == 0.0


def test_the_calls_beyond_the_most_are_shown() -> None:
    about = calling(*[("buscar_pedido", f'{{"n": {number}}}') for number in range(3)])
    assert result(check("tool_calls", tools=TOOLS, at_most=3), about).value == 1.0
    mark = result(check("tool_calls", tools=TOOLS, at_most=2), about)
    assert mark.explanation == "makes more than 2 calls"
    assert shown(mark, about) == ['{"n": 2}']


def test_the_severity_is_the_one_of_the_suite() -> None:
    assert result(check("tool_calls", tools={}, severity="info"), calling(("x", "{}"))).severity == "info"


def test_arguments_too_long_or_too_deep_and_too_many_calls_are_unscored() -> None:
    tree: Any = {"$ref": "#/$defs/node", "$defs": {"node": {"properties": {"a": {"$ref": "#/$defs/node"}}}}}
    reads = check("tool_calls", tools={"t": {"schema": tree}})
    assert result(reads, calling(("t", '{"a":' * 900 + "{}" + "}" * 900))).kind == "unscored"
    assert result(reads, calling(("t", " " * (READ_AT_MOST + 1)))).kind == "unscored"
    assert result(reads, calling(*[("t", "{}")] * 201)).kind == "unscored"


def test_two_hundred_calls_with_faults_cost_little() -> None:
    about = calling(*[("devolver", '{"valor": [' + "1," * 200 + "1]}")] * 200)
    made = check("tool_calls", tools=TOOLS)
    assert quickest(lambda: result(made, about)) < 0.050


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"tools": TOOLS, "require": ["borrar"]}, "require names 'borrar', which is not among the tools"),
        ({"tools": TOOLS, "require": list(TOOLS), "at_most": 1}, "require names 2 tools and at_most allows 1 calls"),
        ({"tools": {"t": {"schema": {"type": "objeto"}}}}, "not a JSON Schema at /type"),
        ({"tools": {"t": {"args": {}}}}, "Extra inputs"),
        ({}, "tools"),
    ],
)
def test_parameters_that_cannot_be_met_are_refused_when_the_suite_is_read(
    parameters: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        check("tool_calls", **parameters)


def test_a_schema_may_be_a_file_relative_to_the_suite(tmp_path: Path) -> None:
    (tmp_path / "devolver.json").write_text('{"required": ["pedido"]}')
    loading = Loading(read=lambda name: (tmp_path / name).read_bytes())
    made = ToolCalls.model_validate({"tools": {"devolver": {"schema": "devolver.json"}}}, context=loading)
    assert made == check("tool_calls", tools={"devolver": {"schema": {"required": ["pedido"]}}})
    sent = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own bytes
    assert result(sent, calling(("devolver", "{}"))).value == 0.0
