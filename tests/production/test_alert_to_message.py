"""From a bad release to a message: traffic in, a window closed, an alert with what changed, a webhook that arrives."""

from __future__ import annotations

import json

import pytest

from evalgate.production.delivering import deliver_due
from evalgate.production.minding import watch_code
from evalgate.store.engine import Store
from tests.production.receiving import receiving
from tests.production.scored import HOUR, NOON, SUITE, Hands, accept, bench, close_next, exchange, opened, suite_at
from tests.providers.server import running

WATCHED = (
    SUITE.replace("    complained: {when: {feedback: [down]}, judge: 1.0, people: 0.5}\n", "")
    .replace("    rest: {judge: 0.4, people: 0.1}\n", "    rest: {judge: 1.0}\n")
    .replace("  queue: triage\n", "")
)
WATCHED += """\
  alerts:
    answers: {at_least: 0.8, by: release}
    brief: {at_least: 0.9}
  notify:
    oncall: {webhook: {env: HOOK_URL}, secret: {env: HOOK_SECRET}}
"""
RULES = {"label": "answers", "rules": [{"when": "I cannot say", "label": "does_not_answer"}]}
SECRET_TEXT = "the parcel of Ana"


def hour(store: Store, suite, name: str, bad_every: int, release: str) -> None:
    accept(
        store,
        suite,
        (
            exchange(
                f"{name}{number}",
                f"I cannot say where {SECRET_TEXT} is." if number % bad_every == 0 else "It comes tomorrow.",
                release=release,
            )
            for number in range(80)
        ),
    )


def test_a_bad_release_is_told_with_what_changed_and_without_a_text(sqlite_place, tmp_path):
    hands = Hands()
    suite = suite_at(tmp_path, WATCHED)
    with opened(sqlite_place, hands) as store, running(RULES) as far, receiving() as receiver:
        at = bench(store, suite, far.url)
        watch_code(store, suite, NOON)
        for place, (bad_every, release) in enumerate(((20, "r1"), (2, "r2"))):
            hands.now = NOON + place * HOUR * 1.2
            hour(store, suite, release, bad_every, release)
            hands.now = NOON + (place + 1.05) * HOUR
            close_next(at)
            watch_code(store, suite, hands.now)
        whole = next(one for one in store.alerts.list() if (one.metric, one.slice) == ("answers", ""))
        assert whole.state == "ALERT"
        told = {(one.metric, one.slice): one.state for one in store.alerts.list()}
        assert told["answers", "release=r2"] == "ALERT"
        assert told["brief", ""] == "OK"
        environ = {
            "EVALGATE_WEBHOOK_ALLOW_LOOPBACK": "1",
            "HOOK_URL": f"http://127.0.0.1:{receiver.port}/",
            "HOOK_SECRET": "s3cret",
        }
        deliver_due(store, [suite], environ, hands)
        bodies = [json.loads(body) for _, _, body in receiver.requests]
        message = next(body for body in bodies if body["slice"] == "" and body["after"] == "ALERT")
        changed = {(one["fact"], one["value"]): one for one in message["changed"]}
        assert (changed["release", "r2"]["before"], changed["release", "r2"]["after"]) == (0.0, 1.0)
        assert changed["release", "r2"]["explains"] == pytest.approx(1)
        assert message["low"] < message["point"] < message["high"] < 0.8
        assert [one["value"] for one in message["examples"]] == [0.0] * 5
        assert all("parcel" not in json.dumps(body) for body in bodies)
