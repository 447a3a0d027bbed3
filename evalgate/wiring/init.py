"""A first suite from a file of outputs: what the file says, what people say, and a margin the data can decide."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from evalgate.core.errors import SuiteInvalid, WrongAsWritten, did_you_mean
from evalgate.core.values import Value
from evalgate.suites.init_guess import Guesses
from evalgate.suites.suite import FIELDS, DataSpec, FileSource, NamedSource

if TYPE_CHECKING:
    from evalgate.suites.suite import Suite
    from evalgate.suites.writing import Answers, RecordedScore
    from evalgate.wiring.app import App

NO_JUDGE = "none"
MAIN = "main"
NEEDED = ("id", "input", "output")
USUAL_MARGIN = 0.10
"""A proposal above this comes with the number of cases that would decide this much."""


class Said(Value):
    """What somebody said, by a flag or when asked; None and empty where nothing was said."""

    name: str | None = None
    owner: str | None = None
    columns: dict[str, str] = {}
    """Field to column; an empty column takes a guess back."""
    slices: dict[str, str] = {}
    baseline: str | None = None
    judge: str | None = None
    score: str | None = None
    """`COL=LOW,HIGH`: a column of scores measured elsewhere."""
    margin: float | None = None


class Size(NamedTuple):
    """How much there is to compare: cases, or pairs where a baseline is given, and independent clusters of them."""

    cases: int
    clusters: int


class Proposal(NamedTuple):
    """The smallest margin, rounded up to a whole percent, that this much data decides."""

    margin: float
    enough: int | None
    """Cases that would decide `USUAL_MARGIN`, when these do not."""


def settle_columns(guesses: Guesses, said: Mapping[str, str]) -> dict[str, str]:
    """Return field to column: what was said, else what is sure or likely; raise WrongAsWritten for a strange name."""
    for field, column in said.items():
        if field not in FIELDS:
            raise WrongAsWritten(
                f"--column {field}={column}: no field is called {field!r}.{did_you_mean(field, FIELDS)}"
            )
        if column and column not in guesses.columns:
            raise _no_column(f"--column {field}={column}", column, guesses)
    guessed = {guess.field: guess.column for guess in guesses.fields if guess.certainty != "unsure"}
    taken = set(said.values())
    kept = {field: column for field, column in guessed.items() if column not in taken}
    return {field: column for field, column in {**kept, **said}.items() if column}


def settle_slices(guesses: Guesses, said: Mapping[str, str]) -> dict[str, str]:
    """Return slice to column: what was said, else the language when a column holds it."""
    for name, column in said.items():
        if column not in guesses.columns:
            raise _no_column(f"--slice {name}={column}", column, guesses)
    return dict(said) or {guess.field: guess.column for guess in guesses.slices if guess.certainty != "unsure"}


def settle_score(guesses: Guesses, said: str | None) -> RecordedScore | None:
    """Return the recorded score to gate: the one said, else a likely one that the file holds; "" is none."""
    from evalgate.suites.writing import RecordedScore

    if said is None:
        likely = next((score for score in guesses.scores if score.certainty == "likely"), None)
        return None if likely is None else RecordedScore(column=likely.column, low=likely.low, high=likely.high)
    if not said:
        return None
    column, _, span = said.partition("=")
    if column not in guesses.columns:
        raise _no_column(f"--score {said}", column, guesses)
    try:
        low, high = (float(bound) for bound in span.split(","))
    except ValueError:
        raise WrongAsWritten(
            f"--score {said}: write COL=LOW,HIGH, the range it is measured in, as rating=1,5"
        ) from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise WrongAsWritten(f"--score {said}: the range goes from the worst to the best value, both finite")
    return RecordedScore(column=column, low=low, high=high)


def _no_column(flag: str, column: str, guesses: Guesses) -> WrongAsWritten:
    hint = did_you_mean(column, guesses.columns)
    return WrongAsWritten(f"{flag}: the file has no column {column!r}.{hint} It has {', '.join(guesses.columns)}")


def baseline_file(said: str | None) -> Path | None:
    """Return the file that a baseline names, None for the run accepted as `main`."""
    from evalgate.suites.loading import parse_baseline

    if said is None:
        return None
    source = parse_baseline(said)
    if isinstance(source, FileSource):
        return source.path
    if isinstance(source, NamedSource) and source.name == MAIN:
        return None
    raise WrongAsWritten(f"--baseline {said}: give a file or main; for another run edit data.baseline afterwards")


def measure(source: Path, columns: Mapping[str, str], slices: Mapping[str, str], baseline: Path | None) -> Size:
    """Return how much there is to compare; raise DataInvalid for whatever would stop a gate on these files."""
    import numpy as np

    from evalgate.suites.fields import Wanted
    from evalgate.suites.inventory import pairing
    from evalgate.suites.samples import SampleFile

    spec = DataSpec(columns=dict(columns), slices=dict(slices))
    found = SampleFile(source, spec, Wanted(), origin="--from").inventory()
    if baseline is None:
        return Size(found.rows, len(np.unique(found.clusters)))
    joined = pairing(found, SampleFile(baseline, spec, Wanted(), origin="--baseline").inventory())
    return Size(len(joined.candidate), len(np.unique(found.clusters[joined.candidate])))


def propose_margin(size: Size) -> Proposal:
    """Return the margin these cases decide with 80 % power while their spread is unknown and taken to be 0.5.

    >>> propose_margin(Size(261, 261)), propose_margin(Size(261, 235)).margin, propose_margin(Size(20, 20))
    (Proposal(margin=0.08, enough=None), 0.08, Proposal(margin=0.28, enough=155))
    """
    from evalgate.core.statistics.planning import (
        UNKNOWN_ICC,
        UNKNOWN_SD,
        cluster_design_effect,
        detectable_margin,
        needed_pairs,
        smallest_tied_margin,
    )

    effect = cluster_design_effect(size.cases, size.clusters, UNKNOWN_ICC) if size.clusters else 1.0
    visible = detectable_margin(UNKNOWN_SD, max(1, size.cases), design_effect=effect)
    least = max(visible, smallest_tied_margin(size.clusters))
    margin = min(1.0, math.ceil(least * 100 - 1e-9) / 100)
    return Proposal(
        margin, needed_pairs(UNKNOWN_SD, USUAL_MARGIN, design_effect=effect) if margin > USUAL_MARGIN else None
    )


def suite_text(answers: Answers, source: Path, baseline: Path | None, to: Path, app: App) -> str:
    """Return the suite as it will be written, its paths relative to where it will stand.

    It has been read back by the loader, with its data; raises WrongAsWritten for what a gate would refuse.
    """
    from evalgate.gate.looking import file_arms
    from evalgate.suites.inventory import pairing
    from evalgate.suites.writing import write_suite

    beside = {"candidate": _seen_from(to.parent, source), "baseline": baseline and _seen_from(to.parent, baseline)}
    text = write_suite(answers.model_copy(update=beside))
    with TemporaryDirectory() as folder:
        trial = Path(folder) / to.name
        trial.write_text(text, encoding="utf-8")
        suite = app.load(trial, candidate=str(source), baseline=None if baseline is None else str(baseline))
    candidate, other = file_arms(suite, with_baseline=baseline is not None)
    if other is not None:
        pairing(candidate.inventory, other.inventory)
    _refuse_self_grading(suite, {*candidate.models, *(() if other is None else other.models)})
    return text


def _refuse_self_grading(suite: Suite, models: Iterable[str | None]) -> None:
    from evalgate.judges.self_judging import refuse_self_grading

    named = sorted(model for model in models if model)
    for name, check in suite.checks.items():
        try:
            refuse_self_grading(name, check, named)
        except SuiteInvalid as problem:
            raise WrongAsWritten(f"--judge {suite.judge}: {problem}") from None


def price_missing(judge: str | None) -> str | None:
    """Return the sentence with the line to add when nobody knows what a judge costs."""
    from evalgate.wiring.judging import known_price

    if judge is None:
        return None
    try:
        known_price(judge, {})
    except WrongAsWritten as unknown:
        return str(unknown)
    return None


def write_new(to: Path, text: str, *, force: bool) -> None:
    """Write the suite; raise WrongAsWritten when a file is there already, unless forced, or nothing can be written."""
    refuse_existing(to, force=force)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise WrongAsWritten(f"{to}: cannot be written ({error.strerror}); choose another place: --to PATH") from None


def refuse_existing(to: Path, *, force: bool) -> None:
    """Raise WrongAsWritten when a file is there already, unless forced."""
    if to.exists() and not force:
        raise WrongAsWritten(f"{to} is there already; choose another place with --to PATH, or replace it with --force")


def default_name(folder: Path) -> str:
    """Return a suite's name made of a folder's.

    >>> default_name(Path("/srv/My shop (v2)")), default_name(Path("/"))
    ('My-shop-v2', 'first')
    """
    return "-".join(re.findall(r"[\w.]+", folder.name)).strip(".") or "first"


def _seen_from(folder: Path, path: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()
