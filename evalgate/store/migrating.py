"""Brings a database's schema to the one this code knows. Alembic is imported only when there is something to do.

`python -m evalgate.store.migrating "what changed"` writes the next migration (docs/how-to/add-a-migration.md).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from evalgate.core.errors import ServiceBroke
from evalgate.store.database import Database, database_url
from evalgate.store.trouble import ELSEWHERE

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0003"
"""The newest migration; they are numbered without gaps, so a number beyond it was written by a newer evalgate."""
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x65_76_61_6C  # any number: what two processes that migrate one PostgreSQL database agree on


def schema_of(connection: Connection) -> str | None:
    """Return the revision of a database's schema, or None when evalgate has no tables in it."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


@contextmanager
def upgraded(database: Database) -> Iterator[Connection]:
    """Bring the schema to HEAD and give the connection before that is committed: all of it happens, or nothing.

    Whoever comes second waits, and finds the work done.
    """
    with migrating(database) as connection:
        found = schema_of(connection)
        if found is not None and found not in _known():
            raise ServiceBroke(
                f"{database.place}: its schema is {found!r} and this evalgate knows none after {HEAD!r}; "
                f"upgrade evalgate, {ELSEWHERE}"
            )
        if found != HEAD:
            from alembic import command

            command.upgrade(config(connection), HEAD)
        yield connection


def _known() -> set[str]:
    return {f"{number:04}" for number in range(1, int(HEAD) + 1)}


@contextmanager
def migrating(database: Database) -> Iterator[Connection]:
    """Give a connection in the one transaction that may change the schema.

    On SQLite a table is altered by copying it and dropping the old one, which would empty every table that refers to
    it: foreign keys are off meanwhile, and checked before the transaction ends.
    """
    with database.speaking(), database.engine.connect() as opened:
        connection = opened.execution_options(evalgate_writes=True)
        driver = connection.connection
        if database.is_sqlite:
            driver.cursor().execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                if not database.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
                yield connection
                if database.is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                    raise ServiceBroke(f"{database.place}: the migration left rows that refer to nothing: {broken[:3]}")
        finally:
            if database.is_sqlite:
                driver.cursor().execute("PRAGMA foreign_keys=ON")


def config(connection: Connection) -> Config:
    """Return Alembic's settings; its commands then run on this connection and inside its transaction."""
    from alembic.config import Config

    settings = Config(stdout=sys.stdout)  # of now: its own default is that of whoever imported it first
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    settings.attributes["connection"] = connection
    return settings


def write_next(message: str) -> None:
    """Write the migration that leads from HEAD to the tables as they are declared now."""
    from alembic import command

    with TemporaryDirectory() as folder:
        database = Database(database_url(Path(folder) / "empty.db"))
        with upgraded(database) as connection:
            command.revision(config(connection), message, autogenerate=True, rev_id=f"{int(HEAD) + 1:04}")
        database.close()


if __name__ == "__main__":
    write_next(" ".join(sys.argv[1:]))
