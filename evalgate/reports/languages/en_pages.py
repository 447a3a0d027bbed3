"""English: the pages around the findings."""

from __future__ import annotations

MESSAGES = {
    # ── the console page ─────────────────────────────────────────────────────────────────────────────────────────────
    "page.verdict": "verdict",
    "page.check": "check",
    "page.rule": "rule",
    "page.result": "result",
    "page.why": "Why it fails",
    "page.not_decided": "Not decided",
    "page.next": "Next",
    "page.report": "report",
    "page.decision": "decision {name}",
    # ── explain ──────────────────────────────────────────────────────────────────────────────────────────────────────
    "explain.demands": "What is demanded",
    "explain.measured": "What was measured",
    "explain.bound": "How the bounds were found",
    "explain.verdict": "How the verdict follows",
    "explain.change": "What would change it",
    "explain.demands.never.any": "No answer may violate {what}.",
    "explain.demands.never.new": (
        "No answer may violate {what} unless the baseline was seen to violate it on the same case."
    ),
    "explain.demands.at_least": "The true level of {what} must be at least {bound}.",
    "explain.demands.at_most": "In truth, at most {bound} of the answers may violate {what}.",
    "explain.demands.no_worse_than": (
        "On the same cases, {what} may in truth lose at most {bound} against the baseline."
    ),
    "explain.demands.better_than_baseline": "On the same cases, {what} must in truth gain against the baseline.",
    "explain.demands.agreement": "The judge of {what} and people must agree, beyond chance, by at least {bound} (AC1).",
    "explain.demands.coverage": (
        "Of the outcomes {what} should have, at least {bound} must be scored; otherwise nothing is passed on it."
    ),
    "explain.demands.fact": "It must be known to hold: {what}.",
    "explain.advisory": "The gate is advisory: it is printed and does not count.",
    "explain.slice_not_counted": "A slice can fail the gate, but an undecided one does not hold it back.",
    "explain.counts": "{n} of {planned} planned are scored.",
    "explain.unscored": "{n} are not scored ({reasons}); the bounds allow for each of them being at its worst.",
    "explain.unscored.one": "{n} is not scored ({reasons}); the bounds allow for it being at its worst.",
    "explain.not_applicable": "The check has no business with {n} other cases.",
    "explain.not_applicable.one": "The check has no business with {n} other case.",
    "explain.clusters": (
        "The cases come in {n} clusters, which weigh like {effective} of equal size; cases of one cluster are alike,"
        " so clusters are what counts."
    ),
    "explain.clusters.one": (
        "All cases come in {n} cluster (weight {effective}), so there is nothing to compare it with."
    ),
    "explain.cases": "Cases: {ids}.",
    "explain.as_judged": "People have not measured this judge: the figures are as the judge sees it.",
    "explain.follows.pass.low": "The lower bound is not below what is demanded, so even the worst that fits passes.",
    "explain.follows.fail.low": "The upper bound is below what is demanded, so even the best that fits does not pass.",
    "explain.follows.inconclusive.low": (
        "What is demanded lies between the bounds: what was measured fits a pass and a fail."
    ),
    "explain.follows.pass.high": "The upper bound is not above what is allowed, so even the worst that fits passes.",
    "explain.follows.fail.high": "The lower bound is above what is allowed, so even the best that fits does not pass.",
    "explain.follows.inconclusive.high": (
        "What is allowed lies between the bounds: what was measured fits a pass and a fail."
    ),
    "explain.change.pass": "Only other answers: more cases like these would narrow the bounds and pass as well.",
    "explain.change.fail": "Only better answers: more cases like these would narrow the bounds and fail as well.",
    "explain.change.never.pass": "A single violation.",
    "explain.change.never.fail": "Only answers without a violation; more cases do not undo one.",
    "explain.more": "The formulas: docs/reference/statistics.md",
    "method.t": "Bounds of a mean by Student's t.",
    "method.clustered": "Whole clusters are what varies, with degrees of freedom for their sizes.",
    "method.guarded": (
        "Fewer than 30 cases or clusters moved, too few for t alone: each bound is computed as if one more had come"
        " out at its worst, or at its best."
    ),
    "method.all-tied": (
        "Nothing varied at all: the bound says how large an effect could still have shown up in none of so many."
    ),
    "method.clopper-pearson": "Exact bounds of a share (Clopper-Pearson): they hold for any number of cases.",
    "method.korn-graubard": (
        "Bounds of a share with the number of cases cut to what the clusters are worth (Korn-Graubard)."
    ),
    "method.tango": "Bounds of a difference between paired shares (Tango's score method), from gains and losses alone.",
    "method.census": "A count of all there is: no interval.",
    "method.percentile": "Bounds from resampling the cases (percentile bootstrap).",
    "method.betting": "Bounds that hold however often one looks (betting).",
    "method.ppi++": "The judge's figure corrected by people's labels (PPI++).",
    "method.people-only": "People's labels alone: the judge says nothing about them that helps.",
    "method.ac1": "Agreement beyond chance between judge and people (AC1).",
    "method.level": "Each bound is wrong with probability {passes} at most.",
    "method.holm": (
        "The bound that passes is wrong with probability {passes} at most. Several fail tests share that error,"
        " so the bound that fails is taken at Holm's level, {fails}."
    ),
    # ── run and compare ──────────────────────────────────────────────────────────────────────────────────────────────
    "levels.run": "run {run}",
    "levels.level": "level",
    "levels.violations": "violations",
    "levels.not_applicable": "n/a",
    "levels.unscored": "unscored",
    "levels.nothing_decided": "nothing was decided: `evalgate gate` does that",
    "comparison.change": "change",
    "comparison.levels": "levels",
    "comparison.better": "better",
    "comparison.worse": "worse",
    "comparison.unmatched_candidate": "{n} only in the first",
    "comparison.unmatched_baseline": "{n} only in the second",
    "comparison.changed_content": "{n} asked differently",
    "comparison.outputs_unchanged": "{n} answered the same",
    "comparison.not_comparable": "not compared, since the check differs between the runs: {metrics}",
    # ── plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    "plan.title": "Plan of {suite}",
    "plan.free": "costs nothing",
    "plan.cost": "about {cost}",
    "plan.cap": "spend cap {cap}",
    "plan.over_cap": "The cap is lower than the cost: the gate would stop there and be inconclusive.",
    "plan.nothing_called": "No model was called and nothing was stored.",
    "plan.checks": "Checks",
    "plan.kind": "kind",
    "plan.outputs": "outputs",
    "plan.calls": "calls",
    "plan.multipliers": "orders × judges × repeats",
    "plan.times": "{orders} × {judges} × {repeats}",
    "plan.tokens": "about {read} tokens read, {written} written",
    "plan.costs": "cost",
    "plan.judges": "judge: {judges}; outputs that did not change are asked about once, journalled replies not again",
    "plan.gates": "Gates",
    "plan.never": "never",
    "plan.needed": "needed",
    "plan.sees": "what these cases can show",
    "plan.no_case": "no case to decide on",
    "plan.sees_drop": "drops of {drop} and more",
    "plan.sees_margin": "(margins from {margin} if nothing changed)",
    "plan.sees_never": "every single violation",
    "plan.cannot_pass": "too few to pass, even without a failure",
    "plan.sees_failures": "passes with up to {n} failures of {total}",
    "plan.sees_failures.one": "passes with up to {n} failure of {total}",
    "plan.sd_assumed": (
        "spread not known yet, {sd} assumed (the widest there is for scores); clusters taken as half alike"
    ),
    "plan.needed_help": (
        "needed: cases with which an unchanged candidate passes {power} of the time, or a flawless one passes a level"
    ),
    "plan.defaults": "Defaults in force",
    # ── show ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    "cases.none": "no cases",
    "cases.no_flips": "no case is marked differently by {check}",
    "cases.flips": "{check}: {n} cases are marked differently",
    "cases.left_out": "{n} more cases: --limit shows them",
    "cases.left_out.one": "{n} more case: --limit shows it",
    "cases.lines_left_out": "… {n} more lines",
    "cases.lines_left_out.one": "… {n} more line",
    # ── Markdown and HTML ────────────────────────────────────────────────────────────────────────────────────────────
    "cases.worst": "{n} worst cases (personal data masked)",
    "cases.worst.one": "The worst case (personal data masked)",
    "cases.case": "case",
    "cases.more": "{n} more cases are left out here; the HTML report and `evalgate show` have them.",
    "cases.more.one": "{n} more case is left out here; the HTML report and `evalgate show` have it.",
    "findings.more": "{n} more findings are left out here; the HTML report has them.",
    "findings.more.one": "{n} more finding is left out here; the HTML report has it.",
    "html.skip": "Go to the cases",
    "html.theme": "Light or dark",
    "html.findings": "Findings",
    "html.interval": "interval",
    "html.legend": "thick line: what is demanded · dashed: no change · arrow: goes on beyond the scale",
    "html.cases": "Cases",
    "html.filter": "Filter",
    "html.check": "Check",
    "html.slice": "Slice",
    "html.kind": "What happened",
    "html.all": "all",
    "html.kind.violation": "violation",
    "html.kind.worse": "got worse",
    "html.kind.better": "got better",
    "html.kind.unscored": "unscored",
    "html.kind.same": "unchanged",
    "html.shown": "{n} of {total} cases shown",
    "html.reset": "Show all",
    "html.no_cases": "No case was marked down, changed or left unscored.",
    "html.left_out": "{n} more cases are not on this page; `evalgate show` has them.",
    "html.left_out.one": "{n} more case is not on this page; `evalgate show` has it.",
    "html.text_left_out": "… {n} more characters",
    "html.baseline": "Baseline",
    "html.candidate": "Candidate",
    "html.question": "Question",
    "html.context": "Context",
    "html.other_marks": "Unchanged",
    "html.unscored": "Not scored",
    "html.nothing_unscored": "Everything that was planned is scored.",
    "html.record": "Record",
    "html.digest": "digest of the record (SHA-256)",
    "html.suite": "suite",
    "html.judges": "judges",
    "html.made_by": "made by",
    "html.verify": (
        "`evalgate verify` works out every bound, the verdict and the findings again from the record alone."
    ),
    "html.masked": "Personal data and secrets are masked on this page.",
}
