"""Facts, strata and samples: what is known of an exchange at once, and what checks get to see of it."""

from __future__ import annotations

from typing import Any

import pytest

from evalgate.core.outcomes import CheckRef, Mark, Outcome
from evalgate.core.samples import Message, ToolCall
from evalgate.suites.traffic import FACTS, StratumSpec, TrafficSpec
from evalgate.traffic.facts import facts_of, hits_of, stratum_of
from evalgate.traffic.interactions import Interaction
from evalgate.traffic.samples import sample_of

ASKED = Message(role="user", content="Where is my order?")


def exchange(answer="It arrives tomorrow before six in the evening.", **fields):
    said = (Message(role="assistant", content=answer),) if answer else ()
    whole: dict[str, Any] = {
        "source": "api",
        "external_id": "e-1",
        "finished": True,
        "input": (ASKED,),
        "output": said,
    } | fields
    return Interaction(**whole)


def hit(name, value=0.0, annotator="code"):
    check = CheckRef(name=name, annotator=annotator, digest="d")
    return Outcome(case_id="c", check=check, result=Mark(value=value))


def test_every_fact_is_told_of_an_exchange_that_has_them_all():
    told = exchange(
        service="shop",
        route="orders",
        model_requested="m",
        model_answered="m-1",
        release="2026.11",
        cache_hit=True,
        feedback="down",
        error="timeout",
    )
    assert facts_of(told, [hit("no_pii"), hit("brief"), hit("polite", 1.0), hit("answers", annotator="llm")]) == {
        "source": "api",
        "service": "shop",
        "route": "orders",
        "model": "m-1",
        "release": "2026.11",
        "language": "en",
        "feedback": "down",
        "cache_hit": "yes",
        "refusal": "no",
        "length": "short",
        "error": "yes",
        "check_hit": "brief,no_pii",
    }
    assert set(facts_of(told, [hit("no_pii")])) == set(FACTS)


def test_what_is_unknown_is_absent_and_never_no():
    assert facts_of(Interaction(source="api", external_id="e-1"), ()) == {"source": "api"}


@pytest.mark.parametrize(
    ("answer", "fact", "value"),
    [
        ("I'm sorry, but I can't help with that.", "refusal", "yes"),
        ("Lo siento, no puedo ayudarte con eso.", "refusal", "yes"),
        ("a" * 200, "length", "short"),
        ("a" * 201, "length", "medium"),
        ("a" * 1001, "length", "long"),
        ("Você não está só, e o seu pedido chega amanhã.", "language", "pt"),
    ],
)
def test_a_fact_is_read_from_the_answer(answer, fact, value):
    assert facts_of(exchange(answer), ())[fact] == value


def test_what_the_sender_says_of_the_language_goes_before_what_the_text_tells():
    assert facts_of(exchange(language="gl"), ())["language"] == "gl"


def test_an_exchange_belongs_to_the_first_stratum_that_matches_all_its_facts():
    spec = TrafficSpec(
        strata=(
            StratumSpec(name="complained", when={"feedback": ("down",), "route": ("chat", "voice")}),
            StratumSpec(name="flagged", when={"check_hit": ("no_pii", "secrets")}),
            StratumSpec(name="rest"),
        )
    )
    told: list[dict[str, str]]
    told = [{"feedback": "down", "route": "voice"}, {"feedback": "down"}, {"check_hit": "brief,secrets"}, {}]
    assert [stratum_of(spec, facts).name for facts in told] == ["complained", "rest", "flagged", "rest"]


def test_a_sample_carries_what_checks_read():
    call = ToolCall(name="track", arguments='{"order": 7}')
    told = exchange(
        output=(Message(role="assistant", content="On its way.", tool_calls=(call,)),),
        context=("Order 7 left on Monday.",),
        conversation_id="chat-1",
        release="r1",
        attributes={"tier": "gold", "quality": 0.4},
    )
    facts = facts_of(told, ())
    sample = sample_of(told, facts)
    assert (sample.case.id, sample.case.cluster, sample.case.input) == ("api:e-1", "chat-1", ASKED.content)
    assert (sample.output.text, sample.output.tool_calls, sample.output.revision) == ("On its way.", (call,), "r1")
    assert (sample.case.metadata["tier"], sample.case.metadata["release"]) == ("gold", "r1")
    assert sample.case.slices == facts
    assert sample.output.recorded["quality"] == 0.4


def test_a_thumb_that_comes_later_does_not_make_another_sample():
    told = exchange()
    before = facts_of(told, ())
    after = before | {"feedback": "down"} | hits_of([hit("no_pii")])
    assert sample_of(told, before).digest == sample_of(told, after).digest
