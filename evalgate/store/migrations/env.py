"""What Alembic runs: our metadata against the connection it was handed."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from evalgate.store.tables import metadata
from evalgate.store.tables.base import Instant


def spelled(kind: str, thing: object, _: AutogenContext) -> str | Literal[False]:
    """Write our own column type as what it is in the database: a migration must not depend on today's code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(thing, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=spelled,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
