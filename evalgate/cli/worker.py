"""`worker`: scores production traffic, window after window."""

from __future__ import annotations

from typing import Annotated

import typer

from evalgate.cli.watched import SUITES


def worker(
    suite: SUITES = None,
    once: Annotated[
        bool, typer.Option("--once", help="Score what is due and end, for cron; exit 4 where a window has to wait.")
    ] = False,
    while_stdin: Annotated[
        bool, typer.Option("--while-stdin", help="End with standard input too: for a program that starts the worker.")
    ] = False,
) -> int:
    """Score production traffic by the schedule of its suites, until Ctrl+C or SIGTERM.

    It makes the windows, marks what was drawn, fills the review queue, keeps estimates, raises alerts, sends messages
    and forgets old texts. Any number of workers share the work on one database, each window is scored once, and what
    a killed one has begun another finishes without paying a call again.
    """
    import os

    from evalgate.wiring.app import App
    from evalgate.wiring.scoring import benches_of
    from evalgate.wiring.telling import read_events_target
    from evalgate.wiring.traffic import read_watched
    from evalgate.worker.chores import Setting
    from evalgate.worker.process import work

    app = App.from_environment()
    watched = read_watched(os.environ, suite or ())
    setting = Setting(os.environ, app.settings.language, read_events_target(os.environ))
    with app.opened() as store:
        benches = benches_of(store, watched, os.environ, app.settings)
        work(store, benches, setting, once=once, while_stdin=while_stdin)
    return 0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(worker)
