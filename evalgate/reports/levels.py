"""The page of `evalgate run`: every metric of a run with its interval; nothing is decided."""

from __future__ import annotations

from evalgate.core.reporting import Level, Levels
from evalgate.core.values import canonical
from evalgate.reports.inert import one_line
from evalgate.reports.messages import Language, Voice
from evalgate.reports.sheet import Cell, Column, Piece, Sheet, screen_width, show
from evalgate.reports.story import gaps


def print_levels(levels: Levels, language: Language, *, quiet: bool) -> None:
    """Print a run's levels; `quiet` leaves the first line."""
    show(levels_sheet(levels, Voice(language), screen_width(), quiet=quiet))


def levels_json(levels: Levels) -> str:
    """Return the levels as canonical JSON."""
    return canonical(levels.model_dump(mode="json")).decode()


def levels_sheet(levels: Levels, voice: Voice, width: int, *, quiet: bool = False) -> Sheet:
    """Return the page of a run's levels."""
    sheet = Sheet(width)
    ending = voice.joined([voice.duration(levels.wall_s), _spent(levels, voice)])
    source = voice.joined([one_line(levels.suite, 60), one_line(levels.source, 60)])
    sheet.ends(Piece(voice.said("levels.run", run=levels.run), "strong"), f"  {source}", ending)
    if quiet:
        return sheet
    sheet.prose(voice.joined([voice.counted("facts.samples", levels.samples), *_calls(levels, voice)]))
    sheet.blank()
    columns = (
        Column(voice.said("page.check"), least=9, gives_way=1),
        Column(voice.said("levels.level"), least=20, gives_way=2),
        Column(voice.said("levels.violations"), right=True),
        Column("n", right=True),
        Column(voice.said("levels.not_applicable"), right=True),
        Column(voice.said("levels.unscored"), least=6, gives_way=3),
    )
    sheet.table(columns, [_row(level, voice) for level in levels.levels])
    sheet.prose(voice.said("intervals.plain", level=voice.demanded(0.95)), indent=1, style="quiet")
    sheet.prose(voice.said("levels.nothing_decided"), indent=1, style="quiet")
    return sheet


def _spent(levels: Levels, voice: Voice) -> str:
    return voice.money(levels.spent_usd) if levels.calls_answered else ""


def _calls(levels: Levels, voice: Voice) -> list[str]:
    if not levels.calls_answered and not levels.calls_recalled:
        return []
    fresh = voice.counted("facts.calls", levels.calls_answered)
    return [fresh, voice.counted("facts.recalled", levels.calls_recalled) if levels.calls_recalled else ""]


def _row(level: Level, voice: Voice) -> tuple[Cell, ...]:
    missing = sum(level.unscored.values())
    told = f"{voice.whole(missing)} ({gaps(level.unscored, voice)})" if missing else "0"
    n = voice.whole(level.n)
    return (
        Cell(level.slice or level.metric, indent=2 if level.slice else 0),
        Cell(_interval(level, voice)),
        Cell(voice.whole(level.violations)),
        Cell(n if level.n == level.planned else f"{n}/{voice.whole(level.planned)}"),
        Cell(voice.whole(level.not_applicable)),
        Cell(told),
    )


def _interval(level: Level, voice: Voice) -> str:
    if level.value is None or level.low is None or level.high is None:
        return voice.said("result.not_measured")
    low, high = voice.share(level.low), voice.share(level.high)
    return voice.said("result.interval", value=voice.percent(level.value), low=low, high=high)
