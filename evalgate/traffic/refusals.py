"""Why a body of traffic is not taken, in the words of HTTP and without a web framework."""

from __future__ import annotations

from typing import ClassVar

from evalgate.core.errors import DataInvalid


class Refused(DataInvalid):
    """A whole body cannot be taken; `status` is what an HTTP door answers, and sending it again does not help."""

    status: ClassVar[int] = 400


class Malformed(Refused):
    """The body is not what its content type says: broken gzip, broken protobuf, broken JSON, the wrong outer shape."""


class TooLarge(Refused):
    """The body is over the limit, as sent or once unpacked."""

    status: ClassVar[int] = 413


class UnknownKind(Refused):
    """The content type or the encoding is none that is read."""

    status: ClassVar[int] = 415


class ItemRefused(ValueError):
    """One item of a body cannot be read; the message says why, the body's reader says which one and takes the rest."""
