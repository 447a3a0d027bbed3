"""What is stored, read back for people: a decision by name or file, cases side by side, two runs compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

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


def cases_of(store: Store, name: str, *, flips: str | None) -> tuple[CaseView, ...]:
    """Return the cases of a run, of a decision's candidate, or the one case of the last decision with this id."""
    from evalgate.gate.reading import cases_of_run, one_case

    if name == "last" or name.startswith("D-"):
        decision = _stored_decision(store, name)
        return _flipped(cases_of_run(store.runs, decision.candidate, decision.baseline), flips)
    if any(run.id.startswith(name) for run in store.runs.list(limit=1000)):
        against = next((r.baseline for r in store.decisions.list(limit=1000) if r.candidate.startswith(name)), None)
        return _flipped(cases_of_run(store.runs, store.runs.find(name), against), flips)
    decision = _stored_decision(store, "last")
    return one_case(store.runs, decision.candidate, decision.baseline, name)


def _flipped(cases: tuple[CaseView, ...], check: str | None) -> tuple[CaseView, ...]:
    """Return the cases a check marks otherwise than before, the largest loss first; all when no check is named."""
    if check is None:
        return cases
    known = {mark.metric for case in cases for mark in case.marks}
    if cases and check not in known:
        message = (
            f"no check is called {check!r} in this run.{did_you_mean(check, known)} It has {', '.join(sorted(known))}"
        )
        raise WrongAsWritten(message)
    changes = {case: mark.change for case in cases for mark in case.marks if mark.metric == check and mark.change}
    return tuple(sorted(changes, key=lambda case: (changes[case] or 0.0, case.id)))


def comparison_of(store: Store, candidate: str, baseline: str) -> Comparison:
    """Return two stored runs compared metric by metric."""
    from evalgate.gate.reading import compare_runs

    return compare_runs(store.runs, store.runs.find(candidate), store.runs.find(baseline))
