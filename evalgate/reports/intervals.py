"""Where an interval is drawn: a scale shared by findings that can be compared, and places on it in drawing units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from evalgate.core.decisions import Finding
from evalgate.reports.findings import CHANGES

WIDTH, HEIGHT, EDGE = 240, 26, 12
"""Of a drawing, in its own units; nothing but arrows is drawn in the edge."""
WIDER = 0.5
"""How far slices may stretch the scale on either side, in lengths of what must be on it."""


class Scale(NamedTuple):
    """A stretch of numbers that fills a drawing."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Return where a number stands, clipped to the edges.

        >>> Scale(-0.1, 0.1).place(0.0), Scale(0, 1).place(7)
        (120.0, 228.0)
        """
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(EDGE + share * (WIDTH - 2 * EDGE), 1)


class Drawing(NamedTuple):
    """An interval in drawing units: its ends and point, the line it is held against, zero for changes."""

    low: float
    high: float
    point: float
    line: float
    zero: float | None
    bad: tuple[float, float]
    """The side of the line on which the rule fails: start and width."""
    beyond_low: bool
    beyond_high: bool
    middle: float = HEIGHT / 2


def group_of(finding: Finding) -> str | None:
    """Return which findings share a scale: changes, levels, rates; None for what has no interval to draw."""
    if finding.value is None or finding.low is None or finding.high is None or finding.bound is None:
        return None
    if finding.rule in CHANGES:
        return "change"
    return finding.rule if finding.rule in {"at_least", "at_most", "production"} else None


def drawings(findings: Sequence[Finding]) -> list[Drawing | None]:
    """Return a drawing for every finding that has an interval, in the findings' order."""
    groups = [group_of(finding) for finding in findings]
    scales = {
        group: _scale([f for f, g in zip(findings, groups, strict=True) if g == group])
        for group in dict.fromkeys(groups)
        if group is not None
    }
    return [
        None if group is None else _drawing(finding, scales[group])
        for finding, group in zip(findings, groups, strict=True)
    ]


def line_of(finding: Finding) -> float:
    """Return the line on the finding's own scale: a margin lies below zero."""
    bound = finding.bound or 0.0
    return -bound if finding.rule == "no_worse_than" else bound


def _ends(finding: Finding) -> tuple[float, float]:
    return finding.low or 0.0, finding.high or 0.0


def _scale(findings: Sequence[Finding]) -> Scale:
    """Return a scale on which the intervals of all cases fit whole; those of small slices may run over its edge."""
    whole = [f for f in findings if f.slice is None] or list(findings)
    change = findings[0].rule in CHANGES
    ends = [end for f in whole for end in _ends(f)] + ([0.0] if change else [])
    ends += [place for f in findings for place in (line_of(f), f.value or 0.0)]
    low, high = min(ends), max(ends)
    room = (high - low) * WIDER
    low = min(low, max(low - room, min(_ends(f)[0] for f in findings)))
    high = max(high, min(high + room, max(_ends(f)[1] for f in findings)))
    pad = max((high - low) * 0.06, 0.005)
    return Scale(low - pad, high + pad)


def _drawing(finding: Finding, scale: Scale) -> Drawing:
    low, high = _ends(finding)
    line = scale.place(line_of(finding))
    left, right = float(EDGE), float(WIDTH - EDGE)
    bad = (line, round(right - line, 1)) if finding.rule == "at_most" else (left, round(line - left, 1))
    return Drawing(
        low=scale.place(low),
        high=scale.place(high),
        point=scale.place(finding.value or 0.0),
        line=line,
        zero=scale.place(0.0) if finding.rule in CHANGES else None,
        bad=bad,
        beyond_low=low < scale.low,
        beyond_high=high > scale.high,
    )
