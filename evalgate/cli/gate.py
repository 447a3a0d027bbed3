"""`gate`, `run` and `plan`: the suites somebody names, decided, marked or looked at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from evalgate.cli.reporting import Wanted
    from evalgate.core.reporting import Report
    from evalgate.suites.suite import Suite
    from evalgate.wiring.app import App

WORST_FIRST = (4, 2, 1, 3, 0)
"""Which of several suites' exit codes is the command's."""

Suites = Annotated[list[Path], typer.Argument(help="Suite files.", metavar="SUITE…", show_default=False)]
OneSuite = Annotated[Path, typer.Argument(help="A suite file.", metavar="SUITE", show_default=False)]
Candidate = Annotated[str | None, typer.Option(help="Outputs to decide on, instead of data.candidate.", metavar="PATH")]
Baseline = Annotated[
    str | None,
    typer.Option(
        help="What to compare with, instead of data.baseline: a path, run:ID, or an accepted name.", metavar="X"
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, and of the report only the verdict line.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the record as JSON instead of the page.")]
Today = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"], help="The date advisory_until is compared with; today (UTC) unless given.", metavar="DATE"
    ),
]


def gate(
    suites: Suites,
    candidate: Candidate = None,
    baseline: Baseline = None,
    report: Annotated[
        list[str],
        typer.Option(
            help="Reports to write: html=…,junit=…,markdown=…,json=…,sarif=… ({suite} in a path is the suite's name).",
            metavar="FORMAT=PATH",
        ),
    ] = [],  # noqa: B006 - typer copies it
    revision: Annotated[
        str | None, typer.Option(help="The revision under test; outputs of another are inconclusive.", metavar="SHA")
    ] = None,
    changed_at: Annotated[
        str | None,
        typer.Option(help="When the change was made (ISO 8601); older outputs are inconclusive.", metavar="TIME"),
    ] = None,
    break_glass: Annotated[
        str | None,
        typer.Option(
            help="Let through what `production` rules alone would stop, and say why; audited under your name or key.",
            metavar="REASON",
        ),
    ] = None,
    today: Today = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> int:
    """Decide whether the candidate may be deployed.

    Marks the candidate's outputs, compares them with the baseline's on the same cases, prints the findings and exits
    with the decision: 0 pass, 1 fail, 3 inconclusive. Several suites: the worst exit code.
    """
    from evalgate.cli.progress import ProgressLine
    from evalgate.cli.reporting import parse_reports
    from evalgate.cli.times import moment
    from evalgate.core.errors import EvalgateError
    from evalgate.gate.facts import Change
    from evalgate.wiring.app import App

    wanted = parse_reports(report, len(suites))
    change = Change(revision=revision, changed_at=None if changed_at is None else moment("--changed-at", changed_at))
    progress = ProgressLine(quiet=quiet)
    app = App.from_environment(progress)
    loaded = [app.load(path, candidate=candidate, baseline=baseline) for path in suites]
    if break_glass is not None:
        _may_break_glass(app, loaded, break_glass)
    codes = []
    with app.sharing():
        for suite in loaded:
            try:
                with progress:
                    outcome = app.decide(
                        suite, change=change, today=None if today is None else today.date(), break_glass=break_glass
                    )
            except EvalgateError as error:
                if len(loaded) == 1:
                    raise
                typer.echo(f"evalgate: {error}", err=True)
                codes.append(error.exit_code)
                continue
            _publish(app, outcome, wanted, quiet=quiet, as_json=as_json)
            codes.append(outcome.decision.exit_code)
    return next(code for code in WORST_FIRST if code in codes)


def _may_break_glass(app: App, suites: Sequence[Suite], reason: str) -> None:
    """Raise WrongAsWritten before anything is spent where there is nothing to break, no reason, or no key."""
    from evalgate.core.errors import WrongAsWritten
    from evalgate.gate.production import LONGEST_REASON, watches

    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise WrongAsWritten(f"--break-glass says why, in 1 to {LONGEST_REASON} characters; they stand in every report")
    if not any(watches(suite) for suite in suites):
        raise WrongAsWritten("--break-glass lets through what production stops, and no gate here has production:")
    app.may_break_glass()


def _publish(app: App, outcome: Report, wanted: list[Wanted], *, quiet: bool, as_json: bool) -> None:
    from evalgate.cli.reporting import write
    from evalgate.reports.formats import render
    from evalgate.reports.page import print_page

    language = app.settings.language
    for report in wanted:
        write(
            Path(str(report.path).replace("{suite}", outcome.decision.suite)), render(report.format, outcome, language)
        )
    if as_json:
        typer.echo(render("json", outcome, language))
        return
    written = [f"{report.format}: {report.path}" for report in wanted]
    print_page(outcome, language, quiet=quiet, written=written)


def run(
    suite: OneSuite,
    candidate: Candidate = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> int:
    """Mark the candidate's outputs and store the run; nothing is decided."""
    from evalgate.cli.progress import ProgressLine
    from evalgate.reports.levels import levels_json, print_levels
    from evalgate.wiring.app import App

    progress = ProgressLine(quiet=quiet)
    app = App.from_environment(progress)
    loaded = app.load(suite, candidate=candidate, alone=True)
    with app.sharing(), progress:
        levels = app.mark(loaded)
    if as_json:
        typer.echo(levels_json(levels))
    else:
        print_levels(levels, app.settings.language, quiet=quiet)
    return 0


def plan(
    suite: OneSuite,
    candidate: Candidate = None,
    baseline: Baseline = None,
    as_json: AsJson = False,
) -> int:
    """Validate a suite and say what it would take and what it could see; calls no model.

    Prints the judge calls, their cost, the cases each gate needs, its smallest visible drop and every default.
    """
    from evalgate.reports.planned import plan_json, print_plan
    from evalgate.wiring.app import App

    app = App.from_environment()
    planned = app.plan(app.load(suite, candidate=candidate, baseline=baseline))
    if as_json:
        typer.echo(plan_json(planned))
    else:
        print_plan(planned, app.settings.language)
    return 0


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(gate)
    app.command()(run)
    app.command()(plan)
