"""Behind the doors too: what a worker does with traffic shows nobody's data to judges, people or other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from evalgate.core.samples import Message
from evalgate.production.delivering import deliver_due
from evalgate.production.telling import EventsTarget, tell_due
from evalgate.store.engine import Store
from evalgate.suites.suite import Suite
from evalgate.traffic.interactions import Interaction
from tests.production.receiving import receiving
from tests.production.scored import HOUR, NOON, WAIT, Hands, accept, bench, close_next, opened, suite_at, triage
from tests.production.test_alert_to_message import WATCHED
from tests.production.test_telling import collecting
from tests.providers.server import prompt_of, running
from tests.traffic.personal import sentences
from tests.web.test_traffic_privacy import everything_in, left_in

PERSONAL = sentences()
SUITE = WATCHED.replace("    rest: {judge: 1.0}\n", "    rest: {judge: 1.0, people: 1.0}\n").replace(
    "  alerts:\n", "  queue: triage\n  alerts:\n"
)


def echoing(request: dict[str, Any]) -> dict[str, Any]:
    """Judge badly, and repeat what was read."""
    return {"label": "does_not_answer", "reasoning": prompt_of(request)[-1500:], "model": "judge-1-2026"}


def an_hour(store: Store, suite: Suite, of: int) -> None:
    """Take in every kind of personal data, in question and answer, as spans of an agent's calls."""
    said = (
        Interaction.model_validate(
            {
                "source": "otlp",
                "external_id": f"{of:032x}:{number:016x}",
                "input": (Message(role="user", content=text),),
                "output": (Message(role="assistant", content=f"You said: {text}"),),
                "context": (text,),
                "finished": True,
                "user_id": value,
                "conversation_id": f"{of} {text}",
            }
        )
        for number, (text, value) in enumerate(PERSONAL.values(), 1)
    )
    accept(store, suite, said)


def test_what_was_masked_at_the_door_is_masked_wherever_it_goes(place: str, tmp_path: Path) -> None:
    hands = Hands()
    suite = suite_at(tmp_path, SUITE)
    with opened(place, hands) as store, running() as far, receiving() as hooks, collecting() as collector:
        far.script(echoing)
        triage(store)
        at = bench(store, suite, far.url)
        for of in range(3):
            hands.now = NOON + of * HOUR
            an_hour(store, suite, of)
            hands.now = NOON + (of + 1) * HOUR + WAIT
            close_next(at)
        environ = {
            "EVALGATE_WEBHOOK_ALLOW_LOOPBACK": "1",
            "HOOK_URL": f"http://127.0.0.1:{hooks.port}/",
            "HOOK_SECRET": "s3cret",
        }
        deliver_due(store, [suite], environ, hands)
        told = tell_due(store, {suite.name}, EventsTarget(url=f"{collector.url}/v1/logs", explanations=True))
        asked, held = json.dumps(far.requests()), everything_in(store.database)
        hooked = "\n".join(body.decode() for _, _, body in hooks.requests)
        events = "\n".join(map(repr, collector.events))
        answered = far.stats()["answered"]
    assert told.trouble is None
    assert answered >= len(PERSONAL)
    assert "does_not_answer" in held
    assert "ALERT" in hooked
    assert "does_not_answer" in events
    found = {"judge": asked, "database": held, "hooks": hooked, "events": events}
    assert {where: left_in(text) for where, text in found.items()} == {where: set() for where in found}
