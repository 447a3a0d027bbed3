"""`evalgate models`, as people run it: a student taught, used in a suite, and refused when there is too little."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.scenes import evalgate, lay, one_line, write
from tests.checks.models.test_student import labels

SUITE = """\
version: 1
name: s
owner: o@acme.example
data: {candidate: candidate.jsonl}
checks:
  no_upsell: {check: student, model: students/upsell}
gates:
  no_upsell: {at_least: 0.9}
"""


def rows() -> list[dict[str, object]]:
    return [{"text": one.text, "label": "upsell" if one.violates else "ok", "talk": one.cluster} for one in labels()]


def test_a_student_is_taught_and_stops_a_release(tmp_path: Path) -> None:
    write(tmp_path / "labels.jsonl", [*rows(), {"text": "x", "label": None, "talk": "z"}])
    done = evalgate(
        tmp_path,
        *("models", "train", "labels.jsonl", "--violation", "upsell", "--cluster", "talk", "--out", "students/upsell"),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("students/upsell: 192 texts, 96 violations, 24 clusters; a violation from 0.")
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == ["recall", "specificity", "precision"]
    answers = [{"id": str(n), "input": "?", "output": "su pedido llega mañana"} for n in range(60)]
    lay(tmp_path, SUITE, candidate=answers)
    passed = evalgate(tmp_path, "gate", "suite.yaml")
    assert passed.returncode == 0, passed.stdout
    pushy = [{**row, "output": "mejore al plan Premium"} for row in answers[:20]]
    lay(tmp_path, SUITE, candidate=[*pushy, *answers[20:]])
    stopped = evalgate(tmp_path, "gate", "suite.yaml")
    assert stopped.returncode == 1, stopped.stdout
    assert "no_upsell" in stopped.stdout


def test_too_few_labels_are_inconclusive(tmp_path: Path) -> None:
    write(tmp_path / "labels.jsonl", rows()[:20])
    done = evalgate(tmp_path, "models", "train", "labels.jsonl", "--violation", "upsell", "--out", "s")
    assert done.returncode == 3
    assert "a student needs 20 labels of each kind" in one_line(done)


def test_a_label_or_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    write(tmp_path / "labels.jsonl", rows())
    train = ("models", "train", "labels.jsonl", "--out", "s")
    done = evalgate(tmp_path, *train, "--violation", "upsel")
    assert (done.returncode, "Did you mean 'upsell'?" in one_line(done)) == (2, True)
    done = evalgate(tmp_path, *train, "--violation", "upsell", "--text", "txt")
    assert (done.returncode, "no column 'txt'. Did you mean 'text'?" in one_line(done)) == (2, True)


def test_a_folder_without_a_manifest_or_weights_is_named(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    assert evalgate(tmp_path, "models", "pin", "m").returncode == 2
    done = evalgate(tmp_path, "models", "verify", "m")
    assert (done.returncode, "no evalgate-model.yaml in it" in one_line(done)) == (2, True)
