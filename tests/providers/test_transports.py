"""The contract both transports keep: the same bodies, the same troubles, in the same words, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import pytest

from evalgate.core.models import Interrupted, ModelRequest, ModelTrouble, Overloaded, Rejected, Unusable
from evalgate.core.samples import Message, ToolCall
from evalgate.providers.replies import FILTERED, read_reply
from evalgate.providers.troubles import TimedOut, Unreachable
from tests.providers.conftest import KEY, Open, question
from tests.providers.server import Far

pytestmark = pytest.mark.parametrize("transport", ["direct", "litellm"])


async def test_the_answer_comes_with_its_version_and_tokens(far: Far, opened: Open) -> None:
    far.script({"label": "yes", "reasoning": "It is.", "model": "gpt-4.1-mini-2025-04-14"})
    reply = read_reply(await opened(far.url).ask(question("x" * 399)))
    assert json.loads(reply.text) == {"label": "yes", "reasoning": "It is."}
    assert reply.model == "gpt-4.1-mini-2025-04-14"
    assert reply.finish_reason == "stop"
    assert reply.refusal is None
    assert reply.input_tokens == 100
    assert reply.output_tokens == 10


async def test_the_request_arrives_as_asked_and_only_once(far: Far, opened: Open) -> None:
    await opened(far.url, "openai/gpt-4.1-mini").ask(question("¿Así?", temperature=0, seed=3, max_tokens=9))
    (seen,) = far.requests()
    assert seen["body"] == {
        "model": "gpt-4.1-mini",
        "messages": [{"role": "user", "content": "¿Así?"}],
        "temperature": 0,
        "seed": 3,
        "max_tokens": 9,
    }
    assert seen["headers"]["Authorization"] == f"Bearer {KEY}"


async def test_a_conversation_with_tool_calls_arrives_whole(far: Far, opened: Open) -> None:
    call = ToolCall(name="lookup", arguments='{"id": 7}', id="call_a")
    turns = (
        Message(role="assistant", tool_calls=(call,)),
        Message(role="tool", content="found", tool_call_id="call_a"),
    )
    await opened(far.url).ask(ModelRequest(model="gpt-4.1-mini", messages=turns))
    (seen,) = far.requests()
    first, second = seen["body"]["messages"]
    assert first["tool_calls"] == [
        {"id": "call_a", "type": "function", "function": {"name": "lookup", "arguments": '{"id": 7}'}}
    ]
    assert second == {"role": "tool", "content": "found", "tool_call_id": "call_a"}


@pytest.mark.parametrize(
    ("script", "text", "refusal"),
    [
        ({"refusal": "I cannot help with that."}, "", "I cannot help with that."),
        ({"content": "", "finish_reason": "content_filter"}, "", FILTERED),
        ({"arguments": '{"label": "no"}'}, '{"label": "no"}', None),
        ({"content": ""}, "", None),
    ],
    ids=["refusal", "content filter", "tool call", "nothing"],
)
async def test_a_reply_without_plain_text_is_read(
    far: Far, opened: Open, script: dict[str, Any], text: str, refusal: str | None
) -> None:
    far.script(script)
    reply = read_reply(await opened(far.url).ask(question()))
    assert (reply.text, reply.refusal) == (text, refusal)


async def test_tokens_that_are_not_told_are_not_known(far: Far, opened: Open) -> None:
    far.script({"usage": False})
    reply = read_reply(await opened(far.url).ask(question()))
    assert not reply.input_tokens
    assert not reply.output_tokens


@pytest.mark.parametrize(
    ("script", "trouble", "told"),
    [
        ({"status": 429}, Overloaded, "asks for fewer calls (429"),
        ({"status": 529}, Overloaded, "asks for fewer calls (529"),
        ({"status": 503, "headers": {"Retry-After": "1"}}, Overloaded, "asks for fewer calls (503"),
        ({"status": 429, "code": "insufficient_quota"}, Unusable, "out of credit"),
        ({"status": 402}, Unusable, "out of credit"),
        ({"status": 500}, Interrupted, "failed (500"),
        ({"status": 502}, Interrupted, "failed (502"),
        ({"status": 503}, Interrupted, "failed (503"),
        ({"status": 504}, Interrupted, "504"),
        ({"status": 408}, TimedOut, ""),
        ({"fault": "drop"}, Interrupted, "gave no whole reply"),
        ({"fault": "short"}, Interrupted, "gave no whole reply"),
        ({"fault": "cut"}, Interrupted, "gave no whole reply"),
        ({"body": "<html>Welcome</html>", "content_type": "text/html"}, Interrupted, "gave no whole reply"),
        ({"body": '{"error": {"message": "busy", "code": 429}}'}, Overloaded, "busy"),
        ({"body": '{"hello": "there"}'}, Interrupted, ""),
        ({"body": '{"error": {"message": "upstream is busy"}}'}, Interrupted, "upstream is busy"),
        ({"status": 401}, Unusable, "refuses the key in OPENAI_API_KEY (401"),
        ({"status": 403}, Unusable, "refuses the key in OPENAI_API_KEY (403"),
        ({"status": 404}, Unusable, "'gpt-4.1-mini' (404"),
        ({"status": 400, "code": "model_not_found"}, Unusable, "correct the judge's name or OPENAI_BASE_URL"),
        ({"status": 400, "message": "temperature must be 1"}, Rejected, "temperature must be 1"),
        ({"status": 413, "message": "too long"}, Rejected, "too long"),
        ({"status": 422, "message": "no such field"}, Rejected, "no such field"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
async def test_each_fault_is_the_same_trouble(
    far: Far, opened: Open, script: dict[str, Any], trouble: type[ModelTrouble], told: str
) -> None:
    far.script(script)
    with pytest.raises(ModelTrouble) as caught:
        await opened(far.url).ask(question())
    assert isinstance(caught.value, trouble), repr(caught.value)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)
    assert far.stats()["total"] == 1, "a transport asks once; trying again is not its business"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "Retry-After": "1"}, 0.25),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
    ids=str,
)
async def test_the_wait_a_provider_asks_for_is_told(
    far: Far, opened: Open, headers: dict[str, str], seconds: float | None
) -> None:
    far.script({"status": 429, "headers": headers})
    with pytest.raises(Overloaded) as caught:
        await opened(far.url).ask(question())
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
async def test_no_message_shows_the_key(far: Far, opened: Open, status: int) -> None:
    far.script(
        {"status": status, "message": f"Incorrect API key provided: {KEY} also sk-scrip*****cdef. {'More. ' * 80}"}
    )
    with pytest.raises(ModelTrouble) as caught:
        await opened(far.url).ask(question())
    told = str(caught.value)
    assert "Incorrect API key provided: *** also ***." in told
    assert "scrip" not in told
    assert len(told) < 400
    assert caught.value.__cause__ is None


async def test_a_key_that_is_asked_for_and_missing_is_named(far: Far, opened: Open) -> None:
    far.script({"key": "sk-another"})
    with pytest.raises(Unusable, match="OPENAI_API_KEY is not set; set it") as caught:
        await opened(far.url, key=None).ask(question())
    assert "\n" not in str(caught.value)


async def test_a_slow_reply_is_not_waited_for(far: Far, opened: Open) -> None:
    await opened(far.url).ask(question())  # the library of the transport is imported outside the time of the call
    far.script({"delay_ms": 1500})
    with pytest.raises(TimedOut, match=r"gave no answer within 0\.2 s"):
        await opened(far.url, timeout_s=0.2).ask(question())


async def test_a_server_that_is_not_there_is_unreachable(opened: Open) -> None:
    with pytest.raises(Unreachable, match=r"cannot connect to http://127\.0\.0\.1:9/v1 .* or correct OPENAI_BASE_URL"):
        await opened("http://127.0.0.1:9/v1").ask(question())


async def test_a_certificate_nobody_vouches_for_stops_the_run(opened: Open) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(Path(__file__).with_name("self_signed.pem"))
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unusable, match=r"is not trusted .*; name its authority in SSL_CERT_FILE"):
            await opened(f"https://127.0.0.1:{port}/v1").ask(question())


async def test_text_that_is_no_valid_unicode_is_this_request_alone(far: Far, opened: Open) -> None:
    broken = ModelRequest.model_construct(
        model="m",
        messages=(Message.model_construct(role="user", content="\ud800", name=None, tool_calls=(), tool_call_id=None),),
        parameters={},
        repeat=0,
    )
    with pytest.raises(Rejected, match="no valid Unicode"):
        await opened(far.url).ask(broken)


async def test_a_closed_client_opens_again(far: Far, opened: Open) -> None:
    client = opened(far.url)
    await client.ask(question())
    await client.close()
    await client.close()
    assert read_reply(await client.ask(question())).text
