"""Alerts over production: each closed window, and each moment of code checks, moves the series that a suite watches.

A state is what is told: OK, WARNING and ALERT as the detector has them; NO_DATA and UNKNOWN once `silence` windows in a
row were not known. An alert stands through silence. A check that was changed begins a new series.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from evalgate.core.alerts import Cause, Happening, is_told
from evalgate.core.statistics.detecting import Detector, State
from evalgate.core.statistics.sampled import SampledMean, Unknown
from evalgate.core.statistics.tails import ALPHA, Bounds
from evalgate.production.changes import Series, Span, examples, spans_of_windows, what_changed
from evalgate.store.alerts import MOST_SLICES, Alert, AlertEvent
from evalgate.store.engine import Store
from evalgate.suites.suite import Suite
from evalgate.suites.traffic import AlertSpec, TrafficSpec

COVERAGE = 0.95
"""With less of the sample scored, a metric that seems well is not known."""
LATE = 8
"""A window that is closed so many windows behind the newest one still counts; an older one is history."""
UNSURE = timedelta(minutes=2)
"""Before a code check's fall was seen: it may have begun already."""
_SHOWN = ALPHA / 2
_ENDLESS = 1e300


@dataclass(frozen=True)
class Ends:
    """A mean between its two ends: with what was not scored at 0, and at 1."""

    worst: SampledMean
    most: SampledMean

    @property
    def best(self) -> float:
        """The mean if all that is not known were good: only what was proven raises an alarm."""
        return self.most.best

    @property
    def reason(self) -> Unknown | None:
        """Why it is not known."""
        return self.worst.reason or self.most.reason

    @property
    def missing(self) -> float:
        """The share of the sample that was not scored."""
        return max(0.0, self.most.seen - self.worst.seen)

    def error_at(self, level: float) -> float:
        """Return the SE for a test of a level."""
        return self.most.error_at(level)

    def bounds(self, alpha: float) -> Bounds:
        """Return the lower bound of the lower end and the upper one of the upper end."""
        return Bounds(self.worst.bounds(alpha).low, self.most.bounds(alpha).high)


class Measure(NamedTuple):
    """What a window says of one metric: of all traffic, or of a slice (`release=2026.11`)."""

    metric: str
    slice: str
    digest: str
    """Of the check."""
    worst: SampledMean
    """With what was not scored at 0."""
    best: SampledMean
    """And at 1; the same where everything was scored."""


class Closed(NamedTuple):
    """The window that is being closed."""

    number: int
    start: datetime
    end: datetime
    version: int = 1
    """One that is scored again alarms nobody."""


class Look(NamedTuple):
    """What a series is shown: a span of time, and what was measured in it."""

    span: Span
    mean: Ends | None
    digest: str | None
    """Of the check that measured; None where nothing was."""
    window: int | None = None


def after_window(
    connection: Connection, store: Store, suite: Suite, window: Closed, measures: Sequence[Measure]
) -> tuple[AlertEvent, ...]:
    """Show a closed window to everything the suite watches, in the transaction that closes it; return what happened.

    Called once a window, after its estimates were written, without traffic too. A code check's whole metric is left to
    `watch_code`, its slices are not.
    """
    if suite.traffic is None or window.version > 1:
        return ()
    watching = Watching(connection, store, suite, suite.traffic)
    found: list[AlertEvent | None] = [*watching.let_go()]
    for metric in sorted({spec.metric for spec in suite.traffic.alerts}):  # in one order: closers wait in turn
        known = store.alerts.locked(connection, suite.name, metric)
        shown = {one.slice: one for one in measures if one.metric == metric}
        for part, spec in _parts(suite, suite.traffic, metric, known, shown):
            one = shown.get(part)
            mean, digest = (None, None) if one is None else (Ends(one.worst, one.best), one.digest)
            alert = known.get(part) or watching.begin(spec, part, spec.wanted, digest)
            if window.end > (alert.seen_until or window.end) - LATE * suite.traffic.every:
                look = Look(Span(window.start, window.end), mean, digest, window.number)
                found.append(watching.look(alert, spec, spec.wanted, look))
    return tuple(event for event in found if event is not None)


