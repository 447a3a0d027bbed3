"""Text that people and judges read: plain, or once a language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

Language = Literal["en", "es", "pt"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
LANGUAGE_NAMES: dict[Language, str] = {"en": "English", "es": "Spanish", "pt": "Brazilian Portuguese"}


def wrong(problem: str, **context: Any) -> PydanticCustomError:
    """Return the validation error that says exactly `problem`; `context` rides along for whoever finds the line."""
    return PydanticCustomError("rubric", "{problem}", {"problem": problem, **context})


def _words(value: Any) -> Any:
    if isinstance(value, str) and value.strip():
        return value.strip()
    if not isinstance(value, Mapping) or not value:
        raise wrong("must be a text, or one text a language: {en: …, es: …, pt: …}")
    for language, text in value.items():
        if language not in LANGUAGES:
            raise wrong(f"no language {language!r}. Known: {', '.join(LANGUAGES)}")
        if not isinstance(text, str) or not text.strip():
            raise wrong(f"the text for {language!r} is empty")
    return {language: text.strip() for language, text in value.items()}


Words = Annotated[str | dict[Language, str], BeforeValidator(_words)]
"""A text for every language, or one text a language."""


def said_in(words: str | dict[Language, str], language: Language) -> str:
    """Return the text in a language; else in English; else in the first language there is.

    >>> said_in({"en": "Polite?", "pt": "Cordial?"}, "pt"), said_in({"es": "¿Cortés?"}, "pt"), said_in("OK?", "es")
    ('Cordial?', '¿Cortés?', 'OK?')
    """
    if isinstance(words, str):
        return words
    return words.get(language) or words.get("en") or next(iter(words.values()))


def spoken(words: str | dict[Language, str], language: Language) -> bool:
    """Say whether the text exists in a language without falling back to another."""
    return isinstance(words, str) or language in words
