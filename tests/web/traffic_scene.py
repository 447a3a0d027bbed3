"""Production traffic as the pages find it: 60 hourly windows, two checks, every state a score can have, one alert."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson

from evalgate.core.alerts import Example, FactChange, Happening
from evalgate.core.outcomes import Mark, NotApplicable, Span, Unscored
from evalgate.core.samples import Message
from evalgate.core.statistics.detecting import Detector
from evalgate.store.engine import Store
from evalgate.store.scores import score_row
from evalgate.store.tables import metadata
from evalgate.store.tables.replies import pack
from evalgate.traffic.interactions import Interaction
from evalgate.traffic.samples import sample_of

HOUR = timedelta(hours=1)
WINDOWS = 60
NO_DATA = range(20, 26)
"""Windows without traffic, counted from the oldest."""
UNKNOWN = range(26, 28)
CHANGED = 36
"""From here on another judge answers."""
FELL = 52
GONE = {25, 26, 28}
"""Interactions whose texts are not kept."""
OLD, NEW, CODE = "a1" * 32, "b2" * 32, "c3" * 32
SAID = (
    ("es", "¿Puedo devolver un producto abierto?", "Sí, dentro de los 30 días desde la compra."),
    ("pt", "Como cancelo meu plano?", "Que tal conhecer o plano Premium?"),
    ("en", "When does my order arrive?", "It arrives within three working days."),
)
FATES: tuple[Any, ...] = (
    Mark(value=1.0, label="answers", explanation="It says what was asked."),
    Mark(value=0.0, label="does_not_answer", explanation="It sells a plan instead of answering."),
    NotApplicable(why="no question was asked"),
    Unscored(reason="unavailable", detail="no answer within 60 s"),
    Unscored(reason="over_budget"),
    "sampled_out",
    "filtered",
    "pending",
)


class Scene(NamedTuple):
    """The names of what was put in."""

    window: int
    """The newest one."""
    interactions: tuple[int, ...]
    alert: int
    judge: int
    """The check that answers now."""

    @property
    def interaction(self) -> int:
        """One that a judge called bad, with its texts."""
        return self.interactions[1]


def with_traffic(store: Store, suite: str = "support", words: str = "", metric: str = "answers") -> Scene:
    """Put everything in; `words` stands in every text that somebody outside could write.

    `metric` is the one that a judge marks.
    """
    end = store.database.clock().replace(minute=0, second=0, microsecond=0)
    checks = _checks(store, suite, metric, end)
    first = _windows(store, suite, end, checks, words)
    numbers = _interactions(store, end - HOUR, checks, words)
    alert = _alerts(store, (suite, metric), end, first + WINDOWS - 1, numbers, words)
    hour = {"project": store.project, "hour": end}
    came = {"accepted": 1_200, "duplicate": 31, "rejected": 7, "partial": 2, "no_content": 4}
    _insert(
        store, "traffic_count", [{**hour, "source": "otlp", "result": name, "items": n} for name, n in came.items()]
    )
    _insert(store, "traffic_count", [{**hour, "source": f"api{words}"[:60], "result": "accepted", "items": 90}])
    _insert(store, "worker", [{"owner": f"w-{suite}", "started_at": end - 5 * HOUR, "seen_at": store.database.clock()}])
    return Scene(first + WINDOWS - 1, numbers, alert, checks["new"])


def _insert(store: Store, table: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Write rows and return their numbers in the same order, of tables that number them."""
    there = metadata.tables[table]
    if not rows:
        return []
    with store.database.write() as connection:
        if "number" not in there.c:
            connection.execute(there.insert(), list(rows))
            return []
        insert = there.insert().returning(there.c.number, sort_by_parameter_order=True)
        return list(connection.execute(insert, list(rows)).scalars())


def _checks(store: Store, suite: str, metric: str, end: datetime) -> dict[str, int]:
    name, _, criterion = metric.partition(".")
    both = {"project": store.project, "suite": suite, "criterion": ""}
    judge = {**both, "name": name, "criterion": criterion, "annotator": "llm"}
    rows = (
        {**judge, "digest": OLD, "since": end - 100 * HOUR},
        {**judge, "digest": NEW, "since": end - 24 * HOUR},
        {**both, "name": "no_pii", "annotator": "code", "digest": CODE, "since": end - 100 * HOUR},
    )
    return dict(zip(("old", "new", "code"), _insert(store, "traffic_check", rows), strict=True))


