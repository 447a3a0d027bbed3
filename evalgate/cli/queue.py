"""`queue`: what people are asked to review, from making a queue to the calibration card."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import Annotated, Optional

import typer

NAME = Annotated[str, typer.Argument(help="The queue's name.", metavar="NAME", show_default=False)]
FORMAT = Annotated[
    Optional[str],
    typer.Option("--format", help="jsonl, csv, argilla or label-studio; by the file's name.", metavar="FORMAT"),
]

group = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Queues: create, fill, status, export, import, promote, card.",
)


@group.command()
def create(
    name: NAME,
    rubric: Annotated[
        Path, typer.Option(help="What people are asked, as YAML.", metavar="FILE.yaml", show_default=False)
    ],
    settings: Annotated[
        Optional[Path], typer.Option(help="How the queue works, as YAML; the rest by default.", metavar="FILE.yaml")
    ] = None,
) -> int:
    """Make a queue."""
    from evalgate.cli.label import read_rubric
    from evalgate.core.review import QueueSettings
    from evalgate.documents import read_document
    from evalgate.review.settings import settings_of
    from evalgate.wiring.app import App

    asked = read_rubric(rubric)
    works = QueueSettings() if settings is None else settings_of(read_document(settings).data)
    app = App.from_environment()
    with app.opened() as store:
        queue = store.queues.create(name, asked, works, _somebody())
    typer.echo(f"queue {queue.name}: {len(asked.criteria)} criteria, {works.reviews_required} people for each item")
    return 0


@group.command()
def fill(
    name: NAME,
    run: Annotated[str, typer.Option(help="The run to take samples of.", metavar="RUN", show_default=False)],
    rule: Annotated[
        list[str],
        typer.Option(
            help="unknown:CHECK, disagreement:CHECK,OTHER, near_threshold:CHECK,AT,WITHIN, flips:CHECK,RUN, "
            "random:P, chosen:CASE,…; an end @P makes a rule take with that probability. Give it several times.",
            metavar="RULE",
            show_default=False,
        ),
    ],
    stratum: Annotated[
        Optional[str], typer.Option(help="The slice whose value each item remembers.", metavar="SLICE")
    ] = None,
) -> int:
    """Put samples of a run into a queue, by rules."""
    from evalgate.review.filling import fill as fill_queue
    from evalgate.review.rules import rule_of
    from evalgate.wiring.app import App

    rules = [rule_of(text) for text in rule]
    app = App.from_environment()
    with app.opened() as store:
        queue = store.queues.get(name)
        filled = fill_queue(store, queue, run, rules, stratum=stratum)
    there = f" ({filled.taken - filled.added:,} were there)" if filled.taken > filled.added else ""
    typer.echo(f"queue {queue.name}: {filled.added:,} items of {filled.read:,} samples{there}")
    return 0


@group.command()
def status(
    name: Annotated[
        Optional[str], typer.Argument(help="A queue; all of them unless given.", metavar="NAME", show_default=False)
    ] = None,
) -> int:
    """Show how far queues are and, of one, how its people agree."""
    from evalgate.review.agreement import agreement_of
    from evalgate.store.queues import Progress
    from evalgate.wiring.app import App

    app = App.from_environment()
    with app.opened() as store:
        far = store.queues.progress()
        queues = store.queues.list() if name is None else (store.queues.get(name),)
        for queue in queues:
            done = far.get(queue.number, Progress())
            typer.echo(
                f"{queue.name}  {queue.state}  {done.closed:,} of {done.all:,} done, {done.open:,} open, "
                f"{done.adjudicating:,} to adjudicate"
            )
        if name is None:
            return 0
        found = agreement_of(store, queues[0])
    for part in found.agreeing:
        overall = next(each for each in part.rows[-1].by if each.method == "ac1")
        point = overall.why if overall.point is None else f"AC1 {overall.point:.3f}"
        typer.echo(f"  {part.criterion}  {part.group}  {part.items:,} items  {point}")
    for one in found.gold:
        typer.echo(f"  {one.reviewer}  {one.right} of {one.answered} gold answers right, {one.contested} contested")
    return 0


@group.command("export")
def export_(
    name: NAME,
    path: Annotated[Path, typer.Argument(help="Where to write.", metavar="PATH", show_default=False)],
    form: FORMAT = None,
) -> int:
    """Write the labels that a queue gave."""
    from evalgate.cli.reporting import check_writable
    from evalgate.review.exchange import format_of, labels_of, written
    from evalgate.wiring.app import App

    chosen = format_of(path, form)
    check_writable(path)
    app = App.from_environment()
    with app.opened() as store:
        queue = store.queues.get(name)
        with path.open("wb") as file:
            file.writelines(written(store, labels_of(store, queue), chosen))
    return 0


@group.command("import")
def import_(
    name: NAME,
    path: Annotated[Path, typer.Argument(help="A file of labels.", metavar="PATH", show_default=False)],
    form: FORMAT = None,
) -> int:
    """Store the labels of a file, all or none; they must be answers to what the queue asks."""
    from evalgate.review.exchange import Import, format_of, read_labels
    from evalgate.wiring.app import App

    chosen = format_of(path, form)
    app = App.from_environment()
    with app.opened() as store:
        queue = store.queues.get(name)
        labels = read_labels(path, chosen, Import(queue.name, store.database.clock(), queue.rubric))
        store.labels.keep(labels)
    typer.echo(f"queue {queue.name}: {len(labels):,} labels imported")
    return 0


@group.command()
def promote(
    name: NAME,
    suite: Annotated[
        str, typer.Option(help="The suite that the gold cases are for.", metavar="SUITE", show_default=False)
    ],
    output: Annotated[
        Optional[Path], typer.Option("-o", "--output", help="Write all gold cases of the suite.", metavar="FILE.jsonl")
    ] = None,
) -> int:
    """Make gold cases of items that two people agree on or somebody adjudicated, without personal data in them."""
    from evalgate.cli.reporting import check_writable
    from evalgate.review.gold_cases import case_lines
    from evalgate.review.gold_cases import promote as promote_items
    from evalgate.wiring.app import App

    if output is not None:
        check_writable(output)
    app = App.from_environment()
    with app.opened() as store:
        done = promote_items(store, store.queues.get(name), suite, _somebody())
        if output is not None:
            with output.open("wb") as file:
                file.writelines(case_lines(store, suite))
    typer.echo(
        f"suite {suite}: {done.added} promoted, {done.known} known, {done.personal} with personal data, "
        f"{done.unsure} not agreed"
    )
    return 0


@group.command()
def card(
    check: Annotated[str, typer.Argument(help="A judge's check.", metavar="CHECK", show_default=False)],
    run: Annotated[
        Optional[list[str]], typer.Option(help="Runs in which it is met; all unless given.", metavar="RUN")
    ] = None,
) -> int:
    """Make the calibration cards of a check and print them."""
    from evalgate.cli.label import print_cards
    from evalgate.review.carding import cards_of
    from evalgate.wiring.app import App

    app = App.from_environment()
    with app.opened() as store:
        print_cards(store, cards_of(store, run or [], check, store.database.clock().date()))
    return 0


def _somebody() -> str:
    """Return who runs this; in CI it is whom EVALGATE_ACTOR names."""
    try:
        return f"user:{os.environ.get('EVALGATE_ACTOR') or getpass.getuser()}"
    except (KeyError, OSError):
        return "user:unknown"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="queue")
