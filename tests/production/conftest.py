"""Production traffic over real stores, SQLite and PostgreSQL."""

from __future__ import annotations

from tests.store.conftest import place, postgres, postgres_place, sqlite_place, sqlite_store, sqlite_template, store

__all__ = ["place", "postgres", "postgres_place", "sqlite_place", "sqlite_store", "sqlite_template", "store"]
