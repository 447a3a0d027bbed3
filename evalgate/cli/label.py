"""`label`: people's labels for a run, asked for at the terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Annotated, Optional

import typer

if TYPE_CHECKING:
    from evalgate.core.cards import CalibrationCard
    from evalgate.core.review import Criterion, ReviewRubric, Texts
    from evalgate.reports.messages import Voice
    from evalgate.review.asking import Labelling, Question, Turn
    from evalgate.store.engine import Store

SHOWN = 4_000
"""Characters of a text that are printed; the rest is said to be there."""
WIDEST = 100
"""Columns that a text is at most wide: longer lines are hard to read."""


def label(
    run: Annotated[
        str, typer.Argument(help="A run's id, or a beginning that is its alone.", metavar="RUN", show_default=False)
    ],
    check: Annotated[str, typer.Option(help="The check that people's labels measure.", metavar="NAME")],
    count: Annotated[int, typer.Option("-n", "--count", help="Samples to ask about.", min=1, max=100_000)] = 30,
    rubric: Annotated[
        Optional[Path],
        typer.Option(help="What is asked, as YAML; without it the labels that the check gave.", metavar="FILE"),
    ] = None,
    answers: Annotated[
        Optional[Path],
        typer.Option(
            help="Rows of `id`, `label` and, with several criteria, `criterion`, instead of asking.", metavar="FILE"
        ),
    ] = None,
) -> int:
    """Label samples of a run at the terminal and print the calibration card that follows.

    Every answer is kept at once; `z` goes back to the one before, `q` stops, and the same command goes on from there.
    What the judge said is not shown.
    """
    from evalgate.core.errors import WrongAsWritten
    from evalgate.reports.messages import Voice
    from evalgate.review.asking import Labelling, from_answers
    from evalgate.review.carding import cards_of
    from evalgate.wiring.app import App

    app = App.from_environment()
    voice = Voice(app.settings.language)
    with app.opened() as store:
        work = Labelling(store, run, check, count, None if rubric is None else read_rubric(rubric))
        if answers is None:
            typer.echo(voice.counted("labelling.intro", len(work.chosen)))
            asked = work.ask(_Terminal(voice))
        else:
            asked = work.ask(from_answers(_read_answers(answers, work)))
        typer.echo(voice.said("labelling.kept", check=check, **asked._asdict()))
        try:
            cards = cards_of(store, [run], check, store.database.clock().date())
        except WrongAsWritten as nothing_yet:
            typer.echo(f"no card: {nothing_yet}")
            return 0
        print_cards(store, cards)
        if not asked.left and len(work.chosen) == count and not all(card.complete for card in cards):
            typer.echo(voice.said("labelling.next", run=run, check=check, n=2 * count))
    return 0


def read_rubric(path: Path) -> ReviewRubric:
    """Return a queue's rubric from YAML; raise SuiteInvalid or WrongAsWritten, the file first."""
    from evalgate.core.errors import WrongAsWritten
    from evalgate.documents import read_document
    from evalgate.review.rubric import rubric_of

    data = read_document(path).data
    try:
        return rubric_of(data)
    except WrongAsWritten as error:
        message = f"{path}: {error}"
        raise WrongAsWritten(message) from None


def print_cards(store: Store, cards: list[CalibrationCard]) -> None:
    """Print what each card says, and how the judge changed since the one before."""
    from evalgate.review.carding import drift_of, metric_of

    for card in cards:
        weighted = "" if card.weighted is None else ", weighted"
        typer.echo(f"{metric_of(card)}  judge {card.judge} ({card.judge_digest[:8]})  card {card.digest[:8]}")
        typer.echo(f"  labels {card.n}{weighted}, {card.positives} good and {card.negatives} bad by people")
        if card.left_out:
            typer.echo(f"  {card.left_out} more left out: how likely they were to be asked about is not known")
        for name, rate in (("TPR", card.tpr), ("TNR", card.tnr)):
            point = "no label" if rate.point is None else f"{rate.point:.3f}"
            typer.echo(f"  {name} {point}, in [{rate.low:.3f}, {rate.high:.3f}]")
        agreed = card.by("ac1")
        said = agreed.why if agreed.point is None else _interval(agreed.point, agreed.low, agreed.high)
        typer.echo(f"  AC1 {said}")
        usable = "complete" if card.complete else "incomplete: 20 labels of each kind are needed"
        typer.echo(f"  J at least {card.informed_low:.3f}; {usable}; counts until {card.expires_on.isoformat()}")
        drift = drift_of(store, card.check, card.criterion, card.judge_digest)
        if drift is not None and drift.apart:
            typer.echo(f"  changed since the card of {drift.earlier.made_on.isoformat()}: {', '.join(drift.apart)}")


