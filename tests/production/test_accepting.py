"""What comes in is looked at raw, kept masked, and counted once, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from evalgate.checks.catalogue import builtin_checks
from evalgate.checks.privacy.masking import Masker
from evalgate.core.samples import Message
from evalgate.production.accepting import Accepted, Accepting, Delivery
from evalgate.store.engine import Store
from evalgate.store.tables import metadata
from evalgate.suites.loading import load_suite
from evalgate.traffic.interactions import Interaction

ITEM = metadata.tables["interaction"]
SCORE = metadata.tables["traffic_score"]
CHECK = metadata.tables["traffic_check"]
COUNT = metadata.tables["traffic_count"]

SUITE = """
version: 1
name: support
owner: owner@acme.example
data: {candidate: c.jsonl}
checks:
  no_pii: {check: pii, countries: [br, es]}
  brief: {check: length, max_words: 12}
gates:
  no_pii: {never: any}
  brief: {at_least: 0.9}
traffic:
  where: {route: [chat]}
"""


@pytest.fixture
def way_in(store: Store, tmp_path: Path) -> Accepting:
    """The way into a project that one suite watches."""
    path = tmp_path / "support.yaml"
    path.write_text(SUITE)
    return Accepting(store, [load_suite(path, builtin_checks())], Masker())


def exchange(name: str, answer: str | None = "Chega amanhã.", **said: object) -> Interaction:
    whole = {
        "input": (Message(role="user", content="Cadê meu pedido?"),),
        "finished": answer is not None,
        "route": "chat",
    }
    whole |= {"output": () if answer is None else (Message(role="assistant", content=answer),)}
    return Interaction.model_validate({"source": "api", "external_id": name} | whole | said)


def scores(store: Store) -> dict[tuple[str, str], tuple]:
    joined = SCORE.join(CHECK, CHECK.c.number == SCORE.c.traffic_check).join(ITEM, ITEM.c.number == SCORE.c.interaction)
    columns = (ITEM.c.external_id, CHECK.c.name, SCORE.c.state, SCORE.c.value, SCORE.c.reason)
    with store.database.read() as connection:
        return {(row[0], row[1]): tuple(row[2:]) for row in connection.execute(select(*columns).select_from(joined))}


def counted(store: Store) -> dict[str, int]:
    with store.database.read() as connection:
        rows = connection.execute(select(COUNT.c.result, COUNT.c["items"]).where(COUNT.c["items"] > 0))
        return dict(map(tuple, rows))


def only(store: Store) -> Interaction:
    with store.database.read() as connection:
        number = connection.execute(select(ITEM.c.number)).scalar_one()
    found = store.interactions.one(number)
    assert found is not None
    return found


def test_checks_see_the_raw_text_and_the_store_the_masked_one(way_in: Accepting, store: Store):
    said = way_in.accept([exchange("a", "Seu CPF é 529.982.247-25.", user_id="ana@exemplo.com.br")], source="api")

    kept = only(store)
    assert said == Accepted(accepted=1)
    assert scores(store) == {("a", "no_pii"): ("scored", 0.0, None), ("a", "brief"): ("scored", 1.0, None)}
    assert kept.output[0].content == "Seu CPF é <CPF>."
    assert "ana" not in str(kept.user_id)


def test_a_suite_marks_what_it_is_about_and_says_of_the_rest_that_it_is_not(way_in: Accepting, store: Store):
    way_in.accept([exchange("a", route="voice")], source="api")

    assert scores(store)["a", "no_pii"] == ("filtered", None, "where")


def test_an_exchange_without_text_is_its_own_state(way_in: Accepting, store: Store):
    said = way_in.accept([exchange("a", input=(), output=())], source="otlp")

    assert said == Accepted(no_content=1)
    assert scores(store)["a", "brief"] == ("filtered", None, "no_content")


def test_a_text_that_comes_after_the_end_is_looked_at_where_it_comes(way_in: Accepting, store: Store):
    """A span without content is exported first, the log record that carries the content a second later."""
    way_in.accept([exchange("a", input=(), output=())], source="otlp")
    again = way_in.accept([exchange("a", input=(), output=())], source="otlp")

    said = way_in.accept([exchange("a", "O CPF é 529.982.247-25")], source="otlp-logs")

    assert (again, said) == (Accepted(duplicate=1), Accepted(completed=1))
    assert scores(store) == {("a", "no_pii"): ("scored", 0.0, None), ("a", "brief"): ("scored", 1.0, None)}
    assert only(store).state == "complete"


def test_what_was_erased_is_not_told_again(way_in: Accepting, store: Store):
    way_in.accept([exchange("a", input=(), output=())], source="otlp")
    with store.database.write() as connection:
        connection.execute(ITEM.update().values(erased_at=store.database.clock()))

    assert way_in.accept([exchange("a")], source="otlp-logs") == Accepted(duplicate=1)


def test_a_question_waits_for_its_answer_and_is_marked_once_it_is_there(way_in: Accepting, store: Store):
    first = way_in.accept([exchange("a", None)], source="api")
    early = scores(store)
    again = way_in.accept([exchange("a", None)], source="api")
    second = way_in.accept([exchange("a", "O e-mail é ana@exemplo.com.br", input=())], source="api")

    assert (first, again, second) == (Accepted(partial=1), Accepted(duplicate=1), Accepted(completed=1))
    assert early == {}
    assert scores(store)["a", "no_pii"][:2] == ("scored", 0.0)
    assert only(store).input[0].content == "Cadê meu pedido?"


def test_what_is_sent_again_is_counted_and_changes_nothing(way_in: Accepting, store: Store):
    way_in.accept([exchange("a")], source="api")
    before = only(store)

    said = way_in.accept([exchange("a", "Outra resposta."), exchange("a")], source="api", rejected=2, passed_over=1)

    assert said == Accepted(duplicate=2, rejected=2, passed_over=1)
    assert only(store) == before
    assert counted(store) == {"accepted": 1, "duplicate": 2, "rejected": 2, "passed_over": 1}


def test_a_complaint_that_comes_later_is_a_fact_of_the_exchange(way_in: Accepting, store: Store):
    way_in.accept([exchange("a", feedback="up")], source="api")

    way_in.accept([exchange("a", feedback="down")], source="api")

    assert store.interactions.known([("api", "a")])["api", "a"].facts["feedback"] == "down"


def test_deliveries_written_together_are_told_apart(way_in: Accepting, store: Store):
    halves = [Delivery([exchange("a", None)], "api"), Delivery([exchange("a"), exchange("b")], "api", rejected=1)]

    first, second = way_in.accept_all(halves)

    assert (first, second) == (Accepted(accepted=1), Accepted(accepted=1, duplicate=1, rejected=1))
    assert counted(store) == {"accepted": 2, "duplicate": 1, "rejected": 1}


def test_a_text_that_cannot_be_masked_is_counted_and_not_kept(way_in: Accepting, store: Store, monkeypatch):
    def broken(_: object, text: str) -> str:
        raise RuntimeError(text)

    monkeypatch.setattr(Masker, "mask", broken)
    said = way_in.accept([exchange("a", "Segredo: 529.982.247-25 " * 20)], source="api")

    assert said == Accepted(rejected=1)
    assert counted(store) == {"rejected": 1}
    assert scores(store) == {}


def test_a_check_that_crashes_is_a_score_that_says_so(way_in: Accepting, store: Store, monkeypatch):
    from evalgate.checks.length import Length

    def crash(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Length, "mark", crash)
    way_in.accept([exchange("a")], source="api")

    assert scores(store)["a", "brief"] == ("failed", None, "crashed")
