"""`evalgate demo` as a newcomer runs it: in an empty folder, with an empty home, without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from evalgate.core.records import verify_record
from evalgate.demo.replies import data
from tests.providers.server import running

CPFS = ("123.456.789-09", "987.654.321-00", "111.222.333-96")


@dataclass(frozen=True)
class Told:
    """What a run of the demo left behind."""

    folder: Path
    code: int
    out: str
    err: str
    seconds: float

    @property
    def demo(self) -> Path:
        return self.folder / "evalgate-demo"


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", "COLUMNS": "120", **more}


def evalgate(folder: Path, *arguments: str, **more: str) -> Told:
    begun = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-m", "evalgate", *arguments],
        cwd=folder,
        env=environment(folder / "home", **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Told(folder, run.returncode, run.stdout, run.stderr, time.monotonic() - begun)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder = tmp_path_factory.mktemp("newcomer")
    return evalgate(folder, "demo")


def lines_with(told: Told, word: str) -> list[int]:
    return [number for number, line in enumerate(told.out.splitlines()) if line.startswith(word)]


def test_the_story_is_a_fail_with_reasons_and_then_a_pass_in_under_a_minute(told: Told) -> None:
    assert (told.code, told.err) == (0, "")
    failed, passed = lines_with(told, "FAIL  support"), lines_with(told, "PASS  support")
    assert (len(failed), len(passed)) == (1, 1)
    assert failed < passed
    assert told.seconds < 60


def test_the_output_says_that_the_replies_were_written_by_hand_and_come_from_a_local_server(told: Told) -> None:
    assert "The judge's replies were written by hand for this example" in told.out
    assert "small local server\n(http://127.0.0.1:" in told.out


def test_the_page_names_each_gate_that_fails(told: Told) -> None:
    page = told.out[: told.out.index("PASS  support")]

    failing = {line.split()[1] for line in page.splitlines() if line.lstrip().startswith("FAIL ")}
    assert {"no_pii", "on_brand", "locale=pt-BR"} <= failing


def test_no_planted_cpf_is_printed_or_written_anywhere_but_in_the_data(told: Told) -> None:
    reports = [path for path in told.demo.iterdir() if path.suffix in {".html", ".md"}]
    store = (told.demo / ".evalgate" / "evalgate.db").read_bytes()

    assert {path.name for path in reports} == {"candidate.html", "candidate.md", "fixed.html", "fixed.md"}
    assert not [cpf for cpf in CPFS if cpf in told.out]
    assert not [(cpf, path.name) for cpf in CPFS for path in reports if cpf in path.read_text(encoding="utf-8")]
    assert not [cpf for cpf in CPFS if cpf.encode() in store]


FOUND_BY = {
    "cpf": "no_pii",
    "competitor": "on_brand",
    "register": "on_brand",
    "days": "grounded_numbers",
    "language": "same_language",
    "upsell": "no_upsell",
}
"""Kind of planted defect to the code check that finds it."""


def test_every_planted_defect_is_found_by_a_code_check_and_highlighted_in_the_html_report(told: Told) -> None:
    page = (told.demo / "candidate.html").read_text(encoding="utf-8")
    cases = {article.partition("</h3>")[0].rpartition(">")[2]: article for article in page.split("<article ")[1:]}
    answers = {name: article.partition('class="said now"')[2].partition("</div>")[0] for name, article in cases.items()}
    planted = json.loads(data("planted.json").read_text(encoding="utf-8"))
    assert len(planted) == 43
    assert [one["id"] for one in planted if f"<b>{FOUND_BY[one['kind']]}</b>" not in cases[one["id"]]] == []
    assert [one["id"] for one in planted if "<mark" not in answers[one["id"]]] == []


def test_the_markdown_report_shows_the_masks_where_the_numbers_stood(told: Told) -> None:
    page = (told.demo / "candidate.md").read_text(encoding="utf-8")
    assert "<CPF>" in page.replace("&lt;", "<").replace("&gt;", ">").replace("\\", "")


def test_the_store_the_suite_and_the_data_lie_in_the_demos_folder(told: Told) -> None:
    assert {path.name for path in told.folder.iterdir()} <= {"evalgate-demo", "home"}
    assert (told.demo / ".evalgate" / "evalgate.db").is_file()
    assert (told.demo / "candidate.jsonl").read_bytes() == data("outputs_candidate.jsonl").read_bytes()


def test_the_commands_the_page_ends_with_work_in_the_folder(told: Told) -> None:
    shown = evalgate(told.demo, "show", "pt-054")
    explained = evalgate(told.demo, "explain", "no_pii")

    assert (shown.code, shown.err) == (0, "")
    assert "pt-054" in shown.out
    assert (explained.code, explained.err) == (0, "")


def test_run_again_it_asks_nothing_twice_and_tells_the_same_story(told: Told) -> None:
    again = evalgate(told.folder, "demo")

    assert (again.code, again.err) == (0, "")
    assert (len(lines_with(again, "FAIL  support")), len(lines_with(again, "PASS  support"))) == (1, 1)


def test_a_judges_price_and_its_calls_are_told_before_a_real_model_is_asked(tmp_path: Path) -> None:
    with running({"label": None, "reasoning": "as it seems"}) as far:
        live = evalgate(tmp_path, "demo", "--live", "gpt-4.1-mini", OPENAI_BASE_URL=far.url, OPENAI_API_KEY="sk-test")
        asked = far.stats()["answered"]

    assert "gpt-4.1-mini will judge: at most " in live.out
    assert "no run spends more than $5" in live.out
    assert asked > 500
    assert "written by hand" not in live.out
    # This judge is content with everything, so what only a judge sees stays unseen; the code checks still fail it.
    assert live.code == 0, live.err


def test_a_real_model_that_cannot_be_reached_ends_in_one_line_and_exit_four(tmp_path: Path) -> None:
    live = evalgate(tmp_path, "demo", "--live", "gpt-4.1-mini")

    assert live.code == 4
    assert "OPENAI_API_KEY is not set" in live.err
    assert "Traceback" not in live.err


def test_a_model_without_a_known_price_is_refused_with_the_line_to_add(tmp_path: Path) -> None:
    live = evalgate(tmp_path, "demo", "--live", "our-own-model")

    assert live.code == 4
    assert "prices: {our-own-model:" in live.err


def test_a_changed_suite_is_used_as_it_is_and_a_story_that_does_not_come_out_is_exit_four(tmp_path: Path) -> None:
    evalgate(tmp_path, "demo")
    suite = tmp_path / "evalgate-demo" / "suite.yaml"
    lenient = suite.read_text(encoding="utf-8").replace("answers: {at_least: 0.85", "answers: {at_least: 0.995")
    suite.write_text(lenient, encoding="utf-8")

    told = evalgate(tmp_path, "demo")

    assert told.code == 4
    assert "Changed by you and used as they are: evalgate-demo/suite.yaml" in told.out
    assert "with your changes" in told.err
    assert suite.read_text(encoding="utf-8") == lenient


def test_an_answer_nobody_judged_is_unscored_and_not_made_up(tmp_path: Path) -> None:
    evalgate(tmp_path, "demo")
    fixed = tmp_path / "evalgate-demo" / "fixed.jsonl"
    rows = [json.loads(line) for line in fixed.read_text(encoding="utf-8").splitlines()]
    rows[0]["response"] = "Una respuesta que nadie escribió."
    fixed.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    evalgate(tmp_path, "demo")
    record = evalgate(tmp_path / "evalgate-demo", "explain", "faithful.coverage")

    assert record.code == 0
    assert "1" in record.out


def test_a_folder_of_something_else_is_exit_two_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "suite.yaml").write_text("mine", encoding="utf-8")

    refused = evalgate(tmp_path, "demo", "--to", "work")

    assert (refused.code, refused.out) == (2, "")
    assert "work holds something else than a demo" in refused.err
    assert {path.name for path in (tmp_path / "work").iterdir()} == {"suite.yaml"}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("es", "se escribieron a mano para este ejemplo"), ("pt", "foram escritas à mão para este exemplo")],
)
def test_the_story_is_told_in_the_readers_language(tmp_path: Path, language: str, sentence: str) -> None:
    told = evalgate(tmp_path, "demo", EVALGATE_LANG=language)

    assert told.code == 0, told.err
    assert sentence in told.out


def test_the_callers_settings_do_not_reach_the_offline_demo(tmp_path: Path) -> None:
    with running() as far:
        told = evalgate(
            tmp_path,
            "demo",
            EVALGATE_JUDGE_BASE_URL=far.url,
            EVALGATE_JUDGE_API_KEY="sk-mine",
            EVALGATE_DATABASE_URL="postgresql://127.0.0.1:9/none",
            EVALGATE_TRANSPORT="litellm",
        )
        asked = far.stats()["total"]

    assert (told.code, asked) == (0, 0)


def test_the_records_of_both_decisions_verify(told: Told) -> None:
    gate = ("gate", "suite.yaml", "--candidate", "fixed.jsonl", "--quiet", "--report", "json=record.json")
    decided = evalgate(told.demo, *gate, EVALGATE_JUDGE_BASE_URL="http://127.0.0.1:9/v1")

    checked = verify_record((told.demo / "record.json").read_bytes())

    assert decided.code == 0, decided.err
    assert checked.agrees
    assert checked.decision.verdict == "pass"
