"""The gate as CI meets it: files in, a decision, an exit code, reports; nothing raw leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.scenes import JUDGED_SUITE, SUITE, evalgate, lay, one_line, rows, write
from tests.providers.server import Far, running

RUDE = range(60)
CPF = "529.982.247-25"


@pytest.fixture(scope="module")
def one_server() -> Iterator[Far]:
    with running() as server:
        yield server


@pytest.fixture
def far(one_server: Far) -> Far:
    one_server.script({"label": "answers", "model": "judge-1-2026-01"})
    return one_server


def at(far: Far) -> dict[str, str]:
    return {"EVALGATE_JUDGE_BASE_URL": far.url, "EVALGATE_JUDGE_API_KEY": "sk-x"}


def decision(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    done = evalgate(folder, "gate", "suite.yaml", "--json", *arguments, env=env)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def finding(record: dict[str, Any], gate: str) -> dict[str, Any]:
    return next(f for f in record["findings"] if f["gate"] == gate and f["slice"] is None)


def test_a_candidate_as_good_as_its_baseline_passes(tmp_path):
    lay(tmp_path)
    done = evalgate(tmp_path, "gate", "suite.yaml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("PASS")


def test_a_candidate_that_regresses_is_stopped_and_told_why(tmp_path):
    lay(tmp_path, candidate=rows(rude=RUDE))
    done = evalgate(tmp_path, "gate", "suite.yaml")
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL")
    assert "Why it fails" in done.stdout
    assert "c-000" in done.stdout


def test_thin_evidence_is_inconclusive_and_says_what_would_decide_it(tmp_path):
    lay(tmp_path, candidate=rows(20), baseline=rows(20))
    done = evalgate(tmp_path, "gate", "suite.yaml")
    assert done.returncode == 3
    assert done.stdout.startswith("INCONCLUSIVE")
    assert "more cases" in done.stdout


def test_of_several_suites_the_worst_exit_code_is_the_commands(tmp_path):
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.mkdir()
    bad.mkdir()
    lay(good)
    lay(bad, SUITE.replace("name: support", "name: other"), candidate=rows(rude=RUDE))
    done = evalgate(tmp_path, "gate", "good/suite.yaml", "bad/suite.yaml", "--quiet")
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["PASS", "FAIL"]


def test_the_first_day_has_no_baseline_until_somebody_accepts_one(tmp_path):
    lay(tmp_path, SUITE.replace("baseline: baseline.jsonl", "baseline: {baseline: main}"))
    first = evalgate(tmp_path, "gate", "suite.yaml")
    assert first.returncode == 3
    assert "evalgate baseline accept main --first" in first.stdout
    refused = evalgate(tmp_path, "baseline", "accept", "main")
    assert refused.returncode == 2
    assert "--first" in one_line(refused)
    accepted = evalgate(tmp_path, "baseline", "accept", "main", "--first")
    assert accepted.returncode == 0, accepted.stderr
    assert evalgate(tmp_path, "gate", "suite.yaml").returncode == 0
    again = evalgate(tmp_path, "baseline", "accept", "main")
    assert again.returncode == 0, again.stderr
    assert "main" in evalgate(tmp_path, "baseline", "list").stdout
    assert len(evalgate(tmp_path, "baseline", "show", "main").stdout.splitlines()) == 2


def test_a_run_that_failed_becomes_a_baseline_only_with_a_reason(tmp_path):
    lay(tmp_path, candidate=rows(rude=RUDE))
    assert evalgate(tmp_path, "gate", "suite.yaml").returncode == 1
    assert "--first" in one_line(evalgate(tmp_path, "baseline", "accept", "main"))
    done = evalgate(tmp_path, "baseline", "accept", "main", "--reason", "the courtesy rule changed")
    assert done.returncode == 0
    assert "the courtesy rule changed" in evalgate(tmp_path, "baseline", "show", "main").stdout


def test_a_stored_run_is_compared_as_its_file_was(tmp_path):
    lay(tmp_path, candidate=rows(rude=range(9)))
    _, with_file = decision(tmp_path)
    (tmp_path / "baseline.jsonl").unlink()
    _, with_run = decision(tmp_path, "--baseline", f"run:{with_file['baseline'][:8]}")
    assert with_run["findings"] == with_file["findings"]
    assert with_run["baseline"] == with_file["baseline"]


def test_two_names_for_one_check_are_kept_apart_when_a_stored_run_is_read_back(tmp_path):
    twice = SUITE.replace(
        "  short:", "  kind: {check: required_text, any: [gracias, obrigado, thank you]}\n  short:", 1
    )
    twice = twice.replace("gates:\n", "gates:\n  kind: {no_worse_than: 0.06}\n")
    lay(tmp_path, twice, baseline=rows(rude=range(9)))
    _, with_file = decision(tmp_path)
    renamed = twice.replace("kind:", "warm:")
    lay(tmp_path, renamed, baseline=rows(rude=range(9)))
    _, with_run = decision(tmp_path, "--baseline", f"run:{with_file['baseline']}")
    changes = [finding(with_file, "kind.no_worse_than"), finding(with_run, "warm.no_worse_than")]
    assert [(change["value"], change["n"]) for change in changes] == [(changes[0]["value"], 120)] * 2
    assert changes[0]["value"] == pytest.approx(9 / 120)


def test_a_check_that_changed_since_the_baseline_was_stored_is_not_compared(tmp_path):
    lay(tmp_path)
    _, first = decision(tmp_path)
    lay(tmp_path, SUITE.replace("gracias, obrigado", "gracias, obrigada"))
    code, second = decision(tmp_path, "--baseline", f"run:{first['baseline']}")
    assert code != 0
    assert finding(second, "polite.no_worse_than")["unscored"] == 120


def test_outputs_of_another_revision_are_inconclusive(tmp_path):
    lay(tmp_path, candidate=rows(revision="7c1f2ab"))
    assert evalgate(tmp_path, "gate", "suite.yaml", "--revision", "7c1f2ab90d11", "--quiet").returncode == 0
    other = evalgate(tmp_path, "gate", "suite.yaml", "--revision", "4e9d0c1")
    assert other.returncode == 3
    assert "7c1f2ab" in other.stdout


@pytest.mark.parametrize(("changed_at", "code"), [("2026-11-19T00:00:00Z", 0), ("2026-11-21T00:00:00Z", 3)])
def test_outputs_older_than_the_change_are_inconclusive(changed_at, code, tmp_path):
    lay(tmp_path, candidate=rows(created_at="2026-11-20T10:00:00Z"))
    assert evalgate(tmp_path, "gate", "suite.yaml", "--changed-at", changed_at).returncode == code


def test_rows_that_do_not_say_their_revision_are_not_taken_for_current(tmp_path):
    lay(tmp_path)
    assert evalgate(tmp_path, "gate", "suite.yaml", "--revision", "7c1f2ab").returncode == 3


def test_without_a_revision_the_page_says_that_age_was_not_checked(tmp_path):
    lay(tmp_path)
    assert "age" in evalgate(tmp_path, "gate", "suite.yaml").stdout


@pytest.mark.parametrize(("today", "code"), [("2026-12-31", 0), ("2027-01-01", 1)])
def test_until_its_date_an_advisory_suite_says_would_fail_and_exits_zero(today, code, tmp_path):
    lay(tmp_path, SUITE + "policy: {advisory_until: 2026-12-31}\n", candidate=rows(rude=RUDE))
    done = evalgate(tmp_path, "gate", "suite.yaml", "--today", today)
    assert done.returncode == code
    assert ("ADVISORY" in done.stdout) == (code == 0)
    assert "FAIL" in done.stdout


def test_a_policy_may_call_inconclusive_a_failure_and_never_a_pass(tmp_path):
    lay(tmp_path, SUITE + "policy: {on_inconclusive: fail}\n", candidate=rows(20), baseline=rows(20))
    assert evalgate(tmp_path, "gate", "suite.yaml", "--quiet").returncode == 1


def test_the_same_inputs_give_the_same_decision_bytes_in_another_folder(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    records = []
    for folder in folders:
        folder.mkdir()
        lay(folder, candidate=rows(rude=range(7)))
        evalgate(folder, "gate", "suite.yaml", "--quiet", "--report", "json=record.json")
        records.append((folder / "record.json").read_bytes())
    assert records[0] == records[1]


def test_a_record_is_verified_offline_and_a_doctored_one_is_not(tmp_path):
    lay(tmp_path, candidate=rows(rude=RUDE))
    evalgate(tmp_path, "gate", "suite.yaml", "--quiet", "--report", "json=record.json")
    record = tmp_path / "record.json"
    assert evalgate(tmp_path, "verify", "record.json").returncode == 0
    record.write_text(record.read_text().replace('"verdict":"fail"', '"verdict":"pass"'))
    done = evalgate(tmp_path, "verify", "record.json")
    assert done.returncode == 1
    assert "do not trust it" in done.stdout


def test_a_run_travels_to_another_store(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    lay(here)
    lay(there)
    run_id = evalgate(here, "run", "suite.yaml", "--json").stdout
    run_id = json.loads(run_id)["run"]
    assert evalgate(here, "runs", "export", run_id, "run.jsonl.gz").returncode == 0
    assert evalgate(there, "runs", "import", str(here / "run.jsonl.gz")).returncode == 0
    done = evalgate(there, "gate", "suite.yaml", "--baseline", f"run:{run_id}", "--quiet")
    assert done.returncode == 0, done.stderr
    assert run_id in evalgate(there, "runs", "list").stdout


def test_two_runs_are_compared_metric_by_metric(tmp_path):
    lay(tmp_path, candidate=rows(rude=RUDE))
    _, record = decision(tmp_path)
    done = evalgate(tmp_path, "compare", record["candidate"], record["baseline"], "--json")
    changes = {change["metric"]: change for change in json.loads(done.stdout)["changes"]}
    assert changes["polite"]["lost"] == 60
    assert changes["polite"]["value"] == pytest.approx(-0.5)
    assert "polite" in evalgate(tmp_path, "compare", record["candidate"], record["baseline"]).stdout


def test_flips_are_shown_side_by_side_and_a_finding_is_explained(tmp_path):
    lay(tmp_path, candidate=rows(rude=[3, 4]))
    evalgate(tmp_path, "gate", "suite.yaml", "--quiet")
    flips = evalgate(tmp_path, "show", "last", "--flips", "polite")
    assert flips.returncode == 0, flips.stderr
    assert "c-003" in flips.stdout
    assert "c-004" in flips.stdout
    assert "c-005" not in flips.stdout
    assert "c-005" in evalgate(tmp_path, "show", "c-005").stdout
    explained = evalgate(tmp_path, "explain", "polite.no_worse_than")
    assert explained.returncode == 0, explained.stderr
    assert "0.06" in explained.stdout or "6" in explained.stdout
    assert evalgate(tmp_path, "explain", "polit").returncode == 2


def test_what_people_must_not_see_is_in_no_report_and_not_in_the_store(tmp_path):
    leaks = [{**row, "output": f"O CPF é {CPF}, obrigado. ana@acme.example"} for row in rows(60)]
    suite = SUITE.replace("short: {check: length, max_characters: 200}", "short: {check: pii, countries: [br]}")
    lay(tmp_path, suite, candidate=leaks, baseline=rows(60))
    reports = "html=r.html,markdown=r.md,json=r.json,junit=r.xml,sarif=r.sarif"
    done = evalgate(tmp_path, "gate", "suite.yaml", "--report", reports)
    assert done.returncode == 1
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "candidate.jsonl"]
    everything = b"".join([*written, done.stdout.encode(), done.stderr.encode()])
    assert b"529.982" not in everything
    assert b"52998224725" not in everything
    assert b"ana@acme" not in everything


def test_every_report_is_written(tmp_path):
    lay(tmp_path, candidate=rows(rude=RUDE))
    reports = "html=out/r.html,markdown=out/r.md,json=out/r.json,junit=out/r.xml,sarif=out/r.sarif"
    done = evalgate(tmp_path, "gate", "suite.yaml", "--report", reports)
    assert done.returncode == 1
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"r.html", "r.md", "r.json", "r.xml", "r.sarif"}


def test_a_judged_suite_asks_once_for_outputs_that_did_not_change(far, tmp_path):
    candidate = [{**row, "output": row["output"] + ("!" if i < 10 else "")} for i, row in enumerate(rows(60))]
    lay(tmp_path, JUDGED_SUITE, candidate=candidate, baseline=rows(60))
    code, record = decision(tmp_path, env=at(far))
    assert code == 0
    assert record["judges"] == ["judge-1-2026-01"]
    assert far.stats()["answered"] == 70
    decision(tmp_path, env=at(far))
    assert far.stats()["answered"] == 70


def test_a_judge_that_changed_between_the_arms_is_inconclusive(far, tmp_path):
    lay(tmp_path, JUDGED_SUITE, baseline=rows(60))
    baseline = json.loads(
        evalgate(tmp_path, "run", "suite.yaml", "--candidate", "baseline.jsonl", "--json", env=at(far)).stdout
    )["run"]
    far.script({"label": "answers", "model": "judge-1-2026-09"})
    changed = [{**row, "output": row["output"] + "!"} for row in rows(60)]
    write(tmp_path / "candidate.jsonl", changed)
    code, record = decision(tmp_path, "--baseline", f"run:{baseline}", env=at(far))
    assert code == 3
    assert finding(record, "fact.one_judge")["verdict"] == "inconclusive"


def test_a_judge_nobody_measured_cannot_pass_unless_the_suite_allows_it(far, tmp_path):
    lay(tmp_path, JUDGED_SUITE.replace("uncalibrated: allow\n", ""))
    code, record = decision(tmp_path, env=at(far))
    assert code == 3
    assert finding(record, "answers.at_least")["state"] == "uncalibrated"


def test_at_the_spend_cap_the_decision_is_inconclusive(far, tmp_path):
    lay(tmp_path, JUDGED_SUITE + "policy: {spend_cap_usd: 0.05}\n")
    code, record = decision(tmp_path, env=at(far))
    assert code == 3
    assert finding(record, "answers.coverage")["state"] == "coverage_short"
    assert 0 < far.stats()["answered"] < 240


def test_a_judge_does_not_judge_its_own_answers(far, tmp_path):
    lay(tmp_path, JUDGED_SUITE, candidate=rows(60, model="judge-1"))
    done = evalgate(tmp_path, "gate", "suite.yaml", env=at(far))
    assert done.returncode == 2
    assert "allow_self_grading" in one_line(done)
    assert far.stats()["total"] == 0


def test_an_unknown_answer_goes_unscored_and_is_counted(far, tmp_path):
    far.script({"label": "answers", "rules": [{"when": "Respuesta 7.", "label": "unknown"}]})
    lay(tmp_path, JUDGED_SUITE)
    _, record = decision(tmp_path, env=at(far))
    assert finding(record, "answers.coverage")["unscored"] == 1


def test_a_plan_calls_nothing_and_says_what_it_would_take(far, tmp_path):
    lay(tmp_path, JUDGED_SUITE)
    done = evalgate(tmp_path, "plan", "suite.yaml", "--json", env=at(far))
    planned = json.loads(done.stdout)
    assert far.stats()["total"] == 0
    assert planned["calls"] == 120
    assert planned["cost_usd"] > 0
    assert planned["gates"][0]["needed"] > 0
    assert not (tmp_path / ".evalgate").exists()
    assert "120" in evalgate(tmp_path, "plan", "suite.yaml", env=at(far)).stdout


def test_one_broken_suite_among_several_does_not_hide_the_others(tmp_path):
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.mkdir()
    bad.mkdir()
    lay(good)
    lay(bad, candidate=[{**row, "id": f"x{row['id']}"} for row in rows()])
    done = evalgate(tmp_path, "gate", "good/suite.yaml", "bad/suite.yaml", "--quiet")
    assert done.returncode == 2
    assert done.stdout.startswith("PASS")
    assert "no id in common" in done.stderr
