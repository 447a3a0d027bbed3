"""A pipeline's side of the door: a real server on a socket, and the troubles one has with servers."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from evalgate.core.errors import ServiceBroke, WrongAsWritten
from evalgate.core.records import decision_name, record_bytes, verify_record
from evalgate.store.engine import Store, open_store
from evalgate.wiring import door as module
from evalgate.wiring.door import Door
from evalgate.wiring.shared import SharedStore, share
from tests.gate.production_scenes import Home as Pipeline
from tests.gate.production_scenes import production, watched
from tests.store.scenes import answer, manifest, marked
from tests.web.scenes import with_run
from tests.web.test_door import card, decided, label
from tests.wiring.conftest import Home, Script, Told

KEY = "eg_0123456789ab_" + "x" * 32
WHO = Told(body=b'{"evalgate": "0.1.0", "store": "s", "project": "default", "nonce_key": "00ff"}')
Start = Callable[..., Script]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_WAIT_S", 0.01)


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Store]:
    """The store beside a pipeline."""
    with open_store(tmp_path / "ci" / "evalgate.db") as store:
        yield store


@pytest.fixture
def door(home: Home) -> Iterator[Door]:
    with closing(Door(home.address, home.key)) as opened:
        yield opened


def test_the_door_of_a_server_tells_its_project(door: Door, home: Home) -> None:
    assert door.open()["project"] == "default"
    assert bytes.fromhex(door.open()["nonce_key"]) == home.house.service.store.nonce_key


def test_a_run_travels_in_both_directions(door: Door, home: Home, local: Store, tmp_path: Path) -> None:
    pulled, pushed = tmp_path / "pulled.jsonl.gz", tmp_path / "pushed.jsonl.gz"
    assert door.pull_run(home.house.run, pulled)
    run = with_run(local, "f")
    local.runs.export(run, pushed)
    assert not door.has_run(run)
    door.push_run(pushed)
    assert door.has_run(run)
    assert local.runs.import_(pulled) == home.house.run
    assert not door.pull_run("none/../of them", tmp_path / "none.jsonl.gz")


def test_more_replies_than_go_into_one_request_are_all_kept_and_found(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 3)
    answers = [answer(number) for number in range(8)]
    door.keep(answers)
    assert door.recall([one.key for one in answers]) == {one.key: one.body for one in answers}


def test_labels_of_several_pages_and_cards_arrive(door: Door, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evalgate.web.api.door.MOST_LABELS", 2)
    home.house.service.store.labels.keep([label(position) for position in range(5)])
    home.house.service.store.cards.keep(card())
    assert [one["case_id"] for one in door.labels("answers")] == [f"case-{position}" for position in range(5)]
    assert len(door.cards("answers")) == 1


def test_a_busy_server_is_asked_again_when_it_says_so(scripted: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    server = scripted(Told(503, b"busy", {"Retry-After": "3"}), Told(429, b"", {"Retry-After": "3600"}), Told(502), WHO)
    with closing(Door(server.address, KEY)) as door:
        assert door.open()["nonce_key"] == "00ff"
    assert slept == [3.0, module.LONGEST_WAIT_S, 1.0]
    assert len(server.asked) == 4


def test_a_server_that_stays_busy_is_told_of_in_its_own_words(scripted: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    body = b'{"error": {"what": "no database", "where": "/x", "do": "try again later"}}'
    server = scripted(Told(503, body))
    with closing(Door(server.address, KEY)) as door, pytest.raises(ServiceBroke) as told:
        door.open()
    assert str(told.value) == f"{server.address}: no database (/x); try again later"
    assert len(server.asked) == module.TRIES


def test_a_body_that_lies_in_a_file_is_sent_whole_again(
    scripted: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    (tmp_path / "run").write_bytes(bytes(300_000))
    server = scripted(Told(503), Told())
    with closing(Door(server.address, KEY)) as door:
        door.push_run(tmp_path / "run")
    assert [len(body) for body in server.bodies] == [300_000, 300_000]


def test_a_server_that_closes_the_connection_between_two_requests_is_asked_again(
    scripted: Start,
) -> None:
    server = scripted(WHO._replace(headers={"Connection": "close"}), WHO)
    with closing(Door(server.address, KEY)) as door:
        assert door.open() == door.open()


def test_a_server_that_is_not_there_is_one_line_with_the_next_step() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        with closing(Door(address, KEY)) as door, pytest.raises(ServiceBroke, match="Connection refused") as told:
            door.open()
    assert str(told.value).startswith(f"{address}: the server cannot be reached")
    assert told.value.exit_code == 4


def test_a_key_that_opens_nothing_is_not_repeated(home: Home) -> None:
    with closing(Door(home.address, KEY)) as door, pytest.raises(ServiceBroke, match="check EVALGATE_KEY") as told:
        door.open()
    assert KEY not in str(told.value)


def test_a_key_of_another_scope_is_told_which_it_takes(home: Home) -> None:
    key = home.house.headers["key:read"]["Authorization"].removeprefix("Bearer ")
    with closing(Door(home.address, key)) as door, pytest.raises(ServiceBroke, match="scope gate"):
        door.open()


def test_a_name_that_the_server_does_not_go_by_is_told_where_to_add_it(home: Home) -> None:
    address = home.address.replace("127.0.0.1", "127.1")
    with closing(Door(address, home.key)) as door, pytest.raises(ServiceBroke, match="to EVALGATE_ALLOWED_HOSTS"):
        door.open()


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"[]", b'{"nonce_key": "no hex"}', b'{"status": "ok"}', b""])
def test_a_page_of_another_server_is_told_apart(scripted: Start, body: bytes) -> None:
    server = scripted(Told(body=body))
    with closing(Door(server.address, KEY)) as door, pytest.raises(ServiceBroke, match="no evalgate server; correct"):
        door.open()


def test_a_page_that_another_server_does_not_have_is_told_with_its_status(scripted: Start) -> None:
    server = scripted(Told(404, b"<html>nothing here</html>"))
    with closing(Door(server.address, KEY)) as door, pytest.raises(ServiceBroke, match="it answered 404; correct"):
        door.open()


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_the_key_goes_nowhere_else(scripted: Start, status: int) -> None:
    elsewhere = scripted(WHO)
    server = scripted(Told(status, b"", {"Location": f"{elsewhere.address}/api/v1/door"}))
    with closing(Door(server.address, KEY)) as door, pytest.raises(ServiceBroke, match="sends us to"):
        door.open()
    assert elsewhere.asked == []


def test_a_reply_that_ends_early_is_a_lost_server(scripted: Start) -> None:
    server = scripted(Told(body=b'{"nonce', headers={"Content-Length": "900", "Connection": "close"}))
    with closing(Door(server.address, KEY)) as door, pytest.raises(ServiceBroke, match="cannot be reached"):
        door.open()


def test_the_address_may_hold_a_path_and_the_key_travels_as_a_bearer(scripted: Start) -> None:
    server = scripted(WHO)
    with closing(Door(f"{server.address}/evals/", KEY)) as door:
        door.open()
    assert server.asked == [("GET", "/evals/api/v1/door", f"Bearer {KEY}")]


@pytest.mark.parametrize(
    "address",
    [
        *("evals.example.org", "ftp://x", "http://", "https://ana:secret@x", "http://x:port", "http://[::1"),
        *("https://x?a", "http://x y", "http://x/ñ", "https://x#a", "http://x:0"),
    ],
)
def test_what_is_no_address_is_wrong_as_written_and_not_repeated(address: str) -> None:
    with pytest.raises(WrongAsWritten, match="EVALGATE_SERVER is not a server's address") as told:
        Door(address, KEY)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(("key", "said"), [("", "is not; make a key"), ("eg_a b", "a space"), ("eg_a\n", "a space")])
def test_what_is_no_key_is_wrong_as_written(key: str, said: str) -> None:
    with pytest.raises(WrongAsWritten, match=said):
        Door("https://evals.example.org", key)


def test_a_run_that_only_the_server_has_is_pulled_when_it_is_named(home: Home, local: Store) -> None:
    with share(local, home.address, home.key) as shared:
        assert shared.baselines.current("support", "main") == home.house.run
        assert shared.baselines.current("support", "next") is None
        assert shared.runs.get(home.house.run[:7]).id == home.house.run
        assert len(list(shared.runs.stream(home.house.run))) == 3
        with pytest.raises(WrongAsWritten, match="is not at http://127"):
            shared.runs.get("0" * 12)
    assert local.runs.is_finished(home.house.run)


def test_answers_reach_the_server_and_another_pipeline(home: Home, local: Store, tmp_path: Path) -> None:
    answers = [answer(number) for number in range(7)]
    keys = [one.key for one in answers]
    with share(local, home.address, home.key) as shared:
        shared.journal.keep(answers[:3])
        shared.journal.keep(answers[3:])
    with open_store(tmp_path / "other.db") as other, share(other, home.address, home.key) as shared:
        assert shared.journal.recall(keys) == {one.key: one.body for one in answers}


def test_answers_kept_after_a_decision_are_pushed_too(home: Home, local: Store) -> None:
    first, second = answer(1), answer(2)
    with share(local, home.address, home.key) as shared:
        shared.journal.keep([first])
        shared.journal.flush()
        shared.journal.keep([second])
    assert set(home.house.service.store.journal.recall([first.key, second.key])) == {first.key, second.key}


def test_an_answer_that_the_server_missed_is_pushed_when_it_is_asked_for_again(home: Home, local: Store) -> None:
    missed = answer(5)
    local.journal.keep([missed])
    with share(local, home.address, home.key) as shared:
        assert shared.journal.recall([missed.key]) == {missed.key: missed.body}
    assert home.house.service.store.journal.recall([missed.key]) == {missed.key: missed.body}


def test_where_both_know_an_answer_the_servers_counts(home: Home, local: Store) -> None:
    home.house.service.store.journal.keep([answer(6, b"{}")])
    local.journal.keep([answer(6)])
    with share(local, home.address, home.key) as shared:
        assert shared.journal.recall([answer(6).key]) == {answer(6).key: b"{}"}


def test_what_was_answered_before_an_error_is_pushed_and_the_error_is_told(home: Home, local: Store) -> None:
    def answered_then_broken() -> None:
        with share(local, home.address, home.key) as shared:
            shared.journal.keep([answer(8)])
            raise ServiceBroke("the judge is gone")

    with pytest.raises(ServiceBroke, match="the judge is gone"):
        answered_then_broken()
    assert answer(8).key in home.house.service.store.journal.recall([answer(8).key])


def test_a_server_that_goes_away_is_told_at_the_end_and_loses_nothing(scripted: Start, local: Store) -> None:
    server = scripted(WHO, Told(500, b"oops"))

    def answered() -> None:
        with share(local, server.address, KEY) as shared:
            shared.journal.keep([answer(1)])
            shared.journal.keep([answer(2)])

    with pytest.raises(ServiceBroke, match="it answered 500"):
        answered()
    assert set(local.journal.recall([answer(1).key, answer(2).key])) == {answer(1).key, answer(2).key}


def test_a_decision_is_kept_here_then_pushed_with_its_runs(home: Home, local: Store) -> None:
    run = with_run(local, "f")
    record = decided(run, baseline=home.house.run)
    decision = verify_record(record).decision
    with share(local, home.address, home.key) as shared:
        shared.decisions.keep(decision_name(record), decision, record)
    kept = home.house.service.store
    assert kept.decisions.get(decision_name(record)).record == record
    assert local.decisions.get(decision_name(record)).record == record
    assert kept.runs.is_finished(run)


def test_a_run_that_is_not_finished_here_does_not_reach_the_server(home: Home, local: Store) -> None:
    made = manifest("9")
    local.runs.start(made)
    local.runs.writer(made.id).keep([marked(0)])
    with share(local, home.address, home.key) as shared:
        assert not shared.runs.is_finished(made.id)
    assert not home.house.service.store.runs.is_finished(made.id)


def test_labels_and_cards_are_the_servers(home: Home, local: Store) -> None:
    given = [label(0), label(1, split="dev"), label(2, criterion="tone", split="control")]
    home.house.service.store.labels.keep(given)
    home.house.service.store.cards.keep(card())
    with share(local, home.address, home.key) as shared:
        assert list(shared.labels.stream("answers", splits={"test", "control"})) == [given[0], given[2]]
        assert list(shared.labels.stream("answers", "tone")) == [given[2]]
        assert shared.cards.newest("answers") == (card(),)
        assert shared.cards.newest("other") == ()


def test_a_decision_on_production_has_the_same_bytes_beside_a_server(home: Home, tmp_path: Path) -> None:
    (tmp_path / "beside").mkdir()
    beside, through = Pipeline(tmp_path / "beside"), Pipeline(tmp_path, keys(home))
    beside.watched([0.95] * 7)
    watched(home.house.service.store, through.path, [0.95] * 7)
    one, other = beside.gate(), through.gate()
    assert production(other).state == "above_floor"
    assert record_bytes(one.decision) == record_bytes(other.decision)


def test_an_administrators_key_lets_a_change_through_and_the_server_knows_of_it_first(
    home: Home, tmp_path: Path
) -> None:
    store = home.house.service.store
    without = Pipeline(tmp_path, keys(home) | {"EVALGATE_BREAK_GLASS_KEY": home.key})
    watched(store, without.path, [0.6] * 7)
    with pytest.raises(ServiceBroke, match="check EVALGATE_BREAK_GLASS_KEY"):
        without.gate(break_glass="the shop is down")
    glass = home.house.headers["key:break_glass"]["Authorization"].removeprefix("Bearer ")
    report = Pipeline(tmp_path, keys(home) | {"EVALGATE_BREAK_GLASS_KEY": glass}).gate(break_glass="the shop is down")
    found = production(report)
    assert (report.decision.exit_code, found.state) == (0, "let_through_glass")
    assert found.detail.startswith("key to break_glass (key:")
    (entry,) = (entry for entry in store.audit.list() if entry.action == "gate.break_glass")
    assert (entry.subject, entry.detail["reason"]) != (f"decision:{report.decision_id}", "")
    assert store.decisions.get(entry.subject.removeprefix("decision:")).verdict == "fail"
    assert store.decisions.get(report.decision_id).verdict == "pass"


def keys(home: Home) -> dict[str, str]:
    return {"EVALGATE_SERVER": home.address, "EVALGATE_KEY": home.key}


def test_the_same_nonces_are_asked_with_at_every_pipeline(home: Home, local: Store) -> None:
    with share(local, home.address, home.key) as shared:
        assert isinstance(shared, SharedStore)
        assert shared.nonce_key == home.house.service.store.nonce_key
        assert shared.nonce_key != local.nonce_key