def marks_in_code(suite: Suite, metric: str) -> bool:
    """Say whether a metric is one of a code check, which marks everything as it comes in."""
    return suite.checks[metric.partition(".")[0]].annotated_by == "code"


@dataclass(frozen=True)
class Watching:
    """One suite's series in one transaction."""

    connection: Connection
    store: Store
    suite: Suite
    traffic: TrafficSpec

    def begin(self, spec: AlertSpec, part: str, wanted: float, digest: str | None) -> Alert:
        """Return the alert of a series that nobody has looked at."""
        fresh = Detector(floor=spec.floor, wanted=wanted)
        return self.store.alerts.begun(self.connection, self.suite.name, spec.metric, part, fresh, digest)

    def look(self, alert: Alert, spec: AlertSpec, wanted: float, look: Look) -> AlertEvent | None:
        """Return what a look at a series changed; None for nothing, or where another worker has looked already."""
        cause = _new_series(alert, spec, look)
        before = alert.detector.model_copy(update={"wanted": wanted})
        if cause is not None:
            detector, state = Detector(floor=spec.floor, wanted=wanted), _unknown()
        else:
            detector, state = self._fed(alert, before, look)
            cause = "measured" if detector.latest == "measured" else "silent"
        now = self.store.database.clock()
        ended = alert.muted_until is not None and not alert.is_muted(now)
        after = alert.model_copy(
            update={
                "detector": detector,
                "digest": look.digest or alert.digest,
                "state": state,
                "since": alert.since if state == alert.state else now,
                "seen_until": max(look.span.end, alert.seen_until or look.span.end),
                **({"muted_until": None, "muted_by": None} if ended else {}),
            }
        )
        if not self.store.alerts.looked(self.connection, alert, after):
            return None
        if state == alert.state:
            if ended:
                self._tell_what_stands(after)
            return None
        body = self._body(alert, after, cause, before, look)
        event = self.store.alerts.happened(self.connection, alert, after, body, look.window)
        self._tell(event, after)
        return event

    def let_go(self) -> Iterable[AlertEvent]:
        """Say of each series that the suite does not watch any more that nothing is known of it; give what changed."""
        for alert in self.store.alerts.of(self.connection, self.suite.name):
            if alert.state == "UNKNOWN" or spec_of(self.traffic, alert.metric, alert.slice) is not None:
                continue
            fresh = Detector(floor=alert.detector.floor, wanted=alert.detector.wanted)
            now = self.store.database.clock()
            after = alert.model_copy(update={"detector": fresh, "state": "UNKNOWN", "since": now})
            if self.store.alerts.looked(self.connection, alert, after):
                body = Happening(cause="not_watched", floor=fresh.floor, wanted=fresh.wanted)
                event = self.store.alerts.happened(self.connection, alert, after, body, None)
                self._tell(event, after)
                yield event

    def _fed(self, alert: Alert, before: Detector, look: Look) -> tuple[Detector, State]:
        """Return the detector after a look and the state it leaves."""
        after = before.after(look.mean)
        mean = look.mean
        if mean is not None and mean.reason is None and mean.missing > 1 - COVERAGE and after.standing == "OK":
            # What was not scored counts as good, so that it alarms nobody; it does not show that all is well either.
            after = after.model_copy(update={"latest": "UNKNOWN", "skipped": before.skipped + 1})
        if after.standing == "ALERT" and alert.slice and after.skipped >= self.traffic.silence and not _seen(mean):
            # A release that was taken back has no more windows that could end its alert.
            after = Detector(floor=after.floor, wanted=after.wanted, skipped=after.skipped)
        if after.standing == "ALERT" or after.latest == "measured":
            return after, after.standing
        return after, after.latest if after.skipped >= self.traffic.silence else alert.state

    def _body(self, alert: Alert, after: Alert, cause: Cause, before: Detector, look: Look) -> Happening:
        mean, low, high = look.mean, None, None
        known = mean is not None and mean.reason != "nothing_sampled"
        if mean is not None and known:
            low, high = mean.bounds(_SHOWN)
        raised = after.state in {"WARNING", "ALERT"} and alert.state != "ALERT"
        series = Series(self.store.project, self.suite.name, alert.metric, after.digest or "", alert.slice)
        sick, well = self._spans(series, alert, look) if raised else (look.span, None)
        compared = what_changed(self.connection, series, sick, well) if well else None
        return Happening(
            cause=cause,
            floor=before.floor,
            point=(mean.worst.point + mean.most.point) / 2 if mean is not None and known else None,
            low=low,
            high=high,
            scored=0 if mean is None else mean.worst.n,
            reason=None if mean is None else mean.reason or ("unscored" if mean.missing > 1 - COVERAGE else None),
            evidence=before.model_copy(update={"wanted": _ENDLESS}).after(mean).evidence,
            wanted=before.wanted,
            starts=_written(look.span.start),
            ends=_written(look.span.end),
            digest_before=alert.digest if cause == "check_changed" else None,
            digest=after.digest,
            compared=compared.compared if compared else 0,
            changed=compared.changes if compared else (),
            examples=examples(self.connection, series, sick) if raised else (),
        )

    def _spans(self, series: Series, alert: Alert, look: Look) -> tuple[Span, Span | None]:
        """Return the time since the metric fell, and the last time before when it was well."""
        if look.window is not None:
            return spans_of_windows(self.connection, series, alert.detector.floor, look.span)
        warned = self.store.alerts.latest(self.connection, alert.number) if alert.state == "WARNING" else None
        begun = datetime.fromisoformat(warned.body.starts) if warned and warned.body.starts else look.span.start
        sick = Span(min(begun, look.span.start), look.span.end)
        end = sick.start - UNSURE
        return sick, Span(end - self.traffic.every, end)

    def _tell(self, event: AlertEvent, alert: Alert) -> None:
        """Have the suite's targets told of an event that is news, unless somebody has muted it."""
        worth = is_told(event.before, event.after, whole=not alert.slice, cause=event.body.cause)
        if worth and not alert.is_muted(self.store.database.clock()):
            self.store.deliveries.add(self.connection, event.number, [target.name for target in self.traffic.notify])

    def _tell_what_stands(self, alert: Alert) -> None:
        """Tell what happened while the alert was muted and still stands."""
        event = self.store.alerts.latest(self.connection, alert.number)
        if event is not None and not self.store.deliveries.is_told(self.connection, event.number):
            self._tell(event, alert)


