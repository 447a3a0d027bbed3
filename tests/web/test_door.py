"""CI's door over a furnished house: what a pipeline pulls, shares and pushes, and what is refused."""

from __future__ import annotations

import base64
import gzip
import zlib
from datetime import date
from pathlib import Path

import httpx
import numpy as np
import orjson
import pytest

from evalgate.core.cards import CalibrationCard, LabelledMarks, make_card
from evalgate.core.decide import find, worst
from evalgate.core.decisions import Decision
from evalgate.core.gates import Gate, Policy, Production
from evalgate.core.labels import Label
from evalgate.core.metrics import BrokenGlass, Evidence, InProduction
from evalgate.core.records import decision_name, record_bytes, verify_record
from evalgate.store.engine import open_store
from evalgate.web import unpacking
from tests.store.scenes import NOON, answer, marked
from tests.web.client import Client
from tests.web.scenes import House, with_run

DOOR = "/api/v1/door"


@pytest.fixture(params=["sqlite", "postgres"])
def home(request: pytest.FixtureRequest) -> House:
    """The furnished house, on either database."""
    found: House = request.getfixturevalue(f"{request.param}_house")
    return found


@pytest.fixture
def ci(house: House) -> Client:
    """A pipeline with its key."""
    return house.as_("key:gate")


def error(answered: httpx.Response) -> dict[str, str]:
    found: dict[str, str] = answered.json()["error"]
    return found


def decided(run: str, baseline: str | None = None, verdict: str = "inconclusive") -> bytes:
    """Return the record of a decision that demanded nothing, which is never a pass."""
    decision = Decision(
        suite="support",
        suite_digest="a" * 64,
        candidate=run,
        candidate_source="candidate.jsonl",
        baseline=baseline,
        baseline_source=baseline and "baseline.jsonl",
        verdict=verdict,  # type: ignore[arg-type]
        findings=(),
        gates=(),
        policy=Policy(),
        evidence=Evidence(),
        evalgate="0.1.0",
    )
    return record_bytes(decision)


def exported(folder: Path, source: str = "d") -> tuple[str, bytes]:
    """Return a run of another store and the file it travels in."""
    with open_store(folder / "elsewhere.db") as store:
        run = with_run(store, source)
        store.runs.export(run, folder / "run.jsonl.gz")
    return run, (folder / "run.jsonl.gz").read_bytes()


def label(position: int, **said: object) -> Label:
    given: dict[str, object] = {
        "check": "answers",
        "sample_digest": marked(position).sample_digest,
        "case_id": f"case-{position}",
        "value": 1.0,
        "label": "answers",
        "split": "test",
        "source": "queue:weekly",
        "at": NOON,
    }
    return Label.model_validate(given | said)


def card(judge_digest: str = "2" * 32) -> CalibrationCard:
    ones = np.array([1.0, 0.0] * 40)
    return make_card(
        LabelledMarks(ones, ones), check="answers", judge="gpt-x", judge_digest=judge_digest, made_on=date(2026, 11, 1)
    )


def test_the_door_says_which_project_the_key_is_for_and_with_which_nonces_to_ask(home: House) -> None:
    said = home.as_("key:gate").get(f"{DOOR}").json()
    assert said["project"] == "default"
    assert bytes.fromhex(said["nonce_key"]) == home.service.store.nonce_key
    assert home.service.store.secret.hex() not in said["nonce_key"]


@pytest.mark.parametrize("who", ["anonymous", "nonsense", "key:expired", "key:revoked"])
def test_without_a_working_key_nothing_is_said(house: House, who: str) -> None:
    assert house.as_(who).get(DOOR).status_code == 401


@pytest.mark.parametrize("who", ["key:read", "key:ingest", "key:review", "admin", "maintainer"])
def test_neither_a_person_nor_a_key_of_another_scope_comes_through_it(house: House, who: str) -> None:
    assert house.as_(who).get(DOOR).status_code == 403


def test_a_baseline_is_the_run_that_was_accepted_and_none_before(home: House) -> None:
    client = home.as_("key:gate")
    wanted = {"suite": "support", "name": "main"}
    assert client.get(f"{DOOR}/baseline", params=wanted).json() == {"run": home.run}
    assert client.get(f"{DOOR}/baseline", params=wanted | {"name": "release/2 ü"}).json() == {"run": None}


def test_a_run_is_pulled_as_it_is_exported_by_the_first_digits_of_its_id(home: House, tmp_path: Path) -> None:
    home.service.store.runs.export(home.run, tmp_path / "run.jsonl.gz")
    answered = home.as_("key:gate").get(f"{DOOR}/runs/{home.run[:6]}")
    assert answered.headers["content-type"] == "application/gzip"
    assert answered.content == (tmp_path / "run.jsonl.gz").read_bytes()


