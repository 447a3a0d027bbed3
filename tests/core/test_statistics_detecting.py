"""Section 13: the detector step by step, how rarely it errs, how soon it sees a drop; production's verdict."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from evalgate.core.statistics.detecting import Detector, production, windows_to_alert
from evalgate.core.statistics.sampled import Change, SampledMean, sampled_change, sampled_mean
from evalgate.core.statistics.weighting import Drawn, Strata

FLOOR = 0.8
SHIFTS = np.array([0.25, 0.5, 1, 2])[:, None]
Floats = npt.NDArray[np.float64]


def window(level: float, n: int = 200) -> SampledMean:
    """A window of so many equally weighted 0/1 scores at this level."""
    ones = round(level * n)
    return sampled_mean(Drawn(np.repeat([1.0, 0.0], [ones, n - ones]), np.full(n, 0.1)))


def fed(detector: Detector, *zs: float, keeps: bool = False) -> Detector:
    for z in zs:
        detector = detector.fed(z, keeps=keeps)
    return detector


def test_section_13_the_worked_path():
    detector, path = Detector(floor=FLOOR, wanted=1e9), []
    for z in (1.2, 0.4, 2.1, 2.8, 3.0):
        detector = detector.fed(z, keeps=False)
        path.append(detector.evidence)
    assert path == pytest.approx([1.6055, 2.1903, 12.390, 214.98, 9045.3], rel=5e-5)
    assert (detector.windows, detector.alarms, detector.state) == (5, 0, "OK")


def test_it_warns_at_a_tenth_of_the_line_and_alerts_at_the_line():
    detector = Detector(floor=FLOOR)
    assert detector.state == "NO_DATA"
    states = []
    for z in (1.2, 0.4, 2.1, 2.8, 3.0):
        detector = detector.fed(z, keeps=False)
        states.append(detector.state)
    assert states == ["OK", "OK", "OK", "WARNING", "ALERT"]
    assert (detector.evidence, detector.alarms) == (0, 1)


def test_a_warning_goes_when_the_evidence_goes():
    detector = fed(Detector(floor=FLOOR), 1.2, 0.4, 2.1, 2.8)
    assert detector.state == "WARNING"
    assert fed(detector, -2.0, -2.0).state == "OK"


def test_an_alert_ends_with_the_second_window_in_a_row_that_keeps_the_floor():
    alert = fed(Detector(floor=FLOOR), 9.0)
    assert alert.state == "ALERT"
    once = fed(alert, -2.0, keeps=True)
    assert (once.state, once.recovered) == ("ALERT", 1)
    assert fed(once, -2.0, keeps=True).state == "OK"
    open_again = fed(once, -0.5)
    assert (open_again.state, open_again.recovered) == ("ALERT", 0)
    assert fed(open_again, -2.0, keeps=True).state == "ALERT"


def test_a_drop_that_stays_reaches_the_line_again_and_the_alert_stands():
    detector = fed(Detector(floor=FLOOR), *[2.5] * 20)
    assert detector.state == "ALERT"
    assert detector.alarms > 3


def test_silence_neither_raises_an_alert_nor_ends_one():
    small = window(0.1, n=20)
    quiet = fed(Detector(floor=FLOOR), 2.0)
    missing, unknown = quiet.after(None), quiet.after(small)
    assert (missing.state, unknown.state) == ("NO_DATA", "UNKNOWN")
    assert missing.evidence == unknown.evidence == quiet.evidence
    assert (unknown.after(None).skipped, unknown.after(window(0.8)).skipped) == (2, 0)
    alert = fed(Detector(floor=FLOOR), 9.0)
    silent = alert.after(None).after(small)
    assert (silent.state, silent.latest) == ("ALERT", "UNKNOWN")
    assert silent.after(window(0.97)).after(None).after(window(0.97)).state == "OK"


def test_windows_whose_weights_are_suspect_move_nothing():
    bad = window(0.3).model_copy(update={"suspect": True})
    assert Detector(floor=FLOOR).after(bad).state == "UNKNOWN"


def test_a_window_is_held_to_the_floor_in_its_own_standard_errors():
    found = window(0.76)
    expected = fed(Detector(floor=FLOOR), (FLOOR - found.point) / found.se, keeps=False)
    assert Detector(floor=FLOOR).after(found) == expected


def test_total_failure_alerts_at_once_and_perfection_never_does():
    assert Detector(floor=FLOOR).after(window(0.0, n=40)).state == "ALERT"
    perfect = Detector(floor=FLOOR)
    for _ in range(50):
        perfect = perfect.after(window(1.0, n=40))
    assert (perfect.state, perfect.alarms) == ("OK", 0)
    assert perfect.evidence < 0.5


def test_a_share_that_could_not_be_sampled_raises_no_alert():
    rows = np.zeros(200, dtype=int)
    half = sampled_mean(
        Drawn(np.repeat([1.0, 0.0], [190, 10]), np.full(200, 0.1), Strata(rows, np.array([2000.0, 2000.0])))
    )
    detector = Detector(floor=FLOOR)
    for _ in range(30):
        detector = detector.after(half)
    assert half.point < FLOOR
    assert (detector.state, detector.alarms) == ("OK", 0)


def test_every_item_of_a_window_scored_leaves_no_doubt():
    scores = np.repeat([1.0, 0.0], [70, 30])
    census = sampled_mean(Drawn(scores, np.ones(100)), window_only=True)
    assert Detector(floor=0.8).after(census).state == "ALERT"
    assert Detector(floor=0.7).after(census).state == "OK"


def test_a_detector_is_a_value_that_goes_through_json():
    detector = fed(Detector(floor=FLOOR, wanted=24 * 30), 1.2, 0.4).after(None)
    assert Detector.model_validate_json(detector.model_dump_json()) == detector


@pytest.mark.parametrize("wanted", [0, -1, math.inf, math.nan])
def test_a_line_that_is_none_is_refused(wanted):
    with pytest.raises(ValueError, match="wanted"):
        Detector(floor=FLOOR, wanted=wanted)


def test_a_window_is_compared_with_a_reference_window():
    reference = Drawn(np.repeat([1.0, 0.0], [900, 100]), np.full(1000, 0.1))
    same = sampled_change(Drawn(np.repeat([1.0, 0.0], [180, 20]), np.full(200, 0.1)), reference)
    worse = sampled_change(Drawn(np.repeat([1.0, 0.0], [130, 70]), np.full(200, 0.1)), reference)
    assert Detector(floor=0.0).after(same).state == "OK"
    assert Detector(floor=0.0).after(worse).after(worse).state == "ALERT"
    assert Detector(floor=-0.3).after(worse).state == "OK"
    assert Detector(floor=0.0).after(Change(point=-0.5, se=0.0, df=1, reason="few_clusters")).state == "UNKNOWN"


def test_production_has_three_verdicts_on_the_pooled_windows():
    assert [production(FLOOR, window(level, 1000)).verdict for level in (0.85, 0.75, 0.8)] == [
        "pass",
        "fail",
        "inconclusive",
    ]
    good = window(0.85, 1000)
    assert production(FLOOR, good)[1:] == (*good.bounds(0.05), None)


def test_production_is_inconclusive_where_nothing_is_known():
    found = production(FLOOR, window(1.0, n=20))
    assert (found.verdict, found.reason) == ("inconclusive", "few_effective")


def test_production_passes_with_the_low_ends_and_fails_with_the_high_ones():
    worst, best = window(0.78, 1000), window(0.9, 1000)
    found = production(FLOOR, worst, best)
    assert (found.verdict, found.low, found.high) == ("inconclusive", worst.bounds(0.05).low, best.bounds(0.05).high)
    assert production(FLOOR, window(0.84, 1000), best).verdict == "pass"
    assert production(FLOOR, window(0.5, 1000), window(0.7, 1000)).verdict == "fail"


def first_alarms(draw: Callable[[np.random.Generator, int], Floats], runs: int, most: int, wanted: float) -> Floats:
    """The window of each run's first alarm, all runs stepped at once; `most` where none came."""
    rng = np.random.default_rng(13)
    capital, alive, first = np.zeros((4, runs)), np.arange(runs), np.full(runs, float(most))
    for step in range(1, most + 1):
        capital = (1 + capital) * np.exp(SHIFTS * draw(rng, len(alive)) - SHIFTS**2 / 2)
        alarm = capital.mean(axis=0) >= wanted
        first[alive[alarm]] = step
        capital, alive = capital[:, ~alarm], alive[~alarm]
    return first


