"""`baseline`: which accepted run a name stands for."""

from __future__ import annotations

import getpass
import os
from typing import Annotated

import typer

MAIN = "main"
NAME = Annotated[
    str,
    typer.Argument(
        help="The baseline's name, as data.baseline says; main unless given.", metavar="NAME", show_default=False
    ),
]
SUITE = Annotated[
    str | None, typer.Option(help="The suite's name; needed when the store holds several.", metavar="NAME")
]

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Baselines: accept a run, show, list.")


@group.command()
def accept(
    name: NAME = MAIN,
    run: Annotated[
        str | None,
        typer.Argument(help="The run; the candidate of the suite's last decision unless given.", metavar="RUN"),
    ] = None,
    suite: SUITE = None,
    first: Annotated[
        bool, typer.Option("--first", help="The name has no run yet: there is nothing to compare with.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option(help="Accept a run whose decision is not a pass, and say why.", metavar="TEXT")
    ] = None,
) -> int:
    """Let a name stand for a run from now on.

    The run must be the candidate of a decision that passed; `--first` and `--reason` say why another one may be it.
    """
    from evalgate.wiring.app import App
    from evalgate.wiring.baselines import accept_run

    app = App.from_environment()
    with app.opened() as store:
        accepted = accept_run(store, name, run=run, suite=suite, by=_somebody(), first=first, reason=reason)
    typer.echo(f"{accepted.suite}: {name} is now run {accepted.run_id} ({accepted.reason}), by {accepted.accepted_by}")
    return 0


@group.command()
def show(name: NAME = MAIN, suite: SUITE = None) -> int:
    """Show what a name stood for, the latest first."""
    from evalgate.wiring.app import App
    from evalgate.wiring.baselines import only_suite

    app = App.from_environment()
    with app.opened() as store:
        found = store.baselines.history(only_suite(store, suite), name)
    if not found:
        typer.echo(
            f"evalgate: no run is accepted as {name!r}; accept one: evalgate baseline accept {name} --first", err=True
        )
        return 3
    for accepted in found:
        typer.echo(
            f"{accepted.accepted_at:%Y-%m-%d %H:%M}Z  run {accepted.run_id}  {accepted.accepted_by}  {accepted.reason}"
        )
    return 0


@group.command("list")
def list_() -> int:
    """List every name with the run it stands for."""
    from evalgate.wiring.app import App

    app = App.from_environment()
    with app.opened() as store:
        for accepted in store.baselines.list():
            typer.echo(
                f"{accepted.suite}  {accepted.name}  run {accepted.run_id}  {accepted.accepted_at:%Y-%m-%d %H:%M}Z"
                f"  {accepted.accepted_by}"
            )
    return 0


def _somebody() -> str:
    # In CI the person is whoever set the pipeline off; the platforms say so in one of these.
    for variable in ("EVALGATE_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN"):
        if actor := os.environ.get(variable):
            return actor
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="baseline")
