"""From a bound and an interval to one of three words, and to the six states of a change."""

from __future__ import annotations

from typing import Literal

Verdict = Literal["pass", "fail", "inconclusive"]

ChangeState = Literal[
    "better", "not_worse", "worse_within_margin", "worse_size_unclear", "worse_beyond_margin", "unclear"
]

FEWEST_CLUSTERS = 2
"""Below this many clusters nothing is decided: `too_few`."""

FEWEST_EFFECTIVE_CLUSTERS = 5
"""Below this many effective clusters (n² / sum of squared sizes) a clustered interval is not believed."""


def against(bound: float, low: float, high: float) -> Verdict:
    """Return the verdict on "at least `bound`" for a quantity believed to lie in [low, high].

    "At most r" is asked of the mirrored interval: against(-r, -high, -low).

    >>> against(0.85, 0.86, 0.91), against(0.85, 0.80, 0.84), against(0.85, 0.80, 0.90)
    ('pass', 'fail', 'inconclusive')
    >>> against(0.85, 0.85, 0.90)
    'pass'
    """
    if low >= bound:
        return "pass"
    if high < bound:
        return "fail"
    return "inconclusive"


def change_state(low: float, high: float, margin: float) -> ChangeState:
    """Return where [low, high] lies against the two lines -margin and 0; equality as in `against`.

    The first three states pass "no worse than margin", `worse_beyond_margin` fails it, the others leave it open.

    >>> change_state(-0.0005, 0.0296, 0.04), change_state(-0.06, -0.01, 0.04)
    ('not_worse', 'worse_size_unclear')
    """
    if against(-margin, low, high) == "fail":
        return "worse_beyond_margin"
    within = against(-margin, low, high) == "pass"
    zero = against(0.0, low, high)
    if zero == "fail":
        return "worse_within_margin" if within else "worse_size_unclear"
    if not within:
        return "unclear"
    return "better" if zero == "pass" else "not_worse"
