"""`student`: a model that people's labels taught, what its card promises, and what is refused."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path

import pytest
from pydantic import ValidationError

from evalgate.checks.models.student import (
    CARD,
    MODEL,
    Labelled,
    Student,
    Trained,
    load_student,
    open_student,
    save,
    train,
)
from evalgate.checks.student import StudentCheck
from evalgate.core.checks import Loading
from evalgate.core.errors import CannotDecide, SuiteInvalid
from evalgate.core.outcomes import Mark, NotApplicable, Unscored
from tests.checks.scenes import subject

UPSELL = ("mejore al plan Premium", "assine o plano Premium", "upgrade to Premium now", "contrate Premium y ahorre")
HELP = ("su pedido llega mañana", "o reembolso leva dez dias", "open the settings page", "vuelva a intentarlo")
TOPICS = ("la factura", "o frete", "the router", "el contrato", "a senha", "the invoice", "el envío", "o cadastro")


def labels() -> list[Labelled]:
    """Return 192 texts in three languages from 64 clusters, half of them sales talk."""
    return [
        Labelled(f"Sobre {topic} {number}: {said}.", said in UPSELL, f"{topic}{number}")
        for number in range(3)
        for topic in TOPICS
        for said in (*UPSELL, *HELP)
    ]


@pytest.fixture(scope="module")
def taught() -> Trained:
    return train(labels(), name="upsell", learnt="sales talk")


@pytest.fixture
def folder(taught: Trained, tmp_path: Path) -> Path:
    save(taught, tmp_path / "upsell")
    return tmp_path / "upsell"


def check(folder: Path, **more: object) -> StudentCheck:
    loading = Loading(read=lambda name: (folder / name).read_bytes(), locate=lambda _: folder)
    return StudentCheck.model_validate({"model": "upsell", **more}, context=loading)


def test_a_student_learns_what_people_labelled_in_three_languages(folder: Path) -> None:
    found = check(folder)
    texts = [
        "Assine o plano Premium hoje!",
        "Su pedido llega el lunes.",
        "You could upgrade to Premium.",
        "O reembolso leva dez dias.",
    ]
    marks = [found_of[""] for found_of in found.mark_many([subject(text) for text in texts], found.load())]
    assert [mark.value for mark in marks if isinstance(mark, Mark)] == [0.0, 1.0, 0.0, 1.0]
    assert isinstance(marks[0], Mark)
    assert (marks[0].spans[0].start, marks[0].spans[0].end, marks[0].spans[0].label) == (0, 28, "sales talk")
    assert marks[0].explanation.startswith("sales talk: 0.")


def test_the_card_says_how_well_it_does_on_clusters_it_never_saw(taught: Trained) -> None:
    card = taught.card
    assert (card.texts, card.violations, card.clusters) == (192, 96, 24)
    assert card.recall.low <= card.recall.value <= card.recall.high
    assert card.recall.value > 0.9
    assert card.specificity.n == 96


def test_labels_that_mean_nothing_are_not_learnt() -> None:
    toss = random.Random(7)
    noise = [one._replace(violates=toss.random() < 0.5) for one in labels()]
    card = train(noise, name="noise", learnt="nothing").card
    assert card.recall.value + card.specificity.value < 1.3


def test_the_same_labels_give_the_same_student(taught: Trained) -> None:
    again = train(labels(), name="upsell", learnt="sales talk").card
    assert again.model_copy(update={"sha256": ""}) == taught.card.model_copy(update={"sha256": ""})


def test_precision_moves_the_threshold(taught: Trained) -> None:
    noisy = [one._replace(violates=one.violates and number % 5 != 0) for number, one in enumerate(labels())]
    bold = train(noisy, name="n", learnt="x").card
    sure = train(noisy, name="n", learnt="x", precision=0.78).card
    assert sure.threshold != bold.threshold
    with pytest.raises(CannotDecide, match=r"no threshold reaches a precision of 0\.999"):
        train(
            [one._replace(violates=number % 3 == 0) for number, one in enumerate(labels())],
            name="n",
            learnt="x",
            precision=0.999,
        )


@pytest.mark.parametrize(
    ("few", "said"),
    [
        (lambda: labels()[:30], "16 violations"),
        (lambda: [one._replace(cluster="one") for one in labels()], "from 1 clusters"),
        (lambda: [one._replace(violates=True) for one in labels()], "0 texts that are none"),
    ],
)
def test_too_few_labels_or_clusters_teach_nothing(few: object, said: str) -> None:
    assert callable(few)
    with pytest.raises(CannotDecide, match=said):
        train(few(), name="n", learnt="x")


def test_the_digest_follows_the_student_and_not_its_folder(folder: Path, tmp_path: Path) -> None:
    moved = folder.rename(tmp_path / "elsewhere")
    one = check(moved)
    assert one.digest == check(moved).digest != check(moved, threshold=0.9).digest
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own bytes
    card = json.loads((moved / CARD).read_text(encoding="utf-8")) | {"sha256": "0" * 64}
    (moved / CARD).write_text(json.dumps(card), encoding="utf-8")
    assert check(moved).digest != one.digest


def test_a_score_and_a_threshold_of_the_suites_own(folder: Path) -> None:
    scored = check(folder, score=True)
    assert not scored.binary
    mark = scored.mark_many([subject("mejore al plan Premium")], scored.load())[0][""]
    assert isinstance(mark, Mark)
    assert 0 < mark.value < 0.5
    strict = check(folder, threshold=1.0)
    assert strict.mark_many([subject("mejore al plan Premium")], strict.load())[0][""].kind == "mark"


def test_of_several_texts_the_worst_counts_and_says_where_it_stands(folder: Path) -> None:
    found = check(folder, side="context")
    about = subject("x", context=("su pedido llega mañana", "mejore al plan Premium"))
    mark = found.mark_many([about, subject("x")], found.load())
    assert isinstance(mark[0][""], Mark)
    assert mark[0][""].spans[0].message == 1
    assert isinstance(mark[1][""], NotApplicable)


def test_a_text_longer_than_is_read_is_never_called_clean(folder: Path) -> None:
    found = check(folder)
    result = found.mark_many([subject("su pedido llega mañana. " * 1_000)], found.load())[0][""]
    assert isinstance(result, Unscored)
    hit = found.mark_many([subject("mejore al plan Premium. " * 1_000)], found.load())[0][""]
    assert isinstance(hit, Mark)


def test_a_file_that_was_changed_is_refused(folder: Path) -> None:
    (folder / MODEL).write_bytes((folder / MODEL).read_bytes() + b" ")
    with pytest.raises(SuiteInvalid, match="its sha256 differs"):
        load_student(open_student(folder))


def test_a_file_that_holds_code_is_refused(folder: Path, taught: Trained) -> None:
    import hashlib
    from functools import partial

    import skops.io

    hostile = skops.io.dumps({"predict_proba": partial(print, "x")})
    (folder / MODEL).write_bytes(hostile)
    card = taught.card.model_dump(mode="json") | {"sha256": hashlib.sha256(hostile).hexdigest()}
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")
    with pytest.raises(SuiteInvalid, match=r"which no student is made of|is no classifier"):
        load_student(open_student(folder))


@pytest.mark.parametrize(
    ("written", "said"), [("{", "not a student's card"), ("{}", "not a student's card"), ("[1]", "not a")]
)
def test_a_card_that_is_none_is_refused(folder: Path, written: str, said: str) -> None:
    (folder / CARD).write_text(written, encoding="utf-8")
    with pytest.raises(SuiteInvalid, match=said):
        open_student(folder)


def test_a_folder_without_a_student_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"student\.json: No such file"):
        check(tmp_path)
    assert Student.model_fields["folder"].exclude
