"""What a report tells first: why it fails, with the worst cases; what is open; what the run was; what to do next."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from evalgate.core.decisions import Decision, Finding
from evalgate.core.metrics import Metric, Tripwire
from evalgate.core.outcomes import Mark, NotApplicable, Unscored
from evalgate.core.reporting import CaseView, MarkPair, Report
from evalgate.reports.findings import CHANGES, as_judged, key_of, metric_of, sentence, tripwire_of
from evalgate.reports.inert import one_line
from evalgate.reports.messages import Voice

MOST_COMMANDS, MOST_JUDGES = 4, 8

Kind = Literal["violation", "worse", "better", "unscored", "same"]


class Shown(NamedTuple):
    """A case and the mark for which it is shown."""

    case: CaseView
    mark: MarkPair


class Why(NamedTuple):
    """One reason: the finding it is told of, what it says, the worst cases, and how many cases there are."""

    finding: Finding
    said: str
    more: str
    """How many got worse, which slice carries it, the most common reason; empty where there is nothing to add."""
    cases: tuple[Shown, ...]


def kind_of(mark: MarkPair) -> Kind:
    """Return what happened to one case under one check: a new or old violation, a flip, a gap, or nothing."""
    if isinstance(mark.now, Unscored):
        return "unscored"
    change = mark.change
    if isinstance(mark.now, Mark) and mark.now.value == 0 and (change is None or change < 0):
        return "violation"
    if change:
        return "worse" if change < 0 else "better"
    return "violation" if isinstance(mark.now, Mark) and mark.now.value == 0 else "same"


def failing(decision: Decision) -> list[list[Finding]]:
    """Return the counted fails, those of one rule together, all cases before its slices."""
    return _by_gate(f for f in decision.findings if f.counted and f.verdict == "fail")


def undecided(decision: Decision) -> list[Finding]:
    """Return what is not decided, each name once: what counts first, then what is only printed."""
    found = [f for f in decision.findings if f.verdict == "inconclusive" and not f.let_through]
    first: dict[str, Finding] = {}
    for finding in sorted(found, key=lambda f: not f.counted):
        first.setdefault(key_of(finding), finding)
    return list(first.values())


def _by_gate(findings: Iterable[Finding]) -> list[list[Finding]]:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.gate, []).append(finding)
    return [sorted(group, key=lambda f: f.slice is not None) for group in groups.values()]


def reasons(report: Report, voice: Voice) -> list[Why]:
    """Return why the decision fails, one reason a rule."""
    return [_why(report, group, voice) for group in failing(report.decision)]


def _why(report: Report, group: Sequence[Finding], voice: Voice) -> Why:
    finding = group[0]
    cases = cases_behind(report, finding)
    said = " ".join(sentence(report.decision, each, voice) for each in group[: 1 if finding.slice is None else None])
    more = [_moved(report.decision, finding, voice), _carried(report.decision, finding, voice), _often(cases, voice)]
    return Why(finding, said, " ".join(part for part in more if part), tuple(cases))


def _moved(decision: Decision, finding: Finding, voice: Voice) -> str:
    metric = metric_of(decision, finding)
    if metric is None or finding.rule not in CHANGES:
        return ""
    return voice.said("why.moved", lost=voice.whole(metric.lost), gained=voice.whole(metric.gained))


def _carried(decision: Decision, finding: Finding, voice: Voice) -> str:
    """Return the slice that holds more than half of what got worse, when it is one of several."""
    whole = metric_of(decision, finding)
    if whole is None or finding.slice is not None or not whole.lost:
        return ""
    parts = [
        m
        for m in decision.evidence.metrics
        if (m.name, m.of, m.margin) == (whole.name, whole.of, whole.margin) and m.slice is not None
    ]
    largest = max(parts, key=lambda m: m.lost, default=None)
    if largest is None or len(parts) < 2 or largest.lost * 2 <= whole.lost:
        return ""
    lost, gained = voice.whole(largest.lost), voice.whole(largest.gained)
    return voice.said("why.carried", slice=voice.named(largest.slice or ""), lost=lost, gained=gained)


def _often(cases: Sequence[Shown], voice: Voice) -> str:
    """Return the reason that most of the cases share; nothing when fewer than a third do."""
    told = Counter(said for shown in cases if (said := because(shown.mark)))
    (reason, times), *_ = told.most_common(1) or [("", 0)]
    if times < 2 or times * 3 < len(cases):
        return ""
    total = voice.whole(len(cases))
    return voice.said("why.often", reason=voice.named(reason, 90), n=voice.whole(times), total=total)


def cases_behind(report: Report, finding: Finding) -> list[Shown]:
    """Return the cases of the report that speak for a finding, the worst first."""
    wire = tripwire_of(report.decision, finding)
    counted = set(wire.cases) if wire is not None else set()
    found = [
        Shown(case, mark)
        for case in report.cases
        for mark in case.marks
        if mark.metric == finding.metric and in_slice(case, finding.slice) and _speaks(finding, case, mark, counted)
    ]
    return sorted(found, key=lambda shown: _badness(finding, shown.mark))


def in_slice(case: CaseView, name: str | None) -> bool:
    """Say whether a case lies in a slice written `name=value`; every case lies in None."""
    if name is None:
        return True
    key, _, value = name.partition("=")
    return case.slices.get(key) == value


def _speaks(finding: Finding, case: CaseView, mark: MarkPair, counted: set[str]) -> bool:
    if finding.rule == "coverage" or finding.state == "unscored_decides":
        return isinstance(mark.now, Unscored)
    if not isinstance(mark.now, Mark):
        return False
    if finding.rule in CHANGES:
        return (mark.change or 0) < 0
    if finding.rule == "never":
        return mark.now.value == 0 and (not counted or case.id in counted)
    return mark.now.value < 1


def _badness(finding: Finding, mark: MarkPair) -> float:
    if finding.rule in CHANGES:
        return mark.change or 0.0
    return getattr(mark.now, "value", 0.0)


def because(mark: MarkPair) -> str:
    """Return why a mark is what it is, in the words of whoever marked."""
    now = mark.now
    if isinstance(now, NotApplicable):
        return now.why
    if isinstance(now, Unscored):
        return now.detail
    return now.explanation or now.label or ""


def compared(decision: Decision, voice: Voice) -> str:
    """Return what was compared with what: `candidate.jsonl @ 7c1f2ab against baseline.jsonl`."""
    candidate = voice.named(decision.candidate_source)
    if decision.revision:
        candidate += f" @ {voice.named(decision.revision, 12)}"
    if decision.baseline is None:
        return voice.joined([candidate, voice.said("no_baseline")])
    baseline = voice.named(decision.baseline_source or decision.baseline)
    return voice.said("against", candidate=candidate, baseline=baseline)


def about_run(report: Report, voice: Voice) -> list[str]:
    """Return the facts of a run, one each: pairs, clusters, unchanged outputs, calls, what is unscored, revision."""
    decision = report.decision
    size = report.pairs if decision.baseline else report.planned
    facts = [voice.counted("facts.pairs" if decision.baseline else "facts.cases", size)]
    if report.clusters not in {0, report.planned}:
        facts.append(voice.counted("facts.clusters", report.clusters))
    if report.outputs_unchanged:
        facts.append(voice.counted("facts.unchanged", report.outputs_unchanged))
    if report.calls_answered or report.calls_recalled:
        calls = [voice.counted("facts.calls", report.calls_answered)]
        if report.calls_recalled:
            calls.append(voice.counted("facts.recalled", report.calls_recalled))
        facts.append(", ".join(calls))
    facts.append(_unscored(decision, voice))
    if decision.revision:
        facts.append(voice.said("facts.revision", revision=voice.named(decision.revision, 40)))
    return facts


def unscored(decision: Decision) -> dict[str, Counter[str]]:
    """Return for every metric how many of its outcomes are not scored on all cases, by reason."""
    counts: dict[str, Counter[str]] = {}
    read: Iterable[Metric | Tripwire] = (*decision.evidence.metrics, *decision.evidence.tripwires)
    for one in read:
        if one.slice is None:
            # A metric may be read as a level, a change and a tripwire: what is missing there is missing once.
            counts[one.name] = counts.get(one.name, Counter()) | Counter(one.unscored)
    return counts


def _unscored(decision: Decision, voice: Voice) -> str:
    total: Counter[str] = sum(unscored(decision).values(), Counter())
    if not total:
        return voice.counted("facts.unscored", 0)
    return voice.counted("facts.unscored_why", total.total(), reasons=gaps(total, voice))


def gaps(counts: Mapping[str, int], voice: Voice) -> str:
    """Return why outcomes are not scored, the most common reason first, with numbers where there are several."""
    told = [(voice.said(f"unscored.{reason}"), n) for reason, n in Counter(counts).most_common()]
    if len(told) < 2:
        return next((words for words, _ in told), voice.said("no_reason"))
    return ", ".join(f"{words} ×{voice.whole(n)}" for words, n in told)


def about_judges(decision: Decision, voice: Voice) -> str:
    """Return who judged, and that nobody has measured them where that is so; nothing without judges."""
    if not decision.judges:
        return ""
    judges = ", ".join(voice.named(judge) for judge in decision.judges[:MOST_JUDGES])
    seen = dict.fromkeys(finding.metric for finding in decision.findings if as_judged(decision, finding))
    if not seen:
        return voice.said("facts.judges", judges=judges)
    return voice.said("facts.judges_uncalibrated", judges=judges, metrics=", ".join(map(voice.named, seen)))


def lead(decision: Decision, voice: Voice) -> str:
    """Return what the decision means, in one sentence with how many findings it rests on."""
    counted = [finding.verdict for finding in decision.findings if finding.counted]
    fails, still_open = counted.count("fail"), counted.count("inconclusive")
    numbers = {"n": voice.whole(len(counted)), "fails": voice.whole(fails), "open": voice.whole(still_open)}
    said = [voice.said(f"lead.{decision.verdict}", **numbers)] if counted else []
    if decision.verdict == "fail" and still_open:
        said.append(voice.said("lead.also", **numbers))
    said += [sentence(decision, finding, voice) for finding in decision.findings if finding.let_through]
    return " ".join(said)


def notes(report: Report, voice: Voice) -> list[str]:
    """Return the sentences of the first screen."""
    decision = report.decision
    keys = [*report.notes, *(["advisory"] if decision.advisory and "advisory" not in report.notes else [])]
    if decision.judges and "uncalibrated" in keys:
        keys.remove("uncalibrated")  # the judges' own line says it
    values = {
        "unmatched_baseline": voice.whole(report.unmatched_baseline),
        "unmatched_candidate": voice.whole(report.unmatched_candidate),
        "changed_content": voice.whole(report.changed_content),
        "date": decision.policy.advisory_until or "",
    }
    return [voice.said(f"note.{key}", **values) if voice.has(f"note.{key}") else voice.named(key, 300) for key in keys]


def next_commands(report: Report) -> list[str]:
    """Return the commands that lead on from here."""
    if report.next_commands:
        return list(report.next_commands)
    decision = report.decision
    told = [group[0] for group in failing(decision)] or undecided(decision)
    commands = []
    first = next((shown.case for finding in told for shown in cases_behind(report, finding)), None)
    if first is not None and _can_be_typed(first.id):
        commands.append(f"evalgate show {shlex.quote(first.id)}")
    flipped = next((finding for finding in told if finding.rule in CHANGES), None)
    if flipped is not None:
        by = next((f" --by {gate.by[0]}" for gate in decision.gates if gate.metric == flipped.metric and gate.by), "")
        commands.append(f"evalgate show --flips {shlex.quote(flipped.metric)}{by}")
    if any(finding.gate == "fact.baseline" and finding.verdict != "pass" for finding in told):
        commands.append("evalgate baseline accept NAME --first")
    keys = [key_of(finding) for finding in told]
    commands += [f"evalgate explain {shlex.quote(key)}" for key in keys[:2] if _can_be_typed(key)]
    return commands[:MOST_COMMANDS]


def _can_be_typed(name: str) -> bool:
    """Say whether a name is what it looks like, short, and no flag."""
    return one_line(name, 60) == name and not name.startswith("-")
