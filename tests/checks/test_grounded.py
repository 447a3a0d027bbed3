"""`grounded`: sentences against passages with a real pair model, in three languages."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from evalgate.checks.grounded import PAIRS_AT_MOST, Grounded
from evalgate.checks.models.manifest import MANIFEST
from evalgate.core.checks import Loading
from evalgate.core.models import LocalModel, Window
from evalgate.core.outcomes import Mark, NotApplicable, Unscored
from evalgate.core.samples import Subject
from tests.checks.models import building
from tests.checks.models.building import CONTEXT
from tests.checks.scenes import shown, subject


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suite")
    building.entailment(folder / "entailment")
    building.classifier(folder / "toxicity")
    return folder


@pytest.fixture
def made(models: Path) -> Callable[..., Grounded]:
    def make(**parameters: Any) -> Grounded:
        loading = Loading(read=lambda name: (models / name).read_bytes(), locate=lambda name: models / name)
        return Grounded.model_validate({"model": "entailment", "overlap": 8, **parameters}, context=loading)

    return make


@pytest.fixture(scope="session")
def model(models: Path) -> LocalModel:
    loading = Loading(read=lambda _: b"", locate=lambda name: models / name)
    return Grounded.model_validate({"model": "entailment", "overlap": 8}, context=loading).load()


def result(model: LocalModel, check: Grounded, text: str, context: Sequence[str] = CONTEXT) -> Any:
    return check.mark_many([subject(text, context=tuple(context))], model)[0][""]


class Says:
    """A LocalModel that entails what `support` says of passage and sentence; None leaves no room for the pair."""

    def __init__(self, support: Callable[[str, str], float | None]) -> None:
        self.support = support

    def read(self, texts: Any, window: int | None = None, overlap: int = 0) -> list[list[Window]]:
        found = [self.support(*pair) for pair in texts]
        return [[] if one is None else [Window(0, 1, {"entailment": one})] for one in found]


# ── what is found ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "invented"),
    [
        ("El envío a México cuesta 99 pesos. ¡La garantía cubre 5 días! 👍🏽", ["¡La garantía cubre 5 días!"]),
        (
            "O frete para Lisboa demora dois dias. A garantia nunca cobre três dias.",
            ["A garantia nunca cobre três dias."],
        ),
        ("- Shipping takes two days\n- The warranty covers 99 days", ["The warranty covers 99 days"]),
    ],
)
def test_the_sentence_that_does_not_follow_is_shown(
    model: LocalModel, made: Callable[..., Grounded], text: str, invented: list[str]
) -> None:
    mark = result(model, made(), text)
    assert (mark.value, mark.severity) == (0.0, "warn")
    assert shown(mark, text) == invented
    assert [span.label for span in mark.spans] == ["not entailed"]
    assert mark.explanation.startswith("1 of 2 sentences do not follow from the context; support 0.0")


@pytest.mark.parametrize(
    "text",
    [
        "La garantía cubre tres años. El envío a México cuesta 99 pesos. ¿Desea algo más, señora Peña?",
        "A garantia cobre três anos e o frete para Lisboa custa 5 euros. Olá! Tudo bem?",
        "Shipping to Dublin takes two days. Hi! OK 👍🏽",
    ],
)
def test_sentences_that_follow_from_one_passage_each_hold_and_greetings_and_questions_are_not_claims(
    model: LocalModel, made: Callable[..., Grounded], text: str
) -> None:
    mark = result(model, made(), text)
    assert (mark.value, mark.spans) == (1.0, ())
    assert mark.explanation.startswith("0 of ")


def test_a_passage_longer_than_a_window_is_read_to_its_end(model: LocalModel, made: Callable[..., Grounded]) -> None:
    long = f"{CONTEXT[2]} " * 20 + CONTEXT[0]
    assert result(model, made(), "La garantía cubre tres años.", [long]).value == 1.0
    assert result(model, made(window=32), "La garantía cubre tres años.", [long]).value == 1.0
    assert result(model, made(), "La garantía cubre dos años.", [long]).value == 0.0


def test_many_subjects_at_once_are_marked_as_one_by_one(model: LocalModel, made: Callable[..., Grounded]) -> None:
    texts = [
        "La garantía cubre tres años.",
        "The warranty covers dos días.",
        "",
        "Hi!",
        "A garantia cobre 5 dias. Sim?",
    ]
    about = [subject(text, context=CONTEXT[:size]) for text in texts for size in range(4)]
    check = made()
    assert check.mark_many(about, model) == [check.mark_many([one], model)[0] for one in about]


# ── parameters ───────────────────────────────────────────────────────────────────────────────────────────────────────

HALF = "Esto está bien dicho. Esto es inventado del todo."


def half(_: str, sentence: str) -> float:
    return 0.9 if "bien" in sentence else 0.3


def test_the_least_supported_sentence_decides_or_their_mean(made: Callable[..., Grounded]) -> None:
    assert result(Says(half), made(), HALF).value == 0.0
    mean = result(Says(half), made(aggregate="mean"), HALF)
    assert (mean.value, mean.spans) == (1.0, ())
    assert mean.explanation == "1 of 2 sentences do not follow from the context; support 0.60 (mean), threshold 0.5"
    assert result(Says(half), made(aggregate="mean", threshold=0.7), HALF).value == 0.0


def test_score_is_the_support_itself(made: Callable[..., Grounded]) -> None:
    lowest, mean = (result(Says(half), made(score=True, aggregate=how), HALF) for how in ("min", "mean"))
    assert (lowest.value, lowest.label, len(lowest.spans)) == (0.3, "violates", 1)
    assert (mean.value, mean.label) == (0.6, "holds")
    assert not made(score=True).binary


def test_the_threshold_is_that_of_the_answers_language(made: Callable[..., Grounded]) -> None:
    check = made(threshold={"pt": 0.2, "default": 0.5})
    model = Says(lambda *_: 0.3)
    assert result(model, check, "Você não está só com isso, e é o seu direito.").value == 1.0
    assert result(model, check, "Usted no está solo con esto, y es su derecho.").value == 0.0


def test_the_best_passage_speaks_for_a_sentence(made: Callable[..., Grounded]) -> None:
    model = Says(lambda passage, _: {"uno": 0.1, "dos": 0.8, "tres": 0.2}[passage])
    assert result(model, made(), "La garantía cubre tres años.", ["uno", "dos", "tres"]).value == 1.0
    assert result(model, made(), "La garantía cubre tres años.", ["uno", "tres"]).value == 0.0


def test_how_short_a_sentence_is_not_looked_at_is_a_parameter(made: Callable[..., Grounded]) -> None:
    model = Says(lambda *_: 0.0)
    assert result(model, made(), "Gratis sí.") == NotApplicable(why="no sentence of the answer states anything")
    assert result(model, made(min_characters=10), "Gratis sí.").value == 0.0


def test_another_label_may_say_that_a_sentence_follows(made: Callable[..., Grounded]) -> None:
    with pytest.raises(ValidationError, match=r"the model has no label 'entailed'\. Did you mean 'entailment'"):
        made(entailment="entailed")
    with pytest.raises(ValidationError, match=f"'neutral' has no self_test in {MANIFEST}"):
        made(entailment="neutral")


def test_a_model_of_single_texts_is_refused(made: Callable[..., Grounded]) -> None:
    with pytest.raises(ValidationError, match="`check: classifier` is made for those"):
        made(model="toxicity", entailment="toxic")


# ── what cannot be said ──────────────────────────────────────────────────────────────────────────────────────────────


def test_without_context_or_claims_there_is_nothing_to_ground(made: Callable[..., Grounded]) -> None:
    model = Says(lambda *_: 0.0)
    no_context, no_claim = (
        NotApplicable(why="the case has no context"),
        NotApplicable(why="no sentence of the answer states anything"),
    )
    assert result(model, made(), "La garantía cubre tres años.", []) == no_context
    assert result(model, made(), "La garantía cubre tres años.", ["", " \n"]) == no_context
    assert result(model, made(), "") == no_claim
    assert result(model, made(), "¿Le puedo ayudar en algo más? 123.456.789-00") == no_claim


def test_a_sentence_that_could_not_be_read_leaves_the_answer_unscored_unless_another_is_invented(
    made: Callable[..., Grounded],
) -> None:
    said = {"largo": None, "raro": math.nan, "cierto": 0.9, "falso": 0.1}
    model = Says(lambda _, sentence: said[sentence.split()[0]])
    lost = "a sentence is too long to be read beside a passage, or the model gave no number for it"
    for word in ("largo", "raro"):
        found = result(model, made(), f"cierto es que sí.\n- {word} es que no.")
        assert found == Unscored(reason="invalid", detail=lost)
        assert result(model, made(), f"falso es que sí.\n- {word} es que no.").value == 0.0
        for other in (made(score=True), made(aggregate="mean")):
            assert isinstance(result(model, other, f"falso es que sí.\n- {word} es que no."), Unscored)


def test_a_passage_that_could_not_be_heard_might_have_supported_the_sentence(made: Callable[..., Grounded]) -> None:
    model = Says(lambda passage, _: {"callado": None, "mudo": 0.1, "claro": 0.9}[passage])
    assert isinstance(result(model, made(), "La garantía cubre tres años.", ["callado", "mudo"]), Unscored)
    assert result(model, made(), "La garantía cubre tres años.", ["callado", "claro"]).value == 1.0


def test_more_than_what_is_read_is_never_called_grounded_nor_invented(made: Callable[..., Grounded]) -> None:
    long = "palabra " * 13_000
    cut = "the answer or its context has more than the 100,000 characters that are read"
    well, badly = Says(lambda *_: 0.9), Says(lambda *_: 0.1)
    assert result(badly, made(), "La garantía cubre tres años.", [long]) == Unscored(reason="invalid", detail=cut)
    assert result(well, made(), "La garantía cubre tres años.", [long]).value == 1.0
    assert result(well, made(), f"La garantía cubre tres años. {long}") == Unscored(reason="invalid", detail=cut)
    assert result(badly, made(), f"La garantía cubre tres años. {long}").value == 0.0


def test_more_pairs_than_a_model_should_read_are_unscored(made: Callable[..., Grounded]) -> None:
    text = "La garantía cubre tres años.\n" * (PAIRS_AT_MOST // 3 + 1)
    found = result(Says(lambda *_: 0.9), made(), text)
    assert found == Unscored(reason="invalid", detail="667 sentences and 3 passages are more than 2,000 pairs")
    assert isinstance(result(Says(lambda *_: 0.9), made(), text, CONTEXT[:2]), Mark)


def test_subjects_of_every_kind_share_one_call(made: Callable[..., Grounded]) -> None:
    about: list[Subject] = [
        subject("La garantía cubre tres años.", context=CONTEXT),
        subject("La garantía cubre tres años."),
        subject("Falso de toda falsedad.", context=CONTEXT[:1]),
    ]
    found = made().mark_many(about, Says(lambda _, sentence: 0.1 if "Falso" in sentence else 0.9))
    assert [type(one[""]) for one in found] == [Mark, NotApplicable, Mark]
    assert [getattr(one[""], "value", None) for one in found] == [1.0, None, 0.0]
