"""Settings from the environment, read once.

EVALGATE_DATABASE_URL   a PostgreSQL URL; without it the store is `.evalgate/evalgate.db` in the working folder
EVALGATE_SERVER         an evalgate server's address, https://evals.example.org: `gate`, `run`, `plan` share with it
EVALGATE_KEY            the key for that server, its scope is gate
EVALGATE_BREAK_GLASS_KEY  a key of the scope break_glass, read only with `gate --break-glass`
EVALGATE_IN_FLIGHT      most judge calls at once for one provider and key, 64 unless set
EVALGATE_LANG           the language of reports: en, es or pt; without it that of LC_ALL, LC_MESSAGES or LANG
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from evalgate.core.errors import WrongAsWritten
from evalgate.core.values import Value

Language = Literal["en", "es", "pt"]
LANGUAGES: tuple[Language, ...] = ("en", "es", "pt")
FOLDER = ".evalgate"
DATABASE = f"{FOLDER}/evalgate.db"


class Settings(Value):
    """What the environment says."""

    database: str = DATABASE
    server: str | None = None
    in_flight: Annotated[int, Field(ge=1, le=4096)] = 64
    language: Language = "en"


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings; raise WrongAsWritten naming the variable that cannot be used."""
    given: dict[str, str] = {"language": language_of(environ)}
    if url := environ.get("EVALGATE_DATABASE_URL"):
        given["database"] = url
    if server := environ.get("EVALGATE_SERVER"):
        given["server"] = server
        if url:
            message = "EVALGATE_SERVER and EVALGATE_DATABASE_URL are both set; a command works beside one of them"
            raise WrongAsWritten(message)
    if in_flight := environ.get("EVALGATE_IN_FLIGHT"):
        given["in_flight"] = in_flight
    try:
        return Settings.model_validate(given)
    except ValidationError:
        message = f"EVALGATE_IN_FLIGHT={given.get('in_flight')}: write a whole number from 1 to 4096"
        raise WrongAsWritten(message) from None


def language_of(environ: Mapping[str, str]) -> Language:
    """Return the language of reports.

    >>> language_of({"LANG": "pt_BR.UTF-8"}), language_of({"LANG": "C"}), language_of({"EVALGATE_LANG": "es"})
    ('pt', 'en', 'es')
    """
    if named := environ.get("EVALGATE_LANG"):
        if named not in LANGUAGES:
            message = f"EVALGATE_LANG={named}: write en, es or pt"
            raise WrongAsWritten(message)
        return named
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        written = environ.get(variable, "")[:2].lower()
        for language in LANGUAGES:
            if written == language:
                return language
    return "en"
