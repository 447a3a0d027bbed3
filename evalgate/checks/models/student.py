"""A student: a small linear model trained from people's labels, with a card that says how well it learnt.

Character n-grams and logistic regression: it learns words, spellings and turns of phrase in any language, marks a text
in under a millisecond, and is read back without running code (skops). Source of the figures: cross-validation in which
a cluster is never on both sides, the threshold of each fold chosen on the others.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import Field, ValidationError

from evalgate.core.errors import CannotDecide, ServiceBroke, SuiteInvalid, WrongAsWritten
from evalgate.core.models import Window
from evalgate.core.values import Unit, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

CARD, MODEL = "student.json", "student.skops"
FOLDS = 5
FEWEST_LABELS = 20
"""Labels of each kind, and clusters they come from: what cross-validation needs to say anything."""
LONGEST_TEXT = 20_000
"""Characters of a text that are learnt from and marked; n-grams of more add nothing but time."""
MOST_FEATURES = 200_000
SEED = 20_261_121
NEEDS = "needs scikit-learn and skops; run: pip install 'evalgate-service[student]'"


class Labelled(NamedTuple):
    """A text with what people said of it."""

    text: str
    violates: bool
    cluster: str


class Figure(Value):
    """A share with its 95 % interval, clusters respected, and of how many texts."""

    value: Unit
    low: Unit
    high: Unit
    n: Annotated[int, Field(ge=0)]


class Card(Value):
    """What a student was taught and how well it does on clusters it never saw."""

    name: Annotated[str, Field(min_length=1)]
    learnt: Annotated[str, Field(min_length=1)]
    """What counts as a violation, in a few words: the labels it was taught."""
    texts: Annotated[int, Field(ge=1)]
    violations: Annotated[int, Field(ge=1)]
    clusters: Annotated[int, Field(ge=1)]
    threshold: Unit
    """From here on a text is a violation, unless the suite says otherwise."""
    recall: Figure
    """Of the violations, the share found."""
    specificity: Figure
    """Of the texts that are none, the share left alone."""
    precision: Figure
    """Of the texts it marks, the share that are violations, as common as they were among the labels."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    scikit_learn: str


class Student(Card):
    """A card with the folder it was read from. The folder is no part of what the student is."""

    folder: Annotated[Path | None, Field(exclude=True, repr=False)] = None


class Trained(NamedTuple):
    """What training gives: the card, and the bytes of the model."""

    card: Card
    model: bytes


def train(labels: Sequence[Labelled], *, name: str, learnt: str, precision: float | None = None) -> Trained:
    """Return a student of these labels; the same labels in the same order give the same student.

    Its threshold is the one that tells the kinds apart best (recall + specificity), or with `precision` the lowest
    that reached it. Raise CannotDecide when there are too few labels or clusters of a kind to say how well it does.
    """
    import numpy as np

    pipeline = _learner()
    texts = [label.text[:LONGEST_TEXT] for label in labels]
    wrong = np.array([label.violates for label in labels])
    clusters = np.unique([label.cluster for label in labels], return_inverse=True)[1]
    _refuse_too_few(wrong, clusters)
    scores, folds = _out_of_fold(pipeline, texts, wrong, clusters)
    found = np.zeros(len(labels), dtype=bool)
    for fold in range(FOLDS):
        here = folds == fold
        found[here] = scores[here] >= _threshold(scores[~here], wrong[~here], precision)
    pipeline.fit(texts, wrong)
    model = _packed(pipeline)
    import sklearn

    card = Card(
        name=name,
        learnt=learnt,
        texts=len(labels),
        violations=int(wrong.sum()),
        clusters=int(clusters.max()) + 1,
        threshold=round(_threshold(scores, wrong, precision), 4),
        recall=_figure(found[wrong], clusters[wrong]),
        specificity=_figure(~found[~wrong], clusters[~wrong]),
        precision=_figure(wrong[found], clusters[found]),
        sha256=hashlib.sha256(model).hexdigest(),
        scikit_learn=sklearn.__version__,
    )
    return Trained(card, model)


def save(trained: Trained, folder: Path) -> None:
    """Write a student into a folder; raise ServiceBroke when that is impossible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MODEL).write_bytes(trained.model)
        card = json.dumps(trained.card.model_dump(mode="json"), indent=2, ensure_ascii=False)
        (folder / CARD).write_text(card + "\n", encoding="utf-8")
    except OSError as problem:
        raise ServiceBroke(f"{problem.filename or folder}: cannot be written: {problem.strerror}") from problem


def open_student(folder: Path) -> Student:
    """Return the student whose card is in a folder; raise SuiteInvalid when it has none that can be read."""
    path = folder / CARD
    try:
        return Student.model_validate({**json.loads(path.read_bytes()), "folder": folder})
    except OSError as problem:
        raise SuiteInvalid(f"{path}: {problem.strerror}; `evalgate models train` makes a student") from problem
    except (ValidationError, ValueError, TypeError) as problem:
        line = str(problem).splitlines()
        raise SuiteInvalid(f"{path}: not a student's card ({' '.join(line[:3])})") from problem


class LoadedStudent:
    """A student that can be asked: one window a text, with the probability of a violation."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    def read(
        self,
        texts: Sequence[str | tuple[str, str]],
        window: int | None = None,  # noqa: ARG002 - the shape of every local model
        overlap: int = 0,  # noqa: ARG002 - as above
    ) -> list[list[Window]]:
        """Return one window for each text, of its first LONGEST_TEXT characters; none for a text without a word."""
        alone = [text if isinstance(text, str) else text[0] for text in texts]
        said = [number for number, text in enumerate(alone) if any(map(str.isalnum, text[:LONGEST_TEXT]))]
        found: list[list[Window]] = [[] for _ in alone]
        if said:
            shares = self._pipeline.predict_proba([alone[number][:LONGEST_TEXT] for number in said])[:, 1]
            for number, share in zip(said, shares, strict=True):
                end = min(len(alone[number]), LONGEST_TEXT)
                found[number] = [Window(0, end, {"violation": float(share)})]
        return found


