"""Masking of a whole interaction: nothing that a sender wrote leaves memory without having passed here."""

from __future__ import annotations

import hmac
from functools import lru_cache
from operator import is_
from typing import Any, TypeVar

import orjson

from evalgate.checks.privacy.masking import Masker
from evalgate.core.samples import Message, ToolCall
from evalgate.traffic.attributes import LONGEST_VALUE, Plain
from evalgate.traffic.interactions import MOST_WORDS, Interaction

_ID_DIGITS = 32
"""Of a keyed hash in hex: 128 bits, so that no two ids meet."""
_WORDS = ("model_requested", "model_answered", "provider", "error", "service", "route", "release", "language")
_SHORT = 80
"""Characters of a word up to which its mask is remembered: models, routes and the like come with every exchange."""
_IDS = ("external_id", "trace_id", "parent_id", "conversation_id")

ItemT = TypeVar("ItemT")


def masked(interaction: Interaction, masker: Masker, key: bytes) -> Interaction:
    """Return the interaction as it may be kept, the same object when there was nothing to mask.

    Texts, words and attributes are masked. An id that masking would change becomes a name made by a keyed hash: the
    same id is the same name, and nobody without the key finds the id. Who asked always becomes one.
    """
    veil = _Veil(masker, key)
    changes: dict[str, Any] = {
        "source": veil.source(interaction.source),
        "user_id": None if interaction.user_id is None else user_key(interaction.user_id, key),
        "input": veil.messages(interaction.input),
        "output": veil.messages(interaction.output),
        "context": _same_or(interaction.context, tuple(map(masker.mask, interaction.context))),
        "finish_reasons": _same_or(interaction.finish_reasons, tuple(map(veil.words, interaction.finish_reasons))),
        "attributes": veil.attributes(interaction.attributes),
    }
    changes |= {field: veil.words(text) for field in _WORDS if (text := getattr(interaction, field)) is not None}
    changes |= {field: veil.name(text) for field in _IDS if (text := getattr(interaction, field)) is not None}
    changed = {field: value for field, value in changes.items() if value is not getattr(interaction, field)}
    return interaction.model_copy(update=changed) if changed else interaction


def user_key(user_id: str, key: bytes) -> str:
    """Return the name under which somebody's interactions are kept, and by which an erasure finds them.

    >>> user_key("ana@example.com", b"secret")
    'user:119ecc03536491d95c35ca7bf1766193'
    """
    return f"user:{_hashed('user', user_id, key)}"


class _Veil:
    """The masks of one interaction."""

    def __init__(self, masker: Masker, key: bytes) -> None:
        self._masker, self._key = masker, key

    def name(self, text: str) -> str:
        """Return an id, as it is unless it shows somebody's data."""
        return text if self._masker.mask(text) == text else f"id:{_hashed('id', text, self._key)}"

    def source(self, text: str) -> str:
        """Return the sender's word, in the letters that such a word may have."""
        return self.name(text).replace(":", "-")

    def words(self, text: str) -> str:
        """Return a few words, masked; masks can be longer than what they hide."""
        clean = _mask(self._masker, text)
        return clean if len(clean) <= MOST_WORDS else clean[:MOST_WORDS]

    def messages(self, said: tuple[Message, ...]) -> tuple[Message, ...]:
        """Return what was said."""
        return _same_or(said, tuple(map(self._message, said)))

    def attributes(self, sent: dict[str, Plain]) -> dict[str, Plain]:
        """Return attributes: a name that shows somebody's data is a keyed one, values are masked."""
        clean = {self._key_of(key): self._value(value) for key, value in sent.items()}
        same = clean.keys() == sent.keys() and all(clean[key] is value for key, value in sent.items())
        return sent if same else clean

    def _key_of(self, key: str) -> str:
        return key if _mask(self._masker, key) == key else f"id:{_hashed('id', key, self._key)}"

    def _message(self, message: Message) -> Message:
        content = self._masker.mask(message.content)
        named = None if message.name is None else self._masker.mask(message.name)
        answers = None if message.tool_call_id is None else self.name(message.tool_call_id)
        calls = _same_or(message.tool_calls, tuple(map(self._call, message.tool_calls)))
        if (
            content is message.content
            and named is message.name
            and answers is message.tool_call_id
            and calls is message.tool_calls
        ):
            return message
        return message.model_copy(
            update={"content": content, "name": named, "tool_call_id": answers, "tool_calls": calls}
        )

    def _call(self, call: ToolCall) -> ToolCall:
        named = self._masker.mask(call.name)
        arguments = self._masker.mask(_unescaped(call.arguments))
        known = None if call.id is None else self.name(call.id)
        if named is call.name and arguments is call.arguments and known is call.id:
            return call
        return call.model_copy(update={"name": named, "arguments": arguments, "id": known})

    def _value(self, value: Plain) -> Plain:
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            clean = _mask(self._masker, value)
            return clean if len(clean) <= LONGEST_VALUE else clean[:LONGEST_VALUE]
        whole = int(value) if value == int(value) else value
        clean = self._masker.mask_json(whole)
        return value if clean is whole else str(clean)


def _mask(masker: Masker, text: str) -> str:
    if len(text) > _SHORT:
        return masker.mask(text)
    clean = _remembered(masker, text)
    return text if clean == text else clean


@lru_cache(maxsize=1 << 13)
def _remembered(masker: Masker, text: str) -> str:
    return masker.mask(text)


def _unescaped(arguments: str) -> str:
    r"""Return JSON without escapes, behind which data would not be seen; the same text where there are none.

    >>> _unescaped('{"to": "ana\\u0040example.com"}'), _unescaped('{"a": 1}')
    ('{"to":"ana@example.com"}', '{"a": 1}')
    """
    if "\\u" not in arguments:
        return arguments
    try:
        return orjson.dumps(orjson.loads(arguments)).decode()
    except orjson.JSONDecodeError:
        return arguments


def _hashed(purpose: str, text: str, key: bytes) -> str:
    message = f"evalgate:traffic:{purpose}:v1\0{text}".encode(errors="surrogatepass")
    return hmac.digest(key, message, "sha256").hex()[:_ID_DIGITS]


def _same_or(old: tuple[ItemT, ...], new: tuple[ItemT, ...]) -> tuple[ItemT, ...]:
    return old if all(map(is_, old, new)) else new
