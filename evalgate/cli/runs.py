"""`runs`, `show` and `compare`: what is stored, read back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RUN = Annotated[
    str, typer.Argument(help="A run's id, or a beginning that is its alone.", metavar="RUN", show_default=False)
]

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Runs: list, show, export, import.")


@group.command("list")
def list_(
    suite: Annotated[str | None, typer.Option(help="Only runs of this suite.", metavar="NAME")] = None,
    limit: Annotated[int, typer.Option(help="At most so many, the newest first.", min=1)] = 20,
) -> int:
    """List the stored runs, the newest first."""
    from evalgate.wiring.app import App

    app = App.from_environment()
    with app.opened() as store:
        for run in store.runs.list(suite, limit=limit):
            state = f"{run.summary.samples:,} outputs" if run.summary else "not finished"
            typer.echo(
                f"{run.id}  {run.created_at:%Y-%m-%d %H:%M}Z  {run.manifest.suite}  {run.manifest.source}  {state}"
            )
    return 0


@group.command()
def show(run: RUN) -> int:
    """Print a run's manifest as JSON."""
    from evalgate.wiring.app import App

    app = App.from_environment()
    with app.opened() as store:
        typer.echo(store.runs.get(run).manifest.model_dump_json(indent=2))
    return 0


@group.command()
def export(
    run: RUN,
    path: Annotated[Path, typer.Argument(help="Where to write; .gz packs.", metavar="PATH", show_default=False)],
) -> int:
    """Write a finished run to a JSONL file; its texts are masked."""
    from evalgate.cli.reporting import check_writable
    from evalgate.wiring.app import App

    check_writable(path)
    app = App.from_environment()
    with app.opened() as store:
        store.runs.export(run, path)
    return 0


@group.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A file that `runs export` wrote.", metavar="PATH", show_default=False)],
) -> int:
    """Store a run from a file, all of it or nothing."""
    from evalgate.wiring.app import App

    app = App.from_environment()
    with app.opened() as store:
        typer.echo(f"run {store.runs.import_(path)}")
    return 0


def show_cases(
    run: Annotated[
        str,
        typer.Argument(
            help="A run, a decision (D-…), `last`, or a case id of the last decision.",
            metavar="RUN|CASE",
            show_default=False,
        ),
    ] = "last",
    flips: Annotated[
        str | None, typer.Option(help="Only cases that this check marks otherwise than before.", metavar="CHECK")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Group by a slice.", metavar="SLICE")] = None,
    limit: Annotated[int, typer.Option(help="At most so many cases.", min=1)] = 20,
) -> int:
    """Show cases side by side: the question, both answers, every mark with its reason."""
    from evalgate.reports.cases_page import print_cases
    from evalgate.wiring.app import App
    from evalgate.wiring.reading import cases_of

    app = App.from_environment()
    with app.opened() as store:
        shown = cases_of(store, run, flips=flips, limit=limit)
    print_cases(shown.cases, app.settings.language, flips=flips, by=by, left_out=shown.left_out)
    return 0


def compare(
    candidate: Annotated[str, typer.Argument(help="A run.", metavar="RUN", show_default=False)],
    baseline: Annotated[str, typer.Argument(help="The run to compare it with.", metavar="RUN", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Compare two stored runs metric by metric, with intervals; nothing is decided."""
    from evalgate.reports.comparison import comparison_json, print_comparison
    from evalgate.wiring.app import App
    from evalgate.wiring.reading import comparison_of

    app = App.from_environment()
    with app.opened() as store:
        found = comparison_of(store, candidate, baseline)
    if as_json:
        typer.echo(comparison_json(found))
    else:
        print_comparison(found, app.settings.language)
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="runs")
    app.command("show")(show_cases)
    app.command()(compare)
