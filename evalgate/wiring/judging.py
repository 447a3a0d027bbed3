"""Opens the way to the judges: a client and a limiter for every model, one purse for all."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from evalgate.core.models import ModelClient, ModelRequest, Price
from evalgate.providers.limiter import AdaptiveLimiter
from evalgate.providers.prices import price_of, unknown_price
from evalgate.providers.replies import read_reply
from evalgate.providers.retry import ask_with_retries
from evalgate.providers.select import endpoint_for, open_client
from evalgate.runner.execute import Judging
from evalgate.runner.ports import Journal
from evalgate.runner.spending import Spending


@asynccontextmanager
async def open_judging(
    journal: Journal, environ: Mapping[str, str], prices: Mapping[str, Price], cap_usd: float, in_flight: int
) -> AsyncIterator[Judging]:
    """Yield the judging of these models; connections close with the context.

    Calls to one provider with one key share a limiter, whatever models they ask.
    """
    limiters: dict[str, AdaptiveLimiter] = {}
    ways: dict[str, tuple[ModelClient, AdaptiveLimiter]] = {}
    jitter = random.Random(0)  # noqa: S311 - spreads retries, guards nothing
    async with AsyncExitStack() as stack:
        for model in prices:
            endpoint = endpoint_for(model, environ)
            client = open_client(endpoint, connections=in_flight)
            stack.push_async_callback(client.close)
            limiter = limiters.setdefault(endpoint.limit_key, AdaptiveLimiter(most=in_flight))
            ways[model] = (client, limiter)

        async def ask(request: ModelRequest) -> bytes:
            client, limiter = ways[request.model]
            return await ask_with_retries(client, request, limiter, jitter=jitter)

        yield Judging(ask, read_reply, journal, Spending(prices, cap_usd), in_flight)


def known_price(model: str, written: Mapping[str, Price]) -> Price:
    """Return what a model costs; raise WrongAsWritten with the line to add when nobody knows."""
    price = price_of(model, written)
    if price is None:
        raise unknown_price(model)
    return price
