"""A drop in production, found window by window: a Shiryaev-Roberts detector set by windows per false alarm.

z = (floor - μ̂)/SE of a closed window, SE not below what it is at the floor. For λ of .25, .5, 1, 2:
M ← (1 + M)·exp(λz - λ²/2), SR the mean of the four. ALERT when SR ≥ A, the wanted windows per false alarm; WARNING
from A/10. While the truth keeps the floor, and z is N(≤ 0, 1) given the past, a false alarm takes A windows or more on
average.

A reference window's own error lies in the z of every window that is compared with it: against one window nothing has to
change for ten times as many alarms. Hold the windows to the reference's lower bound as their floor, or pool 28 of them.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal, NamedTuple, Protocol

from pydantic import Field

from evalgate.core.statistics.sampled import SampledMean, Unknown
from evalgate.core.statistics.tails import ALPHA, Bounds
from evalgate.core.statistics.verdicts import Verdict, against
from evalgate.core.values import Finite, Value

WANTED = 365
"""Windows per false alarm, unless said: one a year of daily windows."""

WARNING_SHARE = 0.1
"""The share of the alert's line from which a warning is given."""

WINDOWS_TO_RECOVER = 2
"""So many windows whose lower bound keeps the floor end an alert."""

SHIFTS = (0.25, 0.5, 1.0, 2.0)
"""The drops the detector looks for, in standard errors of one window."""

_LARGEST_EXPONENT = 600.0
_MOST_WINDOWS = 10_000

Whole = Annotated[int, Field(ge=0)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Standing = Literal["OK", "WARNING", "ALERT"]
State = Literal["OK", "WARNING", "ALERT", "NO_DATA", "UNKNOWN"]


class Measured(Protocol):
    """A closed window's mean, or its difference from a reference window, as the detector needs it."""

    @property
    def best(self) -> float: ...
    @property
    def reason(self) -> Unknown | None: ...
    def error_at(self, level: float) -> float: ...
    def bounds(self, alpha: float) -> Bounds: ...


class Detector(Value):
    """What one series of windows has shown so far; each closed window makes the next detector of it.

    A window that is not known moves nothing: silence neither raises an alert nor ends one.
    """

    floor: Finite
    """What the windows are held to: a level, or for differences from a reference window the drop allowed, negative."""
    wanted: Annotated[float, Field(ge=1, allow_inf_nan=False)] = WANTED
    """A: windows per false alarm."""
    capital: tuple[NotNegative, NotNegative, NotNegative, NotNegative] = (0.0, 0.0, 0.0, 0.0)
    """M of each shift."""
    standing: Standing = "OK"
    """What the last measured window left."""
    latest: Literal["measured", "NO_DATA", "UNKNOWN"] = "NO_DATA"
    """Whether the latest window was measured at all."""
    recovered: Whole = 0
    """Since the alert: measured windows in a row whose lower bound keeps the floor; the second ends it."""
    alarms: Whole = 0
    """Times the line was reached; a drop that stays reaches it again and again."""
    windows: Whole = 0
    """Windows measured."""
    skipped: Whole = 0
    """Windows in a row, up to the latest, without a known mean."""

    @property
    def evidence(self) -> float:
        """SR: the mean capital won against "the floor is kept", 0 after an alarm."""
        return math.fsum(self.capital) / len(self.capital)

    @property
    def state(self) -> State:
        """The state to show: an alert stands until windows end it; else a window that is not known says so."""
        if self.standing == "ALERT" or self.latest == "measured":
            return self.standing
        return self.latest

    def after(self, window: Measured | None) -> Detector:
        """Return the detector after one more closed window; None, or one of which nothing was sampled, is NO_DATA."""
        if window is None or window.reason is not None:
            silent = window is None or window.reason == "nothing_sampled"
            return self._with(latest="NO_DATA" if silent else "UNKNOWN", skipped=self.skipped + 1)
        short = self.floor - window.best
        error = window.error_at(self.floor)
        z = short / error if error > 0 else math.copysign(math.inf, short) if short else 0.0
        return self.fed(z, keeps=window.bounds(ALPHA).low >= self.floor)

    def fed(self, z: float, *, keeps: bool) -> Detector:
        """Return the detector after a measured window that lies z standard errors below the floor.

        keeps: whether the window's lower bound keeps the floor.

        >>> detector = Detector(floor=0.8)
        >>> for z in (1.2, 0.4, 2.1):
        ...     detector = detector.fed(z, keeps=False)
        >>> round(detector.evidence, 3), detector.state
        (12.39, 'OK')
        """
        capital = _grown(self.capital, z)
        evidence = math.fsum(capital) / len(capital)
        recovered = self.recovered + 1 if keeps and self.standing == "ALERT" else 0
        alarm = evidence >= self.wanted
        standing: Standing = "WARNING" if evidence >= self.wanted * WARNING_SHARE else "OK"
        if alarm or (self.standing == "ALERT" and recovered < WINDOWS_TO_RECOVER):
            standing = "ALERT"
        return self._with(
            capital=(0.0,) * len(SHIFTS) if alarm else capital,
            standing=standing,
            latest="measured",
            recovered=recovered,
            alarms=self.alarms + alarm,
            windows=self.windows + 1,
            skipped=0,
        )

    def _with(self, **changed: object) -> Detector:
        return self.model_copy(update=changed)


class Production(NamedTuple):
    """The verdict on "production keeps the floor", the two bounds that decided it, and why where nothing is known."""

    verdict: Verdict
    low: float
    high: float
    reason: Unknown | None


def production(floor: float, worst: SampledMean, best: SampledMean | None = None, alpha: float = ALPHA) -> Production:
    """Return the verdict of the pooled closed windows: pass L ≥ floor, fail U < floor, else inconclusive.

    worst, best: the means with what was not scored at 0, and at 1; the same where everything was. A mean that is not
    known is inconclusive, never a pass.
    """
    best = worst if best is None else best
    low, high = worst.bounds(alpha).low, best.bounds(alpha).high
    reason = worst.reason or best.reason
    return Production("inconclusive" if reason else against(floor, low, high), low, high, reason)


def windows_to_alert(drop: float, error: float, wanted: float = WANTED) -> int | None:
    """Return the windows in which a level `drop` below the floor raises an alert if each window shows just that.

    error: SE of one window. Chance makes it a little sooner on average (a shift of 1 SE: 12 windows, 2: 4, 3: 2.4).
    None where it takes more than 10,000.

    >>> [windows_to_alert(shift, 1.0) for shift in (0.5, 1, 2, 4)], windows_to_alert(0.0, 1.0)
    ([39, 13, 4, 2], None)
    """
    if drop <= 0:
        return None
    z = drop / error if error > 0 else math.inf
    capital = (0.0,) * len(SHIFTS)
    for window in range(1, _MOST_WINDOWS + 1):
        capital = _grown(capital, z)
        if math.fsum(capital) / len(capital) >= wanted:
            return window
    return None


def _grown(capital: tuple[float, ...], z: float) -> tuple[float, ...]:
    """Return each M after one window; held below what a float can carry, far beyond any line."""
    each = zip(SHIFTS, capital, strict=True)
    return tuple((1 + m) * math.exp(min(max(s * z - s * s / 2, -700), _LARGEST_EXPONENT)) for s, m in each)
