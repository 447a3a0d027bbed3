"""`evalgate queue` and `evalgate label`, as people type them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from evalgate.cli.app import run
from evalgate.store.engine import Store, open_store
from tests.review.scenes import NO, YES, answer_all, reviewers, sample, stored

RUBRIC = """
name: support
criteria:
  answers:
    check: answers
    title: {en: Does it answer?, es: ¿Responde?, pt: Responde?}
    labels:
      "yes": {value: 1}
      "no": {value: 0}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store of the folder that commands run in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EVALGATE_DATABASE_URL", raising=False)
    Path("rubric.yaml").write_text(RUBRIC, encoding="utf-8")
    with open_store() as store:
        yield store


def traffic(store: Store, count: int = 200) -> str:
    return stored(store, [sample(n, NO if n % 4 == 0 else YES) for n in range(count)])


def truth(case_id: str) -> str:
    return "no" if int(case_id.removeprefix("case-")) % 4 == 0 else "yes"


def test_a_queue_is_made_filled_answered_exported_imported_and_measures_its_judge(
    here: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    known = traffic(here)
    assert run(["queue", "create", "weekly", "--rubric", "rubric.yaml"]) == 0
    assert run(["queue", "fill", "weekly", "--run", known, "--rule", "random:1"]) == 0
    assert "queue weekly: 200 items of 200 samples" in capsys.readouterr().out
    queue = here.queues.get("weekly")
    here.queues.set_settings(queue.number, queue.settings.model_copy(update={"practice": 0, "gold_rate": 0}))
    for who in reviewers(here):
        answer_all(here, here.queues.get("weekly"), who, lambda item: truth(item.case_id))
    assert run(["queue", "status"]) == 0
    assert "weekly  open  200 of 200 done, 0 open, 0 to adjudicate" in capsys.readouterr().out
    assert run(["queue", "status", "weekly"]) == 0
    assert "answers  all  200 items  AC1 1.000" in capsys.readouterr().out
    assert run(["queue", "export", "weekly", "labels.csv"]) == 0
    assert run(["queue", "import", "weekly", "labels.csv"]) == 0
    assert "200 labels imported" in capsys.readouterr().out
    assert run(["queue", "promote", "weekly", "--suite", "support", "-o", "gold.jsonl"]) == 0
    assert "suite support: 200 promoted" in capsys.readouterr().out
    assert len(Path("gold.jsonl").read_text().splitlines()) == 200
    assert run(["queue", "card", "answers"]) == 0
    assert "TPR 1.000" in capsys.readouterr().out
    (card,) = here.cards.newest("answers")
    assert card.complete


def test_labels_at_the_terminal_are_kept_one_by_one_and_the_same_command_goes_on(
    here: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = traffic(here)
    command = ["label", known, "--check", "answers", "-n", "6"]
    monkeypatch.setattr("sys.stdin", io.StringIO("1\nwhat\n2\nq\n"))
    assert run(command) == 0
    shown = capsys.readouterr().out
    assert "2 answered, 0 unknown, 4 left" in shown
    assert "answers: 1 yes  2 no  0 cannot tell  z back  q stop" in shown
    assert "Type a number from 0 to 2, z to go back, q to stop" in shown
    assert "¿Cuánto tarda?" in shown
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n0\nyes\n1\n"))
    assert run(command) == 0
    assert "3 answered, 1 unknown, 0 left" in capsys.readouterr().out
    labels = list(here.labels.stream("answers"))
    in_test = sum(one.outcomes != () and _in_test(one.sample_digest) for one in here.runs.stream(known))
    assert [one.label for one in labels] == ["yes", "no", "yes", "yes", "yes"]
    assert {one.probability for one in labels} == {6 / in_test}
    assert {(one.source, one.basis, one.split) for one in labels} == {("terminal", "single", "test")}


def _in_test(sample_digest: str) -> bool:
    from evalgate.core.splitting import split_of

    return split_of(sample_digest) == "test"


def test_answers_in_a_file_make_a_card_without_a_question(here: Store, capsys: pytest.CaptureFixture[str]) -> None:
    known = traffic(here)
    rows = [{"id": f"case-{n}", "label": truth(f"case-{n}")} for n in range(200)]
    Path("answers.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert run(["label", known, "--check", "answers", "-n", "200", "--answers", "answers.jsonl"]) == 0
    shown = capsys.readouterr().out
    assert "QUESTION" not in shown
    assert "0 unknown, 0 left" in shown
    (card,) = here.cards.newest("answers")
    assert card.n == len(list(here.labels.stream("answers")))
    assert f"card {card.digest[:8]}" in shown


def test_a_card_says_how_many_labels_it_leaves_out(here: Store, capsys: pytest.CaptureFixture[str]) -> None:
    known = traffic(here)
    rows = [{"id": f"case-{n}", "label": truth(f"case-{n}")} for n in range(200)]
    Path("answers.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert run(["label", known, "--check", "answers", "-n", "60", "--answers", "answers.jsonl"]) == 0
    assert "left out" not in capsys.readouterr().out
    labels = list(here.labels.stream("answers"))
    here.labels.keep([one.model_copy(update={"probability": None}) for one in labels[:7]])
    assert run(["queue", "card", "answers"]) == 0
    said = capsys.readouterr().out
    assert "7 more left out: how likely they were to be asked about is not known" in said
    (card,) = here.cards.newest("answers")
    assert (card.n, card.left_out) == (len(labels) - 7, 7)


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (["queue", "fill", "weekly", "--run", "RUN", "--rule", "random:1"], "there is no queue 'weekly' here"),
        (["queue", "create", "weekly", "--rubric", "answers.jsonl"], "answers.jsonl"),
        (["label", "RUN", "--check", "answer"], "Did you mean 'answers'?"),
        (["label", "RUN", "--check", "answers", "--answers", "answers.jsonl"], "answers.jsonl:1: 'maybe' is no label"),
        (["queue", "card", "answers"], "no blind label"),
    ],
)
def test_what_is_wrong_as_written_is_one_line_and_exit_2(
    here: Store, capsys: pytest.CaptureFixture[str], command: list[str], complaint: str
) -> None:
    known = traffic(here, 8)
    Path("answers.jsonl").write_text('{"id": "case-0", "label": "maybe"}\n')
    assert run([known if part == "RUN" else part for part in command]) == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1
