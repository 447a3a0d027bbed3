"""The door of the store: `open_store` gives a Store whose schema is current and whose errors are one line each."""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, select, text

from evalgate.core.errors import WrongAsWritten
from evalgate.store import migrating
from evalgate.store.access import Access
from evalgate.store.alerts import Alerts
from evalgate.store.audit import Audit
from evalgate.store.baselines import Baselines
from evalgate.store.bulk import insert_into
from evalgate.store.cards import Cards
from evalgate.store.claims import Claims
from evalgate.store.closing import Closing
from evalgate.store.database import FOLDER, Clock, Database, database_url, make_folder, now
from evalgate.store.decisions import Decisions
from evalgate.store.deliveries import Deliveries
from evalgate.store.forgetting import Forgetting
from evalgate.store.interactions import Interactions
from evalgate.store.items import Items
from evalgate.store.journal import StoreJournal
from evalgate.store.labels import Labels
from evalgate.store.listing import Listing
from evalgate.store.pooling import Pooling
from evalgate.store.queues import Queues
from evalgate.store.reviews import Reviews
from evalgate.store.runs import Runs
from evalgate.store.scores import Scores
from evalgate.store.tables import MetaRow, metadata
from evalgate.store.tellings import Tellings
from evalgate.store.trends import Trends
from evalgate.store.windows import Windows

DEFAULT_PLACE = f"{FOLDER}/evalgate.db"
"""Where the store lies when nobody names another place."""
DEFAULT_PROJECT = 1
"""The number of the project `default`, made with the store: commands beside a database work in it."""


class Store:
    """One project of an open database: runs, baselines, decisions and the reply journal.

    Close it, or use it in a `with`; what `within` returns shares the database and needs no closing.
    """

    def __init__(self, database: Database, store_id: str, secret: bytes, project: int = DEFAULT_PROJECT) -> None:
        self.id = store_id
        self.secret = secret
        """What keys are derived from and API keys are peppered with: the same for the life of the database."""
        self.place = database.place
        """Its path, or its URL without the password."""
        self.database = database
        self.project = project
        """Its number."""
        self.journal = StoreJournal(database, project)
        self.runs = Runs(database, project)
        self.baselines = Baselines(database, project, self.runs)
        self.decisions = Decisions(database, project)
        self.labels = Labels(database, project)
        self.cards = Cards(database, project)
        self.queues = Queues(database, project)
        self.items = Items(database, project)
        self.claims = Claims(database, project, secret)
        self.closing = Closing(database, project, self.labels)
        self.reviews = Reviews(database, project)
        self.interactions = Interactions(database, project)
        self.alerts = Alerts(database, project)
        self.deliveries = Deliveries(database, project)
        self.scores = Scores(database, project)
        self.windows = Windows(database, project)
        self.forgetting = Forgetting(database, project)
        self.trends = Trends(database, project)
        self.listing = Listing(database, project)
        self.tellings = Tellings(database, project)
        self.pooling = Pooling(database, project)
        self.access = Access(database, secret)
        self.audit = Audit(database)

    @property
    def nonce_key(self) -> bytes:
        """The key of the nonces that fence off answers in this project's prompts; pipelines are told it."""
        return hmac.digest(self.secret, f"nonces of project {self.project}".encode(), "sha256")

    @property
    def names_key(self) -> bytes:
        """The key of the names that stand for this project's users and for ids that show somebody's data."""
        return hmac.digest(self.secret, f"names of project {self.project}".encode(), "sha256")

    @property
    def draw_salt(self) -> str:
        """The salt of this project's draws: nobody outside can know what will be sampled."""
        return hmac.digest(self.secret, f"draws of project {self.project}".encode(), "sha256").hex()

    def within(self, project: int) -> Store:
        """Return another project of the same database."""
        return Store(self.database, self.id, self.secret, project)

    def close(self) -> None:
        """Close every connection."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(place: str | Path = DEFAULT_PLACE, *, create: bool = True, clock: Clock = now) -> Store:
    """Return the store at a path (SQLite) or a URL (SQLite or PostgreSQL), its schema brought up to date.

    A SQLite file is created with its folder; with `create=False` a missing one raises WrongAsWritten. Whatever keeps
    the database from being used raises ServiceBroke. `clock` stamps runs, acceptances and decisions.
    """
    url = database_url(place)
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        if create:
            make_folder(path)
        elif not path.exists():
            raise WrongAsWritten(f"{path}: there is no store yet; run `evalgate gate` first, or name another one")
    database = Database(url, clock=clock)
    try:
        return Store(database, *_identity(database))
    except BaseException:
        database.engine.dispose()
        raise


def _identity(database: Database) -> tuple[str, bytes]:
    """Return the store's id and secret, after whatever has to happen first."""
    with database.read() as connection:
        if migrating.schema_of(connection) == migrating.HEAD:
            return _recorded_identity(connection)
    # In the transaction of the upgrade: no process may meet a schema that is current and has no identity yet.
    with migrating.upgraded(database) as connection:
        made = MetaRow(store_id=secrets.token_hex(8), secret=secrets.token_bytes(32), created_at=database.clock())
        insert = insert_into(metadata.tables["meta"], connection.dialect).values(made.model_dump())
        connection.execute(insert.on_conflict_do_nothing())
        first = {"number": DEFAULT_PROJECT, "name": "default", "title": "Default", "created_at": made.created_at}
        project = insert_into(metadata.tables["project"], connection.dialect).values(first)
        if connection.execute(project.on_conflict_do_nothing()).rowcount and not database.is_sqlite:
            # The number was given, so PostgreSQL's sequence has not moved: the next project would ask for it again.
            connection.execute(text("SELECT setval(pg_get_serial_sequence('project', 'number'), 1)"))
        return _recorded_identity(connection)


def _recorded_identity(connection: Connection) -> tuple[str, bytes]:
    meta = metadata.tables["meta"].c
    row = connection.execute(select(meta.store_id, meta.secret)).one()
    return row.store_id, row.secret
