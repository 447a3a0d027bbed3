"""A scripted server for the whole folder, and the two transports opened on it as a run opens them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from evalgate.core.models import ModelClient, ModelRequest
from evalgate.core.samples import Message
from evalgate.providers.select import endpoint_for, open_client
from tests.providers.server import Far, running

KEY = "sk-scripted-0123456789abcdef"
Open = Callable[..., ModelClient]


@pytest.fixture(scope="session")
def one_server() -> Iterator[Far]:
    with running() as far:
        yield far


@pytest.fixture
def far(one_server: Far) -> Far:
    one_server.script({})
    return one_server


@pytest.fixture
async def opened(transport: str) -> AsyncIterator[Open]:
    """Give what opens a client of the test's transport at an address, and close them all afterwards."""
    clients: list[ModelClient] = []

    def at(url: str, model: str = "gpt-4.1-mini", key: str | None = KEY, timeout_s: float = 5.0) -> ModelClient:
        environ = {"OPENAI_BASE_URL": url, "EVALGATE_TRANSPORT": transport} | ({"OPENAI_API_KEY": key} if key else {})
        clients.append(open_client(endpoint_for(model, environ), timeout_s=timeout_s))
        return clients[-1]

    yield at
    for client in clients:
        await client.close()


def question(text: str = "Is it so?", **parameters: object) -> ModelRequest:
    """Return a request of one user turn."""
    return ModelRequest.model_validate(
        {"model": "gpt-4.1-mini", "messages": (Message(role="user", content=text),), "parameters": parameters}
    )
