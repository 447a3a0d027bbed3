"""Section 0: one interval, two lines, six states."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.core.statistics.verdicts import ChangeState, against, change_state


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [
        (-0.0005, 0.0296, "not_worse"),
        (-0.03, -0.01, "worse_within_margin"),
        (-0.06, -0.01, "worse_size_unclear"),
        (-0.1067, -0.0693, "worse_beyond_margin"),
        (0.01, 0.03, "better"),
        (-0.05, 0.01, "unclear"),
    ],
)
def test_section_0_names_the_state_of_a_change_at_margin_4_points(low, high, state):
    assert change_state(low, high, 0.04) == state


@pytest.mark.parametrize(
    ("low", "high", "state"),
    [
        (-0.04, 0.0, "not_worse"),  # L = -δ passes, U = 0 is not worse
        (-0.05, -0.04, "worse_size_unclear"),  # U = -δ does not fail
        (0.0, 0.01, "better"),  # L = 0 is better
        (-0.05, 0.0, "unclear"),  # U = 0 is not worse
    ],
)
def test_section_0_equality_is_decided_as_against_decides_it(low, high, state):
    assert change_state(low, high, 0.04) == state


def test_section_0_a_bound_passes_at_equality_and_fails_only_strictly_below():
    assert against(0.9, 0.9, 0.95) == "pass"
    assert against(0.9, 0.8, 0.9) == "inconclusive"
    assert against(0.9, 0.8, 0.8999) == "fail"


def test_section_0_a_share_of_violations_is_asked_of_the_mirrored_interval():
    assert against(-0.01, -0.009, -0.001) == "pass"
    assert against(-0.01, -0.03, -0.011) == "fail"


ENDS = st.floats(-1, 1).map(lambda end: round(end, 2))


@given(st.tuples(ENDS, ENDS).map(sorted), st.floats(0.01, 0.5).map(lambda margin: round(margin, 2)))
def test_section_0_the_state_and_the_verdict_never_disagree(ends, margin):
    low, high = ends
    verdict = {
        "better": "pass",
        "not_worse": "pass",
        "worse_within_margin": "pass",
        "worse_size_unclear": "inconclusive",
        "worse_beyond_margin": "fail",
        "unclear": "inconclusive",
    }
    assert set(verdict) == set(get_args(ChangeState))
    assert against(-margin, low, high) == verdict[change_state(low, high, margin)]