def test_the_simulation_steps_as_the_detector_does():
    path = np.random.default_rng(13).normal(0.6, 1, 60)
    steps = iter(path)
    simulated = first_alarms(lambda _rng, alive: np.full(alive, next(steps, 0.0)), 1, 60, 365)
    detector, windows = Detector(floor=FLOOR), 0
    while not detector.alarms:
        detector = detector.fed(path[windows], keeps=False)
        windows += 1
    assert simulated.tolist() == [windows]


@pytest.mark.parametrize("wanted", [30, 365])
def test_section_13_a_false_alarm_takes_longer_than_was_wanted(wanted):
    runs = first_alarms(lambda rng, alive: rng.normal(0, 1, alive), 600, 12 * wanted, wanted)
    assert wanted < runs.mean() < 2 * wanted


def shares(level: float, n: int, *, own_spread: bool = False) -> Callable[[np.random.Generator, int], Floats]:
    """Draw z of windows of n 0/1 scores at the floor, by their error at the floor or by their own spread alone."""
    means = [window(ones / n, n) for ones in range(n + 1)]
    zs = np.array([(level - mean.point) / mean.error_at(0.0 if own_spread else level) for mean in means])
    return lambda rng, alive: zs[rng.binomial(n, level, alive)]


@pytest.mark.parametrize("level", [0.05, 0.1, 0.5, 0.95])
def test_section_13_a_false_alarm_on_skewed_shares_takes_longer_than_was_wanted(level):
    assert first_alarms(shares(level, 60), 400, 3_000, 365).mean() > 0.95 * 365


