"""One word for one thing: the words that the glossary rules out stand nowhere."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.docs.pages import ROOT, page

FOLDERS = ("evalgate", "rubrics", "suites", "ci", "docs")
SUFFIXES = {".py", ".yaml", ".yml", ".md", ".sh", ".json"}
TABLE = page("glossary.md").partition("## Words that are not used")[2]
UNUSED = [
    word.strip() for row in re.findall(r"^\| (?!not |---)(.+?) \| ", TABLE, re.MULTILINE) for word in row.split(",")
]
ALLOWED = {
    # other people's names: of columns in their files, of options in their tools, and the table itself
    "evalgate/suites/column_names.py": {"prediction", "ground truth"},
    "docs/glossary.md": set(UNUSED),
    "docs/how-to/bring-scores-from-another-tool.md": {"graded", "grade"},
}
THIRD_PARTY = re.compile(
    r"allow_self_grading|self_grading|model_graded_qa|ground_truth|gradingResult|refuse_self_grading"
)


def pattern_of(word: str) -> re.Pattern[str]:
    """Return what finds a word, written with spaces, hyphens or underscores."""
    return re.compile(rf"(?<![\w-]){re.sub(r'[ -]', r'[ _-]', word)}(?![\w-])", re.IGNORECASE)


def texts() -> list[tuple[str, str]]:
    paths = [
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix in SUFFIXES and path.parent.name != "shipped_files"
    ]  # packs quote people
    paths.append(ROOT / "README.md")
    named = [(path.relative_to(ROOT).as_posix(), path) for path in sorted(paths)]
    # The demo's texts are what an assistant answered: nobody's field words.
    return [
        (name, THIRD_PARTY.sub("", path.read_text(encoding="utf-8")))
        for name, path in named
        if "__pycache__" not in name and not name.startswith("evalgate/demo/data/")
    ]


def test_the_table_is_read():
    assert {"test case", "golden", "evaluator", "grade", "rule-based"} <= set(UNUSED)


@pytest.mark.parametrize("word", UNUSED)
def test_a_word_that_is_not_used_stands_nowhere(word):
    pattern = pattern_of(word)
    found = [
        f"{name}:{text.count(chr(10), 0, hit.start()) + 1}"
        for name, text in texts()
        if word not in ALLOWED.get(name, set())
        for hit in pattern.finditer(text)
    ]
    assert found == []


def test_no_help_text_uses_such_a_word():
    commands = ["gate", "run", "plan", "init", "show", "compare", "explain", "verify", "schema", "demo"]
    code = f"from evalgate.cli.app import run\nfor one in {[[], *[[name] for name in commands]]}: run([*one, '--help'])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.count("Usage: ") == len(commands) + 1
    assert [word for word in UNUSED if pattern_of(word).search(said)] == []


WORDS_OF_THE_DESIGN = (
    *("arm", "baseline", "bound", "candidate", "case", "check", "cluster", "coverage", "decision", "estimate", "fact"),
    *("finding", "flip", "gate", "interaction", "journal", "judge", "label", "manifest", "margin", "mark", "metric"),
    *("outcome", "output", "pack", "pair", "queue", "review", "rubric", "run", "sample", "score", "slice", "subject"),
    *("tripwire", "unscored", "verdict", "violation", "waiver", "window"),
    *("calibration card", "check reference", "not applicable"),
)


@pytest.mark.parametrize("word", WORDS_OF_THE_DESIGN)
def test_the_glossary_has_the_words_of_the_design(word):
    rows = re.findall(r"^\| (.+?) \|", page("glossary.md").partition("## Words that are not used")[0], re.MULTILINE)
    assert word in {one.strip() for row in rows for one in row.split(",")}
