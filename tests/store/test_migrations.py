"""The schema's history leads to the tables as they are declared, forwards and backwards, on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Integer, inspect, text

from evalgate.core.errors import ServiceBroke
from evalgate.store import migrating
from evalgate.store.database import Database, database_url
from evalgate.store.engine import Store, open_store
from evalgate.store.migrating import HEAD
from evalgate.store.tables import metadata
from tests.store.scenes import ROOT, StoppedError, manifest, marked, python, write_and_stop


@pytest.fixture
def database(empty_place: str) -> Iterator[Database]:
    """A database with the tables, made through the migrations."""
    open_store(empty_place).close()
    opened = Database(database_url(empty_place))
    yield opened
    opened.close()


def tables_in(database: Database) -> set[str]:
    with database.read() as connection:
        return set(inspect(connection).get_table_names())


def test_the_head_in_the_code_is_the_newest_migration(database: Database) -> None:
    with migrating.migrating(database) as connection:
        assert ScriptDirectory.from_config(migrating.config(connection)).get_heads() == [HEAD]


def test_migrations_are_numbered_without_gaps(database: Database) -> None:
    with migrating.migrating(database) as connection:
        history = ScriptDirectory.from_config(migrating.config(connection)).walk_revisions()
        assert sorted(step.revision for step in history) == [f"{n:04}" for n in range(1, int(HEAD) + 1)]


def test_the_migrations_make_the_tables_as_they_are_declared(database: Database) -> None:
    with migrating.migrating(database) as connection:
        command.check(migrating.config(connection))  # raises when autogenerate finds anything to do
    assert tables_in(database) == {*metadata.tables, "alembic_version"}


def test_the_schema_goes_all_the_way_down_and_up_again(database: Database) -> None:
    with migrating.migrating(database) as connection:
        command.downgrade(migrating.config(connection), "base")
    assert tables_in(database) == {"alembic_version"}
    with migrating.upgraded(database) as connection:
        command.check(migrating.config(connection))


def test_every_constraint_has_a_name_to_alter_it_by(database: Database) -> None:
    with database.read() as connection:
        found = inspect(connection)
        names = [found.get_pk_constraint(table)["name"] for table in metadata.tables]
        names += [key["name"] for table in metadata.tables for key in found.get_foreign_keys(table)]
    assert all(names)


def test_a_failed_migration_leaves_everything_as_it_was(database: Database) -> None:
    with pytest.raises(StoppedError), migrating.migrating(database) as connection:
        write_and_stop(connection, "DROP TABLE outcome")
    assert "outcome" in tables_in(database)


def test_altering_a_table_keeps_the_rows_that_refer_to_it(store: Store) -> None:
    store.runs.start(manifest())
    store.runs.writer(manifest().id).keep([marked(0), marked(1)])
    with migrating.migrating(store.database) as connection:
        steps = Operations(MigrationContext.configure(connection, opts={"target_metadata": metadata}))
        for table in ("run", "sample", "run_sample"):
            with steps.batch_alter_table(table, recreate="always" if store.database.is_sqlite else "auto") as batch:
                batch.add_column(Column("added", Integer(), server_default="7", nullable=False))
    assert list(store.runs.stream(manifest().id)) == [marked(0), marked(1)]
    with store.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM run_sample WHERE added = 7")).scalar() == 2


def test_foreign_keys_hold_again_after_a_migration(sqlite_store: Store) -> None:
    with migrating.migrating(sqlite_store.database) as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 0
    with sqlite_store.database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_migration_that_leaves_orphans_is_undone(sqlite_store: Store) -> None:
    sqlite_store.runs.start(manifest())
    sqlite_store.runs.writer(manifest().id).keep([marked(0)])
    with (
        pytest.raises(ServiceBroke, match="rows that refer to nothing"),
        migrating.migrating(sqlite_store.database) as connection,
    ):
        connection.execute(text("DELETE FROM run"))
    assert len(sqlite_store.runs.list()) == 1


def test_a_schema_somebody_elses_alembic_made_is_left_alone(place: str) -> None:
    with open_store(place) as store, store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '00ae1027a6ac'"))
    with pytest.raises(ServiceBroke, match="its schema is '00ae1027a6ac' and this evalgate knows none after"):
        open_store(place)


NEXT = """
import sys
from evalgate.store import migrating
from evalgate.store.tables import metadata
from sqlalchemy import Column, Text
metadata.tables["run"].append_column(Column("note", Text(), nullable=True))
migrating.write_next("Runs carry a note")
"""


def test_the_next_migration_is_written_by_one_command(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "evalgate", tmp_path / "evalgate", ignore=shutil.ignore_patterns("__pycache__"))
    process = python(f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n" + NEXT)
    assert process.communicate()[1] == ""
    number = f"{int(HEAD) + 1:04}"
    written = (tmp_path / f"evalgate/store/migrations/versions/v{number}_runs_carry_a_note.py").read_text()
    assert f'revision = "{number}"\ndown_revision = "{HEAD}"' in written
    assert "batch_op.add_column(sa.Column('note', sa.Text(), nullable=True))" in written
    compile(written, "migration", "exec")
