"""Checks on a stream of texts: texts a CPU-second of one core, what each check costs, and the worst hostile text."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import cycle, islice, pairwise

from benchmarks.figures import Figure, at_least, at_most
from evalgate.checks.catalogue import builtin_checks
from evalgate.checks.privacy.masking import Masker
from evalgate.checks.text.phrases import Phrases
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.checks import Check, CodeCheck
from evalgate.core.samples import Case, Output, Sample, Subject
from evalgate.demo.replies import lines
from evalgate.runner.execute import CODE_BATCH
from evalgate.wiring.scanning import watched
from tests.checks.hostile import HOSTILE

TEXTS = 3_000
LONG = 600
ROUNDS = 3
STRIDE = 7
DATA = (
    " CPF 529.982.247-25.",
    " Escribe a ana.gomez@correo.example.",
    " Call +34 612 345 678.",
    " https://acme.example/ayuda?id=7",
    " Pedido 204518-33, 12/11/2025, 1.299,00 €.",
)
"""What every third text ends with."""


def bench(*, quick: bool) -> list[Figure]:
    """Return the figures of the check engine."""
    about = subjects(90 if quick else TEXTS)
    default = {name: check for name, check in watched().items() if isinstance(check, CodeCheck)}
    private = {name: check for name, check in default.items() if check.kind in {"pii", "secrets"}}
    size = sum(len(one.sample.output.text) for one in about) / len(about)
    beside = f"{len(about):,} texts of {size:.0f} characters, a third each in es, pt and en, a third with data or links"
    figures = [
        at_least("default set of `scan`", *_rate(about, default, 4_000), beside),
        at_least("personal data and secrets", *_rate(about, private, 30_000), beside),
        at_least(
            "1,000 banned terms, matching alone", *_matching(about), "on the folded view; 334 in 1,000 of two words"
        ),
        _masking(about),
    ]
    return [*figures, *_shares(about, default), _hostile(quick=quick)]


def subjects(count: int) -> list[Subject]:
    """Return answers of about 600 characters in three languages, with the question each answers."""
    by_language: dict[str, list[dict[str, str]]] = {}
    for row in lines("outputs_baseline.jsonl"):
        by_language.setdefault(row["lang"], []).append(row)
    # Neighbours in the file are about one thing and would make texts that repeat themselves.
    apart = {
        language: [row for start in range(STRIDE) for row in rows[start::STRIDE]]
        for language, rows in by_language.items()
    }
    streams = {language: cycle(rows) for language, rows in apart.items()}
    made = []
    for number, language in enumerate(islice(cycle(streams), count)):
        text, asked = "", ""
        while len(text) < LONG:
            row = next(streams[language])
            text, asked = f"{text} {row['response']}".strip(), row["prompt"]
        text = text[:LONG] + (DATA[number % len(DATA)] if number % 3 == 0 else "")
        case = Case(id=str(number), input=asked)
        made.append(Subject(sample=Sample(case=case, output=Output(text=text))))
    return made


def _rate(about: Sequence[Subject], checks: Mapping[str, CodeCheck], target: float) -> tuple[float, float, str, str]:
    seconds = _quickest(lambda: _mark(about, checks.values()))
    rate = len(about) / seconds
    return rate, target, "texts a CPU-second", f"{rate:,.0f} ({1e6 * seconds / len(about):.0f} µs a text)"


def _mark(about: Sequence[Subject], checks: Collection[CodeCheck]) -> None:
    """Mark in the order in which a run and a scan do."""
    for start in range(0, len(about), CODE_BATCH):
        block = [(subject, SubjectTexts(subject)) for subject in about[start : start + CODE_BATCH]]
        for check in checks:
            for subject, texts in block:
                check.mark(subject, texts)


def _matching(about: Sequence[Subject]) -> tuple[float, float, str, str]:
    words = sorted({word.strip(".,;:¿?¡!()") for one in about[:600] for word in one.sample.output.text.split()})
    rare = [f"{word}x" for word in words if len(word) > 3]
    terms = [*rare[:666], *(f"{one} {two}" for one, two in pairwise(rare))][:1_000]
    phrases = Phrases(terms, ("case",), whole_words=True)
    views = [SubjectTexts(subject) for subject in about]
    for texts in views:
        texts.view("output", 0, "folded")

    def match() -> None:
        for texts in views:
            phrases.everywhere(texts, "output", 0)

    rate = len(about) / _quickest(match)
    return rate, 100_000, "texts a CPU-second", f"{rate:,.0f} with {len(terms):,} terms"


def _masking(about: Sequence[Subject]) -> Figure:
    masker = Masker()
    seconds = _quickest(lambda: [masker.mask(subject.sample.output.text) for subject in about])
    return Figure("masking", "–", f"{len(about) / seconds:,.0f} texts a CPU-second", None, timed=True)


def _shares(about: Sequence[Subject], checks: Mapping[str, CodeCheck]) -> list[Figure]:
    """Return what each check costs, its views already built by those before it, as in a run."""
    spent = dict.fromkeys(checks, 0.0)
    for start in range(0, len(about), CODE_BATCH):
        block = [(subject, SubjectTexts(subject)) for subject in about[start : start + CODE_BATCH]]
        for name, check in checks.items():
            begun = time.perf_counter()
            for subject, texts in block:
                check.mark(subject, texts)
            spent[name] += time.perf_counter() - begun
    total = sum(spent.values())
    return [
        Figure(
            f"… of which `{name}` ({checks[name].kind})",
            "–",
            f"{1e6 * seconds / len(about):.1f} µs, {seconds / total:.0%}",
            None,
            timed=True,
        )
        for name, seconds in sorted(spent.items(), key=lambda one: -one[1])
    ]


def _hostile(*, quick: bool) -> Figure:
    """Return the dearest of all checks on all hostile texts of 100 kB."""
    # What the figures before this one left behind is no part of a check's cost.
    gc.collect()
    gc.freeze()
    worst = (0.0, "", "")
    for kind, cls in builtin_checks().items():
        for example in cls.examples[: 1 if quick else None]:
            check: Check = cls.model_validate(example)
            if isinstance(check, CodeCheck):
                for name, text in HOSTILE.items():
                    worst = max(worst, (_on_hostile(check, text), kind, name))
    milliseconds, kind, name = 1_000 * worst[0], worst[1], worst[2]
    return at_most(
        "a hostile text of 100 kB, the dearest check",
        milliseconds,
        50,
        "ms",
        f"{milliseconds:.0f} ms",
        f"`{kind}` on {name}",
    )


def _on_hostile(check: CodeCheck, text: str) -> float:
    sample = Sample(case=Case(id="h", input=text, context=(text,), reference=text[:50]), output=Output(text=text))
    subject = Subject(sample=sample)
    return _quickest(lambda: check.mark(subject, SubjectTexts(subject)))


def _quickest(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the CPU seconds of the quickest of several rounds, the first of which also warms up."""
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)
