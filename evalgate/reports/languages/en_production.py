"""English: what the `production` rule says."""

from __future__ import annotations

MESSAGES = {
    "rule.production": "in production at least {bound}",
    "production.days": "{n} days",
    "production.days.one": "{n} day",
    "production.windows": "{n} windows",
    "production.windows.one": "{n} window",
    "production.others": " ({n} more were scored by another version of the check, or in part)",
    "production.others.one": " ({n} more was scored by another version of the check, or in part)",
    "result.production": "{windows}, {days}",
    "state.above_floor/production": (
        "{what} reaches the {bound} demanded in production: {value}, between {low} and {high}, over {days}."
    ),
    "state.below_floor/production": (
        "{what} stays below the {bound} demanded in production: {value}, between {low} and {high}, over {days}."
    ),
    "state.unclear/production": (
        "It is not clear whether {what} reaches {bound} in production: {value}, between {low} and {high}, over {days}."
    ),
    "state.unscored_decides/production": (
        "{what} in production turns on {unscored} of {planned} sampled interactions that are not scored:"
        " {value} for the rest, between {low} and {high} with them."
    ),
    "state.too_few/production": (
        "{what} in production rests on too small a sample: {n} scored interactions of {clusters} conversations."
    ),
    "state.no_windows": (
        "{what} is not known in production: no closed window of the last {days} was scored by this version of the"
        " check{others}."
    ),
    "state.silent": "{what} is not known in production: nothing was scored for {silent}.",
    "state.windows_short": (
        "{what} is not known in production: the windows scored by this version of the check cover {covered} of"
        " {days}{others}."
    ),
    "state.suspect_weights": (
        "{what} is not known in production: the control slice contradicts the probabilities that the sample of {days}"
        " was drawn with."
    ),
    "state.let_through_better": (
        "{what} is not shown to reach {bound} in production ({shown}). The change is let through: it is proven better"
        " than the baseline in just this."
    ),
    "state.let_through_rollback": (
        "{what} is not shown to reach {bound} in production ({shown}). The change is let through: it goes back to the"
        " revision of run {detail}, an accepted baseline."
    ),
    "state.let_through_glass": (
        "{what} is not shown to reach {bound} in production ({shown}). THE CHANGE IS LET THROUGH BY HAND by {detail}."
    ),
    "more.production_to_pass": "{real} more scored interactions decide it if {value} is real: then it passes",
    "more.production_to_pass.one": "{real} more scored interaction decides it if {value} is real: then it passes",
    "more.production_to_fail": "{real} more scored interactions decide it if {value} is real: then it fails",
    "more.production_to_fail.one": "{real} more scored interaction decides it if {value} is real: then it fails",
    "decide.no_windows": (
        "a worker has to close windows under this suite; `evalgate traffic score` scores those of past days"
    ),
    "decide.silent": "look whether traffic comes in and the worker scores it",
    "decide.windows_short": (
        "wait for more windows, score those of past days with `evalgate traffic score`, or ask fewer days"
    ),
    "decide.suspect_weights": "find out why the sample is not what was drawn, and score the windows again",
    "decide.production_sample": "draw a larger sample of production, or ask more days",
    "note.glass_not_broken": (
        "--break-glass was not used: this change is not stopped by production alone, so nothing was overruled."
    ),
    "explain.demands.production": (
        "In production, the true level of {what} over the last days must be at least {bound}: all traffic, estimated"
        " from the sample that was scored."
    ),
    "explain.production": (
        "Read: {windows}, from {since} to {until} UTC, which cover {covered} of {days}{others}; the sample stands for"
        " {population} interactions."
    ),
    "explain.change.production.pass": "Only what production shows in the days to come.",
    "explain.change.production.fail": (
        "Better answers in production. Until then there may go in: a rollback to an accepted baseline, a candidate that"
        " is proven better in this metric, and what somebody lets through with `--break-glass`."
    ),
    "method.sampled-t": (
        "Bounds of a sampled mean by Student's t: every interaction weighs 1/p, p the probability it was drawn with,"
        " and whole conversations are what varies."
    ),
    "method.sampled-korn-graubard": (
        "Bounds of a sampled share with the number of interactions reduced to what the sample is worth (Korn-Graubard)."
    ),
    "method.sampled-census": "Every interaction was scored: no interval.",
    "plan.sees_production": "closed windows of {n} days, read when it is decided",
    "plan.sees_production.one": "closed windows of {n} day, read when it is decided",
}
