"""`evalgate scan`, as people pipe rows through it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.scenes import evalgate, lay, one_line, write

ROWS = [
    {"id": "a", "input": "¿Mi pedido?", "output": "Su pedido llega mañana por la tarde."},
    {"id": "b", "input": "Meu CPF?", "output": "👍 Seu CPF é 529.982.247-25, certo?"},
    {"id": "c", "input": "My key?", "output": "Use sk-proj-abcDEF123456_7890-xyzABCDEF."},
]


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def marks(row: dict[str, Any]) -> dict[str, Any]:
    return {outcome["check"]: outcome for outcome in row["outcomes"]}


def test_rows_come_out_in_order_with_every_outcome_and_without_what_was_found(tmp_path: Path) -> None:
    write(tmp_path / "rows.jsonl", ROWS)
    done = evalgate(tmp_path, "scan", "rows.jsonl")
    assert done.returncode == 0, done.stderr
    found = lines(done.stdout)
    assert [row["id"] for row in found] == ["a", "b", "c"]
    assert all(one["value"] == 1.0 for one in found[0]["outcomes"] if one["kind"] == "mark")
    shown = marks(found[1])["no_pii"]
    assert (shown["value"], shown["spans"][0]["label"]) == (0.0, "cpf")
    assert (shown["spans"][0]["start"], shown["spans"][0]["end"], shown["spans"][0]["utf16"]) == (12, 26, [13, 27])
    assert marks(found[2])["no_secrets"]["value"] == 0.0
    assert "529.982" not in done.stdout + done.stderr
    assert "sk-proj" not in done.stdout + done.stderr
    assert one_line(done).startswith("3 rows · violations: ")


def test_standard_input_is_read_and_a_bare_answer_is_enough(tmp_path: Path) -> None:
    given = '{"response": "CPF 529.982.247-25"}\n\n{"response": "tudo certo por aqui"}\n'
    done = evalgate(tmp_path, "scan", "--columns", "output=response", "--check", "no_pii", given=given)
    assert [(row["line"], row["id"], marks(row)["no_pii"]["value"]) for row in lines(done.stdout)] == [
        (1, "line-1", 0.0),
        (3, "line-3", 1.0),
    ]


def test_several_processes_say_the_same_in_the_same_order(tmp_path: Path) -> None:
    write(tmp_path / "rows.jsonl", [{**row, "id": f"{row['id']}{n}"} for n in range(300) for row in ROWS])
    alone = evalgate(tmp_path, "scan", "rows.jsonl")
    together = evalgate(tmp_path, "scan", "rows.jsonl", "--workers", "2", "--out", "found.jsonl")
    assert (alone.returncode, together.returncode) == (0, 0), together.stderr
    assert (tmp_path / "found.jsonl").read_text(encoding="utf-8") == alone.stdout
    assert len(lines(alone.stdout)) == 900


def test_only_violations_and_an_exit_code_for_a_pipe(tmp_path: Path) -> None:
    write(tmp_path / "rows.jsonl", ROWS)
    done = evalgate(tmp_path, "scan", "rows.jsonl", "--check", "no_pii", "--violations", "--fail-on", "block")
    assert done.returncode == 1
    assert [row["id"] for row in lines(done.stdout)] == ["b"]
    write(tmp_path / "clean.jsonl", ROWS[:1])
    assert evalgate(tmp_path, "scan", "clean.jsonl", "--fail-on", "info").returncode == 0


def test_a_row_that_cannot_be_read_is_named_and_the_others_are_marked(tmp_path: Path) -> None:
    given = '{"output": "CPF 529.982.247-25"}\n{"output": 5}\n{broken\n{"text": "x"}\n{"output": "bom dia"}\n'
    done = evalgate(tmp_path, "scan", "-", "--check", "no_pii", given=given)
    assert done.returncode == 2
    found = lines(done.stdout)
    assert [("outcomes" in row, row["line"]) for row in found] == [
        (True, 1),
        (False, 2),
        (False, 3),
        (False, 4),
        (True, 5),
    ]
    assert found[2]["error"].startswith("stdin:3: broken JSON at column 2")
    assert "no column 'output'" in found[3]["error"]
    assert "3 rows could not be read" in one_line(done)


def test_a_suites_checks_run_and_its_judges_do_not(tmp_path: Path) -> None:
    suite = (
        "version: 1\nname: s\nowner: o@acme.example\njudge: j\nuncalibrated: allow\n"
        "prices: {j: {input: 0, output: 0}}\n"
        "data: {candidate: candidate.jsonl, columns: {output: response}}\nchecks:\n"
        "  on_brand: {check: banned_terms, terms: [garantizado]}\n  answers: {rubric: answers_the_question}\n"
        "gates: {on_brand: {never: any}, answers: {at_least: 0.5}}\n"
    )
    lay(tmp_path, suite)
    given = '{"id": 1, "input": "¿?", "response": "Está garantizado."}\n'
    done = evalgate(tmp_path, "scan", "--suite", "suite.yaml", given=given)
    assert done.returncode == 0, done.stderr
    assert "not run, as they ask a judge: answers" in done.stderr
    assert lines(done.stdout)[0]["outcomes"][0]["explanation"] == "says 'garantizado'"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none.jsonl",), "none.jsonl: "),
        (("--check", "no_pi"), "no check is called 'no_pi' here. Did you mean 'no_pii'?"),
        (("--columns", "outputs=x"), "no field is called 'outputs'. Did you mean 'output'?"),
        (("--columns", "output"), "write FIELD=COLUMN, as output=response"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = evalgate(tmp_path, "scan", *arguments)
    assert done.returncode != 0
    assert said in one_line(done)
