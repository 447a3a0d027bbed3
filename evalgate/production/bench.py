"""What scoring production needs besides the interactions: one suite of one project, its models loaded, its purse."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

from evalgate.core.checks import BatchCheck, CodeCheck, JudgedCheck
from evalgate.core.models import Price
from evalgate.core.outcomes import metric_name
from evalgate.judges.check import RubricCheck
from evalgate.runner.execute import Judging
from evalgate.runner.marking import Marker, Named
from evalgate.runner.ports import Journal

if TYPE_CHECKING:
    from evalgate.checks.privacy.masking import Masker
    from evalgate.store.engine import Store
    from evalgate.suites.suite import Suite
    from evalgate.suites.traffic import TrafficSpec

CLASSIFIER, JUDGE, PEOPLE = range(3)
"""The phases of a sample, in the order of `StratumSpec.phases`."""


class OpenPurse(Protocol):
    """Opens the way to the judges with a journal, prices and a spend cap."""

    def __call__(
        self, journal: Journal, prices: Mapping[str, Price], cap_usd: float
    ) -> AbstractAsyncContextManager[Judging]:
        """Return the context in which questions can be asked."""


class Criterion(NamedTuple):
    """One criterion of one check of the suite."""

    number: int
    """In the store."""
    named: Named
    criterion: str
    phase: int | None
    """The phase that takes it; None for code checks, which looked when it came in."""

    @property
    def metric(self) -> str:
        """The name a gate uses for it."""
        return metric_name(self.named.name, self.criterion)


@dataclass(frozen=True)
class Bench:
    """One suite at work on one project's traffic."""

    store: Store
    """Within the project."""
    suite: Suite
    spec: TrafficSpec
    criteria: tuple[Criterion, ...]
    marker: Marker
    """Of what is not code."""
    prices: Mapping[str, Price]
    open_judging: OpenPurse
    cap_usd: float | None
    """The strictest of the project's suites, a month; None: no cap."""
    keep_texts: timedelta

    @property
    def drawn(self) -> tuple[Criterion, ...]:
        """The criteria that see a sample of the traffic."""
        return tuple(one for one in self.criteria if one.phase is not None)

    @property
    def by_code(self) -> tuple[Criterion, ...]:
        """The criteria that see all of it."""
        return tuple(one for one in self.criteria if one.phase is None)


def bench_of(
    store: Store,
    suite: Suite,
    others: Sequence[Suite],
    *,
    masker: Masker,
    price_of: Callable[[str, Mapping[str, Price]], Price],
    open_judging: OpenPurse,
) -> Bench:
    """Return the bench of a suite that has `traffic`; `others` are all suites that watch the same project.

    Raise WrongAsWritten for a model whose price nobody knows, and for a local model that may not be used.
    """
    named = Named.all_of(suite.checks)
    prices = {
        one.check.judge: price_of(one.check.judge, suite.prices) for one in named if isinstance(one.check, RubricCheck)
    }
    numbers = store.scores.numbers(suite.name, [(one.ref, each) for one in named for each in one.check.criteria])
    criteria = tuple(
        Criterion(numbers[one.name, each], one, each, _phase(one)) for one in named for each in one.check.criteria
    )
    caps = [_spec(each).spend_cap_usd_a_month for each in (suite, *others)]
    return Bench(
        store=store,
        suite=suite,
        spec=_spec(suite),
        criteria=criteria,
        marker=Marker([one for one in named if not isinstance(one.check, CodeCheck)], masker, store.nonce_key),
        prices=prices,
        open_judging=open_judging,
        cap_usd=min((cap for cap in caps if cap is not None), default=None),
        keep_texts=timedelta(days=min(_spec(each).keep_text_days for each in (suite, *others))),
    )


def _spec(suite: Suite) -> TrafficSpec:
    if suite.traffic is None:
        raise ValueError(f"suite {suite.name} watches no production")
    return suite.traffic


def _phase(named: Named) -> int | None:
    if isinstance(named.check, JudgedCheck):
        return JUDGE
    return CLASSIFIER if isinstance(named.check, BatchCheck) else None
