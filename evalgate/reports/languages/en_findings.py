"""English: findings, states, notes and numbers."""

from __future__ import annotations

MESSAGES = {
    # ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────
    "number.decimal": ".",
    "number.thousands": ",",
    "number.percent": "{number}\u00a0%",
    "number.points": "{number}\u00a0pts",
    "number.money": "${number}",
    "number.small_money": "less than $0.01",
    "number.about": "≈\u00a0{number}",
    "number.seconds": "{seconds}\u00a0s",
    "number.minutes": "{minutes}\u00a0min {seconds}\u00a0s",
    # ── verdicts ─────────────────────────────────────────────────────────────────────────────────────────────────────
    "verdict.pass": "Pass",
    "verdict.fail": "Fail",
    "verdict.inconclusive": "Undecided",
    "headline.pass": "May be deployed: {suite} passes",
    "headline.fail": "Do not deploy: {suite} fails",
    "headline.inconclusive": "Do not deploy yet: {suite} is not decided",
    "headline.advisory.pass": "Advisory until {date}, would be PASS: {suite}",
    "headline.advisory.fail": "Advisory until {date}, would be FAIL: {suite}",
    "headline.advisory.inconclusive": "Advisory until {date}, would be INCONCLUSIVE: {suite}",
    "advice.pass": "May be deployed.",
    "advice.fail": "Do not deploy.",
    "advice.inconclusive": "Do not deploy yet.",
    "lead.pass": "All {n} findings pass.",
    "lead.fail": "{fails} of {n} findings fail.",
    "lead.inconclusive": "{open} of {n} findings are not decided.",
    "lead.also": "Not decided: {open}.",
    "advisory.would_be": "ADVISORY, would be {verdict}",
    "against": "{candidate} against {baseline}",
    "no_baseline": "no baseline",
    "exit": "exit {code}",
    # ── the facts of a run ───────────────────────────────────────────────────────────────────────────────────────────
    "facts.pairs": "{n} pairs",
    "facts.pairs.one": "{n} pair",
    "facts.cases": "{n} cases",
    "facts.cases.one": "{n} case",
    "facts.clusters": "{n} clusters",
    "facts.clusters.one": "{n} cluster",
    "facts.unchanged": "{n} outputs unchanged, not judged twice",
    "facts.unchanged.one": "{n} output unchanged, not judged twice",
    "facts.calls": "{n} judge calls",
    "facts.calls.one": "{n} judge call",
    "facts.recalled": "{n} from the journal",
    "facts.unscored": "{n} unscored",
    "facts.unscored_why": "{n} unscored ({reasons})",
    "facts.revision": "outputs made from {revision}",
    "facts.judges": "judge {judges}",
    "facts.judges_uncalibrated": "judge {judges}: uncalibrated, {metrics} as the judge sees it",
    "facts.samples": "{n} outputs",
    "facts.samples.one": "{n} output",
    # ── rules ────────────────────────────────────────────────────────────────────────────────────────────────────────
    "rule.never": "never: {scope}",
    "rule.at_least": "at least {bound}",
    "rule.at_most": "at most {bound}",
    "rule.no_worse_than": "no worse than {bound}",
    "rule.better_than_baseline": "better than the baseline",
    "rule.agreement": "agrees with people: {bound}",
    "rule.coverage": "{bound} scored",
    "rule.fact": "must hold",
    "rule.advisory": "{rule}, advisory",
    "scope.any": "any",
    "scope.new": "new",
    "fact.outputs_current": "outputs of this change",
    "fact.one_judge": "one judge for both arms",
    "fact.baseline": "a baseline to compare with",
    # ── what was measured, in a cell ─────────────────────────────────────────────────────────────────────────────────
    "result.interval": "{value} [{low}, {high}]",
    "result.levels": "{before} → {now}",
    "result.hits.any": "{n} violations",
    "result.hits.any.one": "{n} violation",
    "result.hits.new": "{n} new",
    "result.hits.new.one": "{n} new",
    "result.true_rate": "true rate ≤\xa0{high}",
    "result.baseline_hits": "baseline {n}",
    "result.scored": "{n} of {planned} scored",
    "result.of_n": "{n} of {planned}",
    "result.not_measured": "not measured",
    "result.not_visible": "too few cases",
    "result.visible": "sees drops from {visible}",
    "result.raw": "the judge alone {figure}",
    "result.corrected": "with {n} labels {figure}",
    "result.corrected.one": "with {n} label {figure}",
    "result.as_judged": "as the judge sees it",
    "coverage.all": "coverage",
    "in_slice": "{metric} in {slice}",
    "no_reason": "no reason given",
    # ── states: what follows, in one sentence ────────────────────────────────────────────────────────────────────────
    "state.better": "{what} got better: {value}, between {low} and {high}.",
    "state.not_worse": (
        "{what} is not worse than the baseline by more than the {bound} allowed: {value}, between {low} and {high}."
    ),
    "state.worse_within_margin": (
        "{what} got a little worse, within the {bound} allowed: {value}, between {low} and {high}."
    ),
    "state.worse_size_unclear": (
        "{what} got worse, and whether by more than the {bound} allowed is not clear:"
        " {value}, between {low} and {high}."
    ),
    "state.worse_beyond_margin/no_worse_than": (
        "{what} got worse by more than the {bound} allowed: {value}, between {low} and {high}."
    ),
    "state.worse_beyond_margin/better_than_baseline": (
        "{what} got worse, and the suite demands that it gets better: {value}, between {low} and {high}."
    ),
    "state.unclear/no_worse_than": (
        "It is not clear whether {what} lost more than the {bound} allowed: {value}, between {low} and {high}."
    ),
    "state.unclear/better_than_baseline": (
        "It is not clear whether {what} got better: {value}, between {low} and {high}."
    ),
    "state.unclear/at_least": "It is not clear whether {what} reaches {bound}: {value}, between {low} and {high}.",
    "state.unclear/at_most": (
        "It is not clear whether at most {bound} of the answers violate {what}:"
        " {hits} of {n} do, a true rate between {low} and {high}."
    ),
    "state.above_floor": "{what} reaches the {bound} demanded: {value}, between {low} and {high}.",
    "state.below_floor": "{what} stays below the {bound} demanded: {value}, between {low} and {high}.",
    "state.within_rate": (
        "{what} is violated by {hits} of {n} answers, a true rate of at most {high}; {bound} is allowed."
    ),
    "state.beyond_rate": (
        "{what} is violated more often than the {bound} allowed:"
        " {hits} of {n} answers, a true rate between {low} and {high}."
    ),
    "state.clean/any": "No answer violates {what}: 0 of {n}; a true rate of up to {high} would still fit.",
    "state.clean/new": (
        "No answer violates {what} that did not before: 0 of {n}; a true rate of up to {high} would still fit."
    ),
    "state.violations/any": "{hits} answers violate {what}; none may.",
    "state.violations/any.one": "{hits} answer violates {what}; none may.",
    "state.violations/new": "{hits} answers violate {what} where the baseline was not seen to; none may.",
    "state.violations/new.one": "{hits} answer violates {what} where the baseline was not seen to; none may.",
    "state.covered": "{what}: {n} of {planned} outcomes are scored; {bound} is demanded.",
    "state.coverage_short": "{what}: only {n} of {planned} outcomes are scored; {bound} is demanded.",
    "state.holds": "{what}: holds ({detail}).",
    "state.does_not_hold": "{what}: does not hold ({detail}).",
    "state.not_known": "{what}: not known ({detail}).",
    "state.too_few/none": "{what} has no scored case to decide on.",
    "state.too_few": "{what} rests on too few independent cases: {n} cases in {clusters} clusters.",
    "state.not_visible/none": "{what} has no scored case.",
    "state.not_visible": "{what} has too few cases ({n}) to show a drop smaller than {visible}.",
    "state.unscored_decides/never": (
        "{what} cannot pass while {unscored} of {planned} outcomes are not scored: any of them may be a violation."
    ),
    "state.unscored_decides": (
        "{what} turns on {unscored} of {planned} outcomes that are not scored: {value} for the rest,"
        " between {low} and {high} with them."
    ),
    "state.uncalibrated": "{what} would pass as the judge sees it, but that is no claim about people: {detail}.",
    "state.uncalibrated/never": "{what} would pass as the judge sees it, but people have not measured this judge.",
    "state.few_labels": "{what} is corrected with people's labels, and they are too few to decide: {detail}.",
    "state.few_labels/agreement": "Whether the judge of {what} agrees with people is not known: {detail}.",
    "state.agrees": (
        "The judge of {what} agrees with people (AC1 {value}, between {low} and {high}); {bound} is demanded."
    ),
    "state.disagrees": (
        "The judge of {what} does not agree with people enough: AC1 {value}, between {low} and"
        " {high}; {bound} is demanded."
    ),
    "state.unclear/agreement": (
        "Whether the judge of {what} agrees with people enough is not clear: AC1 {value}, between {low} and {high}."
    ),
    "state.unconfirmed": (
        "The judge sees {hits} violations of {what}; a person has to confirm one before it can fail the gate."
    ),
    "state.unconfirmed.one": (
        "The judge sees {hits} violation of {what}; a person has to confirm it before it can fail the gate."
    ),
    # ── what would decide it ─────────────────────────────────────────────────────────────────────────────────────────
    "more.same": "{unchanged} more cases decide it if nothing changed",
    "more.same.one": "these cases are enough if nothing changed",
    "more.drop": "{unchanged} more cases decide it if nothing changed; {real} more if the drop of {size} is real",
    "more.drop.one": "these cases are enough if nothing changed; {real} more if the drop of {size} is real",
    "more.gain": "{unchanged} more cases decide it if nothing changed; {real} more if the gain of {size} is real",
    "more.gain.one": "these cases are enough if nothing changed; {real} more if the gain of {size} is real",
    "more.lost": (
        "{unchanged} more cases decide it if nothing changed;"
        " if the drop of {size} is real, more cases will not turn this into a pass"
    ),
    "more.lost.one": (
        "these cases are enough if nothing changed;"
        " if the drop of {size} is real, more cases will not turn this into a pass"
    ),
    "more.to_pass": "{real} more cases decide it if {value} is real: then it passes",
    "more.to_pass.one": "{real} more case decides it if {value} is real: then it passes",
    "more.to_fail": "{real} more cases decide it if {value} is real: then it fails",
    "more.to_fail.one": "{real} more case decides it if {value} is real: then it fails",
    "more.never": "more cases will not turn this into a pass",
    "decide.scores": "{needed} of the {unscored} unscored outcomes must be scored",
    "decide.coverage": "{needed} more outcomes must be scored",
    "decide.coverage.one": "{needed} more outcome must be scored",
    "decide.uncalibrated": "have people measure the judge, correct it with labels, or write `uncalibrated: allow`",
    "decide.few_labels": "have people label more cases",
    "decide.unconfirmed": "have a person look at the cases the judge names",
    "decide.fact": "{detail}",
    "decide.cases": "it needs cases it applies to, and more independent ones",
    "decide.visible": "it shows a drop of {visible} or more; smaller ones need more cases",
    "decide.nothing": "it is decided",
    # ── why ──────────────────────────────────────────────────────────────────────────────────────────────────────────
    "why.moved": "{lost} got worse, {gained} got better.",
    "why.carried": "{slice} carries it: {lost} worse, {gained} better.",
    "why.often": "Most common reason: “{reason}” ({n} of {total}).",
    "why.more_cases": "and {n} more",
    "case.question": "question",
    "case.was": "was",
    "case.now": "now",
    "case.because": "because",
    "case.context": "context",
    "case.no_answer": "(empty)",
    "case.not_in_baseline": "(the baseline has no answer to this case)",
    "case.repeat": "repeat {n}",
    # ── notes ────────────────────────────────────────────────────────────────────────────────────────────────────────
    "note.age_not_checked": (
        "Age not checked: with --revision or --changed-at, outputs of another version or older than the change"
        " do not count."
    ),
    "note.baseline_cases_unanswered": "{unmatched_baseline} cases of the baseline have no answer in the candidate.",
    "note.candidate_cases_new": "{unmatched_candidate} cases of the candidate are new: the baseline has no answer.",
    "note.content_changed": "{changed_content} cases were asked differently in the baseline and are not compared.",
    "note.uncalibrated": (
        "People have not measured the judge: what it says counts because the suite allows it, as the judge sees it."
    ),
    "note.candidate_model_unknown": (
        "Not every row names the model that answered, so a judge that judges itself would not be noticed."
    ),
    "note.advisory": "Advisory until {date}: printed in full, not enforced.",
    "note.replies_by_hand": "The judge's replies were written by hand for this example.",
    "intervals.plain": "intervals: two one-sided {level} bounds",
    "intervals.holm": (
        "intervals: two one-sided {level} bounds; fail bounds at Holm's level (down to {alpha})"
        " where several tests share the error"
    ),
    "intervals.not_counted": "lower case: printed, not counted",
    "unscored.missing": "missing",
    "unscored.invalid": "not a score",
    "unscored.unknown": "judged “unknown”",
    "unscored.unreadable": "unreadable reply",
    "unscored.refused": "refused",
    "unscored.unavailable": "judge unavailable",
    "unscored.over_budget": "spend cap reached",
    "unscored.order": "orders disagree",
    "unscored.not_comparable": "other version of the check",
    "unscored.crashed": "the check crashed",
    "mark.not_applicable": "not applicable",
    "mark.unscored_why": "unscored: {reason}",
    "mark.holds": "holds",
    "mark.violates": "violates",
    "mark.none": "–",
}
