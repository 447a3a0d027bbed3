"""The `traffic:` of a suite file becomes a TrafficSpec; each name and number in it is checked where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from evalgate.core.checks import Check
from evalgate.suites.demands import metrics_of
from evalgate.suites.entries import refuse_name
from evalgate.suites.messages import first_error
from evalgate.suites.places import Place
from evalgate.suites.traffic import (
    CLOSED,
    FACTS,
    AlertSpec,
    SlackTarget,
    StratumSpec,
    Target,
    TrafficSpec,
    Wanted,
    WebhookTarget,
)
from evalgate.suites.words import kind_of, shown, unknown

TRAFFIC_KEYS = (
    "every",
    "wait",
    "where",
    "strata",
    "control",
    "by",
    "queue",
    "spend_cap_usd_a_month",
    "keep_text_days",
    "alerts",
    "silence",
    "notify",
)
STRATUM_KEYS = ("when", "classifier", "judge", "people")
ALERT_KEYS = ("at_least", "windows_per_false_alarm", "by")
NOTIFY_KEYS = ("webhook", "secret", "slack")
DAY = timedelta(days=1)
LONGEST_WINDOW = 7 * DAY
MOST_DAYS = 3650
MOST_WINDOWS = 10_000
MOST_TARGETS = 20

_SPAN = re.compile(r"(\d{1,6})([smhd])")
_UNIT = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": DAY}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


def read_traffic(place: Place, checks: Mapping[str, Check]) -> TrafficSpec:
    """Return what the suite says of production. Raises SuiteInvalid with the line of what is wrong."""
    entries = place.keys(TRAFFIC_KEYS)
    readers: dict[str, Callable[[Place], Any]] = {
        "every": _read_every,
        "wait": _read_wait,
        "where": lambda where: _read_when(where, checks),
        "control": _read_control,
        "by": _read_by,
        "queue": Place.text,
        "spend_cap_usd_a_month": _read_amount,
        "keep_text_days": lambda days: _read_whole(days, "days", MOST_DAYS),
        "silence": lambda windows: _read_whole(windows, "windows", MOST_WINDOWS),
        "notify": _read_notify,
    }
    said: dict[str, Any] = {key: read(entries[key]) for key, read in readers.items() if key in entries}
    if "strata" in entries:
        control = said.get("control", TrafficSpec().control)
        said["strata"] = _read_strata(entries["strata"], checks, control, queue="queue" in entries)
    if "alerts" in entries:
        said["alerts"] = _read_alerts(entries["alerts"], checks, said.get("by", ()))
    return TrafficSpec(**said)


def _read_every(place: Place) -> timedelta:
    every = _read_span(place)
    whole = every and not every % _UNIT["m"]
    if not whole or (DAY % every if every < DAY else every % DAY or every > LONGEST_WINDOW):
        raise place.refuse(
            f"{place.name} is 1m to 7d: whole minutes that divide a day, or whole days; not {shown(place.value)}"
        )
    return every


def _read_wait(place: Place) -> timedelta:
    wait = _read_span(place)
    if wait > DAY:
        raise place.refuse(f"{place.name} is at most 1d, not {shown(place.value)}")
    return wait


def _read_span(place: Place) -> timedelta:
    found = _SPAN.fullmatch(place.value) if isinstance(place.value, str) else None
    if not found:
        raise place.refuse(f"{place.name} is a span of time like 30s, 5m, 1h or 1d, not {shown(place.value)}")
    return int(found[1]) * _UNIT[found[2]]


def _read_control(place: Place) -> float:
    control = place.share()
    _phases(place, StratumSpec(name="rest", judge=0, people=0), control)
    return control


def _read_strata(place: Place, checks: Mapping[str, Check], control: float, *, queue: bool) -> tuple[StratumSpec, ...]:
    entries = place.entries()
    if not entries:
        raise place.refuse(f"{place.name} is empty; name at least one stratum, or take the key out")
    *_, last = entries
    return tuple(
        _read_stratum(name, entry, checks, control, last=name == last, queue=queue) for name, entry in entries.items()
    )


def _read_stratum(
    name: str, place: Place, checks: Mapping[str, Check], control: float, *, last: bool, queue: bool
) -> StratumSpec:
    refuse_name(place, name, "stratum", forbidden="=")
    entries = place.keys(STRATUM_KEYS)
    if last and "when" in entries:
        raise entries["when"].refuse(
            f"{place.name} is the last stratum and takes the rest; take its when: out, or add a stratum without one"
        )
    if not last and "when" not in entries:
        raise place.refuse(f"{place.name} takes everything, and strata after it get nothing; add when: or put it last")
    said: dict[str, Any] = {key: entries[key].share() for key in STRATUM_KEYS[1:] if key in entries}
    if "when" in entries:
        said["when"] = _read_when(entries["when"], checks)
        if not said["when"]:
            raise entries["when"].refuse(f"{entries['when'].name} names no fact; known are: {', '.join(FACTS)}")
    stratum = StratumSpec(name=name, **said)
    _phases(place, stratum, control)
    if stratum.people and not queue:
        raise entries["people"].refuse(
            f"{entries['people'].name} sends items to people, and traffic.queue names no queue; add it"
        )
    return stratum


def _phases(place: Place, stratum: StratumSpec, control: float) -> None:
    try:
        stratum.phases(control)
    except ValidationError as problem:
        said = first_error(problem).removeprefix("chances: ").removeprefix("Value error, ")
        raise place.refuse(f"{place.name}: {said} (the order is classifier, judge, people)") from problem


def _read_when(place: Place, checks: Mapping[str, Check]) -> Wanted:
    return {fact: _read_values(value, fact, checks) for fact, value in place.keys(FACTS).items()}


def _read_values(place: Place, fact: str, checks: Mapping[str, Check]) -> tuple[str, ...]:
    values = place.items() if isinstance(place.value, list) else [place]
    if not values:
        raise place.refuse(f"{place.name} names no value; write one or take the key out")
    read = (_read_value(value, fact, checks) for value in values)
    return tuple(dict.fromkeys(read))


def _read_value(place: Place, fact: str, checks: Mapping[str, Check]) -> str:
    if fact in CLOSED:
        return place.choice(*CLOSED[fact])
    value = place.text()
    if fact == "check_hit":
        code = [name for name, check in checks.items() if check.annotated_by == "code"]
        if value not in code:
            raise place.refuse(unknown("code check", value, code, f" in {place.name}"))
    return value


def _read_by(place: Place) -> tuple[str, ...]:
    names = place.items() if isinstance(place.value, list) else [place]
    return tuple(dict.fromkeys(_read_fact(name, FACTS) for name in names))


def _read_fact(place: Place, known: Collection[str]) -> str:
    if place.text() not in known:
        raise place.refuse(unknown("fact", place.text(), known, f" in {place.name}"))
    return place.text()


def _read_alerts(place: Place, checks: Mapping[str, Check], by: Collection[str]) -> tuple[AlertSpec, ...]:
    alerts: list[AlertSpec] = []
    for metric, entry in place.entries().items():
        if metric not in metrics_of(checks):
            raise entry.refuse(unknown("metric", metric, metrics_of(checks), f" in {place.name}"))
        blocks = entry.items() if isinstance(entry.value, list) else [entry]
        for block in blocks:
            alert = _read_alert(block, metric, by)
            if any(one.metric == metric and one.by == alert.by for one in alerts):
                raise block.refuse(f"{metric} is watched twice by {alert.by or 'all'}; keep one of the two")
            alerts.append(alert)
    return tuple(alerts)


def _read_alert(place: Place, metric: str, by: Collection[str]) -> AlertSpec:
    entries = place.keys(ALERT_KEYS)
    if "at_least" not in entries:
        raise place.refuse(f"{place.name} has no floor; add at_least:")
    said: dict[str, Any] = {"floor": entries["at_least"].share()}
    if "windows_per_false_alarm" in entries:
        wanted = entries["windows_per_false_alarm"]
        if not 1 < wanted.number() <= 1_000_000:
            raise wanted.refuse(f"{wanted.name} is above 1 and at most 1,000,000, not {shown(wanted.value)}")
        said["wanted"] = wanted.number()
    if "by" in entries:
        said["by"] = _read_fact(entries["by"], FACTS)
        if said["by"] not in by:
            raise entries["by"].refuse(
                f"{entries['by'].name} watches {said['by']!r}, which is not estimated; name it in traffic.by too"
            )
    return AlertSpec(metric=metric, **said)


def _read_notify(place: Place) -> tuple[Target, ...]:
    entries = place.entries()
    if len(entries) > MOST_TARGETS:
        raise place.refuse(f"{place.name} names {len(entries)} targets; {MOST_TARGETS} are the most")
    return tuple(_read_target(name, entry) for name, entry in entries.items())


def _read_target(name: str, place: Place) -> Target:
    refuse_name(place, name, "target", forbidden="=")
    entries = place.keys(NOTIFY_KEYS)
    kinds = [key for key in ("webhook", "slack") if key in entries]
    if len(kinds) != 1:
        raise place.refuse(f"{place.name} is {{webhook: URL, secret: {{env: NAME}}}} or {{slack: {{env: NAME}}}}")
    if kinds == ["slack"]:
        if "secret" in entries:
            raise entries["secret"].refuse(f"{entries['secret'].name} signs webhooks, and this is slack; take it out")
        return SlackTarget(name=name, url_env=_read_env(entries["slack"], "the address is a secret; "))
    if "secret" not in entries:
        raise place.refuse(f"{place.name} has no secret, with which messages are signed; add secret: {{env: NAME}}")
    secret = _read_env(entries["secret"], "a secret stays out of the suite; ")
    address = entries["webhook"]
    if isinstance(address.value, dict):
        return WebhookTarget(name=name, url_env=_read_env(address, ""), secret_env=secret)
    return WebhookTarget(name=name, url=_read_url(address), secret_env=secret)


def _read_env(place: Place, why: str) -> str:
    if not isinstance(place.value, dict):
        raise place.refuse(f"{place.name}: {why}write {{env: NAME}}, the variable that holds it")
    entries = place.keys(("env",))
    if "env" not in entries:
        raise place.refuse(f"{place.name} is {{env: NAME}}, the variable that holds it")
    name = entries["env"].text()
    if not _VARIABLE.fullmatch(name):
        raise entries["env"].refuse(f"{entries['env'].name} is the name of a variable, not {shown(name)}")
    return name


def _read_url(place: Place) -> str:
    url = place.text()
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not url.isprintable() or " " in url:
        raise place.refuse(f"{place.name} is an address like https://hooks.example.org/evalgate, not {shown(url)}")
    if parts.username is not None or parts.password is not None:
        raise place.refuse(f"{place.name} carries a password; write {{env: NAME}}, the variable that holds the address")
    return url


def _read_amount(place: Place) -> float:
    amount = place.number()
    if amount < 0:
        raise place.refuse(f"{place.name} is at least 0, not {shown(place.value)}")
    return amount


def _read_whole(place: Place, noun: str, most: int) -> int:
    value = place.value
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        written = kind_of(value) if isinstance(value, str) else shown(value)
        raise place.refuse(f"{place.name} is a whole number of {noun} from 1 to {most:,}, not {written}")
    return value
