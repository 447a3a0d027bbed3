"""What a call costs: the suite's own prices first, then the map that litellm ships, read without importing litellm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import orjson

from evalgate.core.errors import WrongAsWritten
from evalgate.core.models import Price

_BUNDLED = "model_prices_and_context_window_backup.json"
_ANSWERING = {"chat", "completion", "responses"}
_DATED = re.compile(r"[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$")
_PLAIN_IN_YAML = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9][\w./-]*")


class _Listed(NamedTuple):
    """US dollars per token, and whose model it is."""

    input: float
    output: float
    provider: str


def price_of(model: str, known: Mapping[str, Price]) -> Price | None:
    """Return the price of a model, or None when nobody says: `known`, from the suite, goes before the bundled map.

    A name is looked up as written, then without its provider's prefix, then without the date of its version.
    """
    names = list(_names(model))
    for name in names:
        if name in known:
            return known[name]
    bundled = _bundled()
    provider = model.partition("/")[0] if "/" in model else ""
    for name in names:
        found = bundled.get(name)
        if found and (name.startswith(f"{provider}/") or found.provider.startswith(provider)):
            return Price(input=found.input * 1e6, output=found.output * 1e6)
    return None


def unknown_price(model: str) -> WrongAsWritten:
    """Return the error of a run that may not be paid for unseen: it gives the line to add to the suite."""
    name = model if _PLAIN_IN_YAML.fullmatch(model) else orjson.dumps(model).decode()
    return WrongAsWritten(
        f"no price is known for judge {model}, so a run's cost cannot be capped; add to the suite, with its prices: "
        f"prices: {{{name}: {{input: 0.15, output: 0.60}}}}  # USD per million tokens"
    )


def _names(model: str) -> Iterator[str]:
    """Yield the names a price may stand under, the most exact first.

    >>> list(_names("openai/gpt-4.1-mini-2025-04-14"))
    ['openai/gpt-4.1-mini-2025-04-14', 'gpt-4.1-mini-2025-04-14', 'openai/gpt-4.1-mini', 'gpt-4.1-mini']
    """
    for name in dict.fromkeys((model, _DATED.sub("", model))):
        yield name
        _, slash, rest = name.partition("/")
        if slash:
            yield rest


@cache
def _bundled() -> dict[str, _Listed]:
    """Return the bundled map, only what prices need: whole, it would hold 20 MB of memory."""
    spec = find_spec("litellm")  # finds the folder; imports nothing
    folders = spec.submodule_search_locations if spec is not None else None
    file = next((path for folder in folders or () if (path := Path(folder, _BUNDLED)).is_file()), None)
    if file is None:
        return {}
    return {name: listed for name, entry in orjson.loads(file.read_bytes()).items() if (listed := _listed(entry))}


def _listed(entry: Mapping[str, object]) -> _Listed | None:
    paid, got = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
    if entry.get("mode") not in _ANSWERING or not isinstance(paid, int | float) or not isinstance(got, int | float):
        return None
    return _Listed(float(paid), float(got), str(entry.get("litellm_provider") or ""))
