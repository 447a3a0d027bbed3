"""Everything a worker needs, put together: the suites that watch production, their models, the way to the judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from evalgate.core.errors import WrongAsWritten
from evalgate.wiring.settings import Settings
from evalgate.wiring.traffic import VARIABLE, Watch, by_project

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from evalgate.core.models import Price
    from evalgate.production.bench import Bench
    from evalgate.runner.execute import Judging
    from evalgate.runner.ports import Journal
    from evalgate.store.engine import Store


def benches_of(
    store: Store, watched: Sequence[Watch], environ: Mapping[str, str], settings: Settings
) -> tuple[Bench, ...]:
    """Return the bench of every suite that watches production, local models loaded.

    Raise WrongAsWritten where nobody named a suite, for a project that is not there and for a price nobody knows.
    """
    from evalgate.checks.privacy.masking import Masker
    from evalgate.production.bench import bench_of
    from evalgate.store.access import Access
    from evalgate.wiring.judging import known_price, open_judging

    if not watched:
        raise WrongAsWritten(f"no suite watches production; name one with --suite, or several in {VARIABLE}")

    def open_purse(
        journal: Journal, prices: Mapping[str, Price], cap_usd: float
    ) -> AbstractAsyncContextManager[Judging]:
        return open_judging(journal, environ, prices, cap_usd, settings.in_flight)

    return tuple(
        bench_of(within, suite, suites, masker=Masker(), price_of=known_price, open_judging=open_purse)
        for project, suites in by_project(watched, Access(store.database, store.secret)).items()
        for within in (store.within(project),)
        for suite in suites
    )