def load_student(student: Student) -> LoadedStudent:
    """Return a student that can be asked; raise SuiteInvalid for a file that is not the card's, or more than data."""
    if student.folder is None:
        raise SuiteInvalid(f"{student.name}: a student is loaded from its folder; write its path as model")
    path = student.folder / MODEL
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise SuiteInvalid(f"{path}: {problem.strerror}") from problem
    if hashlib.sha256(content).hexdigest() != student.sha256:
        raise SuiteInvalid(f"{path}: not the file of {CARD} (its sha256 differs); train again, or restore it")
    try:
        from skops.io import get_untrusted_types, loads
    except ImportError as problem:
        raise SuiteInvalid(f"{path}: {NEEDS}") from problem
    strangers = get_untrusted_types(data=content)
    if strangers:
        raise SuiteInvalid(f"{path}: holds {strangers[0]}, which no student is made of; it is not loaded")
    pipeline = loads(content, trusted=[])
    if not hasattr(pipeline, "predict_proba"):
        raise SuiteInvalid(f"{path}: is no classifier; `evalgate models train` makes one")
    return LoadedStudent(pipeline)


def _learner() -> Any:
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import Pipeline
    except ImportError as problem:
        raise WrongAsWritten(f"training a student {NEEDS}") from problem
    words = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), min_df=2, sublinear_tf=True, max_features=MOST_FEATURES
    )
    return Pipeline([("text", words), ("label", LogisticRegression(C=10.0, class_weight="balanced", max_iter=1_000))])


def _refuse_too_few(wrong: NDArray[Any], clusters: NDArray[Any]) -> None:
    import numpy as np

    for kind, rows in (("violations", wrong), ("texts that are none", ~wrong)):
        several = len(np.unique(clusters[rows]))
        if rows.sum() < FEWEST_LABELS or several < FEWEST_LABELS:
            raise CannotDecide(
                f"{int(rows.sum())} {kind} from {several} clusters; a student needs {FEWEST_LABELS} labels of each"
                f" kind from {FEWEST_LABELS} clusters to learn anything that can be checked"
            )


def _out_of_fold(
    pipeline: Any, texts: Sequence[str], wrong: NDArray[Any], clusters: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return each text's score by a model that never saw its cluster, and the fold it was in."""
    import numpy as np
    from sklearn.base import clone
    from sklearn.model_selection import StratifiedGroupKFold

    scores, folds = np.zeros(len(texts)), np.zeros(len(texts), dtype=int)
    splitter = StratifiedGroupKFold(n_splits=FOLDS, shuffle=True, random_state=SEED)
    for fold, (seen, unseen) in enumerate(splitter.split(texts, wrong, clusters)):
        taught = clone(pipeline).fit([texts[index] for index in seen], wrong[seen])
        scores[unseen] = taught.predict_proba([texts[index] for index in unseen])[:, 1]
        folds[unseen] = fold
    return scores, folds


def _threshold(scores: NDArray[Any], wrong: NDArray[Any], precision: float | None) -> float:
    """Return the lowest score that reaches the precision, or the one that tells the kinds apart best."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(wrong[order])
    marked = np.arange(1, len(order) + 1)
    last_of_its_score = np.append(np.diff(scores[order]) != 0, True)
    if precision is None:
        gain = hits / max(1, wrong.sum()) - (marked - hits) / max(1, (~wrong).sum())
        best = int(np.argmax(np.where(last_of_its_score, gain, -math.inf)))
    else:
        reached = np.flatnonzero(last_of_its_score & (hits / marked >= precision))
        if not len(reached):
            raise CannotDecide(f"no threshold reaches a precision of {precision:g} on these labels; ask for less")
        best = int(reached[-1])
    return float(scores[order[best]])


def _figure(right: NDArray[Any], clusters: NDArray[Any]) -> Figure:
    from evalgate.core.estimates import Proportion
    from evalgate.core.statistics.means import cluster_sums, cluster_totals

    if not len(right):
        return Figure(value=0.0, low=0.0, high=1.0, n=0)
    sums = cluster_sums(*cluster_totals(right.astype(float), clusters))
    estimate = Proportion(hits=int(right.sum()), n=len(right), sums=sums)
    bounds = estimate.bounds(0.025)
    return Figure(value=estimate.point, low=max(0.0, bounds.low), high=min(1.0, bounds.high), n=len(right))


def _packed(pipeline: Any) -> bytes:
    try:
        from skops.io import dumps
    except ImportError as problem:
        raise WrongAsWritten(f"training a student {NEEDS}") from problem
    packed: bytes = dumps(pipeline)
    return packed
