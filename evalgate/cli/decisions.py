"""`explain` and `verify`: a decision read back, and decided again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def explain(
    finding: Annotated[
        str,
        typer.Argument(
            help="A check or a finding: no_pii, answers.no_worse_than, 'answers.no_worse_than[locale=es]'.",
            metavar="FINDING",
            show_default=False,
        ),
    ],
    decision: Annotated[
        str,
        typer.Option(help="A decision (D-…) or the file of its record; the last one unless given.", metavar="D-…|PATH"),
    ] = "last",
) -> int:
    """Explain a finding: what the rule demands, what was measured, how the verdict follows."""
    from evalgate.reports.explain import print_explanation
    from evalgate.wiring.app import App
    from evalgate.wiring.reading import decision_of

    app = App.from_environment()
    print_explanation(decision_of(app, decision), finding, app.settings.language)
    return 0


def verify(
    record: Annotated[
        Path,
        typer.Argument(
            help="A decision record, as --report json=PATH wrote it.", metavar="DECISION.json", show_default=False
        ),
    ],
) -> int:
    """Decide again from a record alone; exit 0 when verdict and findings come out the same, 1 when they do not."""
    from evalgate.core.errors import WrongAsWritten
    from evalgate.core.records import verify_record

    try:
        checked = verify_record(record.read_bytes())
    except OSError as error:
        message = f"{record}: cannot be read ({error.strerror})"
        raise WrongAsWritten(message) from None
    if checked.agrees:
        typer.echo(
            f"{record}: {checked.name} {checked.decision.verdict}; its evidence gives the same verdict and findings"
        )
        return 0
    typer.echo(
        f"{record}: the record says {checked.decision.verdict}, its evidence says {checked.verdict}; do not trust it"
    )
    return 1


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(explain)
    app.command()(verify)
