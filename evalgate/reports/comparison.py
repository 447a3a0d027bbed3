"""The page of `evalgate compare`: two stored runs, metric by metric; nothing is decided."""

from __future__ import annotations

from evalgate.core.reporting import Change, Comparison
from evalgate.core.values import canonical
from evalgate.reports.messages import Language, Voice
from evalgate.reports.sheet import Cell, Column, Piece, Sheet, screen_width, show

COUNTS = ("unmatched_candidate", "unmatched_baseline", "changed_content", "outputs_unchanged")


def print_comparison(comparison: Comparison, language: Language) -> None:
    """Print two runs compared, one line a metric."""
    show(comparison_sheet(comparison, Voice(language), screen_width()))


def comparison_json(comparison: Comparison) -> str:
    """Return the comparison as canonical JSON."""
    return canonical(comparison.model_dump(mode="json")).decode()


def comparison_sheet(comparison: Comparison, voice: Voice, width: int) -> Sheet:
    """Return the page of two runs compared."""
    sheet = Sheet(width)
    sheet.line(Piece(voice.said("against", candidate=comparison.candidate, baseline=comparison.baseline), "strong"))
    counts = [(name, getattr(comparison, name)) for name in COUNTS]
    facts = [voice.counted(f"comparison.{name}", n) for name, n in counts if n]
    sheet.prose(voice.joined([voice.counted("facts.pairs", comparison.pairs), *facts]))
    sheet.blank()
    columns = (
        Column(voice.said("page.check"), least=12, gives_way=1),
        Column(voice.said("comparison.change"), least=22, gives_way=2),
        Column(voice.said("comparison.levels"), least=14, gives_way=3),
        Column(voice.said("comparison.better"), right=True),
        Column(voice.said("comparison.worse"), right=True),
        Column("n", right=True),
    )
    sheet.table(columns, [_row(change, voice) for change in comparison.changes])
    sheet.prose(voice.said("intervals.plain", level=voice.demanded(0.95)), indent=1, style="quiet")
    if comparison.not_comparable:
        names = ", ".join(comparison.not_comparable)
        sheet.prose(voice.said("comparison.not_comparable", metrics=names), indent=1)
    sheet.prose(voice.said("levels.nothing_decided"), indent=1, style="quiet")
    return sheet


def _row(change: Change, voice: Voice) -> tuple[Cell, ...]:
    n = voice.whole(change.pairs)
    total = voice.whole(change.pairs + change.unscored)
    return (
        Cell(change.metric),
        Cell(_interval(change, voice)),
        Cell(_levels(change, voice)),
        Cell(voice.whole(change.gained)),
        Cell(voice.whole(change.lost)),
        Cell(f"{n}/{total}" if change.unscored else n),
    )


def _interval(change: Change, voice: Voice) -> str:
    if change.value is None or change.low is None or change.high is None:
        return voice.said("result.not_measured")
    value, low, high = voice.change(change.value), voice.change(change.low), voice.change(change.high)
    return voice.said("result.interval", value=value, low=low, high=high)


def _levels(change: Change, voice: Voice) -> str:
    if change.baseline is None or change.candidate is None:
        return ""
    before, now = voice.share(change.baseline), voice.percent(change.candidate)
    return voice.said("result.levels", before=before, now=now)