def spec_of(traffic: TrafficSpec, metric: str, part: str = "") -> AlertSpec | None:
    """Return what a suite demands of a series; of all traffic too where it only names a fact; None: not watched."""
    specs = {spec.by: spec for spec in reversed(traffic.alerts) if spec.metric == metric}
    if part:
        return specs.get(part.partition("=")[0])
    return specs.get(None) or next(reversed(specs.values()), None)


def _parts(
    suite: Suite, traffic: TrafficSpec, metric: str, known: dict[str, Alert], shown: dict[str, Measure]
) -> Iterable[tuple[str, AlertSpec]]:
    """Give the series to look at: all traffic, the slices that still speak, and new ones while there is room."""
    live = [part for part, alert in known.items() if part and alert.state != "NO_DATA"]
    new = [part for part in shown if part and part not in live and spec_of(traffic, metric, part)]
    new.sort(key=lambda part: (-shown[part].worst.n, part))
    whole = [] if marks_in_code(suite, metric) else [""]
    for part in (*whole, *sorted(live), *new[: max(0, MOST_SLICES - len(live))]):
        if (spec := spec_of(traffic, metric, part)) is not None:
            yield part, spec


def _new_series(alert: Alert, spec: AlertSpec, look: Look) -> Cause | None:
    """Return why what is seen now is another series; None where it is the same."""
    if alert.digest is not None and look.digest is not None and look.digest != alert.digest:
        return "check_changed"
    return None if alert.detector.floor == spec.floor else "floor_changed"


def _seen(mean: Ends | None) -> bool:
    return mean is not None and mean.worst.n > 0


def _unknown() -> State:
    return "UNKNOWN"


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
