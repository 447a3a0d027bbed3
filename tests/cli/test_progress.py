"""Progress: plain lines where nobody draws, a bar on a terminal, nothing when quiet."""

from __future__ import annotations

import io

import pytest

from evalgate.cli import progress
from evalgate.cli.progress import ProgressLine


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(progress, "PLAIN_EVERY_S", 0.0)
    monkeypatch.setattr(progress, "DRAW_EVERY_S", 0.0)


def test_elsewhere_than_on_a_terminal_it_prints_plain_lines_with_rate_cost_and_rest():
    stream = io.StringIO()
    with ProgressLine(stream=stream) as line:
        line.planned(400, None)
        line.advanced(100, 80, 0.0123)
    told = stream.getvalue()
    assert "100 of 400 outputs" in told
    assert "80 judge calls, $0.0123" in told
    assert "s left" in told
    assert "\x1b" not in told


def test_the_second_arm_counts_on_from_the_first():
    stream = io.StringIO()
    with ProgressLine(stream=stream) as line:
        line.planned(400, None)
        line.advanced(200, 0, 0.0)
        line.advanced(50, 0, 0.0)
    assert "250 of 400 outputs" in stream.getvalue()


def test_on_a_terminal_it_draws_a_bar_and_leaves_no_line():
    stream = Terminal()
    with ProgressLine(stream=stream) as line:
        line.planned(400, None)
        line.advanced(200, 0, 0.0)
    assert "200 of 400 outputs" in stream.getvalue()
    assert not stream.getvalue().endswith("outputs\n")


def test_quiet_says_nothing():
    stream = Terminal()
    with ProgressLine(quiet=True, stream=stream) as line:
        line.planned(400, None)
        line.advanced(200, 0, 0.0)
    assert stream.getvalue() == ""
