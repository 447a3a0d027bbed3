"""What only the litellm transport does: another provider's shape, and an import that costs the run little."""

from __future__ import annotations

import subprocess
import sys

import pytest

from evalgate.core.models import Interrupted, Overloaded, Unusable
from evalgate.providers.catalogue import PROVIDERS
from evalgate.providers.replies import read_reply
from evalgate.providers.via_litellm import LitellmClient, load_litellm
from tests.providers.conftest import KEY, question
from tests.providers.server import Far, running

CLAUDE = "anthropic/claude-haiku-4-5"


async def test_another_shape_is_read_as_the_same_reply(far: Far) -> None:
    far.script({"content": "yes", "model": "claude-haiku-4-5-20251001"})
    client = LitellmClient(CLAUDE, base_url=far.url.removesuffix("/v1"), key=KEY)
    reply = read_reply(await client.ask(question("x" * 40, temperature=0, seed=3)))
    await client.close()
    assert (reply.text, reply.model, reply.input_tokens) == ("yes", "claude-haiku-4-5-20251001", 11)
    assert "seed" not in far.requests()[0]["body"], "this provider has no seed; the question stays the same without it"


async def test_the_key_goes_where_the_provider_wants_it(far: Far) -> None:
    client = LitellmClient(CLAUDE, base_url=far.url.removesuffix("/v1"), key=KEY)
    await client.ask(question())
    await client.close()
    assert {name.lower(): value for name, value in far.requests()[0]["headers"].items()}["x-api-key"] == KEY


@pytest.mark.parametrize(
    ("status", "trouble"),
    [(429, Overloaded), (529, Overloaded), (500, Interrupted), (401, Unusable), (404, Unusable)],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
async def test_its_faults_are_the_same_troubles(far: Far, status: int, trouble: type[Exception]) -> None:
    far.script({"status": status, "message": "as told", "headers": {"Retry-After": "3"}})
    client = LitellmClient(CLAUDE, base_url=far.url.removesuffix("/v1"), key=KEY, key_variable="ANTHROPIC_API_KEY")
    with pytest.raises(trouble) as caught:
        await client.ask(question())
    await client.close()
    assert f"({status}): as told" in str(caught.value)
    assert getattr(caught.value, "retry_after", 3.0) == 3.0
    assert far.stats()["total"] == 1


async def test_no_other_key_is_sent_to_a_server_without_one(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    client = LitellmClient("openai/m", base_url=far.url)
    await client.ask(question())
    await client.close()
    assert KEY not in str(far.requests()[0]["headers"])


def test_every_catalogued_provider_is_one_that_litellm_knows() -> None:
    known = {getattr(one, "value", one) for one in load_litellm().provider_list}
    assert set(PROVIDERS) - known == set()


ELSEWHERE = """
import asyncio, socket, sys
tried = []
def watch(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple) and not args[1][0].startswith("127."):
        tried.append(args[1])
    if event == "socket.getaddrinfo" and args[0] not in ("127.0.0.1", "localhost", None):
        tried.append(args[0])
sys.addaudithook(watch)
import evalgate.providers.via_litellm as via
assert "litellm" not in sys.modules
from evalgate.core.models import ModelRequest, ModelTrouble
from evalgate.core.samples import Message
async def main():
    client = via.LitellmClient("openai/m", base_url=sys.argv[1])
    await client.ask(ModelRequest(model="m", messages=(Message(role="user", content="hi"),)))
    await client.close()
    client = via.LitellmClient("openai/m", base_url="http://127.0.0.1:9/v1")
    try:
        await client.ask(ModelRequest(model="m", messages=(Message(role="user", content="hi"),)))
    except ModelTrouble:
        await client.close()
asyncio.run(main())
assert "litellm" in sys.modules
print(tried)
"""


def test_importing_and_asking_it_reaches_no_other_address_and_prints_nothing() -> None:
    with running() as far:
        asked = subprocess.run(
            [sys.executable, "-c", ELSEWHERE, far.url], capture_output=True, text=True, timeout=60, check=False
        )
    assert (asked.stdout, asked.stderr, asked.returncode) == ("[]\n", "", 0)


TICKING = """
import asyncio, sys, time
from evalgate.core.models import ModelRequest
from evalgate.core.samples import Message
from evalgate.providers.via_litellm import LitellmClient
async def main():
    client = LitellmClient("openai/m", base_url=sys.argv[1])
    call = asyncio.create_task(client.ask(ModelRequest(model="m", messages=(Message(role="user", content="hi"),))))
    ticks = 0
    while "litellm.main" not in sys.modules:
        await asyncio.sleep(0.005)
        ticks += 1
    await call
    await client.close()
    print(ticks)
asyncio.run(main())
"""


def test_the_loop_goes_on_while_it_is_imported() -> None:
    with running() as far:
        asked = subprocess.run(
            [sys.executable, "-c", TICKING, far.url], capture_output=True, text=True, timeout=60, check=False
        )
    assert asked.stderr == ""
    assert int(asked.stdout) > 20
