"""`traffic`: production as it is stored: plan its sample, score a range of it, bring scores in, erase somebody."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from evalgate.cli import shards, traffic_plan
from evalgate.cli.watched import SUITES

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Production traffic: plan, score, erase.")
group.command()(traffic_plan.plan)
shards.register(group)


@group.command()
def score(
    since: Annotated[
        str, typer.Option(help="Windows from this moment on, ISO 8601, UTC unless it says.", metavar="TIME")
    ],
    until: Annotated[
        Optional[str], typer.Option(help="Windows before this moment; all that are over unless given.", metavar="TIME")
    ] = None,
    suite: SUITES = None,
    again: Annotated[
        bool, typer.Option("--again", help="Score closed windows again, as a new version beside the old one.")
    ] = False,
) -> int:
    """Score the windows of a range of time, those that are not closed; for cron, Airflow and after an outage.

    Time is that at which interactions were complete. Every call that was answered before is taken from the journal.
    Alerts that it raises are told by it, as by a worker.
    Exit 4: a window could not be scored now; the same command finishes the rest.
    """
    import os

    from evalgate.cli.times import moment
    from evalgate.wiring.app import App
    from evalgate.wiring.scoring import benches_of
    from evalgate.wiring.telling import read_events_target
    from evalgate.wiring.traffic import read_watched
    from evalgate.worker.chores import Setting
    from evalgate.worker.ranges import Range, score_range

    app = App.from_environment()
    watched = read_watched(os.environ, suite or ())
    wanted = Range(moment("--since", since), None if until is None else moment("--until", until), again)
    setting = Setting(os.environ, app.settings.language, read_events_target(os.environ))
    with app.opened() as store:
        done = score_range(store, benches_of(store, watched, os.environ, app.settings), wanted, setting)
    typer.echo(
        f"{done.closed} windows scored, {done.there} were closed already,"
        f" {done.elsewhere} are with a worker or out as shards"
    )
    return 0


@group.command()
def erase(
    user: Annotated[str, typer.Option(help="Who asked, as the sender names people.", metavar="ID")],
    project: Annotated[str, typer.Option(help="The project.", metavar="NAME")] = "default",
) -> int:
    """Take away everything that somebody said: what is counted stays, and its records say that they were erased.

    It reaches interactions, samples, judges' replies, items of queues and what reviewers wrote about them. Files that
    were exported before are not reached.
    """
    import getpass

    from evalgate.production.erasing import erase_user
    from evalgate.wiring.app import App

    app = App.from_environment()
    with app.opened() as store:
        within = store.within(store.access.project(project).number)
        with store.database.write() as connection:
            erased = erase_user(connection, within, user, by=f"shell:{getpass.getuser()}")
    typer.echo(
        f"erased: {erased.interactions} interactions, {erased.samples} samples, {erased.replies} judge replies,"
        f" {erased.items} queue items"
    )
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="traffic")
