"""The application as the doors use it: load a suite, plan it, mark it, decide on it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from evalgate import __version__
from evalgate.core.errors import EvalgateError, WrongAsWritten
from evalgate.wiring.settings import Settings, read_settings

if TYPE_CHECKING:
    from evalgate.core.checks import Check
    from evalgate.core.reporting import Levels, Plan, Report
    from evalgate.gate.facts import Change
    from evalgate.gate.pipeline import Tools
    from evalgate.gate.stored import Stored
    from evalgate.runner.ports import Progress
    from evalgate.store.engine import Store
    from evalgate.suites.suite import Suite
    from evalgate.wiring.shared import SharedStore


GLASS_KEY = "EVALGATE_BREAK_GLASS_KEY"


class Silence:
    """A Progress that says nothing."""

    def planned(self, samples: int | None, calls: int | None) -> None:
        """Hear and keep silent."""

    def advanced(self, samples: int, calls: int, spent_usd: float) -> None:
        """Hear and keep silent."""


@dataclass
class App:
    """One process's evalgate. The store opens with `opened`; a plan over files never needs it."""

    settings: Settings
    environ: Mapping[str, str]
    progress: Progress = field(default_factory=Silence)
    _store: Store | None = None
    _shared: SharedStore | None = None

    @classmethod
    def from_environment(cls, progress: Progress | None = None) -> App:
        """Return the app that the environment describes."""
        return cls(read_settings(os.environ), os.environ, progress or Silence())

    def catalogue(self) -> Mapping[str, type[Check]]:
        """Return every check a suite may name."""
        from evalgate.wiring.catalogue import all_checks

        return all_checks()

    def load(
        self, path: Path, *, candidate: str | None = None, baseline: str | None = None, alone: bool = False
    ) -> Suite:
        """Return a suite, with what the command says instead of the file; `alone` leaves the baseline aside."""
        from evalgate.suites.loading import load_suite, with_overrides

        suite = load_suite(
            path, self.catalogue(), candidate_given=candidate is not None, baseline_given=alone or baseline is not None
        )
        return with_overrides(suite, candidate=candidate, baseline=baseline)

    @contextmanager
    def opened(self) -> Iterator[Store]:
        """Yield the store; it closes with the context."""
        from evalgate.store.engine import open_store

        with open_store(self.settings.database) as store:
            self._store = store
            try:
                yield store
            finally:
                self._store = None

    @contextmanager
    def sharing(self) -> Iterator[Stored]:
        """Yield what the gate works with: the store, or with EVALGATE_SERVER the store and that server together."""
        with self.opened() as store:
            if self.settings.server is None:
                yield store
                return
            from evalgate.wiring.shared import share

            keys = (self.environ.get("EVALGATE_KEY", ""), self.environ.get(GLASS_KEY))
            with share(store, self.settings.server, *keys) as shared:
                self._shared = shared
                try:
                    yield shared
                finally:
                    self._shared = None

    @property
    def store(self) -> Store:
        """The open store."""
        if self._store is None:
            message = "the store is not open"
            raise EvalgateError(message)
        return self._store

    def decide(
        self, suite: Suite, *, change: Change, today: date | None = None, break_glass: str | None = None
    ) -> Report:
        """Decide on a suite; with a date it is decided as at the end of that day."""
        from evalgate.gate.pipeline import Job, decide_suite

        now = datetime.now(UTC)
        until = now if today is None else datetime.combine(today, time.min, UTC) + timedelta(days=1)
        return decide_suite(Job(suite, today or now.date(), min(until, now), change, break_glass), self._tools())

    def may_break_glass(self) -> None:
        """Raise WrongAsWritten where a server is asked and there is no key with which to ask it."""
        if self.settings.server is not None and not self.environ.get(GLASS_KEY):
            raise WrongAsWritten(
                f"{GLASS_KEY} is not set; --break-glass needs a key with the scope break_glass from an administrator"
            )

    def mark(self, suite: Suite) -> Levels:
        """Mark a suite's candidate and store the run."""
        from evalgate.gate.levels import mark_suite

        return mark_suite(suite, self._tools())

    def plan(self, suite: Suite) -> Plan:
        """Say what a suite's gate would take and could see."""
        from evalgate.gate.planned import plan_suite
        from evalgate.wiring.judging import known_price

        return plan_suite(suite, known_price, self.sharing)

    def _tools(self) -> Tools:
        from functools import partial

        from evalgate.checks.privacy.masking import Masker
        from evalgate.gate.pipeline import Tools
        from evalgate.production.evidence import pooled_production
        from evalgate.wiring.glass import break_locally
        from evalgate.wiring.judging import known_price, open_judging

        store: Stored = self._shared or self.store
        beside = self.store
        return Tools(
            store=store,
            watched=partial(pooled_production, beside) if self._shared is None else self._shared.pooled_production,
            glass=partial(break_locally, beside) if self._shared is None else self._shared.break_glass,
            masker=Masker(),
            price_of=known_price,
            open_judging=lambda prices, cap: open_judging(
                store.journal, self.environ, prices, cap, self.settings.in_flight
            ),
            progress=self.progress,
            wall=monotonic,
            evalgate=__version__,
        )
