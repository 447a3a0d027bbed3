"""Messages arrive: signed, in words without texts, again and again until they are taken, always under one id."""

from __future__ import annotations

import hashlib
import hmac
import json
import string
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from evalgate.core.alerts import Example, FactChange, Happening
from evalgate.core.errors import WrongAsWritten
from evalgate.production.delivering import Sender, deliver_due, public_url
from evalgate.production.messages import Place
from evalgate.production.words import WORDS
from evalgate.store.engine import Store, open_store
from evalgate.suites.suite import Suite
from tests.docs.pages import page
from tests.production.receiving import Receiver, receiving
from tests.production.watched import WATCHED, Moment, an_event, suite

SECRET = "correct horse battery staple"
RISEN = Happening(
    cause="measured",
    floor=0.8,
    point=0.7125,
    low=0.65,
    high=0.775,
    scored=240,
    evidence=412.0,
    wanted=365,
    starts="2026-11-21T11:00:00Z",
    ends="2026-11-21T12:00:00Z",
    compared=9,
    changed=(
        FactChange(
            fact="release",
            value="<!channel> 2\u202e\n",
            before=0,
            after=0.5,
            low=0.45,
            high=0.55,
            p=0.001,
            explains=0.9,
        ),
    ),
    examples=(Example(interaction=17, value=0.0),),
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as told:
        yield told


@pytest.fixture
def clock() -> Moment:
    return Moment()


@pytest.fixture
def outbox(sqlite_place: str, clock: Moment) -> Iterator[Store]:
    """A store with one event, which both targets are to be told of."""
    with open_store(sqlite_place, clock=clock) as opened:
        an_event(opened, RISEN)
        yield opened


@pytest.fixture
def watched(tmp_path: Path) -> Suite:
    return suite(tmp_path)


def environ(receiver: Receiver) -> dict[str, str]:
    base = f"http://127.0.0.1:{receiver.port}"
    return {
        "EVALGATE_WEBHOOK_ALLOW_LOOPBACK": "1",
        "EVALGATE_PUBLIC_URL": "https://evals.example.org/",
        "HOOK_URL": f"{base}/hook?token=t0ken",
        "HOOK_SECRET": SECRET,
        "SLACK_URL": f"{base}/services/T0/B0/s3cret",
    }


def standing(store: Store) -> dict[str, tuple[str, int, str | None]]:
    return {one.target: (one.state, one.attempts, one.trouble) for one in store.deliveries.of([1])}


def test_a_webhook_is_signed_and_tells_names_numbers_and_links(outbox, watched, receiver, clock):
    assert deliver_due(outbox, [watched], environ(receiver), clock) == 2
    path, headers, body = receiver.requests[0]
    assert path == "/hook?token=t0ken"
    signature = hmac.new(SECRET.encode(), headers["Evalgate-Timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["Evalgate-Signature"] == f"v1={signature.hexdigest()}"
    assert headers["Evalgate-Timestamp"] == str(int(clock.now.timestamp()))
    told = json.loads(body)
    assert headers["Idempotency-Key"] == told["id"] == f"{outbox.id}-1"
    assert (told["version"], told["project"], told["suite"], told["metric"]) == (1, "default", "support", "answers")
    assert (told["before"], told["after"], told["point"], told["floor"]) == ("UNKNOWN", "ALERT", 0.7125, 0.8)
    assert told["url"] == "https://evals.example.org/alerts/1"
    assert told["examples"] == [
        {"interaction": 17, "value": 0.0, "url": "https://evals.example.org/traffic/interactions/17"}
    ]
    assert told["title"] == "ALERT: answers of support is below its floor in production"
    assert standing(outbox) == {"oncall": ("sent", 1, None), "team": ("sent", 1, None)}
    assert deliver_due(outbox, [watched], environ(receiver), clock) == 0


def test_what_comes_from_traffic_makes_no_link_and_calls_nobody_in_slack(outbox, watched, receiver, clock):
    deliver_due(outbox, [watched], environ(receiver), clock, language="es")
    path, _, body = receiver.requests[1]
    told = json.loads(body)
    assert path == "/services/T0/B0/s3cret"
    assert "<" not in told["text"]
    assert "release = &lt;!channel&gt; 2" in told["text"]
    assert {block["text"]["type"] for block in told["blocks"][:2]} == {"plain_text"}
    said = told["blocks"][1]["text"]["text"]
    assert (
        "71,2\u00a0% (intervalo del 95\u00a0% de 65,0\u00a0% a 77,5\u00a0%), mínimo 80,0\u00a0%; 240 puntuadas." in said
    )
    assert "explica el 90,0\u00a0% de la caída" in said
    assert "\u202e" not in body.decode()
    assert told["blocks"][2]["elements"][0]["url"] == "https://evals.example.org/alerts/1"


def test_what_was_not_taken_is_sent_again_later_under_the_same_id(outbox, watched, receiver, clock):
    receiver.answers = [(500, {}), (200, {}), (503, {"Retry-After": "600"})]
    assert deliver_due(outbox, [watched], environ(receiver), clock) == 1
    assert standing(outbox)["oncall"] == ("waiting", 1, "the target answered 500")
    assert deliver_due(outbox, [watched], environ(receiver), clock) == 0
    clock.now += timedelta(seconds=10)
    assert deliver_due(outbox, [watched], environ(receiver), clock) == 0
    clock.now += timedelta(seconds=599)
    assert deliver_due(outbox, [watched], environ(receiver), clock) == 0
    clock.now += timedelta(seconds=2)
    assert deliver_due(outbox, [watched], environ(receiver), clock) == 1
    ids = [headers["Idempotency-Key"] for path, headers, _ in receiver.requests if path.startswith("/hook")]
    assert len(ids) == 3
    assert len(set(ids)) == 1


def test_a_worker_killed_after_sending_leaves_the_message_to_the_next_one_with_its_id(outbox, watched, receiver, clock):
    held = outbox.deliveries.claim("the one that is killed", ["support"])
    sender = Sender(Place(outbox.id, "default", "en", "https://evals.example.org"), environ(receiver), clock)
    sender.send(watched.traffic.notify[0], held)
    assert deliver_due(outbox, [watched], environ(receiver), clock) == 1, "the other target's message"
    clock.now += timedelta(minutes=3)
    assert deliver_due(outbox, [watched], environ(receiver), clock) == 1
    hooked = [(headers["Idempotency-Key"], body) for path, headers, body in receiver.requests if "/hook" in path]
    assert len(hooked) == 2
    assert hooked[0] == hooked[1]
    assert not outbox.deliveries.sent(held), "its claim is over"


def test_a_message_is_given_up_after_about_a_day_and_its_trouble_shows_no_address(outbox, watched, receiver, clock):
    given = environ(receiver) | {"HOOK_URL": "http://127.0.0.1:1/hook?token=t0ken"}
    del given["SLACK_URL"]
    hours = 0
    while standing(outbox)["oncall"][0] == "waiting":
        deliver_due(outbox, [watched], given, clock)
        clock.now += timedelta(hours=1)
        hours += 1
    assert 24 <= hours <= 26
    assert standing(outbox)["oncall"] == ("given_up", hours, "the target refuses connections")
    assert standing(outbox)["team"][2] == "SLACK_URL is not set where the worker runs"
    assert receiver.requests == []


def test_a_target_that_is_gone_or_not_named_any_more_is_not_asked_again(outbox, tmp_path, receiver, clock):
    receiver.answers = [(410, {})]
    without = suite(tmp_path, WATCHED.replace("    team: {slack: {env: SLACK_URL}}\n", ""))
    deliver_due(outbox, [without], environ(receiver), clock)
    assert standing(outbox) == {
        "oncall": ("given_up", 1, "the target answered 410"),
        "team": ("given_up", 1, "the suite names this target no more"),
    }


def test_two_workers_at_one_outbox_never_hold_the_same_message(place):
    with open_store(place, clock=Moment()) as one, open_store(place, clock=Moment()) as two:
        an_event(one)
        held = [store.deliveries.claim(owner, ["support"]) for owner, store in (("a", one), ("b", two), ("c", two))]
        assert [each.target if each else None for each in held] == ["oncall", "team", None]


def test_messages_say_the_same_things_in_every_language():
    def holes(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    english = {key: holes(text) for key, text in WORDS["en"].items()}
    assert all({key: holes(text) for key, text in WORDS[other].items()} == english for other in ("es", "pt"))


def test_the_receiver_in_the_docs_takes_what_is_sent_and_nothing_else(outbox, watched, receiver, clock):
    deliver_due(outbox, [watched], environ(receiver), clock)
    code = page("reference/alerts.md").partition("```python\n")[2].partition("```")[0]
    shown: dict[str, object] = {}
    exec(compile(code, "alerts.md", "exec"), shown)  # noqa: S102 - our own page
    is_ours = shown["is_ours"]
    _, headers, body = receiver.requests[0]
    now = clock.now.timestamp()
    assert is_ours(SECRET, headers, body, now)  # type: ignore[operator]
    assert not is_ours(SECRET, headers, body + b" ", now)  # type: ignore[operator]
    assert not is_ours(SECRET, headers, body, now + 3600)  # type: ignore[operator]
    assert not is_ours("another secret", headers, body, now)  # type: ignore[operator]


def test_a_public_address_that_is_none_is_refused_in_one_line():
    with pytest.raises(WrongAsWritten, match="EVALGATE_PUBLIC_URL is not an address"):
        public_url({"EVALGATE_PUBLIC_URL": "evals.example.org"})
