"""The scripts of the page do what it says with files in the shapes those tools write."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from tests.docs.pages import page

PAGE = page("how-to/bring-scores-from-another-tool.md")
SCRIPTS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def script(name: str) -> str:
    return next(text for text in SCRIPTS if text.startswith(f"# {name}"))


def run(folder, text: str, *arguments: str) -> list[dict]:
    """Run a script and return the rows it wrote, to the last of its arguments."""
    subprocess.run([sys.executable, "-c", text, *arguments], cwd=folder, check=True)
    return [json.loads(line) for line in (folder / arguments[-1]).read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("text", SCRIPTS, ids=lambda text: text.splitlines()[0])
def test_every_script_is_python(text):
    compile(text, "page", "exec")


def test_promptfoos_results_become_rows_and_its_errors_have_no_score(tmp_path):
    said = {"vars": {"id": "c-1", "question": "¿Cómo?"}, "response": {"output": "Así."}, "score": 0.5, "success": False}
    lost = {
        "vars": {"id": "c-2"},
        "response": None,
        "error": "429",
        "gradingResult": None,
        "score": 0,
        "success": False,
    }
    results = {"version": 3, "results": [{**said, "gradingResult": {"pass": False, "score": 0.5}}, lost]}
    (tmp_path / "results.json").write_text(json.dumps({"results": results}), encoding="utf-8")
    assert run(tmp_path, script("promptfoo.py"), "results.json", "rows.jsonl") == [
        {"id": "c-1", "input": "¿Cómo?", "output": "Así.", "score": 0.5, "success": False},
        {"id": "c-2", "input": "", "output": ""},
    ]


def test_langfuses_scores_are_joined_by_the_items_of_the_dataset(tmp_path):
    scores = [
        {"traceId": "t-1", "name": "quality", "value": 0.8},
        {"traceId": "t-9", "name": "quality", "value": 0.1},
    ]
    items = [{"traceId": "t-1", "datasetItemId": "c-1"}, {"traceId": "t-2", "datasetItemId": "c-2"}]
    (tmp_path / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    (tmp_path / "items.json").write_text(json.dumps(items), encoding="utf-8")
    rows = run(tmp_path, script("langfuse.py"), "scores.json", "items.json", "rows.jsonl")
    assert rows == [{"id": "c-1", "quality": 0.8}, {"id": "c-2"}]


def test_the_suite_of_the_page_decides_on_such_rows(tmp_path):
    (suite,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "suite.yaml").write_text(suite, encoding="utf-8")
    rows = [{"id": f"c-{n}", "quality": 0.5 + n % 5 / 10, "verdict": "good"} for n in range(240)]
    for name in ("new.jsonl", "old.jsonl"):
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, "-m", "evalgate", "gate", "suite.yaml", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "pass"), done.stderr
