"""What only the direct transport promises: its pool, its limits, and where it does not go."""

from __future__ import annotations

import asyncio

import pytest

from evalgate.core.models import Rejected, Unusable
from evalgate.providers.direct import LARGEST_REPLY, DirectClient
from evalgate.providers.replies import read_reply
from evalgate.providers.select import endpoint_for, open_client
from tests.providers.conftest import Open, question
from tests.providers.server import Far

pytestmark = pytest.mark.parametrize("transport", ["direct"])


async def test_connections_are_kept_and_never_more_than_given(far: Far, transport: str) -> None:
    far.script({"delay_ms": 5})
    client = DirectClient(far.url, model="m", connections=4)
    await asyncio.gather(*(client.ask(question(str(n))) for n in range(40)))
    await client.close()
    told = far.stats()
    assert told["answered"] == 40
    assert told["max_in_flight"] == 4
    assert told["connections"] == 4


async def test_a_redirect_is_not_followed(far: Far, opened: Open) -> None:
    far.script({"fault": "redirect"})
    with pytest.raises(Unusable, match=r"redirects elsewhere \(307\), which is not followed; correct OPENAI_BASE_URL"):
        await opened(far.url).ask(question())


async def test_a_reply_beyond_all_measure_is_not_read(far: Far, opened: Open) -> None:
    far.script({"fault": "huge"})
    with pytest.raises(Rejected, match="longer than 4 MB"):
        await opened(far.url).ask(question())


async def test_a_long_reply_is_read_whole(far: Far, opened: Open) -> None:
    text = "ñ" * (LARGEST_REPLY // 4)
    far.script({"content": text})
    assert read_reply(await opened(far.url).ask(question())).text == text


async def test_a_long_question_is_sent_whole(far: Far, opened: Open) -> None:
    far.script({"usage": True})
    asked = "x" * (2**20 + 7)
    await opened(far.url).ask(question(asked))
    assert far.requests()[0]["body"]["messages"][0]["content"] == asked


async def test_a_wrong_path_is_told_with_what_to_correct(far: Far, opened: Open) -> None:
    wrong = far.url.removesuffix("/v1")
    with pytest.raises(
        Unusable, match=r"does not answer for model 'gpt-4\.1-mini' \(404\): no route /chat/completions"
    ):
        await opened(wrong).ask(question())


async def test_a_proxy_is_used_for_other_machines(far: Far, transport: str) -> None:
    environ = {"OPENAI_BASE_URL": "http://models.example/v1", "http_proxy": far.url.removesuffix("/v1")}
    client = open_client(endpoint_for("m", environ))
    assert read_reply(await client.ask(question())).model == "m"
    await client.close()
    assert far.requests()[0]["headers"]["Host"] == "models.example"


async def test_a_call_that_is_cancelled_leaves_the_client_usable(far: Far, opened: Open) -> None:
    far.script({"delay_ms": 2000})
    client = opened(far.url)
    call = asyncio.create_task(client.ask(question()))
    await asyncio.sleep(0.1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    far.script({})
    assert read_reply(await client.ask(question())).text