def test_section_13_by_its_own_spread_alone_a_low_share_cries_wolf_every_other_month():
    assert first_alarms(shares(0.1, 60, own_spread=True), 400, 3_000, 365).mean() < 60


@pytest.mark.parametrize(("shift", "windows"), [(1, 12), (2, 4), (3, 2.4)])
def test_section_13_the_delay_to_an_alert(shift, windows):
    runs = first_alarms(lambda rng, alive: rng.normal(shift, 1, alive), 2_000, 400, 365)
    assert runs.mean() == pytest.approx(windows, abs=0.4)


@pytest.mark.parametrize("shift", [0.5, 1, 2, 3])
def test_a_plan_promises_no_sooner_alert_than_there_is_on_average(shift):
    runs = first_alarms(lambda rng, alive: rng.normal(shift, 1, alive), 2_000, 400, 365)
    assert runs.mean() - 0.5 <= (windows_to_alert(shift, 1.0) or 0) <= 1.3 * runs.mean() + 0.5


def test_no_drop_is_never_detected_and_one_beyond_any_doubt_at_once():
    assert windows_to_alert(0.0, 0.01) is None
    assert windows_to_alert(1e-6, 0.01) is None
    assert windows_to_alert(0.1, 0.0) == windows_to_alert(0.1, 1e-9) == 1


def test_section_13_a_bound_that_is_crossed_alarms_once_in_twenty_windows_and_the_detector_does_not():
    zs = np.random.default_rng(14).normal(0, 1, (200, 365))
    assert (zs > 1.645).sum() / 200 == pytest.approx(365 / 20, abs=1.5)
    year = first_alarms(lambda rng, alive: rng.normal(0, 1, alive), 600, 365, 365)
    assert np.mean(year < 365) < 0.5


def alarmed_within_a_month(reference_windows: float, *, held_to_its_bound: bool = False) -> float:
    """The share of series that alarm in 30 windows against a reference of so many windows' size, nothing changed."""
    runs = 2_000
    rng = np.random.default_rng(15)
    capital, alarmed = np.zeros((4, runs)), np.zeros(runs, dtype=bool)
    error = math.sqrt(1 / reference_windows)
    reference = rng.normal(0, error, runs)
    for _ in range(30):
        missing = reference - rng.normal(0, 1, runs)
        z = missing - 1.645 * error if held_to_its_bound else missing / math.hypot(1, error)
        capital = (1 + capital) * np.exp(SHIFTS * z - SHIFTS**2 / 2)
        alarmed |= capital.mean(axis=0) >= 365
    return float(np.mean(alarmed))


def test_a_reference_of_one_window_cries_wolf_and_one_of_28_hardly_more_than_a_floor():
    # The reference's own error lies in every z: what it has too much, each later window seems to have lost.
    floor = alarmed_within_a_month(math.inf)
    assert alarmed_within_a_month(1) > 5 * floor
    assert alarmed_within_a_month(28) < 3 * floor


def test_a_floor_at_the_lower_bound_of_the_reference_cries_wolf_no_more_than_any_floor():
    floor = alarmed_within_a_month(math.inf)
    assert alarmed_within_a_month(1, held_to_its_bound=True) < 1.5 * floor
    assert alarmed_within_a_month(7, held_to_its_bound=True) < floor
