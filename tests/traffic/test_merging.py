"""Parts of an interaction become the same whole in whatever order they come, however often."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalgate.core.samples import Message, ToolCall
from evalgate.traffic.interactions import Interaction
from evalgate.traffic.merging import folded, merged, unwrapped
from evalgate.traffic.otlp import decode_logs
from tests.traffic.scenes import JSON, logs, record

WORDS = st.sampled_from(["a", "b", "bb", "ñ", "zz top"])
MESSAGES = st.builds(
    Message,
    role=st.sampled_from(["system", "user", "assistant", "tool"]),
    content=WORDS,
    tool_calls=st.lists(st.builds(ToolCall, name=WORDS), max_size=1).map(tuple),
)
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 2), timezones=st.just(UTC))  # noqa: DTZ001 - given apart


@st.composite
def sides(draw: st.DrawFn, side: str) -> dict[str, object]:
    said = tuple(draw(st.lists(MESSAGES, max_size=3)))
    times = tuple(sorted(draw(st.sets(st.integers(1, 5), min_size=len(said), max_size=len(said)))))
    return {side: said, f"{side}_at": draw(st.sampled_from([(), times]))}


@st.composite
def parts(draw: st.DrawFn) -> Interaction:
    maybe = {
        "trace_id": WORDS,
        "user_id": WORDS,
        "started": TIMES,
        "ended": TIMES,
        "finished": st.booleans(),
        "context": st.lists(WORDS, max_size=2).map(tuple),
        "model_answered": WORDS,
        "input_tokens": st.integers(0, 3),
        "cost_usd": st.sampled_from([0.0, -0.0, 1.0]),
        "cache_hit": st.booleans(),
        "finish_reasons": st.lists(WORDS, max_size=2).map(tuple),
        "error": WORDS,
        "attributes": st.dictionaries(
            st.sampled_from([f"k{n:02d}" for n in range(80)] + ["k00"] * 80),
            st.one_of(WORDS, st.booleans(), st.integers(-1, 1), st.sampled_from([0.5, 1.0, -0.0, 0.0])),
            max_size=64,
        ),
        "feedback": st.sampled_from(["up", "down"]),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(maybe)), max_size=6))
    told = {field: draw(maybe[field]) for field in sorted(chosen)}
    said = draw(sides("input")) | draw(sides("output"))
    return Interaction(source="otlp", external_id="1", **said, **told)  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(parts(), parts())
def test_the_order_of_two_parts_changes_nothing(old: Interaction, new: Interaction):
    assert merged(old, new) == merged(new, old)
    assert merged(old, new).digest == merged(new, old).digest


@settings(max_examples=150, deadline=None)
@given(parts(), parts())
def test_a_part_that_comes_again_changes_nothing(old: Interaction, new: Interaction):
    whole = merged(old, new)
    assert merged(old, old) == old
    assert merged(whole, new) == merged(whole, old) == merged(whole, whole) == whole


@settings(max_examples=150, deadline=None)
@given(parts(), parts(), parts())
def test_three_parts_give_one_whole_however_they_are_grouped(a: Interaction, b: Interaction, c: Interaction):
    wholes = (merged(merged(a, b), c), merged(a, merged(b, c)), merged(merged(a, c), b))
    assert len({whole.digest for whole in wholes}) == 1


@settings(max_examples=100, deadline=None)
@given(parts(), parts())
def test_merging_gives_a_value_that_could_have_been_sent(old: Interaction, new: Interaction):
    whole = merged(old, new)
    assert Interaction.model_validate(whole.model_dump()) == whole
    assert Interaction.model_validate_json(whole.model_dump_json()) == whole


def test_two_interactions_are_never_merged():
    with pytest.raises(ValueError, match="are two interactions"):
        merged(Interaction(source="api", external_id="1"), Interaction(source="api", external_id="2"))


def test_messages_of_a_conversation_are_told_in_order_whatever_batch_they_came_in():
    told = [("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello."), ("user", "Is it raining?")]
    sent = [
        decode_logs(logs(record(f"gen_ai.{role}.message", {"content": text}, timeUnixNano=str(10**18 + at))), JSON)
        for at, (role, text) in enumerate(told)
    ]
    pieces = [decoded.interactions[0] for decoded in sent]
    wholes = {folded(order)[0].digest for order in permutations(pieces)}
    assert len(wholes) == 1
    assert [(m.role, m.content) for m in folded(pieces)[0].input] == told


def test_a_question_waits_for_its_answer():
    asked = Interaction(source="api", external_id="1", finished=True, input=(Message(role="user", content="?"),))
    answered = Interaction(
        source="api", external_id="1", finished=True, output=(Message(role="assistant", content="!"),)
    )
    assert (asked.state, answered.state, merged(answered, asked).state) == ("partial", "partial", "complete")


def test_a_complaint_outlives_a_second_click():
    up, down = (Interaction(source="api", external_id="1", feedback=thumb) for thumb in ("up", "down"))
    assert merged(up, down).feedback == merged(down, up).feedback == "down"


def test_a_call_inside_a_call_inside_a_call_is_one():
    chain = [
        Interaction(source="otlp", external_id=str(n), parent_id=str(n - 1), input_tokens=n if n > 1 else None)
        for n in (3, 2, 1)
    ]
    (whole,) = unwrapped(chain)
    assert (whole.external_id, whole.input_tokens) == ("1", 2)


def test_spans_that_name_each_other_as_parents_do_not_go_round_for_ever():
    around = [Interaction(source="otlp", external_id=a, parent_id=b) for a, b in ("12", "21")]
    assert len(unwrapped(around)) == 1


def test_a_whole_has_a_digest_of_its_own_even_after_its_parts_were_asked_for_theirs():
    old, new = (Interaction(source="api", external_id="1", input_tokens=tokens) for tokens in (1, 2))
    before = {old.digest, new.digest}
    whole = merged(old, new)
    assert len(before) == 2
    assert whole.digest == new.digest == Interaction(source="api", external_id="1", input_tokens=2).digest
