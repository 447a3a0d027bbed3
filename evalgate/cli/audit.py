"""`audit`: whether what was written down of everybody's doings is still what was written."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The audit: verify that nobody changed it.")


@group.callback()
def _group() -> None:
    pass  # with a callback a group of one command keeps the command's name


@group.command()
def verify(
    database: Annotated[
        Optional[str],
        typer.Option(
            help="A path or URL of the store; without it EVALGATE_DATABASE_URL, or .evalgate/evalgate.db.",
            metavar="PLACE",
        ),
    ] = None,
) -> int:
    """Seal what is not sealed yet and recompute the chain over every row.

    Exit 0 when every row fits the one before it, 1 when a row was changed, taken out, put in or moved.
    """
    import os

    from evalgate.store.audit import Audit
    from evalgate.store.engine import open_store
    from evalgate.wiring.settings import DATABASE

    place = database or os.environ.get("EVALGATE_DATABASE_URL") or DATABASE
    with open_store(place, create=False) as store:
        audit = Audit(store.database)
        sealed = 0
        while more := audit.seal():
            sealed += more
        found = audit.verify()
        where = store.place
    if not found.ok:
        typer.echo(f"{where}: the audit is broken at row {found.first_broken}; what follows it proves nothing")
        return 1
    typer.echo(f"{where}: the audit's {found.rows} rows fit together ({sealed} sealed just now)")
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="audit")
