"""The spend cap: what has been paid, what is in flight, and whether one more call fits."""

from __future__ import annotations

from collections.abc import Mapping

from evalgate.core.models import ModelRequest, Price, Reply

CHARACTERS_A_TOKEN = 3.0
"""A cautious estimate for es, pt and en prose before the provider has counted; real tokens replace it."""
MESSAGE_TOKENS = 8
UNKNOWN_ANSWER_TOKENS = 400
ANSWER_TOKENS = 80
"""What a label with one sentence of reasoning takes."""


def expected_tokens(request: ModelRequest) -> tuple[int, int]:
    """Return a cautious guess of a request's input and output tokens."""
    characters = sum(len(message.content) for message in request.messages)
    limit = request.parameters.get("max_tokens")
    answer = limit if isinstance(limit, int) else UNKNOWN_ANSWER_TOKENS
    return int(characters / CHARACTERS_A_TOKEN) + MESSAGE_TOKENS * len(request.messages), answer


class Spending:
    """Counts in US dollars against a cap; a call starts only when its cautious cost still fits."""

    def __init__(self, prices: Mapping[str, Price], cap_usd: float) -> None:
        """Prices by requested model; every model asked must be there."""
        self._prices = prices
        self._cap = cap_usd
        self._reserved = 0.0
        self.in_flight = 0
        """Calls whose cost is set aside and not settled."""
        self.spent_usd = 0.0

    def limit(self, cap_usd: float) -> None:
        """Hold further calls against another cap: what is left when others spend of the same money."""
        self._cap = cap_usd

    def reserve(self, request: ModelRequest) -> float | None:
        """Set a call's cautious cost aside and return it, or return None when it no longer fits the cap."""
        expected = self._prices[request.model].of(*expected_tokens(request))
        if self.spent_usd + self._reserved + expected > self._cap:
            return None
        self._reserved += expected
        self.in_flight += 1
        return expected

    def settle(self, reserved: float, request: ModelRequest, reply: Reply | None) -> None:
        """Replace what was set aside by what the call cost; None when nothing was answered."""
        self._reserved -= reserved
        self.in_flight -= 1
        if reply is None:
            return
        guess_in, guess_out = expected_tokens(request)
        counted_in = guess_in if reply.input_tokens is None else reply.input_tokens
        counted_out = guess_out if reply.output_tokens is None else reply.output_tokens
        self.spent_usd += self._prices[request.model].of(counted_in, counted_out)
