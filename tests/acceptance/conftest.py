"""The databases that servers of this folder keep their work in."""

from __future__ import annotations

from tests.store.conftest import (
    empty_place,
    empty_postgres,
    place,
    postgres,
    postgres_place,
    sqlite_place,
    sqlite_template,
)

__all__ = ["empty_place", "empty_postgres", "place", "postgres", "postgres_place", "sqlite_place", "sqlite_template"]