def _windows(store: Store, suite: str, end: datetime, checks: Mapping[str, int], words: str) -> int:
    windows, estimates = [], []
    for place in range(WINDOWS):
        starts = end - (WINDOWS - place) * HOUR
        windows.append(
            {
                "project": store.project,
                "suite": suite,
                "starts_at": starts,
                "ends_at": starts + HOUR,
                "version": 1,
                "state": "closed",
                "attempt": 1 + (place == WINDOWS - 1),
                "closed_at": starts + HOUR + timedelta(minutes=3),
                "suite_digest": "d4" * 32,
                "spent_usd": 0.02,
                "spent_at": starts + HOUR,
                "counts": orjson.dumps(_counts(checks, words)).decode(),
            }
        )
    open_one = {**windows[-1], "starts_at": end, "ends_at": end + HOUR, "state": "open", "counts": None}
    numbers = _insert(store, "traffic_window", [*windows, open_one])
    for place, number in enumerate(numbers[:-1]):
        estimates += _estimates(place, number, checks, words)
    _insert(store, "traffic_estimate", estimates)
    return numbers[0]


def _counts(checks: Mapping[str, int], words: str) -> dict[str, Any]:
    judged = {"scored": 70, "sampled_out": 1_100, "filtered:no_content": 4, "shed:over_budget": 20, "failed:crashed": 6}
    return {
        "interactions": 1_200,
        "strata": {f"complained{words}": 50, "rest": 1_150},
        "chances": {f"complained{words}": [1.0, 1.0, 0.2], "rest": [1.0, 0.03, 0.003]},
        "checks": {str(checks["new"]): judged, str(checks["code"]): {"scored": 1_196, "not_applicable": 4}},
        "calls": {"answered": 90, "recalled": 6, "spent_usd": 0.02},
        "people": {"drawn": 6, "added": 5, "why_none": None},
    }


def _estimates(place: int, window: int, checks: Mapping[str, int], words: str) -> list[dict[str, Any]]:
    level = 0.9 if place < FELL else 0.62
    point = level + 0.02 * ((place * 7) % 5 - 2) / 2
    judge = checks["old" if place < CHANGED else "new"]
    empty = {"population": 0, "scored": 0, "point": None, "low": None, "high": None, "reason": "nothing_sampled"}
    known = {"population": 1_200, "scored": 70, "point": point, "low": point - 0.06, "high": point + 0.05}
    said: dict[str, Any] = {**known, "reason": None}
    said |= {"scored": 9, "reason": "few_effective"} if place in UNKNOWN else {}
    said = empty if place in NO_DATA else said
    code = {"population": 1_200, "scored": 1_196, "point": 0.991, "low": 0.985, "high": 0.995, "reason": None}
    parts = {"": said, f"language=es{words}": said, "release=2026.11": said}
    rows = [{**row, "traffic_check": judge, "slice": part} for part, row in parts.items()]
    rows.append({**(empty if place in NO_DATA else code), "traffic_check": checks["code"], "slice": ""})
    return [{**row, "window": window, "mean": "{}"} for row in rows]


def _interactions(store: Store, start: datetime, checks: Mapping[str, int], words: str) -> tuple[int, ...]:
    rows, bodies = [], []
    for place in range(30):
        language, question, answer = SAID[place % 3]
        whole = Interaction(
            source="otlp",
            external_id=f"{place:032x}:{place:016x}",
            conversation_id=f"talk-{place}",
            finished=True,
            input=(Message(role="user", content=f"{question} {place} {words}".strip()),),
            output=(Message(role="assistant", content=f"{answer} {words}".strip()),),
            context=(f"Política 4.2: 30 días. {words}".strip(),),
            language=language,
            release="2026.11",
        )
        facts = {"source": "otlp", "language": language, "release": "2026.11", "route": f"chat{words}"}
        state = {27: "partial", 28: "no_content"}.get(place, "complete")
        row: dict[str, Any] = {
            "project": store.project,
            "source": "otlp",
            "external_id": whole.external_id,
            "state": state,
            "version": 1,
            "received_at": start + timedelta(seconds=place),
            "completed_at": None if state == "partial" else start + timedelta(seconds=place),
            "conversation": f"talk-{place}",
            "draw": place / 30,
            "sample_digest": None if state == "no_content" else sample_of(whole, facts).digest,
            "facts": orjson.dumps(facts).decode(),
            "erased_at": start + HOUR if place == 26 else None,
        }
        rows.append(row)
        bodies.append(pack(whole.model_dump_json(exclude_defaults=True).encode()))
    numbers = _insert(store, "interaction", rows)
    kept = [
        (number, body) for place, (number, body) in enumerate(zip(numbers, bodies, strict=True)) if place not in GONE
    ]
    with store.database.write() as connection:
        texts = [{"number": number, "body": body} for number, body in kept]
        connection.execute(metadata.tables["interaction_text"].insert(), texts)
    _insert(store, "traffic_score", [row for n, one in enumerate(numbers) for row in _scores(n, one, checks, words)])
    return tuple(numbers)


