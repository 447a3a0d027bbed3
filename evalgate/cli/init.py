"""`init`: a first suite from a file of outputs. What can be guessed is; what cannot is asked, or given by flags."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

if TYPE_CHECKING:
    from evalgate.suites.init_guess import Guesses
    from evalgate.wiring.init import Proposal, Said, Size

COL = "COL"
Text = Optional[str]


def init(
    source: Annotated[
        Path, typer.Option("--from", help="A file of recorded outputs: JSONL, CSV or Parquet.", metavar="FILE")
    ],
    to: Annotated[
        Optional[Path],
        typer.Option("--to", help="Where to write the suite; suites/NAME.yaml unless given.", metavar="PATH"),
    ] = None,
    name: Annotated[Text, typer.Option(help="The suite's name; this folder's unless given.", metavar="NAME")] = None,
    owner: Annotated[Text, typer.Option(help="The one person who answers for it.", metavar="WHO")] = None,
    input_: Annotated[Text, typer.Option("--input", help="The column of what was asked.", metavar=COL)] = None,
    output: Annotated[Text, typer.Option(help="The column of what was answered.", metavar=COL)] = None,
    id_: Annotated[Text, typer.Option("--id", help="The column of ids, stable across runs.", metavar=COL)] = None,
    cluster: Annotated[Text, typer.Option(help="The column that says which rows belong together.", metavar=COL)] = None,
    column: Annotated[
        list[str], typer.Option(help="The column of any other field; FIELD= takes a guess back.", metavar="FIELD=COL")
    ] = [],  # noqa: B006 - typer copies it
    slice_: Annotated[
        list[str], typer.Option("--slice", help="A slice that the gates also look at.", metavar="NAME=COL")
    ] = [],  # noqa: B006 - typer copies it
    score: Annotated[
        Text, typer.Option(help="A column of scores measured elsewhere and their range.", metavar="COL=LOW,HIGH")
    ] = None,
    baseline: Annotated[
        Text, typer.Option(help="What to compare with: a file, or main, the run you accept.", metavar="FILE|main")
    ] = None,
    judge: Annotated[
        Text, typer.Option(help="The model that judges; none for code checks alone.", metavar="MODEL")
    ] = None,
    margin: Annotated[
        Optional[float],
        typer.Option(help="The loss you accept; the least the data can decide unless given.", metavar="X"),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take guesses and proposals; ask nothing.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the suite that is there.")] = False,
) -> int:
    """Write a first suite from a file of recorded outputs.

    Columns are guessed and shown. What a file cannot say is asked on a terminal and given by flags elsewhere; when
    something is missing nothing is written. The margin is proposed from the number of cases and written out.
    """
    from evalgate.suites.init_guess import guess_columns
    from evalgate.wiring.init import Said, default_name, refuse_existing

    name = name or default_name(Path.cwd() if to is None else to.with_suffix(""))
    to = to or Path("suites") / f"{name}.yaml"
    refuse_existing(to, force=force)
    short = {"id": id_, "input": input_, "output": output, "cluster": cluster}
    said = Said(
        name=name,
        owner=owner,
        columns={**_pairs("--column", column), **{field: named for field, named in short.items() if named is not None}},
        slices=_pairs("--slice", slice_),
        baseline=baseline,
        judge=judge,
        score=score,
        margin=margin,
    )
    guesses = guess_columns(source)
    talk = sys.stdin.isatty() and sys.stdout.isatty() and not yes
    said = _ask(guesses, said, source) if talk else _refuse_gaps(guesses, said, yes=yes)
    if not talk:
        _show(guesses, said, source)
    _write(guesses, said, source, to, force=force, talk=talk)
    return 0


def _pairs(flag: str, written: Sequence[str]) -> dict[str, str]:
    from evalgate.core.errors import WrongAsWritten

    split = [pair.partition("=") for pair in written]
    for pair, (left, sign, _) in zip(written, split, strict=True):
        if not (left and sign):
            raise WrongAsWritten(f"{flag} {pair}: write it as NAME=COL")
    return {left: right for left, _, right in split}


def _refuse_gaps(guesses: Guesses, said: Said, *, yes: bool) -> Said:
    """Return what was said with guesses taken as agreed; raise WrongAsWritten listing the flags that are missing."""
    from evalgate.core.errors import WrongAsWritten
    from evalgate.wiring.init import NEEDED, NO_JUDGE, settle_columns

    unsure = {guess.field: guess.column for guess in guesses.fields if guess.certainty == "unsure"}
    if yes:
        said = said.model_copy(update={"columns": {**unsure, **said.columns}, "judge": said.judge or NO_JUDGE})
    settled = settle_columns(guesses, said.columns)
    perhaps = {field: f" (perhaps {column})" for field, column in unsure.items()}
    lacking = [f"--{field} COL{perhaps.get(field, '')}" for field in NEEDED if field not in settled]
    lacking += ["--owner WHO"] if not said.owner else []
    lacking += [f"--judge MODEL (or {NO_JUDGE})"] if not said.judge else []
    if lacking:
        columns = f"; the columns are {', '.join(guesses.columns)}" if "COL" in lacking[0] else ""
        raise WrongAsWritten(
            f"init needs what the file does not say: {', '.join(lacking)}{columns}. Nothing is written"
        )
    return said


def _ask(guesses: Guesses, said: Said, source: Path) -> Said:
    """Return what was said, completed by questions on the terminal."""
    from evalgate.wiring.init import MAIN, NEEDED, NO_JUDGE, settle_columns

    columns = dict(said.columns)
    settled = settle_columns(guesses, columns)
    _show(guesses, said, source)
    unsure = {guess.field: guess.column for guess in guesses.fields if guess.certainty == "unsure"}
    for field in NEEDED:
        if field not in settled:
            columns[field] = typer.prompt(
                f"Which column is the {field}", default=unsure.get(field), value_proc=_one_of(guesses.columns)
            )
    return said.model_copy(
        update={
            "columns": columns,
            "owner": said.owner or typer.prompt("Who answers for this suite (one person)"),
            "baseline": said.baseline
            or typer.prompt("Compare with which file of outputs; main is the run you will accept", default=MAIN),
            "judge": said.judge or typer.prompt("Which model judges; none for code checks alone", default=NO_JUDGE),
        }
    )


def _show(guesses: Guesses, said: Said, source: Path) -> None:
    """Show which columns are read as what, and which are not read."""
    from evalgate.wiring.init import settle_columns, settle_score, settle_slices

    read = {**settle_columns(guesses, said.columns), **_sliced(settle_slices(guesses, said.slices))}
    score = settle_score(guesses, said.score)
    if score is not None:
        read[f"score from {score.low:g} to {score.high:g}"] = score.column
    typer.echo(f"{source} is read as:")
    for field, column in read.items():
        typer.echo(f"  {field:20} {column}")
    left = [column for column in guesses.columns if column not in read.values()]
    typer.echo(f"  not read             {', '.join(left)}\n" if left else "")


def _sliced(slices: dict[str, str]) -> dict[str, str]:
    return {f"slice {name}": column for name, column in slices.items()}


def _one_of(known: Sequence[str]) -> Callable[[str], str]:
    def read(written: str) -> str:
        if written not in known:
            raise typer.BadParameter(f"one of {', '.join(known)}")
        return written

    return read


def _write(guesses: Guesses, said: Said, source: Path, to: Path, *, force: bool, talk: bool) -> None:
    """Settle what is left, write the suite and say what to do next."""
    import os

    from evalgate.core.errors import WrongAsWritten
    from evalgate.providers.select import endpoint_for
    from evalgate.suites.writing import Answers
    from evalgate.wiring import init as wiring
    from evalgate.wiring.app import App

    judge = None if said.judge == wiring.NO_JUDGE else said.judge
    if judge is not None:
        endpoint_for(judge, os.environ)  # refuses a name nobody could be asked under
    columns, slices = wiring.settle_columns(guesses, said.columns), wiring.settle_slices(guesses, said.slices)
    baseline = wiring.baseline_file(said.baseline)
    size = wiring.measure(source, columns, slices, baseline)
    proposal = wiring.propose_margin(size)
    _explain(proposal, size)
    margin = said.margin
    if margin is None:
        margin = typer.prompt("The loss you accept", default=proposal.margin, type=float) if talk else proposal.margin
    if margin < proposal.margin:
        typer.echo(f"With {margin:g} an unchanged candidate may stay inconclusive until there are more cases.")
    if not 0 < margin <= 1:
        raise WrongAsWritten(f"--margin {margin:g}: the loss you accept is above 0 and at most 1, as 0.05")
    answers = Answers(
        name=said.name or "",
        owner=said.owner or "",
        candidate=source.name,
        columns=columns,
        slices=slices,
        judge=judge,
        countries=guesses.countries,
        by=tuple(slices),
        score=wiring.settle_score(guesses, said.score),
        margin=margin,
    )
    wiring.write_new(to, wiring.suite_text(answers, source, baseline, to, App.from_environment()), force=force)
    _next(to, named=baseline is None, price=wiring.price_missing(judge))


def _explain(proposal: Proposal, size: Size) -> None:
    typer.echo(
        f"A margin of {proposal.margin:g} is the least that {size.cases:,} cases in {size.clusters:,} clusters decide"
        " with 80 % power. Their spread is not known before the first run; 0.5 is assumed, which is cautious."
    )
    if proposal.enough is not None:
        typer.echo(f"That is a lot to lose: about {proposal.enough:,} cases would decide a margin of 0.1.")


def _next(to: Path, *, named: bool, price: str | None) -> None:
    typer.echo(f"\nWrote {to}. Next:")
    typer.echo(f"  evalgate plan {to}    what it costs and what it can see; calls no model")
    typer.echo(f"  evalgate gate {to}    the decision")
    if named:
        typer.echo("  evalgate baseline accept main --first    from now on this run is what others are compared with")
    if price is not None:
        typer.echo(f"\nFirst: {price}")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(init)
