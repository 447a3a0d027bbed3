"""Local models for the command line: folders pinned and verified, students trained from rows of labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalgate.core.errors import DataInvalid, WrongAsWritten, did_you_mean

if TYPE_CHECKING:
    from evalgate.checks.models.student import Card, Labelled


def read_labels(
    path: Path, *, text: str, label: str, cluster: str | None, violations: Collection[str]
) -> list[Labelled]:
    """Return the rows that have a label; raise DataInvalid for a column or a label that is not there."""
    from evalgate.checks.models.student import Labelled
    from evalgate.suites.rows import rows

    found = []
    said: Counter[str] = Counter()
    for line, row in rows(path):
        for column in (text, label, *([cluster] if cluster else ())):
            if column not in row:
                hint = did_you_mean(column, row)
                raise DataInvalid(f"{path}:{line}: no column {column!r}.{hint} The columns are {', '.join(row)}")
        written, given = row[text], row[label]
        if given is None or given == "":
            continue
        if not isinstance(written, str) or not written.strip():
            raise DataInvalid(f"{path}:{line}: {text!r} is no text")
        said[_name(given)] += 1
        group = _name(row[cluster]) if cluster else str(line)
        found.append(Labelled(written, _name(given) in violations, group))
    for wanted in violations:
        if wanted not in said:
            hint = did_you_mean(wanted, said)
            raise WrongAsWritten(f"--violation {wanted}: no row of {path} has it.{hint} There are: {_counts(said)}")
    if len(said) <= len(set(violations)):
        raise WrongAsWritten(f"{path}: every label is a violation ({_counts(said)}); a student needs both kinds")
    return found


def _name(value: Any) -> str:
    """Return a label as people write it: true, 1, hateful."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _counts(said: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in said.most_common(10)) or "none"


def train_student(labels: list[Labelled], folder: Path, *, learnt: str, precision: float | None) -> Card:
    """Train a student, write it into a folder and return its card."""
    from evalgate.checks.models.student import save, train

    trained = train(labels, name=folder.resolve().name, learnt=learnt, precision=precision)
    save(trained, folder)
    return trained.card
