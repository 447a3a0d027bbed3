"""`checks` and `schema`: what a suite may say."""

from __future__ import annotations

from typing import Annotated

import typer

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Checks: list them, show one.")


@group.command("list")
def list_() -> int:
    """List every check and every shipped rubric with what a mark of 1 says."""
    from evalgate.wiring.app import App
    from evalgate.wiring.catalogue import rubric_questions

    for name, check in sorted(App.from_environment().catalogue().items()):
        typer.echo(f"{name:16} {check.summary}")
    typer.echo("\nrubrics (write `rubric: NAME`):")
    for name, question in rubric_questions():
        typer.echo(f"{name:24} {question}")
    return 0


@group.command()
def show(name: Annotated[str, typer.Argument(help="A check's name.", metavar="NAME", show_default=False)]) -> int:
    """Show a check's parameters, their types and defaults."""
    from evalgate.core.errors import WrongAsWritten, did_you_mean
    from evalgate.wiring.app import App
    from evalgate.wiring.catalogue import parameters_of

    known = App.from_environment().catalogue()
    if name not in known:
        message = f"no check is called {name!r}.{did_you_mean(name, known)} See: evalgate checks list"
        raise WrongAsWritten(message)
    typer.echo(f"{name}: {known[name].summary}\n")
    for parameter in parameters_of(known[name]):
        typer.echo(f"  {parameter.name:16} {parameter.type:28} {parameter.default:14} {parameter.description}".rstrip())
    return 0


def schema() -> int:
    """Print the JSON Schema of suite files, for editors."""
    import json

    from evalgate.suites.schema import suite_schema
    from evalgate.wiring.app import App

    typer.echo(json.dumps(suite_schema(App.from_environment().catalogue()), indent=2, ensure_ascii=False))
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="checks")
    app.command()(schema)
