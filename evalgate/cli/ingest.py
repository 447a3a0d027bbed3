"""`ingest`: traffic that lies in files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Optional

import typer

from evalgate.cli.watched import SUITES

if TYPE_CHECKING:
    from evalgate.wiring.ingesting import How, Ingested


def ingest(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Files: .jsonl, .json, .csv, .parquet, text also gzipped; or addresses, as s3://bucket/day/*.jsonl.gz.",
            metavar="PATH...",
            show_default=False,
        ),
    ],
    format_: Annotated[
        str,
        typer.Option("--format", help="auto, native, rows, openai or langfuse.", metavar="FORMAT"),
    ] = "auto",
    source: Annotated[
        Optional[str],
        typer.Option(help="Who sent it, in place of the format's own word.", metavar="NAME"),
    ] = None,
    columns: Annotated[
        Optional[list[str]],
        typer.Option(help="Of rows: which column holds a field, FIELD=COLUMN between commas.", metavar="FIELD=COLUMN"),
    ] = None,
    keep: Annotated[
        Optional[list[str]],
        typer.Option(help="Of rows: a column that is kept as an attribute. May be repeated.", metavar="COLUMN"),
    ] = None,
    project: Annotated[str, typer.Option(help="The project whose traffic it is.", metavar="NAME")] = "default",
    suite: SUITES = None,
    database: Annotated[
        Optional[str],
        typer.Option(
            help="A path or URL of the store; without it EVALGATE_DATABASE_URL, or .evalgate/evalgate.db.",
            metavar="PLACE",
        ),
    ] = None,
) -> int:
    """Take in traffic from files: code checks look at it, it is masked, and what is new is kept.

    The same file again doubles nothing. Records that cannot be read are counted and the first few named; then the exit
    code is 2, and all others are kept.
    """
    import os

    from evalgate.checks.privacy.masking import Masker
    from evalgate.core.errors import WrongAsWritten
    from evalgate.production.accepting import Accepting
    from evalgate.store.engine import open_store
    from evalgate.wiring.ingesting import ingest as ingest_file
    from evalgate.wiring.objects import found
    from evalgate.wiring.settings import read_settings
    from evalgate.wiring.traffic import by_project, read_watched

    how = _how(format_, source, columns or [], keep or [])
    settings = read_settings(os.environ)
    if settings.server is not None and database is None:
        message = "ingest writes into a database; name it with --database, or send to the server: POST /v1/interactions"
        raise WrongAsWritten(message)
    watched = read_watched(os.environ, suite or ())
    files = found(paths)
    masker = Masker()
    rejected = 0
    with open_store(database or settings.database) as store:
        suites = by_project(watched, store.access)
        number = store.access.project(project).number
        way_in = Accepting(store.within(number), suites.get(number, ()), masker)
        for file in files:
            with file.here() as path:
                done = ingest_file(path, file.name, how, way_in, masker.mask)
            typer.echo(f"{file.name}: {_counted(done)}")
            for why in done.why:
                typer.echo(f"  {why}", err=True)
            rejected += done.accepted.rejected
    return WrongAsWritten.exit_code if rejected else 0


def _how(format_: str, source: str | None, columns: list[str], keep: list[str]) -> How:
    from pydantic import TypeAdapter, ValidationError

    from evalgate.core.errors import WrongAsWritten, did_you_mean
    from evalgate.traffic.interactions import Source
    from evalgate.wiring.ingesting import FORMATS, How, columns_of

    chosen = next((one for one in FORMATS if one == format_), None)
    if chosen is None:
        raise WrongAsWritten(f"--format {format_}: {', '.join(FORMATS)} are known.{did_you_mean(format_, FORMATS)}")
    if chosen not in {"auto", "rows"} and (columns or keep):
        raise WrongAsWritten(f"--columns and --keep are about rows, and --format is {chosen}; take them out")
    if source is not None:
        try:
            TypeAdapter(Source).validate_python(source)
        except ValidationError:
            message = f"--source {source}: write up to 64 lower-case letters, digits and _ . -"
            raise WrongAsWritten(message) from None
    return How(chosen, source, columns_of(columns), tuple(keep))


def _counted(done: Ingested) -> str:
    counts = done.accepted.model_dump()
    words = [f"{items:,} {name.replace('_', ' ')}" for name, items in counts.items() if items]
    all_of_them = sum(counts.values())
    return f"{all_of_them:,} record{'' if all_of_them == 1 else 's'}" + (f": {', '.join(words)}" if words else "")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(ingest)