def test_a_run_that_is_not_there_is_404_and_leaves_no_folder_behind(
    ci: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert ci.get(f"{DOOR}/runs/none").status_code == 404
    assert list(tmp_path.glob("evalgate-*")) == []


def test_a_pulled_run_leaves_no_folder_behind(
    house: House, ci: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert ci.get(f"{DOOR}/runs/{house.run}").status_code == 200
    assert list(tmp_path.glob("evalgate-*")) == []


def test_another_projects_run_is_not_there(house: House, ci: Client) -> None:
    elsewhere = with_run(house.service.store.within(2), "e")
    assert ci.get(f"{DOOR}/runs/{elsewhere}").status_code == 404


def test_a_pushed_run_is_kept_once_and_stands_in_the_audit(home: House, tmp_path: Path) -> None:
    run, packed = exported(tmp_path)
    client = home.as_("key:gate")
    answers = [client.put(f"{DOOR}/runs", content=packed).json() for _ in range(2)]
    assert answers == [{"run": run, "new": True}, {"run": run, "new": False}]
    assert len(list(home.service.store.runs.stream(run))) == 3
    pushed = [entry for entry in home.service.audit.list() if entry.action == "run.pushed"]
    assert [entry.subject for entry in pushed] == [f"run:{run}"]
    assert pushed[0].actor.startswith("key:")


@pytest.mark.parametrize("path", ["runs", "decisions"])
def test_what_is_sent_as_a_form_is_told_how_to_come(ci: Client, path: str) -> None:
    sent = {"Content-Type": "application/x-www-form-urlencoded"}  # what curl --data-binary says of any file
    refused = ci.put(f"{DOOR}/{path}", content=b"anything", headers=sent)
    assert (refused.status_code, error(refused)["do"]) == (400, "send it as application/octet-stream")


def test_a_run_larger_than_a_typed_body_passes_with_a_key_and_not_without(house: House, tmp_path: Path) -> None:
    noise = bytes(np.random.default_rng(1).integers(0, 256, 2 * 2**20, dtype=np.uint8))
    assert house.as_("key:gate").put(f"{DOOR}/runs", content=noise).status_code == 400
    assert house.as_("nonsense").put(f"{DOOR}/runs", content=noise).status_code == 413


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda _: b"{}", "not gzip"),
        (lambda packed: packed[:-20], "cut short"),
        (lambda _: b"", "cut short"),
        (lambda packed: packed[:30] + b"\x00\x01" + packed[32:], "gzip"),
        (lambda _: gzip.compress(b"{}\n"), "not an exported run"),
        (lambda _: gzip.compress(b"\xff\xfe\x00"), "not an exported run"),
        (lambda packed: gzip.compress(gzip.decompress(packed).rpartition(b"\n{")[0] + b"\n"), "2 samples where"),
        (lambda packed: gzip.compress(gzip.decompress(packed).replace(b'"position":1', b'"position":"x"')), ":3"),
    ],
    ids=["plain", "cut", "empty", "damaged", "no header", "no text", "too few samples", "a bad line"],
)
def test_a_body_that_is_no_run_is_refused_in_one_line_and_nothing_is_kept(
    house: House, ci: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil, said: str
) -> None:
    run, packed = exported(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    refused = ci.put(f"{DOOR}/runs", content=spoil(packed))
    assert refused.status_code == 400
    assert said in error(refused)["what"]
    assert "evalgate-" not in refused.text
    assert not house.service.store.runs.is_finished(run)
    assert list(tmp_path.glob("evalgate-*")) == []


def test_a_case_that_stands_twice_is_refused_and_nothing_of_the_run_is_kept(
    house: House, ci: Client, tmp_path: Path
) -> None:
    run, packed = exported(tmp_path)
    twice = gzip.decompress(packed).replace(b"case-1", b"case-0")
    refused = ci.put(f"{DOOR}/runs", content=gzip.compress(twice))
    assert (refused.status_code, "twice" in error(refused)["what"]) == (400, True)
    assert ci.get(f"/api/v1/runs/{run}").status_code == 404


def test_a_small_body_that_unpacks_without_end_is_refused(
    ci: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MOST_UNPACKED", 3 * 2**20)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    pack = zlib.compressobj(wbits=31)
    bomb = pack.compress(bytes(64 * 2**20)) + pack.flush()
    refused = ci.put(f"{DOOR}/runs", content=bomb)
    assert (refused.status_code, error(refused)["what"]) == (413, "the run is too large once unpacked")
    assert list(tmp_path.glob("evalgate-*")) == []


def test_a_pushed_decision_is_decided_again_kept_once_and_stands_in_the_audit(home: House, tmp_path: Path) -> None:
    run, packed = exported(tmp_path)
    client = home.as_("key:gate")
    client.put(f"{DOOR}/runs", content=packed)
    record = decided(run, baseline=home.run)
    for _ in range(2):
        answered = client.put(f"{DOOR}/decisions", content=record, headers={"Content-Type": "application/json"})
        assert answered.json() == {"decision": decision_name(record), "verdict": "inconclusive"}
    assert home.service.store.decisions.get(decision_name(record)).record == record
    assert "decision.pushed" in [entry.action for entry in home.service.audit.list()]


def test_a_decision_is_taken_whatever_type_its_sender_gives_it(house: House, ci: Client) -> None:
    record = decided(house.run)
    sent = {"Content-Type": "application/octet-stream"}
    assert ci.put(f"{DOOR}/decisions", content=record, headers=sent).status_code == 200


def test_a_decision_that_its_evidence_does_not_give_is_refused(house: House, ci: Client) -> None:
    forged = decided(house.run, verdict="pass")
    refused = ci.put(f"{DOOR}/decisions", content=forged, headers={"Content-Type": "application/json"})
    assert refused.status_code == 409
    assert "evidence" in error(refused)["what"]


def test_a_decision_waits_for_its_runs(ci: Client) -> None:
    refused = ci.put(f"{DOOR}/decisions", content=decided("c0ffee" * 2), headers={"Content-Type": "application/json"})
    assert refused.status_code == 409
    assert error(refused)["do"] == f"push it: PUT {DOOR}/runs"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"suite": 1}', b"\xff"])
def test_what_is_no_record_is_refused(ci: Client, body: bytes) -> None:
    refused = ci.put(f"{DOOR}/decisions", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code in {400, 422}
    assert "\n" not in error(refused)["what"]


def test_replies_are_kept_once_and_recalled_by_the_key_that_is_reckoned_here(home: House) -> None:
    client = home.as_("key:gate")
    first, second = answer(1), answer(2, b"\x00\xff")
    given = [
        {"request": one.request.model_dump(mode="json"), "body": base64.b64encode(body).decode()}
        for one, body in ((first, first.body), (second, second.body), (first, b"later"))
    ]
    assert client.post(f"{DOOR}/replies", json={"answers": given}).json() == {"kept": 3}
    found = client.post(f"{DOOR}/replies/recall", json={"keys": [second.key, "unknown", first.key]}).json()["replies"]
    assert {key: base64.b64decode(body) for key, body in found.items()} == {
        first.key: first.body,
        second.key: second.body,
    }
    assert home.service.store.within(2).journal.recall([first.key]) == {}


def test_a_reply_that_is_not_base64_is_refused_and_none_is_kept(house: House, ci: Client) -> None:
    good, bad = answer(3), answer(4)
    given = [
        {"request": good.request.model_dump(mode="json"), "body": base64.b64encode(good.body).decode()},
        {"request": bad.request.model_dump(mode="json"), "body": "ñ{}"},
    ]
    refused = ci.post(f"{DOOR}/replies", json={"answers": given})
    assert (refused.status_code, error(refused)["what"]) == (422, "a body is not base64")
    assert house.service.store.journal.recall([good.key]) == {}


def test_so_many_keys_at_once_and_no_more(ci: Client) -> None:
    assert ci.post(f"{DOOR}/replies/recall", json={"keys": ["k"] * 500}).status_code == 200
    assert ci.post(f"{DOOR}/replies/recall", json={"keys": ["k"] * 501}).status_code == 422


def test_labels_come_page_by_page_of_one_check_alone(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evalgate.web.api.door.MOST_LABELS", 2)
    kept = [label(position) for position in range(5)]
    home.service.store.labels.keep([*kept, label(9, check="other")])
    client, seen, after = home.as_("key:gate"), [], 0
    for _ in range(3):
        page = client.get(f"{DOOR}/labels", params={"check": "answers", "after": after}).json()
        seen += page["labels"]
        after = page["after"]
    assert after is None
    assert [Label.model_validate(one) for one in seen] == kept


def test_cards_come_as_they_were_made(home: House) -> None:
    home.service.store.cards.keep(card())
    found = home.as_("key:gate").get(f"{DOOR}/cards", params={"check": "answers"}).json()["cards"]
    assert [CalibrationCard.model_validate_json(orjson.dumps(one)) for one in found] == [card()]
    assert home.as_("key:gate").get(f"{DOOR}/cards", params={"check": "other"}).json() == {"cards": []}


def let_through(house: House, by: str = "key to break_glass", reason: str = "the shop is down") -> tuple[bytes, bytes]:
    """Return the record of a decision that production alone stops, and of the one that lets it through."""
    gate = Gate(metric="answers", rules=(Production(floor=0.8),))
    read = InProduction(metric="answers", days=7)
    stopped = settled(house, gate, read)
    glass = BrokenGlass(by=by, reason=reason, decision=decision_name(stopped))
    return stopped, settled(house, gate, read.model_copy(update={"glass": glass}))


def settled(house: House, gate: Gate, read: InProduction) -> bytes:
    evidence = Evidence(production=(read,))
    findings = find((gate,), evidence, Policy(), uncalibrated=True)
    plain = verify_record(decided(house.run)).decision
    given = {"gates": (gate,), "evidence": evidence, "findings": findings, "verdict": worst(findings)}
    return record_bytes(plain.model_copy(update={**given, "uncalibrated": True}))


def pushed(client: Client, record: bytes) -> httpx.Response:
    return client.put(f"{DOOR}/decisions", content=record, headers={"Content-Type": "application/json"})


def test_a_decision_that_somebody_let_through_is_taken_once_the_audit_knows_of_it(home: House) -> None:
    ci, admin = home.as_("key:gate"), home.as_("key:break_glass")
    by = next(key for key in home.service.access.keys(1) if key.name == "key to break_glass")
    stopped, through = let_through(home, f"{by.name} (key:{by.id})")
    act = {"suite": "support", "decision": decision_name(stopped), "metrics": ["answers"], "reason": "the shop is down"}
    assert admin.post(f"{DOOR}/break-glass", json=act).status_code == 404
    assert pushed(ci, stopped).status_code == 200
    refused = pushed(ci, through)
    assert (refused.status_code, error(refused)["what"]) == (409, "nobody here let answers through as it says")
    assert admin.post(f"{DOOR}/break-glass", json=act).json() == {"by": f"{by.name} (key:{by.id})"}
    assert pushed(ci, through).json() == {"decision": decision_name(through), "verdict": "pass"}
    entry = next(entry for entry in home.service.audit.list() if entry.action == "gate.break_glass")
    assert (entry.actor, entry.detail["metrics"]) == (f"key:{by.id}", ["answers"])
    assert pushed(ci, let_through(home, f"{by.name} (key:{by.id})", "another reason")[1]).status_code == 409


@pytest.mark.parametrize("changed", [{"suite": "sales"}, {"metrics": ["other"]}, {"decision": None}])
def test_only_what_production_alone_stops_can_be_let_through(house: House, changed: dict[str, object]) -> None:
    stopped, _ = let_through(house)
    pushed(house.as_("key:gate"), stopped)
    pushed(house.as_("key:gate"), decided(house.run))
    act: dict[str, object] = {"suite": "support", "decision": decision_name(stopped)}
    act |= {"metrics": ["answers"], "reason": "x"}
    act |= {key: value or decision_name(decided(house.run)) for key, value in changed.items()}
    refused = house.as_("key:break_glass").post(f"{DOOR}/break-glass", json=act)
    assert refused.status_code == 409
    assert [entry for entry in house.service.audit.list() if entry.action == "gate.break_glass"] == []


def test_production_and_accepted_runs_are_asked_for_at_the_door(home: House) -> None:
    client = home.as_("key:gate")
    asked = {"suite": "support", "check": "answers", "digest": "d" * 32, "metric": "answers", "days": "7"}
    found = client.get(f"{DOOR}/production", params=asked | {"until": "2026-11-21T00:00:00Z"}).json()
    assert InProduction.model_validate(found) == InProduction(metric="answers", days=7)
    for until in ("today", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2026-11-21T00:00:00"):
        assert client.get(f"{DOOR}/production", params=asked | {"until": until}).status_code == 422
    assert client.get(f"{DOOR}/accepted", params={"suite": "support"}).status_code == 200


def test_a_key_that_lets_changes_through_is_made_alone_and_for_a_day(house: House) -> None:
    admin = house.as_("admin")
    wanted = {"name": "Ana, on call", "scopes": ["break_glass"], "days": 1}
    assert admin.post("/api/v1/keys", json=wanted).status_code == 201
    for changed in ({"days": 2}, {"scopes": ["break_glass", "gate"]}):
        refused = admin.post("/api/v1/keys", json=wanted | changed)
        assert (refused.status_code, error(refused)["do"]) == (409, "make that key alone, for one day")
