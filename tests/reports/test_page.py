"""The console page: whole pages as people see them, and what holds for every page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from evalgate.reports.page import page_text, print_page
from tests.reports.scenes import Scene, advisory, failing, hostile, passing, undecided
from tests.reports.written import same_as_written

ROOT = Path(__file__).resolve().parents[2]
SCENES = {"failing": failing, "undecided": undecided, "passing": passing, "advisory": advisory, "hostile": hostile}
PRINT = """
from evalgate.reports.page import print_page
from tests.reports.scenes import {scene}
print_page({scene}().report(), "en", quiet=False, written=["html: out/report.html"])
"""


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_a_failing_page_is_as_written(language, width):
    same_as_written(f"failing-{language}-{width}.txt", page_text(failing().report(), language, width))


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_an_undecided_page_is_as_written(language):
    same_as_written(f"undecided-{language}-100.txt", page_text(undecided().report(), language, 100))


def test_a_passing_page_is_as_written():
    same_as_written("passing-en-80.txt", page_text(passing().report(), "en", 80))


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize("scene", SCENES)
def test_no_line_is_wider_than_the_page(scene, language, width):
    lines = page_text(SCENES[scene]().report(), language, width).splitlines()
    assert [line for line in lines if len(line) > width] == []


def test_quiet_prints_one_line_that_begins_with_the_verdict(capsys):
    print_page(failing().report(), "en", quiet=True, written=["html: r.html"])
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("FAIL  support")
    assert line.endswith("exit 1 · 41 s · $0.09")


def test_reports_that_were_written_are_named(capsys):
    print_page(passing().report(), "en", quiet=False, written=["html: out/report.html"])
    assert "html: out/report.html" in capsys.readouterr().out


def test_an_advisory_decision_says_what_it_would_be_and_ends_with_zero():
    page = page_text(advisory().report(), "en", 100)
    assert page.startswith("ADVISORY, would be FAIL  support")
    assert "exit 0" in page.splitlines()[0]
    assert "Advisory until 2026-12-31" in page


def test_a_judge_nobody_measured_is_said_to_see_it_so():
    page = page_text(failing().report(), "en", 100)
    assert "judge judge-large-2026-05: uncalibrated, answers as the judge sees it" in page


def test_without_a_baseline_the_page_says_so():
    scene = Scene(passing().lines, passing().gates[:1], baseline=None)
    page = page_text(scene.report(), "en", 100)
    assert "no baseline" in page
    assert page.splitlines()[2].startswith("120 cases")


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_nothing_hostile_acts_on_the_screen(language):
    page = page_text(hostile().report(), language, 100)
    assert (
        re.findall(
            r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]", page
        )
        == []
    )


def test_a_command_that_is_offered_can_be_pasted_without_harm():
    page = page_text(hostile().report(), "en", 100)
    assert "evalgate show '0 <script>alert(1)</script>'" in page


def printed(scene: str, **env: str) -> str:
    plain = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR", "TERM"}}
    done = subprocess.run(
        [sys.executable, "-c", PRINT.format(scene=scene)],
        cwd=ROOT,
        env={**plain, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "TERM": "xterm-256color", **env},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode(env.get("PYTHONIOENCODING", "utf-8"))


def test_a_pipe_gets_plain_text():
    assert "\x1b" not in printed("failing")


def test_colours_are_ours_and_escapes_of_others_are_not_let_through():
    page = printed("hostile", FORCE_COLOR="1")
    assert "\x1b[1;31mFAIL" in page
    codes = set(re.findall(r"\x1b.[^m]{0,8}m?", page))
    assert {code for code in codes if not re.fullmatch(r"\x1b\[[0-9;]*m", code)} == set()
    assert "\x9b" not in page
    assert "\x1b[31m" not in page


def test_no_color_is_honoured_even_where_colour_is_forced():
    assert "\x1b" not in printed("failing", FORCE_COLOR="1", NO_COLOR="1")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_a_terminal_that_lacks_our_signs_gets_others(encoding):
    page = printed("failing", PYTHONIOENCODING=encoding)
    assert "-16.0 [-22.9, -9.1]" in page


def test_the_width_is_that_of_the_terminal_within_reason():
    widest = max(len(line) for line in printed("failing", COLUMNS="400").splitlines())
    assert 100 < widest <= 120
