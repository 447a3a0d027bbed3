from __future__ import annotations

import pytest

from evalgate.core.errors import DataInvalid
from evalgate.suites.fields import Wanted
from evalgate.suites.samples import SampleFile, sample_files
from evalgate.suites.suite import DataSpec, FileSource
from tests.suites.scenes import GOOD, SUPPORT, changed, complaint, jsonl, load, said

SPEC = DataSpec(
    columns={"input": "pregunta", "output": "resposta", "cluster": "sessão"}, slices={"região": "país", "nivel": "plan"}
)


# ── cases that live apart ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def apart(tmp_path):
    cases = jsonl(
        tmp_path / "casos.jsonl",
        {"id": "a", "pregunta": "¿1?", "país": "MX", "plan": "oro", "sessão": "s1"},
        {"id": "b", "pregunta": "¿2?", "país": "BR", "plan": "oro", "sessão": "s1"},
    )
    return SPEC.model_copy(update={"cases": FileSource(path=cases, name=cases.name, origin="suite.yaml:4")})


def test_cases_join_their_outputs_by_id(tmp_path, apart):
    path = jsonl(
        tmp_path / "a.jsonl", {"id": "b", "resposta": "2"}, {"id": "a", "resposta": "1", "pregunta": "ignored"}
    )
    file = SampleFile(path, apart, Wanted())
    assert file.inventory().rows == 2
    assert [(s.case.id, s.case.input, s.case.slices["região"], s.output.text) for s in file.stream()] == [
        ("b", "¿2?", "BR", "2"),
        ("a", "¿1?", "MX", "1"),
    ]


def test_ids_that_do_not_join_are_counted_and_named(tmp_path, apart):
    path = jsonl(
        tmp_path / "a.jsonl", {"id": "b", "resposta": "2"}, {"id": "x", "resposta": "?"}, {"id": 9, "resposta": ""}
    )
    assert said(path, apart) == (
        "a.jsonl: 2 ids are not in casos.jsonl (first: 'x', '9'); 1 case is in casos.jsonl without an"
        " answer here (first: 'a');"
        " data.cases joins by id, so both hold the same ids"
    )


def test_a_case_that_stands_twice_is_named_with_both_lines(tmp_path, apart):
    jsonl(apart.cases.path, {"id": "a", "pregunta": "1"}, {"id": "a", "pregunta": "2"})
    path = jsonl(tmp_path / "a.jsonl", {"id": "a", "resposta": "1"})
    assert said(path, apart) == "casos.jsonl:2: the id 'a' is already on line 1; ids are unique"


def test_both_arms_share_one_case_book(tmp_path):
    (tmp_path / "evals").mkdir()
    jsonl(tmp_path / "evals/cases.jsonl", {"id": "a", "prompt": "1", "lang": "es", "session_id": 1})
    for arm in ("candidate", "baseline"):
        jsonl(tmp_path / f"evals/{arm}.jsonl", {"id": "a", "response": arm})
    suite = load(tmp_path, changed(("  baseline:", "  cases: evals/cases.jsonl\n  baseline:")))
    candidate, baseline = sample_files(suite)
    assert baseline is not None
    assert candidate.book is baseline.book
    assert [sample.output.text for file in (candidate, baseline) for sample in file.stream()] == [
        "candidate",
        "baseline",
    ]


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_missing_candidate_is_said_at_the_line_that_names_it(tmp_path):
    with pytest.raises(DataInvalid) as refused:
        sample_files(load(tmp_path, SUPPORT))
    assert str(refused.value) == f"{tmp_path}/suite.yaml:5: {tmp_path}/evals/candidate.jsonl: no such file"


def test_a_baseline_that_is_a_name_is_no_file(tmp_path):
    (tmp_path / "evals").mkdir()
    jsonl(tmp_path / "evals/candidate.jsonl", GOOD)
    _, baseline = sample_files(load(tmp_path, changed(("evals/baseline.jsonl", "{baseline: main}"))))
    assert baseline is None


