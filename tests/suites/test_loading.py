from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from evalgate.core.checks import Loading
from evalgate.core.errors import SuiteInvalid, WrongAsWritten
from evalgate.core.gates import AtLeast, BetterThanBaseline, Gate, Never, NoWorseThan, Production
from evalgate.core.models import Price
from evalgate.suites.loading import with_overrides
from evalgate.suites.suite import FileSource, NamedSource, RunSource
from tests.suites.scenes import SUPPORT, BannedTerms, Pii, RubricLike, changed, complaint, load


def test_the_support_suite_loads(tmp_path):
    suite = load(tmp_path, SUPPORT)
    assert (suite.version, suite.name, suite.owner, suite.deputy) == (1, "support", "owner@acme.example", None)
    assert suite.data.candidate == FileSource(
        path=tmp_path / "evals/candidate.jsonl", name="evals/candidate.jsonl", origin=f"{tmp_path}/suite.yaml:5"
    )
    assert suite.data.columns == {"input": "prompt", "output": "response", "cluster": "session_id"}
    assert suite.data.slices == {"locale": "lang"}
    assert (suite.judge, suite.uncalibrated) == ("gpt-4.1-mini", True)
    assert suite.checks == {
        "no_pii": Pii(countries=("br", "es"), ignore_echo=True),
        "answers": RubricLike(rubric="answers_the_question"),
    }
    assert suite.gates == (
        Gate(metric="no_pii", rules=(Never(scope="any"),)),
        Gate(metric="answers", rules=(AtLeast(floor=0.85), NoWorseThan(margin=0.06)), by=("locale",)),
    )
    assert (suite.policy.on_inconclusive, suite.policy.spend_cap_usd, suite.policy.alpha) == ("block", 5.0, 0.05)


def test_all_that_a_suite_may_say_is_read(tmp_path):
    suite = load(
        tmp_path,
        """\
version: 1
name: atenção ao cliente
owner: Júlia Peña
deputy: deputy@acme.example
data:
  candidate: salidas/candidato.csv
  baseline: {baseline: main}
  cases: salidas/casos.csv
  columns: {id: identificação, input: pregunta, output: resposta}
  slices: {región: país, nível: plano}
checks:
  tono: {rubric: tone_and_help, language: es, where: {plano: básico, pago: true}}
  length: {check: length, longest: 800, advisory: true}
gates:
  tono.tone:
    - {better_than_baseline: true, coverage: 0.9}
    - {no_worse_than: .1, by: [región, nível], require: each, advisory: true}
  tono.help: {at_least: 1}
policy: {on_inconclusive: fail, advisory_until: 2026-03-31, spend_cap_usd: 0}
prices: {modelo-novo: {input: 0.4, output: 1.6}}
""",
    )
    assert suite.data.baseline == NamedSource(name="main")
    assert suite.data.cases == FileSource(
        path=tmp_path / "salidas/casos.csv", name="salidas/casos.csv", origin=f"{tmp_path}/suite.yaml:8"
    )
    assert suite.checks["tono"].where == {"plano": "básico", "pago": True}
    assert suite.checks["length"].advisory
    assert suite.gates == (
        Gate(metric="tono.tone", rules=(BetterThanBaseline(),), coverage=0.9),
        Gate(
            metric="tono.tone",
            rules=(NoWorseThan(margin=0.1),),
            by=("región", "nível"),
            require="each",
            advisory=True,
        ),
        Gate(metric="tono.help", rules=(AtLeast(floor=1.0),)),
    )
    assert suite.policy.advisory_until == date(2026, 3, 31)
    assert suite.prices == {"modelo-novo": Price(input=0.4, output=1.6)}


def test_a_baseline_may_be_a_stored_run(tmp_path):
    suite = load(tmp_path, changed(("evals/baseline.jsonl", "{run: 4e9d0c1f22aa}")))
    assert suite.data.baseline == RunSource(run="4e9d0c1f22aa")


def test_a_list_separates_what_applies_to_which_rule(tmp_path):
    text = changed(
        (
            "{at_least: 0.85, no_worse_than: 0.06, by: locale}",
            "[{no_worse_than: 0.06}, {no_worse_than: 0.1, by: locale}]",
        )
    )
    assert [gate.by for gate in load(tmp_path, text).gates] == [(), (), ("locale",)]


# ── files that checks name ───────────────────────────────────────────────────────────────────────────────────────────

PACK = ("{check: pii, countries: [br, es], ignore_echo: true}", "\n    check: banned_terms\n    pack: packs/brand.yaml")


def test_a_pack_is_read_beside_the_suite(tmp_path, monkeypatch):
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs/brand.yaml").write_text("terms: [Zeta Bank]", encoding="utf-8")
    monkeypatch.chdir("/")
    assert load(tmp_path, changed(PACK)).checks["no_pii"] == BannedTerms.model_construct(pack="terms: [Zeta Bank]")


