"""Generated parts are those the code would write, and every console session goes as its page shows."""

from __future__ import annotations

import doctest
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import docs.parts
import docs.sessions
from docs.sessions import Unplayable, played, seed_of
from tests.docs.pages import PAGES, ROOT, blocks, name_of, text_of

SESSIONS = [path for path in PAGES if seed_of(text_of(path))]


def generate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_every_generated_part_is_up_to_date():
    done = generate("--check", "--no-play")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", SESSIONS, ids=name_of)
def test_every_command_of_a_session_prints_what_its_page_shows(path, request):
    if seed_of(text_of(path)) == "realdata":
        request.getfixturevalue("realdata")
    done = generate("--check", name_of(path))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", [docs.parts, docs.sessions], ids=lambda module: module.__name__)
def test_the_examples_in_the_generator_are_true(module):
    ran = doctest.testmod(module)
    assert (ran.failed, ran.attempted > 0) == (0, True)


def test_no_console_block_stands_outside_a_session():
    sessions = {name_of(path) for path in SESSIONS}
    assert {block.place.partition(":")[0] for block in blocks("console")} - sessions == set()


PAGE = """\
<!-- session: empty -->
<!-- file: a.txt -->
```text
uno
```

```console
$ cat a.txt
uno
$ false
$ echo $?
1
```
"""


def test_a_session_that_goes_as_shown_is_left_as_it_is():
    assert played("a page", PAGE) == PAGE


def test_an_output_that_changed_is_written_anew():
    assert played("a page", PAGE.replace("$ cat a.txt\nuno", "$ cat a.txt\ndos")) == PAGE


def test_times_that_differ_change_nothing():
    page = PAGE.replace("cat a.txt\nuno", "echo took 0.3 s\ntook 12.5 s")
    assert played("a page", page) == page


@pytest.mark.parametrize("wrong", ["$ false\n", "$ false\n$ true\n"])
def test_an_exit_code_that_the_page_hides_is_refused(wrong):
    with pytest.raises(Unplayable, match="ended with 1"):
        played("a page", PAGE.replace("$ false\n$ echo $?\n1\n", wrong))


def test_a_stale_page_fails_the_check_and_is_named(tmp_path):
    copy = tmp_path / "docs"
    shutil.copytree(ROOT / "docs", copy, ignore=shutil.ignore_patterns("__pycache__", "images"))
    (tmp_path / "README.md").write_text("# Nothing\n", encoding="utf-8")
    page = copy / "reference" / "commands.md"
    page.write_text(page.read_text(encoding="utf-8").replace("--candidate", "--candid"), encoding="utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
    }
    command = [sys.executable, str(copy / "generate.py"), "--check", "--no-play"]
    done = subprocess.run(command, env=environment, cwd=Path(tmp_path), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "docs/reference/commands.md: not up to date; run: make docs\n")
