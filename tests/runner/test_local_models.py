"""Local models in a run: loaded once, asked in batches, on raw texts, beside judges."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from evalgate.checks.privacy.masking import Masker
from evalgate.core.checks import BatchCheck, Check
from evalgate.core.models import LocalModel, Window
from evalgate.core.outcomes import Mark, Marks, NotApplicable, Unscored, held, violated
from evalgate.core.samples import Case, Output, Sample, Subject
from evalgate.runner.execute import mark_with_code, mark_with_judges
from evalgate.runner.marking import Item, Marker, Named
from evalgate.wiring.app import Silence
from tests.runner.scripted import Asks, MemoryJournal, MemorySink, ScriptedJudge, judging, sample

LOADED: list[str] = []
ASKED: list[int] = []


class Shouts:
    """A model of one line: the share of capitals; it breaks on a text that says boom."""

    def read(
        self, texts: Sequence[str | tuple[str, str]], window: int | None = None, overlap: int = 0
    ) -> list[list[Window]]:
        ASKED.append(len(texts))
        if any("boom" in text for text in texts):
            raise MemoryError
        return [[Window(0, len(text), {"shout": sum(map(str.isupper, text)) / max(1, len(text))})] for text in texts]


class Calm(BatchCheck):
    """The answer does not shout."""

    kind = "calm"
    most: float = 0.5

    @property
    def model_key(self) -> str:
        return "shouts"

    def load(self) -> LocalModel:
        LOADED.append(self.model_key)
        return Shouts()

    def mark_many(self, subjects: Sequence[Subject], model: LocalModel) -> list[Marks]:
        texts = [subject.sample.output.text for subject in subjects]
        windows = model.read(texts)
        scores = [found[0].scores["shout"] for found in windows]
        return [
            {"": held() if score <= self.most else violated(f"shouts: {text}")}
            for score, text in zip(scores, texts, strict=True)
        ]


def run(checks: dict[str, Check], samples: Sequence[Sample]) -> MemorySink:
    LOADED.clear()
    ASKED.clear()
    sink = MemorySink()
    items = [Item.fresh(position, one) for position, one in enumerate(samples)]
    mark_with_code(items, Marker(Named.all_of(checks), Masker(), b"secret"), sink, Silence())
    return sink


def test_a_model_is_loaded_once_for_all_checks_that_share_it_and_asked_in_batches() -> None:
    sink = run({"calm": Calm(), "calmer": Calm(most=0.1)}, [sample(i, "abC") for i in range(20)])
    assert (LOADED, ASKED) == (["shouts"], [20, 20])
    assert [o.result.value for o in sink.outcomes("calmer").values() if isinstance(o.result, Mark)] == [0.0] * 20
    assert {o.check.annotator for o in sink.outcomes("calm").values()} == {"classifier"}


def test_a_text_that_breaks_the_model_spoils_only_its_own_outcome() -> None:
    sink = run({"calm": Calm()}, [sample(0, "ok"), sample(1, "boom"), sample(2, "LOUD")])
    results = [outcome.result for outcome in sink.outcomes("calm").values()]
    assert [type(result) for result in results] == [Mark, Unscored, Mark]
    assert isinstance(results[1], Unscored)
    assert (results[1].reason, results[1].detail) == ("crashed", "MemoryError")


def test_the_model_reads_the_raw_text_and_what_is_kept_is_masked() -> None:
    sink = run({"calm": Calm(most=0.0)}, [sample(0, "CPF 529.982.247-25")])
    result = sink.outcomes("calm")["c-000"].result
    assert isinstance(result, Mark)
    assert result.explanation == "shouts: CPF <CPF>"


def test_where_spares_the_model_other_cases() -> None:
    spoken = Sample(case=Case(id="a", input="?", metadata={"lang": "es"}), output=Output(text="HOLA"))
    other = Sample(case=Case(id="b", input="?", metadata={"lang": "pt"}), output=Output(text="OLÁ"))
    sink = run({"calm": Calm(where={"lang": "es"})}, [spoken, other])
    assert ASKED == [1]
    assert isinstance(sink.outcomes("calm")["b"].result, NotApplicable)


def test_models_and_judges_mark_the_same_samples() -> None:
    LOADED.clear()
    sink = MemorySink()
    checks: dict[str, Check] = {"calm": Calm(), "good": Asks()}
    items = [Item.fresh(i, sample(i)) for i in range(150)]
    marker = Marker(Named.all_of(checks), Masker(), b"secret")
    work = mark_with_judges(items, marker, sink, judging(ScriptedJudge(), MemoryJournal()), Silence())
    totals = asyncio.run(work)
    assert totals.samples == len(sink.outcomes("calm")) == len(sink.outcomes("good")) == 150
    assert LOADED == ["shouts"]