def _interval(point: float, low: float | None, high: float | None) -> str:
    return f"{point:.3f}" if low is None or high is None else f"{point:.3f}, in [{low:.3f}, {high:.3f}]"


class _Terminal:
    """A person at a terminal: shows a question and returns what they answer."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        # A terminal breaks lines within words; what is read by a program stays as it is.
        self._width = min(get_terminal_size().columns, WIDEST) if sys.stdout.isatty() else 0

    def __call__(self, question: Question) -> str | Turn | None:
        """Return the label, Turn.BACK at `z`; None at `q`, at Ctrl-C and at the end of the input."""
        try:
            said = self._answered(question)
        except KeyboardInterrupt:
            said = None
        if said is None:
            typer.echo("")
        return said

    def _answered(self, question: Question) -> str | Turn | None:
        from evalgate.review.asking import Turn, chosen_label

        self._show(question)
        while True:
            typer.echo("> ", nl=False)
            sys.stdout.flush()
            line = sys.stdin.readline()
            if not line or line.strip() == "q":
                return None
            label = chosen_label(question.criterion, line)
            if label is not None:
                return label
            if line.strip() == "z":
                return Turn.BACK
            self._help(question.criterion)

    def _show(self, question: Question) -> None:
        said, sample = self._voice.said, question.marked.sample
        place = said("labelling.place", place=question.place, of=question.of)
        typer.echo(f"\n── {place} ──  {said('labelling.case', case=self._voice.named(sample.case.id))}")
        typer.echo(f"{said('labelling.question')}\n{self._text(sample.case.question)}")
        for passage in sample.case.context:
            typer.echo(f"{said('labelling.context')}\n{self._text(passage)}")
        typer.echo(f"{said('labelling.answer')}\n{self._text(sample.output.text)}")
        typer.echo(f"{self._best(question.criterion.title) or question.name}: {self._choices(question.criterion)}")

    def _choices(self, criterion: Criterion) -> str:
        titles = [self._best(label.title) or name for name, label in criterion.labels.items()]
        ways = {"0": "unknown", "z": "back", "q": "stop"}
        shown = [f"{number} {title}" for number, title in enumerate(titles, 1)]
        return "  ".join(shown + [f"{key} {self._voice.said(f'labelling.{way}')}" for key, way in ways.items()])

    def _help(self, criterion: Criterion) -> None:
        typer.echo(self._voice.said("labelling.help", most=len(criterion.labels)))
        if about := self._best(criterion.help):
            typer.echo(self._text(about))
        for number, (name, label) in enumerate(criterion.labels.items(), 1):
            if about := self._best(label.help):
                typer.echo(self._text(f"{number} {self._best(label.title) or name}: {about}"))
        typer.echo(self._choices(criterion))

    def _best(self, texts: Texts) -> str:
        return texts.get(self._voice.language) or texts.get("en") or ""

    def _text(self, text: str) -> str:
        from textwrap import fill

        from evalgate.reports.inert import visible

        left = len(text) - SHOWN
        more = "" if left <= 0 else f" {self._voice.said('labelling.more', n=self._voice.whole(left))}"
        lines = f"{visible(text[:SHOWN])}{more}".split("\n")
        if self._width:
            lines = [fill(line, self._width, break_on_hyphens=False) for line in lines]
        return "\n".join(lines)


def _read_answers(path: Path, work: Labelling) -> Mapping[tuple[str, str], str]:
    """Return the answers of a file by case id and criterion; raise DataInvalid with `file:line` for a wrong row."""
    from evalgate.core.errors import DataInvalid
    from evalgate.review.asking import chosen_label
    from evalgate.suites.rows import rows

    criteria = work.rubric.criteria
    found: dict[tuple[str, str], str] = {}
    for line, row in rows(path):
        name = str(row.get("criterion") or next(iter(criteria)))
        if "id" not in row or "label" not in row:
            raise DataInvalid(f"{path}:{line}: a row has `id` and `label`")
        if name not in criteria or (len(criteria) > 1 and not row.get("criterion")):
            raise DataInvalid(f"{path}:{line}: `criterion` is one of {', '.join(criteria)}")
        label = chosen_label(criteria[name], str(row["label"]))
        if label is None:
            known = ", ".join(criteria[name].labels)
            raise DataInvalid(f"{path}:{line}: {row['label']!r} is no label of {name}; known are {known}, unknown")
        found[str(row["id"]), name] = label
    return found


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(label)
