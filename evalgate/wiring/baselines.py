"""Accepting a baseline: only a run that passed, unless somebody says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalgate.core.errors import WrongAsWritten

if TYPE_CHECKING:
    from evalgate.store.engine import Store
    from evalgate.store.tables.ledger import Accepted


def accept_run(
    store: Store, name: str, *, run: str | None, suite: str | None, by: str, first: bool, reason: str | None
) -> Accepted:
    """Accept a run under a name and return the acceptance; raise WrongAsWritten when nothing speaks for the run."""
    if run is None:
        suite = only_suite(store, suite)
        latest = store.decisions.list(suite, limit=1)
        if not latest:
            message = f"there is no decision on {suite!r} yet; run `evalgate gate` first, or name the run"
            raise WrongAsWritten(message)
        run = latest[0].candidate
    stored = store.runs.get(run)
    suite = stored.manifest.suite
    current = store.baselines.current(suite, name)
    if first and current is not None:
        message = f"{name!r} already stands for run {current}; leave out --first, the run must have passed against it"
        raise WrongAsWritten(message)
    if first:
        return store.baselines.accept(name, stored.id, by, reason or "first baseline")
    verdicts = [r.verdict for r in store.decisions.list(suite, limit=1000) if r.candidate == stored.id]
    if "pass" in verdicts:
        return store.baselines.accept(name, stored.id, by, reason or "passed")
    if reason:
        return store.baselines.accept(name, stored.id, by, reason)
    said = f"its decision is {verdicts[0]}" if verdicts else "no decision was made on it"
    way_out = "give --first" if current is None else 'give --reason "why"'
    message = f"run {stored.id} has not passed: {said}; {way_out} to accept it all the same"
    raise WrongAsWritten(message)


def only_suite(store: Store, suite: str | None) -> str:
    """Return the suite somebody names, or the only one the store knows."""
    known = sorted({run.manifest.suite for run in store.runs.list(limit=1000)})
    if suite is not None:
        return suite
    if len(known) == 1:
        return known[0]
    said = f"the store holds {', '.join(known)}" if known else f"{store.place} holds no run yet"
    message = f"which suite? {said}; give --suite NAME" if known else f"{said}; run `evalgate gate` first"
    raise WrongAsWritten(message)
