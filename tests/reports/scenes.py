"""Reports for tests, decided by the core from outcomes: two arms of an assistant, told in a few lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from evalgate.core.decide import find, worst
from evalgate.core.decisions import Decision
from evalgate.core.evidence import gather
from evalgate.core.gates import AtLeast, AtMost, BetterThanBaseline, Gate, Never, NoWorseThan, Policy
from evalgate.core.metrics import Fact
from evalgate.core.outcomes import Annotator, CheckRef, Mark, NotApplicable, Outcome, Span, Unscored, held, violated
from evalgate.core.pairs import pair
from evalgate.core.records import decision_name, record_bytes
from evalgate.core.reporting import Report
from evalgate.core.samples import Case, Output, Sample
from evalgate.core.tally import Columns, Tally
from evalgate.gate.cases import view, worst_rows
from evalgate.runner.ports import Marked

JUDGE = "judge-large-2026-05"
RIGHT = Mark(value=1.0, label="answers", explanation="Says how to do it.")
WRONG = Mark(value=0.0, label="does_not_answer", explanation="Does not say how to do it.")
LOST = Unscored(reason="unreadable", detail="the reply is no label that was offered")
CPF = "<CPF>"

Result = Mark | NotApplicable | Unscored


@dataclass(frozen=True)
class Line:
    """One case in both arms; `marks` are check → (before, now)."""

    id: str
    marks: Mapping[str, tuple[Result, Result]]
    question: str = "How do I cancel my plan?"
    before: str = "Open the app, My plan, Cancel."
    now: str = "Open the app, My plan, Cancel."
    slices: Mapping[str, str] = field(default_factory=dict)
    context: tuple[str, ...] = ()
    cluster: str | None = None


@dataclass(frozen=True)
class Scene:
    """Everything a report is made from."""

    lines: Sequence[Line]
    gates: tuple[Gate, ...]
    annotators: Mapping[str, Annotator] = field(default_factory=dict)
    """Who marks; `code` unless given."""
    suite: str = "support"
    candidate: str = "candidate.jsonl"
    baseline: str | None = "baseline.jsonl"
    revision: str | None = "7c1f2ab"
    facts: tuple[Fact, ...] = ()
    judges: tuple[str, ...] = ()
    uncalibrated: bool = True
    advisory: bool = False
    policy: Policy = field(default_factory=Policy)
    notes: tuple[str, ...] = ()

    def report(self) -> Report:
        """Decide, and return the report of it."""
        arms = [self._arm(now=True)] + ([self._arm(now=False)] if self.baseline else [])
        columns = [self._columns(arm) for arm in arms]
        candidate, baseline = columns[0], columns[1] if self.baseline else None
        pairs = None if baseline is None else pair(candidate, baseline)
        evidence = gather(self.gates, candidate, baseline, pairs, self.facts)
        findings = find(self.gates, evidence, self.policy, uncalibrated=self.uncalibrated)
        decision = Decision(
            suite=self.suite,
            suite_digest="0123456789abcdef" * 2,
            candidate="c0ffee000001",
            baseline="ba5e00000001" if self.baseline else None,
            candidate_source=self.candidate,
            baseline_source=self.baseline,
            revision=self.revision,
            judges=self.judges,
            verdict=worst(findings),
            advisory=self.advisory,
            findings=findings,
            gates=self.gates,
            policy=self.policy,
            uncalibrated=self.uncalibrated,
            evidence=evidence,
            evalgate="0.1.0",
        )
        rows = worst_rows(self.gates, candidate, baseline, pairs)
        shown = [candidate.positions[row] for row in rows][:300]
        before = {marked.sample.case.id: marked for marked in arms[-1]} if self.baseline else {}
        ours = [arms[0][position] for position in shown]
        return Report(
            decision=decision,
            decision_id=decision_name(record_bytes(decision)),
            cases=tuple(view(marked, before.get(marked.sample.case.id)) for marked in ours),
            cases_left_out=len(rows) - len(shown),
            planned=len(candidate),
            pairs=0 if pairs is None else len(pairs.candidate),
            clusters=len(set(candidate.clusters.tolist())),
            outputs_unchanged=0 if pairs is None else pairs.unchanged_outputs,
            calls_answered=166 if self.judges else 0,
            calls_recalled=12 if self.judges else 0,
            spent_usd=0.09 if self.judges else None,
            wall_s=41.2,
            notes=self.notes,
        )

    def _arm(self, *, now: bool) -> list[Marked]:
        return list(self._marked(now=now))

    def _marked(self, *, now: bool) -> Iterator[Marked]:
        for position, line in enumerate(self.lines):
            case = Case(
                id=line.id, input=line.question, context=line.context, slices=dict(line.slices), cluster=line.cluster
            )
            sample = Sample(case=case, output=Output(text=line.now if now else line.before))
            outcomes = tuple(
                Outcome(case_id=case.id, check=self._ref(name), result=marks[1 if now else 0])
                for name, marks in line.marks.items()
            )
            yield Marked(position, sample, case.digest, sample.digest, outcomes)

    def _ref(self, name: str) -> CheckRef:
        return CheckRef(name=name, annotator=self.annotators.get(name, "code"), digest=name)

    def _columns(self, arm: Sequence[Marked]) -> Columns:
        slices = dict.fromkeys(name for line in self.lines for name in line.slices)
        tally = Tally([(self._ref(name), ("",)) for name in self.lines[0].marks], tuple(slices))
        for m in arm:
            tally.add(m.position, m.sample.case, 0, m.case_digest, m.sample_digest, m.outcomes)
        return Columns(tally)


FAILING_GATES = (
    Gate(metric="no_pii", rules=(Never(scope="new"),)),
    Gate(metric="answers", rules=(NoWorseThan(margin=0.06), AtLeast(floor=0.85)), by=("locale",)),
    Gate(metric="on_brand", rules=(Never(scope="any"),)),
)


def failing(**changed: object) -> Scene:
    """Return a candidate that leaks a CPF and answers worse in Portuguese: 140 cases in Spanish, 100 in Portuguese."""
    lines = [_line(number) for number in range(240)]
    scene = {
        "lines": lines,
        "gates": FAILING_GATES,
        "annotators": {"answers": "llm"},
        "judges": (JUDGE,),
        "facts": (Fact(name="outputs_current", holds="yes", detail="outputs were made from 7c1f2ab"),),
    }
    return Scene(**{**scene, **changed})  # type: ignore[arg-type] # fields by name


def _line(number: int) -> Line:
    spanish = number < 140
    clean = held(), held()
    marks: dict[str, tuple[Result, Result]] = {"no_pii": clean, "answers": (RIGHT, RIGHT), "on_brand": clean}
    told: dict[str, str] = {}
    if number == 200:
        answer = f"The CPF on file is {CPF}."
        span = Span(side="output", start=answer.index(CPF), end=answer.index(CPF) + len(CPF), label="cpf")
        marks["no_pii"] = held(), violated("shows personal data: cpf", span)
        told = {"question": "Qual CPF está no cadastro?", "before": "Isso não posso mostrar.", "now": answer}
    if number % 6 == 1 and not spanish:
        marks["answers"] = RIGHT, WRONG
        told = {"question": "Como cancelo meu plano?", "before": "Abra o app e toque em Cancelar."}
        told["now"] = "Que tal conhecer o plano Premium?"
    if number in {3, 30, 60, 90}:
        marks["answers"] = (RIGHT, WRONG) if number != 90 else (WRONG, RIGHT)
        told = {"now": "¡Claro, le encantará!"}
    locale = "es" if spanish else "pt"
    return Line(f"c-{number:03d}", marks, slices={"locale": locale}, context=("Policy 4.2: in the app.",), **told)


def passing() -> Scene:
    """Return a candidate as good as its baseline."""
    clean = held(), held()
    lines = [
        Line(f"c-{number:03d}", {"no_pii": clean, "answers": (RIGHT, RIGHT)}, slices={"locale": "es"})
        for number in range(120)
    ]
    gates = (
        Gate(metric="no_pii", rules=(Never(scope="any"), AtMost(rate=0.05))),
        Gate(metric="answers", rules=(NoWorseThan(margin=0.06), AtLeast(floor=0.85)), by=("locale",)),
    )
    return Scene(lines, gates, notes=("age_not_checked",))


def undecided() -> Scene:
    """Return thin evidence of a drop, a gap in coverage and a slice that is too small."""
    lines = []
    for number in range(60):
        now: Result = WRONG if number < 3 else LOST if number in {40, 41, 42, 43} else RIGHT
        locale = "gl" if number > 52 else "es"
        lines.append(Line(f"c-{number:03d}", {"answers": (RIGHT, now)}, now=f"{number}", slices={"locale": locale}))
    gates = (
        Gate(metric="answers", rules=(NoWorseThan(margin=0.06), AtLeast(floor=0.9)), by=("locale",)),
        Gate(metric="answers", rules=(BetterThanBaseline(),), advisory=True),
    )
    facts = (Fact(name="one_judge", holds="unknown", detail="the baseline names no model"),)
    return Scene(lines, gates, {"answers": "llm"}, judges=(JUDGE,), facts=facts, uncalibrated=False)


def advisory() -> Scene:
    """Return the failing candidate while its suite is advisory."""
    return failing(advisory=True, policy=Policy(advisory_until=date(2026, 12, 31)))


HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=http://evil.example/x onerror=alert(1)>",
    "\"><svg/onload=alert(1)> ' onmouseover='alert(1)",
    "{{ 7*7 }} {% raw %} ${7*7}",
    "@acme/everyone see #1 and acme/repo#2 http://evil.example www.evil.example a@evil.example",
    "![x](http://evil.example/p.png) [click](javascript:alert(1)) <http://evil.example>",
    "| a | b |\n|---|---|\n\n# heading\n\n```\nrm -rf\n``` `tick` \\| $`x`$ <!-- x --> </details>",
    "\x1b[31mred\x1b[0m\x1b]8;;http://evil.example\x07link\x1b]8;;\x07\x07\x9b2J",
    "abc\u202egnp.exe\u202c \u2066x\u2069 \u200b\u200b \U000e0041\U000e0042 a\u0300\u0301\u0302\u0303\u0304\u0305",
    "nul \x00 \x0b \ufffe end",
    "]]> &amp; &#60;b&#62; <![CDATA[x]]>",
    "--> <!-- evalgate:other -->",
    "- [ ] task\n/close\n/assign @me",
)
"""Texts that would act if they were shown as anything but text."""


def hostile(texts: Sequence[str] = HOSTILE) -> Scene:
    """Return a failing candidate in which every text and every name that others give is hostile."""
    lines = []
    for number in range(len(texts) * 3):
        text = texts[number % len(texts)]
        bad = violated(text, Span(side="output", start=0, end=5, label=text), fix=text)
        judged = Mark(value=0.0, label=text, explanation=text, fix=text)
        gap = Unscored(reason="unreadable", detail=text)
        lines.append(
            Line(
                id=f"{number} {text}",
                marks={
                    "no_pii": (held(text), bad),
                    "answers": (RIGHT, gap if number % 5 == 4 else judged),
                    "skipped": (NotApplicable(why=text), NotApplicable(why=text)),
                },
                question=text,
                before=f"{text} before",
                now=text,
                slices={"locale": text},
                context=(text,),
            )
        )
    whole = " ".join(texts)
    gates = (
        Gate(metric="no_pii", rules=(Never(scope="new"),)),
        Gate(metric="answers", rules=(NoWorseThan(margin=0.06), AtLeast(floor=0.85)), by=("locale",)),
    )
    return Scene(
        lines,
        gates,
        {"answers": "llm"},
        suite=f"support {whole}",
        candidate=whole,
        baseline=whole,
        revision=whole,
        judges=(whole, texts[0]),
        facts=(Fact(name=texts[0], holds="no", detail=whole, otherwise="fail"),),
        notes=(whole, "uncalibrated"),
    )
