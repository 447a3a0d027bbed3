"""Alerts: a fall is told once and as soon as it can be known, and silence is never taken for health."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from evalgate.core.statistics.detecting import windows_to_alert
from evalgate.production.alerting import Measure
from evalgate.production.minding import watch_code
from evalgate.store.engine import Store, open_store
from tests.production.closed import checked
from tests.production.watched import NOON, WATCHED, Moment, Windows, mean, said, suite, told, traffic, whole

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> Moment:
    return Moment()


@pytest.fixture
def quiet(sqlite_place: str, clock: Moment) -> Iterator[Store]:
    """A store whose clock stands still."""
    with open_store(sqlite_place, clock=clock) as opened:
        yield opened


@pytest.fixture
def windows(quiet: Store, tmp_path) -> Windows:
    return Windows(quiet, suite(tmp_path))


def fallen(windows: Windows) -> None:
    """Let production fall until it alarms."""
    windows.answers(0.9)
    windows.answers(0.5)
    assert whole(windows.store).state == "ALERT"


def test_a_fall_raises_a_warning_then_an_alert_after_as_many_windows_as_it_takes(windows):
    low = mean(0.76)
    warned, needed = (windows_to_alert(0.8 - low.best, low.error_at(0.8), wanted) or 0 for wanted in (10, 100))
    states = [windows.answers(0.76) for _ in range(needed)]
    assert 2 < warned < needed
    assert {place + 1: one for place, one in enumerate(states) if one} == {
        1: [("", "UNKNOWN", "OK")],
        warned: [("", "OK", "WARNING")],
        needed: [("", "WARNING", "ALERT")],
    }
    warning, alert = (event.number for event in reversed(windows.store.alerts.events(1)[:2]))
    assert told(windows.store) == [(event, name) for event in (warning, alert) for name in ("oncall", "team")]
    newest = windows.store.alerts.events(1)[0].body
    assert newest.evidence >= newest.wanted == 100
    assert newest.point == pytest.approx(0.76)
    assert newest.low < 0.76 < newest.high


def test_an_alert_ends_after_two_windows_that_keep_the_floor(windows):
    fallen(windows)
    assert [windows.answers(share) for share in (0.95, 0.85, 0.95, 0.95)] == [[], [], [], [("", "ALERT", "OK")]]
    assert len(told(windows.store)) == 4


def test_a_sender_that_stops_is_told_after_as_many_windows_as_the_suite_says(windows):
    windows.answers(0.9)
    assert [windows.close() for _ in range(3)] == [[], [("", "OK", "NO_DATA")], []]
    assert [name for _, name in told(windows.store)] == ["oncall", "team"]
    assert windows.answers(0.9) == [("", "NO_DATA", "OK")]


def test_an_alert_stands_through_silence_but_that_of_a_release_taken_back_does_not(windows):
    windows.close(said(0.9), said(0.4, "release=2"))
    assert whole(windows.store).state == "OK"
    assert windows.close(said(0.9)) == []
    assert windows.close(said(0.9)) == [("release=2", "ALERT", "NO_DATA")]
    windows.answers(0.4)
    assert [windows.close() for _ in range(4)] == [[], [], [], []]
    assert whole(windows.store).state == "ALERT"


def test_a_changed_judge_begins_a_new_series_and_alarms_nobody(windows):
    for _ in range(5):
        windows.answers(0.78)
    assert whole(windows.store).detector.evidence > 1
    before = told(windows.store)
    assert windows.answers(0.6, digest="b" * 32)[0][2] == "UNKNOWN"
    alert = whole(windows.store)
    assert (alert.detector.windows, alert.detector.evidence, alert.digest) == (0, 0.0, "b" * 32)
    body = windows.store.alerts.events(alert.number)[0].body
    assert (body.cause, body.digest_before, body.digest) == ("check_changed", "a" * 32, "b" * 32)
    assert told(windows.store) == before


def test_a_judge_that_answers_half_of_the_time_does_not_look_like_health(windows):
    windows.answers(0.95)
    half = Measure("answers", "", "a" * 32, mean(0.48), mean(0.98))
    assert [windows.close(half), windows.close(half)] == [[], [("", "OK", "UNKNOWN")]]
    assert windows.store.alerts.events(1)[0].body.reason == "unscored"


def test_nobody_is_told_of_a_muted_alert_until_the_mute_ends(windows, clock):
    windows.answers(0.9)
    with windows.store.database.write() as connection:
        windows.store.alerts.mute(connection, whole(windows.store).number, NOON + timedelta(hours=2), "user:ana")
    assert windows.answers(0.5) == [("", "OK", "ALERT")]
    assert told(windows.store) == []
    clock.now += timedelta(hours=2)
    assert windows.answers(0.5) == []
    assert [name for _, name in told(windows.store)] == ["oncall", "team"]
    assert whole(windows.store).muted_until is None


def test_what_the_suite_watches_no_more_is_said_to_be_unknown_and_a_second_version_alarms_nobody(windows, tmp_path):
    fallen(windows)
    assert windows.close(said(0.2), version=2) == []
    unwatched = WATCHED.replace("    answers: {at_least: 0.8, windows_per_false_alarm: 100, by: release}\n", "")
    later = Windows(windows.store, suite(tmp_path, unwatched), windows.end)
    assert later.close() == [("", "ALERT", "UNKNOWN")]


def test_a_code_check_that_falls_is_told_within_a_minute(quiet, tmp_path):
    watched = suite(tmp_path)
    check = checked(quiet, "no_pii", "code", watched.checks["no_pii"].digest)
    traffic(quiet, check, NOON, 5 * MINUTE, [1.0] * 600)
    traffic(quiet, check, NOON + 5 * MINUTE, 5 * MINUTE, [1.0, 0.0] * 300, release="2")
    seen = [watch_code(quiet, watched, NOON + timedelta(seconds=10 * tick)) for tick in range(1, 37)]
    alarm = next(tick for tick, events in enumerate(seen, 1) if any(event.after == "ALERT" for event in events))
    assert 300 < 10 * alarm <= 360
    event = quiet.alerts.events(whole(quiet, "no_pii").number)[0]
    assert [event.after for events in seen for event in events] == ["OK", "ALERT"]
    assert ("release", "2", 0.0, 1.0) in [(c.fact, c.value, c.before, c.after) for c in event.body.changed]
    assert [one.value for one in event.body.examples] == [0.0] * 5
    assert len(told(quiet)) == 2


def test_a_code_check_waits_for_enough_traffic_and_tells_of_none(quiet, tmp_path):
    watched = suite(tmp_path)
    check = checked(quiet, "no_pii", "code", watched.checks["no_pii"].digest)
    traffic(quiet, check, NOON, timedelta(hours=1), [1.0] * 60)
    ticks = [NOON + 5 * MINUTE * tick for tick in range(1, 60)]
    happened = [(event.before, event.after) for now in ticks for event in watch_code(quiet, watched, now)]
    assert happened == [("UNKNOWN", "OK"), ("OK", "NO_DATA")]
    assert whole(quiet, "no_pii").detector.windows == 1


def test_two_workers_at_once_tell_once(place, tmp_path):
    watched = suite(tmp_path)
    with open_store(place, clock=Moment(NOON + 10 * MINUTE)) as one, open_store(place, clock=one.database.clock) as two:
        check = checked(one, "no_pii", "code", watched.checks["no_pii"].digest)
        traffic(one, check, NOON, MINUTE, [1.0] * 200)
        watch_code(one, watched, NOON + MINUTE)
        traffic(one, check, NOON + MINUTE, 2 * MINUTE, [1.0, 0.0] * 300)
        with ThreadPoolExecutor(4) as pool:
            at = NOON + 3 * MINUTE + timedelta(seconds=6)
            looks = [pool.submit(watch_code, store, watched, at) for store in (one, two) * 2]
            events = [event for look in looks for event in look.result()]
        assert [event.after for event in events].count("ALERT") == 1
        assert len(told(one)) == 2
        assert whole(one, "no_pii").detector.windows == whole(two, "no_pii").detector.windows <= 12
