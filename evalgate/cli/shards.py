"""`traffic shard`, `score-shard` and `import-scores`: production scored on other machines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Optional

import typer

from evalgate.cli.watched import SUITES

NAMED_AT_MOST = 5
"""Ids that a message names."""


def shard(
    since: Annotated[
        str, typer.Option(help="Windows from this moment on, ISO 8601, UTC unless it says.", metavar="TIME")
    ],
    until: Annotated[
        Optional[str], typer.Option(help="Windows before this moment; all that are over unless given.", metavar="TIME")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to.", metavar="FOLDER")] = Path(
        "shards"
    ),
    shards: Annotated[int, typer.Option(help="How many files; an exchange is in one of them.", min=1, max=999)] = 1,
    hold: Annotated[int, typer.Option(help="Hours for which workers leave these windows alone.", min=1, max=720)] = 24,
    suite: SUITES = None,
) -> int:
    """Write what waits for classifiers and judges to Parquet files, to be scored on other machines."""
    from evalgate.cli.times import moment
    from evalgate.wiring.app import App
    from evalgate.wiring.sharding import the_watch, write_shards

    app = App.from_environment()
    watch = the_watch(app, suite or ())
    span = moment("--since", since), None if until is None else moment("--until", until)
    handed = write_shards(app, watch, *span, out, shards=shards, hold=timedelta(hours=hold))
    typer.echo(
        f"{handed.rows:,} questions about {handed.interactions:,} exchanges of {handed.windows:,} windows,"
        f" which workers leave alone for {hold} h"
    )
    if handed.closed:
        typer.echo(f"{handed.closed:,} windows are closed, and final")
    if handed.busy:
        typer.echo(f"{handed.busy:,} windows are left out: a worker is scoring them")
    for path in handed.files:
        typer.echo(str(path))
    return 0


def score_shard(
    shards: Annotated[Path, typer.Argument(help="A shard, or a folder of shards.", metavar="IN", show_default=False)],
    out: Annotated[Path, typer.Argument(help="The Parquet file to write.", metavar="OUT", show_default=False)],
    suite: SUITES = None,
    spend_cap: Annotated[
        Optional[float],
        typer.Option(
            help="US dollars for judges; without it the suite's `policy.spend_cap_usd`.", metavar="USD", min=0
        ),
    ] = None,
) -> int:
    """Score a shard in this process; judges are those of the environment.

    The same command after an interruption asks what is left: replies are in the journal of the database beside it.
    """
    from evalgate.engines.alone import score
    from evalgate.wiring.app import App
    from evalgate.wiring.sharding import the_watch

    app = App.from_environment()
    watch = the_watch(app, suite or ())
    told = score(shards, out, watch.suite, journal=app.settings.database, spend_cap_usd=spend_cap)
    states = ", ".join(f"{state} {many:,}" for state, many in told.states.items()) or "nothing"
    typer.echo(f"{told.rows:,} rows: {states}")
    typer.echo(f"{told.asked:,} questions asked, {told.recalled:,} answered before, ${told.spent_usd:,.2f}")
    typer.echo(str(out))
    return 0


def import_scores(
    files: Annotated[
        list[Path], typer.Argument(help="Scored shards, or folders of them.", metavar="FILE", show_default=False)
    ],
    suite: SUITES = None,
) -> int:
    """Write the scores of scored shards into windows that are not closed; twice does no harm."""
    from evalgate.wiring.app import App
    from evalgate.wiring.sharding import import_scores, the_watch

    app = App.from_environment()
    taken = import_scores(app, the_watch(app, suite or ()), files)
    typer.echo(f"{taken.written:,} scores written, {taken.there:,} were there already")
    if taken.too_late:
        typer.echo(f"{taken.too_late:,} came too late: their windows are closed, and final")
    if taken.not_drawn:
        typer.echo(f"{taken.not_drawn:,} are of exchanges that the sample does not hold")
    if taken.unknown:
        typer.echo(f"{taken.unknown:,} are of exchanges that are not stored here: {_some(taken.unknown_ids)}")
    return 0


def register(group: typer.Typer) -> None:
    """Add the commands to `evalgate traffic`."""
    group.command()(shard)
    group.command("score-shard")(score_shard)
    group.command("import-scores")(import_scores)


def _some(ids: Sequence[str]) -> str:
    named = ", ".join(ids[:NAMED_AT_MOST])
    return named if len(ids) <= NAMED_AT_MOST else f"{named} and {len(ids) - NAMED_AT_MOST:,} more"
