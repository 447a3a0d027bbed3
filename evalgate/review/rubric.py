"""What a queue asks: read from data, or made from a judge's rubric so that people and judge read the same words."""

from __future__ import annotations

from typing import Any, get_args

from evalgate.core.errors import WrongAsWritten
from evalgate.core.outcomes import metric_name
from evalgate.core.review import Criterion, LabelChoice, Language, ReviewRubric, Texts
from evalgate.judges.rubrics import UNKNOWN, Label, Rubric
from evalgate.review.parsing import parsed

LANGUAGES: tuple[Language, ...] = get_args(Language)


def rubric_of(data: Any) -> ReviewRubric:
    """Return the rubric in plain data; raise WrongAsWritten with one line for what is wrong.

    Two labels of one criterion stand for different numbers, and two criteria are labels of different metrics.
    """
    rubric = parsed(ReviewRubric, data, "the rubric of a queue")
    seen: dict[str, str] = {}
    for name, criterion in rubric.criteria.items():
        if len({label.value for label in criterion.labels.values()}) < 2:
            message = f"the labels of {name!r} all stand for the same number, so they tell nothing apart"
            raise WrongAsWritten(f"the rubric of a queue: {message}")
        metric = metric_name(criterion.check, criterion.criterion)
        if metric in seen:
            message = f"{seen[metric]!r} and {name!r} both ask about {metric}; ask it once"
            raise WrongAsWritten(f"the rubric of a queue: {message}")
        seen[metric] = name
    return rubric


def asking_people(check: str, rubric: Rubric, name: str = "") -> ReviewRubric:
    """Return what people are asked so that their answers measure the judge of a check: its question and its labels.

    The judge's label `unknown` is left out: everybody may always answer that.
    """
    criteria = {
        metric_name(check, criterion): Criterion(
            check=check,
            criterion=criterion,
            title=_texts(part.question),
            labels={key: _choice(label, label.value) for key, label in part.labels.items() if label.value != UNKNOWN},
        )
        for criterion, part in rubric.parts.items()
    }
    return ReviewRubric(name=name or rubric.name, version=str(rubric.version), criteria=criteria)


def _choice(label: Label, value: Any) -> LabelChoice:
    return LabelChoice(value=value, title=_texts(label.title), help=_texts(label.help))


def _texts(words: str | dict[Language, str] | None) -> Texts:
    """Return one text a language; a text that is for every language is that of each."""
    if isinstance(words, str):
        return dict.fromkeys(LANGUAGES, words)
    return dict(words or {})
