"""What is stored, read back for people: a decision by name or file, cases side by side, two runs compared."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evalgate.core.errors import WrongAsWritten, did_you_mean
from evalgate.core.records import verify_record

if TYPE_CHECKING:
    from evalgate.core.decisions import Decision
    from evalgate.core.reporting import CaseView, Comparison
    from evalgate.store.engine import Store
    from evalgate.wiring.app import App


def decision_of(app: App, name: str) -> Decision:
    """Return a decision: `last`, a stored one (D-…), or the record in a file."""
    path = Path(name)
    if name != "last" and not name.startswith("D-"):
        try:
            return verify_record(path.read_bytes()).decision
        except OSError as error:
            message = f"{name}: no such decision or file ({error.strerror}); give D-…, a record's path, or `last`"
            raise WrongAsWritten(message) from None
    with app.opened() as store:
        return _stored_decision(store, name)


def _stored_decision(store: Store, name: str) -> Decision:
    if name != "last":
        return verify_record(store.decisions.get(name).record).decision
    latest = store.decisions.list(limit=1)
    if not latest:
        message = f"{store.place} holds no decision yet; run `evalgate gate` first"
        raise WrongAsWritten(message)
    return verify_record(latest[0].record).decision


class Shown(NamedTuple):
    """Cases to show, and how many more there are."""

    cases: tuple[CaseView, ...]
    left_out: int


def cases_of(store: Store, name: str, *, flips: str | None, limit: int) -> Shown:
    """Return the cases of a run, of a decision's candidate, or the one case of the last decision with this id.

    With `flips`, only cases which that check marks otherwise than before, the largest loss first.
    """
    from evalgate.gate.reading import cases_of_run, one_case

    if name == "last" or name.startswith("D-"):
        decision = _stored_decision(store, name)
        candidate, baseline = decision.candidate, decision.baseline
    elif any(run.id.startswith(name) for run in store.runs.list(limit=1000)):
        candidate = store.runs.find(name)
        made = (r for r in store.decisions.list(limit=1000) if r.candidate == candidate)
        baseline = next((r.baseline for r in made), None)
    else:
        decision = _stored_decision(store, "last")
        return Shown(one_case(store.runs, decision.candidate, decision.baseline, name), 0)
    cases = cases_of_run(store.runs, candidate, baseline)
    if flips is not None:
        return _flipped(cases, flips, limit)
    shown = tuple(islice(cases, limit))
    return Shown(shown, sum(1 for _ in cases))


def _flipped(cases: Iterator[CaseView], check: str, limit: int) -> Shown:
    found: list[tuple[float, str, CaseView]] = []
    known: set[str] = set()
    for case in cases:
        for mark in case.marks:
            known.add(mark.metric)
            if mark.metric == check and mark.change:
                found.append((mark.change, case.id, case))
    if known and check not in known:
        hint = did_you_mean(check, known)
        message = f"no check is called {check!r} in this run.{hint} It has {', '.join(sorted(known))}"
        raise WrongAsWritten(message)
    found.sort(key=itemgetter(0, 1))
    return Shown(tuple(case for _, _, case in found[:limit]), max(0, len(found) - limit))


def comparison_of(store: Store, candidate: str, baseline: str) -> Comparison:
    """Return two stored runs compared metric by metric."""
    from evalgate.gate.reading import compare_runs

    return compare_runs(store.runs, store.runs.find(candidate), store.runs.find(baseline))
