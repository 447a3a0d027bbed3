"""The draw: for every interaction of a window and every sampled criterion, whether it is to be marked, and how likely.

One draw a conversation decides over all phases and checks. Drawing again changes nothing, so that whoever takes a
window over may begin anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evalgate.production.bench import Bench, Criterion
from evalgate.store.scores import ScoreRow, Seen, State, score_row
from evalgate.store.windows import Claim
from evalgate.traffic.facts import matches, stratum_of

KEPT = ("scored", "not_applicable")
"""What was paid for and stands."""


def draw(bench: Bench, claim: Claim) -> int:
    """Give every interaction of the window a row for every criterion, and return how many interactions there are.

    A window that is scored again is drawn anew: what was marked stays with the larger of both probabilities, which is
    what it was taken with on the shared draw; what failed or was shed is tried again.
    """
    scores, count = bench.store.scores, 0
    chances = _Chances(bench)
    for page in scores.stream(claim.window.span):
        count += len(page)
        rows = [row for seen in page for row in chances.rows(seen)]
        anew = claim.window.version > 1
        if anew:
            rows = _redrawn(bench, page, rows)
        with bench.store.database.write() as connection:
            bench.store.windows.fenced(connection, claim)
            (scores.write if anew else scores.offer)(connection, rows)
    _fill_code(bench, claim, count)
    return count


class _Chances:
    """What each stratum is taken with."""

    def __init__(self, bench: Bench) -> None:
        self._spec, self._drawn = bench.spec, bench.drawn
        self._phases = {one.name: one.phases(bench.spec.control).chances for one in bench.spec.strata}

    def rows(self, seen: Seen) -> Iterator[ScoreRow]:
        """Give the row of one interaction under every sampled criterion."""
        why = why_not(self._spec.where, seen)
        stratum = None if why else stratum_of(self._spec, seen.facts).name
        for one in self._drawn:
            if stratum is None or one.phase is None:
                yield score_row(seen.number, one.number, "filtered", reason=why)
                continue
            chance = self._phases[stratum][one.phase]
            state: State = "pending" if seen.draw < chance else "sampled_out"
            yield ScoreRow(seen.number, one.number, state, stratum=stratum, chance=chance)


def why_not(where: dict[str, tuple[str, ...]], seen: Seen) -> str | None:
    """Return why no check looks at an interaction; None where they do."""
    if seen.erased:
        return "erased"
    if seen.state == "no_content":
        return "no_content"
    return None if matches(where, seen.facts) else "where"


def _redrawn(bench: Bench, page: Sequence[Seen], rows: Sequence[ScoreRow]) -> list[ScoreRow]:
    draws = {seen.number: seen.draw for seen in page}
    numbers = [one.number for one in bench.drawn]
    known = bench.store.scores.of(list(draws), numbers)
    return [_joined(known.get(row[:2]), row, draws[row.interaction]) for row in rows]


def _joined(old: ScoreRow | None, new: ScoreRow, draw: float) -> ScoreRow:
    """Return the row of an interaction that was drawn twice on one draw: taken iff either took it."""
    if old is None or old.chance is None or new.chance is None:
        return new
    chance = max(old.chance, new.chance)
    if old.state in KEPT:
        return old._replace(stratum=new.stratum, chance=chance)
    return new._replace(state="pending" if draw < chance else "sampled_out", chance=chance)


def _fill_code(bench: Bench, claim: Claim, count: int) -> None:
    """Say of interactions that came before a code check was there that it never saw their raw texts."""
    scores, codes = bench.store.scores, bench.by_code
    tally = scores.tally(claim.window.span, [one.number for one in codes])
    late: list[Criterion] = [one for one in codes if sum(tally[one.number].values()) < count]
    if not late:
        return
    for page in scores.stream(claim.window.span):
        rows = [score_row(seen.number, one.number, "filtered", reason="before_check") for seen in page for one in late]
        with bench.store.database.write() as connection:
            bench.store.windows.fenced(connection, claim)
            scores.offer(connection, rows)