def test_a_file_that_changes_after_the_inventory_is_refused(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", GOOD)
    file = SampleFile(path, DataSpec(), Wanted())
    file.inventory()
    jsonl(path, GOOD, {**GOOD, "id": "c-2"})
    assert complaint(lambda: list(file.stream())) == f"{path}: changed while it was being read; run the command again"


# ── scores in files of their own ─────────────────────────────────────────────────────────────────────────────────────

WIN = """\
version: 1
name: win
owner: owner@acme.example
data: {candidate: new.jsonl, baseline: old.jsonl, columns: {id: q}}
checks:
  win: {check: recorded, column: preference, file: {candidate: scores/new.csv, baseline: scores/old.csv}}
gates:
  win: {no_worse_than: 0.05}
"""


@pytest.fixture
def scored(tmp_path):
    """Give a folder with two arms and their scores; the answers carry no text."""
    (tmp_path / "scores").mkdir()
    for arm in ("new", "old"):
        jsonl(tmp_path / f"{arm}.jsonl", {"q": 1}, {"q": 2, "repeat": 1}, {"q": 3})
        (tmp_path / f"scores/{arm}.csv").write_text(
            f"q,repeat,preference\n2,1,{arm}\n1,,0.5\n9,,0.1\n", encoding="utf-8"
        )
    return tmp_path


def test_scores_join_by_id_and_repeat_and_gaps_stay_gaps(scored):
    candidate, baseline = sample_files(load(scored, WIN))
    assert baseline is not None
    assert [sample.output.recorded for sample in candidate.stream()] == [
        {"preference": "0.5"},
        {"preference": "new"},
        {},
    ]
    assert [sample.output.recorded for sample in baseline.stream()][1] == {"preference": "old"}


def test_other_scores_are_another_source(scored):
    before = sample_files(load(scored, WIN))[0].inventory().sha256
    (scored / "scores/new.csv").write_text("q,preference\n1,0.9\n", encoding="utf-8")
    assert sample_files(load(scored, WIN))[0].inventory().sha256 != before


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("q,preference\n1,1\n1,2\n", "scores/new.csv:3: the id '1' is already on line 2; ids are unique"),
        (
            "q,prefs\n1,1\n",
            (
                "scores/new.csv: no row has the column 'preference', which suite.yaml: checks.win.file.candidate names;"
                " the columns are q, prefs"
            ),
        ),
        (
            "q,preference\n8,1\n9,1\n",
            "scores/new.csv: none of its ids is in new.jsonl (first: '8', '9'); scores join by id",
        ),
        (
            "id,preference\n1,1\n",
            "scores/new.csv:2: no column 'q', which data.columns.id names; the columns are id, preference",
        ),
    ],
)
def test_a_file_of_scores_that_cannot_join_is_one_line(scored, content, line):
    (scored / "scores/new.csv").write_text(content, encoding="utf-8")
    told = complaint(lambda: sample_files(load(scored, WIN))[0].inventory())  # noqa: PLW0108 - opening may fail too
    assert told.replace(f"{scored}/", "") == line


def test_a_missing_file_of_scores_names_who_asks_for_it(scored):
    (scored / "scores/new.csv").unlink()
    assert complaint(lambda: sample_files(load(scored, WIN))) == (
        f"{scored}/suite.yaml: checks.win.file.candidate: {scored}/scores/new.csv: no such file"
    )


def test_a_relative_gate_needs_the_scores_of_the_baseline(scored):
    text = WIN.replace(", baseline: scores/old.csv}", "}")
    assert complaint(lambda: sample_files(load(scored, text))) == (
        f"{scored}/suite.yaml: checks.win.file names no baseline, and gates.win compares with one;"
        " add checks.win.file.baseline"
    )


def test_one_column_name_stands_for_one_column(scored):
    text = WIN.replace("gates:\n", "  also: {check: recorded, column: preference}\ngates:\n  also: {at_least: 0.5}\n")
    assert complaint(lambda: sample_files(load(scored, text))) == (
        f"{scored}/suite.yaml: checks.win and checks.also read the column 'preference' from two places; rename"
        " one of the columns"
    )
