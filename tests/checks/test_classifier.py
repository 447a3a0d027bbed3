"""`classifier`: a local model's word by a threshold, on real ONNX Runtime, in three languages."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from evalgate.checks.catalogue import builtin_checks
from evalgate.checks.classifier import SENTENCES_AT_MOST, Classifier
from evalgate.checks.models.manifest import MANIFEST
from evalgate.core.checks import Loading
from evalgate.core.errors import SuiteInvalid
from evalgate.core.models import LocalModel, Window
from evalgate.core.outcomes import Mark, NotApplicable, Unscored
from evalgate.core.samples import Subject
from evalgate.suites.loading import load_suite
from tests.checks.models import building
from tests.checks.scenes import EN, ES, PT, said, shown, subject


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suite")
    building.classifier(folder / "toxicity")
    words = {"toxic": {"idiota": 8, "burro": 8, "moron": 8}, "threat": {"mato": 8, "mataré": 8, "kill": 8}}
    threats = {"positive": ["te mato", "eu te mato", "I kill you"], "negative": ["hola", "olá", "hello"]}
    building.classifier(
        folder / "several",
        labels=("toxic", "threat", "untested"),
        weights=words,
        bias=(-4, -4, -4),
        kind="multi_label",
        self_test={**building.SELF_TEST, "threat": threats},
    )
    building.entailment(folder / "entailment")
    return folder


@pytest.fixture
def made(models: Path) -> Callable[..., Classifier]:
    def make(model: str = "toxicity", **parameters: Any) -> Classifier:
        loading = Loading(read=lambda name: (models / name).read_bytes(), locate=lambda name: models / name)
        given = {"model": model, "overlap": 4, **parameters}
        if not {"violations", "good"} & given.keys():
            given["violations"] = ["toxic"]
        return Classifier.model_validate(given, context=loading)

    return make


def result(check: Classifier, about: Subject | str) -> Any:
    about = subject(about) if isinstance(about, str) else about
    return check.mark_many([about], check.load())[0][""]


# ── what is found ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("¡Eres un idiota!", "¡Eres un idiota!"),
        (f"{ES} 👍🏽 Sos un imbécil, señor. {ES}", "imbécil"),
        (f"{PT} 👨‍👩‍👧 Você é burro, João! {PT}", "burro"),
        (f"{EN} 🏴󠁧󠁢󠁥󠁮󠁧󠁿 You are a moron, Zoë. {EN}", "moron"),
    ],
)
def test_a_violation_shows_the_window_it_stands_in(made: Callable[..., Classifier], text: str, window: str) -> None:
    mark = result(made(), text)
    assert mark.value == 0.0
    assert mark.severity == "block"
    (stretch,) = {one for one in shown(mark, text) if window in one}
    assert [span.label for span in mark.spans] == ["toxic"] * len(mark.spans)
    assert len(stretch) <= 90


@pytest.mark.parametrize("text", [ES, PT, EN, "El burrito está rico.", "The idiom is moronic-free", "👍🏽"])
def test_what_the_model_does_not_mind_holds(made: Callable[..., Classifier], text: str) -> None:
    mark = result(made(), text)
    assert (mark.value, mark.spans) == (1.0, ())


def test_the_explanation_names_the_label_and_the_numbers_and_never_the_text(made: Callable[..., Classifier]) -> None:
    assert result(made(), "¡Eres un idiota!").explanation == "toxic 0.98, threshold 0.5"
    told = result(made(overlap=0), f"{ES} idiota {ES}").explanation
    assert told == "toxic 0.98, threshold 0.5; 1 of 4 windows at or over it"
    assert result(made(), "hola").explanation == "toxic 0.02, threshold 0.5"


def test_several_labels_are_violations_and_the_worst_counts(made: Callable[..., Classifier]) -> None:
    check = made("several", violations=["toxic", "threat"])
    mark = result(check, "Moron, I kill you, I kill you")
    assert mark.explanation == "threat 1.00, threshold 0.5"
    assert result(check, "Eu te mato").value == 0.0
    assert result(made("several", violations=["toxic"]), "Eu te mato").value == 1.0


def test_violations_of_a_model_whose_labels_exclude_one_another_add_up(tmp_path: Path) -> None:
    words = {"rude": {"idiota": 8, "burro": 8, "moron": 8}, "angry": {"idiota": 8, "burro": 8, "moron": 8}}
    test = {"rude": building.SELF_TEST["toxic"], "angry": building.SELF_TEST["toxic"]}
    building.classifier(
        tmp_path / "tone", labels=("calm", "rude", "angry"), weights=words, bias=(0, -4, -4), self_test=test
    )
    loading = Loading(read=lambda _: b"", locate=lambda name: tmp_path / name)
    given = {"model": "tone", "violations": ["rude", "angry"], "threshold": 0.9, "overlap": 4}
    mark = result(Classifier.model_validate(given, context=loading), "eres un idiota")
    assert mark.explanation.endswith("0.99, threshold 0.9")
    alone = Classifier.model_validate({**given, "violations": ["rude"]}, context=loading)
    assert result(alone, "eres un idiota").value == 1.0


def test_a_good_label_makes_every_other_a_violation(made: Callable[..., Classifier]) -> None:
    self_tested = made("several", good="threat")
    assert result(self_tested, "te mataré").value == 1.0
    mark = result(self_tested, "hola")
    assert (mark.value, mark.spans[0].label) == (0.0, "not threat")


def test_many_subjects_at_once_are_marked_as_one_by_one(made: Callable[..., Classifier]) -> None:
    check = made(threshold={"pt": 0.99, "default": 0.5})
    model = check.load()
    about = [subject(f"{each} {word}") for each in (ES, PT, EN, "") for word in ("", "burro", "idiota 👍🏽")]
    assert check.mark_many(about, model) == [check.mark_many([one], model)[0] for one in about]


# ── thresholds, windows, sentences, sides ────────────────────────────────────────────────────────────────────────────


def test_the_threshold_is_that_of_the_texts_language(made: Callable[..., Classifier]) -> None:
    check = made(threshold={"es": 0.99, "default": 0.5})
    assert result(check, "Usted es un idiota, y eso no está bien para los demás").value == 1.0
    assert result(check, "Você é um idiota, e isso não está certo para os seus").value == 0.0
    assert result(check, "You are the idiot that we all know").value == 0.0
    assert result(check, "idiota").value == 0.0


def test_a_threshold_that_is_just_reached_is_a_violation(made: Callable[..., Classifier]) -> None:
    assert result(made(threshold=0.982), "idiota").value == 0.0
    assert result(made(threshold=0.983), "idiota").value == 1.0


def test_the_mean_of_the_windows_forgives_one_bad_window_and_max_does_not(made: Callable[..., Classifier]) -> None:
    text = f"{ES} {ES} {ES} idiota"
    assert result(made(), text).value == 0.0
    mark = result(made(aggregate="mean"), text)
    assert (mark.value, mark.spans) == (1.0, ())
    assert result(made(aggregate="mean"), "idiota " * 60).value == 0.0


def test_a_word_that_two_windows_share_is_shown_in_both(made: Callable[..., Classifier]) -> None:
    text = "a b c d e f g h i j k l idiota n o p q r s t"
    mark = result(made(overlap=4), text)
    assert shown(mark, text) == ["a b c d e f g h i j k l idiota n", "k l idiota n o p q r s t"]


def test_sentence_by_sentence_the_span_is_the_sentence(made: Callable[..., Classifier]) -> None:
    text = "Hola, Sr. Gil. ¡Es usted un idiota! Gracias.\n- você é burro 😀\n- tudo bem"
    mark = result(made(sentences=True), text)
    assert shown(mark, text) == ["¡Es usted un idiota!", "você é burro 😀"]
    assert "2 of 5 windows at or over it" in mark.explanation


def test_a_text_of_bullets_alone_is_read_whole(made: Callable[..., Classifier]) -> None:
    assert result(made(sentences=True), "- * -").value == 1.0


def test_a_sentence_longer_than_a_window_is_read_in_windows(made: Callable[..., Classifier]) -> None:
    text = f"Hola. {'muy ' * 40} idiota, señor."
    (stretch,) = shown(result(made(sentences=True, overlap=0), text), text)
    assert stretch.endswith("idiota, señor.")


def test_the_input_is_read_message_by_message_with_its_own_language(made: Callable[..., Classifier]) -> None:
    asked = (said("user", ES), said("user", "Você é um burro, e não é só isso"), said("user", EN))
    check = made(side="input", threshold={"es": 0.99, "default": 0.5}, severity="warn")
    mark = result(check, subject(ES, asked=asked))
    assert (mark.value, mark.severity, [span.message for span in mark.spans]) == (0.0, "warn", [1])


def test_context_and_tool_arguments_are_read_too(made: Callable[..., Classifier]) -> None:
    about = subject("hola", context=("hola", "idiota"), calls=("burro",))
    assert [span.message for span in result(made(side="context"), about).spans] == [1]
    assert [span.message for span in result(made(side="tool_args"), about).spans] == [0]


def test_score_is_how_good_the_text_is_and_no_longer_0_or_1(made: Callable[..., Classifier]) -> None:
    check = made(score=True)
    assert not check.binary
    bad, good = result(check, "idiota"), result(check, "hola")
    assert (bad.value, bad.label, bad.severity, len(bad.spans)) == (0.018, "violates", "block", 1)
    assert (good.value, good.label, good.severity, good.spans) == (0.982, "holds", None, ())


# ── what cannot be said ──────────────────────────────────────────────────────────────────────────────────────────────


class Says:
    """A LocalModel that says of every window, one a word, what `probability` makes of the word."""

    def __init__(self, probability: Callable[[str], float]) -> None:
        self.probability = probability

    def read(self, texts: Any, window: int | None = None, overlap: int = 0) -> list[list[Window]]:
        return [
            [
                Window(
                    one.start(), one.end(), {"clean": 1 - self.probability(one[0]), "toxic": self.probability(one[0])}
                )
                for one in re.finditer(r"[^\s\u200b]+", text)
            ]
            for text in texts
        ]


def asked_of(model: LocalModel, check: Classifier, about: Subject | str) -> Any:
    about = subject(about) if isinstance(about, str) else about
    return check.mark_many([about], model)[0][""]


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_without_a_text_there_is_nothing_to_classify(made: Callable[..., Classifier], text: str) -> None:
    assert result(made(), text) == NotApplicable(why="there is no text to read (output)")
    assert result(made(side="context"), subject("idiota")) == NotApplicable(why="there is no text to read (context)")
    assert result(made(side="tool_args"), "idiota") == NotApplicable(why="there is no text to read (tool_args)")


def test_a_window_without_a_number_leaves_the_text_unscored_unless_another_is_a_violation(
    made: Callable[..., Classifier],
) -> None:
    model = Says(lambda word: {"nan": math.nan, "idiota": 0.9}.get(word, 0.1))
    lost = Unscored(reason="invalid", detail="the model gave no number for 1 of 2 windows")
    assert asked_of(model, made(), "hola nan") == lost
    assert asked_of(model, made(), "idiota nan").value == 0.0
    assert asked_of(model, made(score=True), "idiota nan") == lost
    assert asked_of(model, made(aggregate="mean", threshold=0.5), "idiota nan") == lost


def test_a_text_of_which_the_model_reads_nothing_is_unscored(made: Callable[..., Classifier]) -> None:
    found = asked_of(Says(lambda _: 0.1), made(side="context"), subject("", context=("hola", "\u200b")))
    assert found == Unscored(reason="invalid", detail="the model's tokenizer reads nothing of a text")


def test_a_text_longer_than_what_is_read_is_never_called_good(made: Callable[..., Classifier]) -> None:
    model = Says(lambda word: 0.9 if word == "idiota" else 0.1)
    assert isinstance(asked_of(model, made(), "hola " * 20_001), Unscored)
    assert isinstance(asked_of(model, made(), "hola " * 20_000), Mark)
    assert asked_of(model, made(), "idiota " + "hola " * 20_001).value == 0.0
    assert isinstance(asked_of(model, made(), "hola " * 20_000 + "idiota"), Unscored)


def test_more_sentences_than_are_read_are_never_called_good(made: Callable[..., Classifier]) -> None:
    check = made(sentences=True)
    found = asked_of(Says(lambda _: 0.1), check, "Sí.\n" * (SENTENCES_AT_MOST + 1))
    assert found == Unscored(reason="invalid", detail="a text has more than 2,000 sentences")
    assert asked_of(Says(lambda _: 0.1), check, "Sí.\n" * SENTENCES_AT_MOST).value == 1.0


# ── parameters ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"violations": ["toxc"]}, "the model has no label 'toxc'. Did you mean 'toxic'? It has clean, toxic"),
        ({"violations": ["clean"]}, f"'clean' has no self_test in {MANIFEST}"),
        ({"good": "clean"}, f"'clean' has no self_test in {MANIFEST}"),
        ({"violations": ["toxic"], "good": "clean"}, "give either violations: [LABEL, …] or good: LABEL"),
        ({"violations": []}, "give either violations: [LABEL, …] or good: LABEL"),
        ({"model": "entailment"}, "`check: grounded` is made for those"),
        ({"threshold": {"es": 0.5}}, "threshold has no default"),
        ({"threshold": {"fr": 0.5, "default": 0.5}}, "threshold names 'fr'; it is one of en, es, pt, or default"),
        ({"threshold": 0}, "greater than 0"),
        ({"threshold": 1.5}, "less than or equal to 1"),
        ({"threshold": "0.5"}, "valid number"),
        ({"window": 17}, "window: 17 is more than the 16 tokens the model reads; leave it out"),
        ({"window": 8}, "greater than or equal to 16"),
        ({"overlap": 9}, "overlap: 9 is more than half of a window; write at most 8"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(
    made: Callable[..., Classifier], parameters: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError) as problem:
        made(**parameters)
    assert said in str(problem.value)


def test_violations_that_name_every_label_are_refused() -> None:
    example = Classifier.examples[-1]
    model: Any = example["model"]
    every = {**model, "self_test": dict.fromkeys(["orders", "returns", "other"], model["self_test"]["orders"])}
    with pytest.raises(ValidationError, match="every text would violate"):
        Classifier.model_validate({"model": every, "violations": ["orders", "returns", "other"]})


def test_the_digest_holds_the_manifest_and_not_the_path(made: Callable[..., Classifier], tmp_path: Path) -> None:
    here = made()
    words = {"toxic": dict.fromkeys(building.TOXIC, 8.0)}
    loading = Loading(read=lambda _: b"", locate=lambda name: tmp_path / name)

    def there() -> Classifier:
        return Classifier.model_validate({"model": "toxicity", "overlap": 4, "violations": ["toxic"]}, context=loading)

    building.classifier(tmp_path / "toxicity", weights=words)
    assert there().digest == here.digest
    assert there().model_key != here.model_key
    building.classifier(tmp_path / "toxicity", weights=words, bias=(0.0, -4.5))
    assert there().digest != here.digest


def test_checks_of_one_folder_share_its_model(made: Callable[..., Classifier]) -> None:
    assert made().model_key == made(score=True).model_key != made("several").model_key


SUITE = """\
version: 1
name: s
owner: o@acme.example
data: {candidate: c.jsonl}
checks:
  kind: {check: classifier, model: toxicity, violations: [toxic], overlap: 4}
gates:
  kind: {never: any}
"""


def test_a_suite_names_the_folder_relative_to_itself(models: Path) -> None:
    path = models / "suite.yaml"
    path.write_text(SUITE)
    check = load_suite(path, builtin_checks()).checks["kind"]
    assert isinstance(check, Classifier)
    assert result(check, "idiota").value == 0.0


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("model: toxicty", "toxicty: no such folder. Did you mean 'toxicity'?"),
        ("model: toxicity/config.json", "config.json: not a folder; name the folder itself"),
        ("model: .", f": no {MANIFEST} in it; `evalgate models pin"),
        ("model: toxicity, treshold: 1", "unknown key 'treshold'"),
        ("model: toxicity, threshold: {es: 0.5}", "threshold has no default"),
    ],
)
def test_what_is_wrong_with_it_is_said_with_the_line_of_the_suite(models: Path, written: str, said: str) -> None:
    path = models / "wrong.yaml"
    path.write_text(SUITE.replace("model: toxicity", written))
    with pytest.raises(SuiteInvalid) as problem:
        load_suite(path, builtin_checks())
    assert str(problem.value).startswith(f"{path}:6: ")
    assert said in str(problem.value)
