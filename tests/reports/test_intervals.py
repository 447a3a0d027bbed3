"""Drawings say what the numbers say."""

from __future__ import annotations

import pytest

from evalgate.reports.intervals import EDGE, WIDTH, drawings
from tests.reports.scenes import advisory, failing, hostile, passing, undecided


@pytest.mark.parametrize("scene", [failing, undecided, passing, advisory, hostile])
def test_an_interval_lies_on_the_side_of_the_line_that_its_verdict_says(scene):
    findings = scene().report().decision.findings
    drawn = [(f, d) for f, d in zip(findings, drawings(findings), strict=True) if d is not None]
    assert drawn
    sides = {
        (f.verdict, f.rule == "at_most"): (d.low >= d.line, d.high <= d.line)
        for f, d in drawn
        if f.state not in {"not_visible", "unscored_decides", "uncalibrated"}
    }
    assert sides.get(("pass", False), (True, False))[0]
    assert sides.get(("pass", True), (False, True))[1]
    assert sides.get(("fail", False), (False, True))[1]
    assert sides.get(("inconclusive", False), (False, False)) == (False, False)


@pytest.mark.parametrize("scene", [failing, undecided, passing, hostile])
def test_everything_stays_within_the_drawing_and_ends_that_do_not_fit_are_arrows(scene):
    findings = scene().report().decision.findings
    for drawing in filter(None, drawings(findings)):
        assert EDGE <= drawing.low <= drawing.point <= drawing.high <= WIDTH - EDGE
        assert drawing.beyond_low <= (drawing.low == EDGE)
        assert drawing.beyond_high <= (drawing.high == WIDTH - EDGE)


def test_a_small_slice_does_not_squeeze_the_others():
    findings = undecided().report().decision.findings
    drawn = dict(zip([(f.rule, f.slice) for f in findings], drawings(findings), strict=True))
    small, whole = drawn["no_worse_than", "locale=gl"], drawn["no_worse_than", None]
    assert small is not None
    assert whole is not None
    assert small.beyond_high
    assert not whole.beyond_high
    assert whole.high - whole.low > WIDTH / 5


def test_counts_and_facts_have_no_interval_to_draw():
    findings = failing().report().decision.findings
    without = {f.rule for f, d in zip(findings, drawings(findings), strict=True) if d is None}
    assert without == {"never", "coverage", "fact"}