def test_a_missing_pack_is_said_at_its_line(tmp_path):
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs/brands.yaml").touch()
    assert complaint(lambda: load(tmp_path, changed(PACK))) == (
        f"{tmp_path}/suite.yaml:14: {tmp_path}/packs/brand.yaml: no such file. Did you mean 'brands.yaml'?"
    )


@pytest.mark.parametrize("named", ["packs", ".", "/dev/zero", "/dev/tty"])
def test_what_is_no_file_is_not_read(tmp_path, named):
    (tmp_path / "packs").mkdir()
    said = complaint(lambda: load(tmp_path, changed((PACK[0], PACK[1].replace("packs/brand.yaml", named)))))
    assert said == f"{tmp_path}/suite.yaml:14: {tmp_path / named}: not a file; name a file that can be read"


def test_a_name_that_no_file_can_have_is_one_line(tmp_path):
    said = complaint(lambda: load(tmp_path, changed((PACK[0], '{check: banned_terms, pack: "a\\0b"}'))))
    assert said.startswith(f"{tmp_path}/suite.yaml:12: ")
    assert "\n" not in said


def test_what_a_check_says_of_its_file_gets_the_line_of_the_check(tmp_path):
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs/brand.yaml").write_text("words: []", encoding="utf-8")
    assert complaint(lambda: load(tmp_path, changed(PACK))) == (
        f"{tmp_path}/suite.yaml:12: checks.no_pii: the pack holds no terms"
    )


def test_a_check_read_outside_a_suite_reads_no_files():
    with pytest.raises(SuiteInvalid, match="files are read only while a suite is loaded"):
        BannedTerms.model_validate({"pack": "packs/brand.yaml"})
    assert Loading(read=lambda name: name.encode()).judge is None


# ── what the command line says instead ───────────────────────────────────────────────────────────────────────────────


def test_a_given_candidate_and_baseline_need_not_be_written(tmp_path):
    text = changed(("  candidate: evals/candidate.jsonl\n", ""), ("  baseline: evals/baseline.jsonl\n", ""))
    suite = load(tmp_path, text, candidate_given=True, baseline_given=True)
    given = with_overrides(suite, candidate="new.jsonl", baseline="main")
    assert given.data.candidate == FileSource(path=Path("new.jsonl"), name="new.jsonl", origin="--candidate")
    assert given.data.baseline == NamedSource(name="main")
    assert given.data.columns == suite.data.columns


def test_a_suite_without_data_takes_it_from_the_command(tmp_path):
    text = changed((SUPPORT[SUPPORT.index("data:") : SUPPORT.index("judge:")], ""), (", by: locale", ""))
    assert load(tmp_path, text, candidate_given=True, baseline_given=True).data.candidate is None
    assert complaint(lambda: load(tmp_path, text)) == (
        f"{tmp_path}/suite.yaml:1: the suite has no 'data'; add data.candidate, the file of outputs, or give"
        " --candidate FILE"
    )


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ("main", NamedSource(name="main")),
        ("release-2.1", NamedSource(name="release-2.1")),
        ("run:4e9d0c1f22aa", RunSource(run="4e9d0c1f22aa")),
        ("old.csv", FileSource(path=Path("old.csv"), name="old.csv", origin="--baseline")),
        ("old.JSONL.GZ", FileSource(path=Path("old.JSONL.GZ"), name="old.JSONL.GZ", origin="--baseline")),
        ("runs/old", FileSource(path=Path("runs/old"), name="runs/old", origin="--baseline")),
    ],
)
def test_a_given_baseline_is_a_run_a_path_or_a_name(tmp_path, given, means):
    assert with_overrides(load(tmp_path, SUPPORT), baseline=given).data.baseline == means


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"baseline": "run:"}, "--baseline run: names no run; `evalgate runs list` shows their ids"),
        ({"baseline": " "}, "--baseline is empty; give a file, run:ID or the name of a baseline"),
        ({"candidate": ""}, "--candidate is empty; give a file"),
    ],
)
def test_an_empty_flag_is_refused(tmp_path, given, line):
    suite = load(tmp_path, SUPPORT)
    with pytest.raises(WrongAsWritten) as refused:
        with_overrides(suite, **given)
    assert str(refused.value) == line


def test_a_gate_on_production_is_read_with_its_days_or_seven(tmp_path):
    written = changed(
        ("at_least: 0.85", "production: {at_least: 0.8, days: 14}"), ("never: any", "production: {at_least: 1}")
    )
    gates = {gate.metric: gate.rules[0] for gate in load(tmp_path, written).gates}
    assert (gates["answers"], gates["no_pii"]) == (Production(floor=0.8, days=14), Production(floor=1.0))
