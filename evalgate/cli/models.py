"""`models`: local models trusted file by file, and students trained from people's labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

if TYPE_CHECKING:
    from evalgate.checks.models.student import Figure

group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Local models: pin, verify, train.")

FOLDER = Annotated[Path, typer.Argument(help="The model's folder.", metavar="FOLDER", show_default=False)]


@group.command()
def pin(folder: FOLDER) -> int:
    """Write the sha256 of every file into the folder's manifest, or draft a manifest where there is none."""
    from evalgate.checks.models.pinning import pin as pin_folder

    pinned = pin_folder(folder)
    if pinned.model is None:
        typer.echo(f"{pinned.manifest}: drafted; {pinned.missing}")
        return 2
    typer.echo(f"{pinned.manifest}: {len(pinned.model.files)} files pinned")
    return 0


@group.command()
def verify(folder: FOLDER) -> int:
    """Read every file, load the model and run its self-test; exit 2 with one line when anything is not as pinned."""
    from evalgate.checks.models.folder import verify as verify_folder
    from evalgate.checks.models.loaded import load_model

    model = verify_folder(folder)
    load_model(model)
    typer.echo(f"{folder}: {model.name} {model.version}, {len(model.files)} files as pinned, self-test passed")
    return 0


@group.command()
def train(
    labels: Annotated[Path, typer.Argument(help="Rows with a text and a label.", metavar="LABELS", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="The student's folder.", metavar="FOLDER")],
    violation: Annotated[
        list[str], typer.Option(help="A label that is a violation; may be given again.", metavar="LABEL")
    ],
    text: Annotated[str, typer.Option(help="The column of texts.", metavar="COLUMN")] = "text",
    label: Annotated[
        str, typer.Option(help="The column of labels; rows without one are left out.", metavar="COLUMN")
    ] = "label",
    cluster: Annotated[
        Optional[str],
        typer.Option(help="The column that related rows share: a conversation, a user, a template.", metavar="COLUMN"),
    ] = None,
    precision: Annotated[
        Optional[float],
        typer.Option(help="Mark only as surely as this share of marks being right.", min=0.01, max=0.999),
    ] = None,
) -> int:
    """Train a student from people's labels; its figures are of clusters it never saw."""
    from evalgate.wiring.models import read_labels, train_student

    found = read_labels(labels, text=text, label=label, cluster=cluster, violations=violation)
    card = train_student(found, out, learnt=", ".join(violation), precision=precision)
    typer.echo(
        f"{out}: {card.texts:,} texts, {card.violations:,} violations, {card.clusters:,} clusters;"
        f" a violation from {card.threshold:.2f} on"
    )
    for name, figure in (("recall", card.recall), ("specificity", card.specificity), ("precision", card.precision)):
        typer.echo(f"  {name:12} {_shown(figure)}")
    return 0


def _shown(figure: Figure) -> str:
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}] of {figure.n:,}"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="models")
