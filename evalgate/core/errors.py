"""The exceptions a reader may meet. Anything else is a bug in evalgate.

EvalgateError                 exit 4   evalgate, or a service it needs, broke
├── WrongAsWritten            exit 2   knowable without measuring: a file, a flag, a suite
│   ├── SuiteInvalid
│   └── DataInvalid
├── CannotDecide              exit 3   nothing is wrong as written, but there is too little to decide on
└── ServiceBroke              exit 4   unreachable server, wrong key, full or read-only disk
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class EvalgateError(Exception):
    """An error whose one line names the thing, the place and the next step."""

    exit_code = 4


class WrongAsWritten(EvalgateError):
    """Something people wrote cannot be used as it stands."""

    exit_code = 2


class SuiteInvalid(WrongAsWritten):
    """The suite, or a file it names, cannot be used as written."""


class DataInvalid(WrongAsWritten):
    """A row of data cannot be used as written."""


class CannotDecide(EvalgateError):
    """There is too little to decide on."""

    exit_code = 3


class ServiceBroke(EvalgateError):
    """A service evalgate needs did not do its part."""

    exit_code = 4


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint with the nearest known name, or nothing when none is near.

    >>> did_you_mean("no_pi", ["no_pii", "on_brand"])
    " Did you mean 'no_pii'?"
    >>> did_you_mean("zebra", ["no_pii"])
    ''
    """
    return "".join(f" Did you mean {match!r}?" for match in get_close_matches(name, list(known), n=1))
