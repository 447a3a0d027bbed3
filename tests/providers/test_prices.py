"""Prices: the suite's first, then the bundled map, read without the library that ships it."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from evalgate.core.errors import WrongAsWritten
from evalgate.core.models import Price
from evalgate.providers.prices import price_of, unknown_price

MINI = Price(input=0.4, output=1.6)


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4.1-mini",
        "openai/gpt-4.1-mini",
        "gpt-4.1-mini-2025-04-14",
        "openai/gpt-4.1-mini-2025-04-14",
        "azure/gpt-4.1-mini",
        "gpt-4.1-mini-2031-01-01",
    ],
)
def test_a_model_is_found_under_each_of_its_names(name: str) -> None:
    found = price_of(name, {})
    assert found is not None
    assert (found.input, found.output) == pytest.approx((MINI.input, MINI.output))


@pytest.mark.parametrize(
    "name", ["anthropic/claude-haiku-4-5", "gemini/gemini-2.5-flash", "mistral/mistral-small-latest"]
)
def test_other_providers_are_found_under_their_prefix(name: str) -> None:
    found = price_of(name, {})
    assert found is not None
    assert 0 < found.input < found.output < 100


def test_a_prefix_of_another_provider_is_not_taken_off() -> None:
    assert price_of("groq/gpt-4.1-mini", {}) is None


@pytest.mark.parametrize("name", ["my-model", "", "sample_spec", "text-embedding-3-small", "openai/", "/"])
def test_what_nobody_prices_has_no_price(name: str) -> None:
    assert price_of(name, {}) is None


def test_a_local_model_may_cost_nothing() -> None:
    assert price_of("ollama/codegeex4", {}) == Price(input=0, output=0)


def test_the_suite_goes_first() -> None:
    ours = Price(input=1, output=2)
    assert price_of("gpt-4.1-mini", {"gpt-4.1-mini": ours}) == ours
    assert price_of("openai/gpt-4.1-mini", {"gpt-4.1-mini": ours}) == ours
    assert price_of("my-model", {"my-model": ours}) == ours


@pytest.mark.parametrize("name", ["my-model", "ollama/llama3:8b", "anthropic.claude-v1:0", "7", "a, b", 'say "x"'])
def test_an_unknown_price_gives_the_line_to_add(name: str) -> None:
    told = unknown_price(name)
    assert isinstance(told, WrongAsWritten)
    line = str(told)[str(told).index("prices: {") :]
    assert yaml.safe_load(line) == {"prices": {name: {"input": 0.15, "output": 0.6}}}
    assert "\n" not in str(told)


def test_prices_are_read_quickly_and_without_litellm() -> None:
    script = (
        "import sys, time; from evalgate.providers.prices import price_of\n"
        "began = time.process_time(); price_of('gpt-4.1-mini', {}); took = time.process_time() - began\n"
        "print([name for name in ('litellm', 'openai', 'aiohttp') if name in sys.modules], took < 0.25)"
    )
    read = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (read.stdout, read.stderr) == ("[] True\n", "")
