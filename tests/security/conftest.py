"""The house of the web's tests, and the same house with hostile texts in every field that somebody else fills."""

from __future__ import annotations

import pytest

from tests.security.poisoned import Poisoned, poison
from tests.web.conftest import (
    anybody,
    house,
    postgres,
    postgres_house,
    postgres_place,
    service,
    sqlite_house,
    sqlite_place,
    sqlite_template,
)
from tests.web.scenes import House

__all__ = [
    "anybody",
    "house",
    "postgres",
    "postgres_house",
    "postgres_place",
    "service",
    "sqlite_house",
    "sqlite_place",
    "sqlite_template",
]


@pytest.fixture
def poisoned(house: House) -> Poisoned:
    """A house in which every text is hostile."""
    return poison(house)
