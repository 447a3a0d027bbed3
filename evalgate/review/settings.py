"""How a queue works, as people write it."""

from __future__ import annotations

from typing import Any

from evalgate.core.review import QueueSettings
from evalgate.review.parsing import parsed


def settings_of(data: Any) -> QueueSettings:
    """Return the settings in plain data, the rest by default; raise WrongAsWritten with one line for what is wrong."""
    return parsed(QueueSettings, data, "the settings of a queue")