def _scores(place: int, number: int, checks: Mapping[str, int], words: str) -> list[dict[str, Any]]:
    fate = FATES[place % len(FATES)]
    reason = {"filtered": "where"}.get(fate) if isinstance(fate, str) else None
    if words and isinstance(fate, Mark):
        fate = fate.model_copy(update={"explanation": words, "label": words[:60]})
    judged = score_row(number, checks["new"], fate, reason=reason, stratum=f"rest{words}", chance=0.03)
    leak = Mark(
        value=0.0, explanation=f"personal data {words}", spans=(Span(side="output", start=4, end=18, label="cpf"),)
    )
    clean = score_row(number, checks["code"], leak if place == 4 else Mark(value=1.0), chance=1.0)
    names = metadata.tables["traffic_score"].c.keys()
    return [dict(zip(names, row, strict=True)) for row in (judged, clean)]


def _alerts(
    store: Store, named: tuple[str, str], end: datetime, window: int, numbers: Sequence[int], words: str
) -> int:
    detector = Detector(floor=0.8, capital=(30.0, 60.0, 90.0, 120.0), standing="ALERT", latest="measured", windows=57)
    suite, metric = named
    mine = {"project": store.project, "suite": suite, "metric": metric, "seen_until": end, "digest": NEW}
    alert, *_ = _insert(
        store,
        "traffic_alert",
        [
            {**mine, "slice": part, "state": state, "since": end - 7 * HOUR, "detector": detector.model_dump_json()}
            for part, state in (
                ("", "ALERT"),
                (f"language=es{words}", "WARNING"),
                ("release=2026.10", "NO_DATA"),
                ("release=2026.11", "UNKNOWN"),
            )
        ],
    )
    watched = Detector(floor=0.98, latest="measured", windows=57).model_dump_json()
    calm = {**mine, "metric": "no_pii", "digest": CODE, "slice": "", "state": "OK", "since": end - 60 * HOUR}
    _insert(store, "traffic_alert", [{**calm, "detector": watched}])
    body = Happening(
        cause="measured",
        floor=0.8,
        point=0.62,
        low=0.56,
        high=0.67,
        scored=70,
        evidence=512.0,
        wanted=365,
        digest=NEW,
        compared=12,
        changed=(
            FactChange(
                fact="release",
                value=f"2026.11{words}",
                before=0.02,
                after=0.64,
                low=0.55,
                high=0.69,
                p=0.0001,
                explains=0.93,
                mean_before=0.9,
                mean_after=0.48,
            ),
            FactChange(fact="prompt.version", value=f"v7{words}", before=0.0, after=0.6, low=0.5, high=0.7, p=0.001),
        ),
        examples=(Example(interaction=numbers[1], value=0.0), Example(interaction=numbers[9], value=0.0)),
    )
    fallen = {"alert": alert, "window": window, "body": body.model_dump_json()}
    events = _insert(
        store,
        "traffic_event",
        [
            {**fallen, "at": end - 8 * HOUR, "before": "OK", "after": "WARNING"},
            {**fallen, "at": end - 7 * HOUR, "before": "WARNING", "after": "ALERT"},
        ],
    )
    sent = {"project": store.project, "event": events[-1], "next_at": end}
    _insert(
        store,
        "delivery",
        [
            {**sent, "target": f"oncall{words}", "state": "sent", "attempts": 1, "trouble": None},
            {**sent, "target": "team", "state": "waiting", "attempts": 3, "trouble": f"503 {words}"},
        ],
    )
    return alert


def grown(store: Store, suite: str, windows: int, interactions: int) -> None:
    """Add older windows with estimates, and interactions to the newest one; names go on where they were."""
    end = store.database.clock().replace(minute=0, second=0, microsecond=0)
    with store.database.read() as connection:
        number = connection.exec_driver_sql("SELECT max(number) FROM traffic_check").scalar_one()
    rows = [
        {
            "project": store.project,
            "suite": suite,
            "starts_at": end - (WINDOWS + place + 1) * HOUR,
            "ends_at": end - (WINDOWS + place) * HOUR,
            "version": 1,
            "state": "closed",
            "attempt": 1,
            "spent_usd": 0.0,
        }
        for place in range(windows)
    ]
    told = {"traffic_check": number, "slice": "", "population": 9, "scored": 9, "point": 0.9, "low": 0.8, "high": 1.0}
    made = _insert(store, "traffic_window", rows)
    _insert(store, "traffic_estimate", [{**told, "window": one, "mean": "{}"} for one in made])
    more = hashlib.sha256(suite.encode()).hexdigest()
    _insert(
        store,
        "interaction",
        [
            {
                "project": store.project,
                "source": "api",
                "external_id": f"{more}-{place}",
                "state": "complete",
                "version": 1,
                "received_at": end - HOUR,
                "completed_at": end - HOUR + timedelta(seconds=60 + place),
                "conversation": "more",
                "draw": 0.5,
                "facts": "{}",
            }
            for place in range(interactions)
        ],
    )
