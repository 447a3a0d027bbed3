"""Scoring of frames for the engines: the suite travels with them, endpoints and keys are of the process that asks."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from evalgate.core.models import Price
from evalgate.production.frames import FrameScoring
from evalgate.runner.execute import Judging
from evalgate.runner.ports import Journal
from evalgate.wiring.judging import known_price, open_judging
from evalgate.wiring.settings import read_settings

if TYPE_CHECKING:
    from evalgate.suites.suite import Suite


def scoring_of(
    suite: Path | str | Suite, *, journal: str | None = None, spend_cap_usd: float | None = None
) -> FrameScoring:
    """Return the scoring of a suite, which can be pickled; a path is read here, so that workers need no file of it."""
    if isinstance(suite, Path | str):
        from evalgate.wiring.app import App

        suite = App.from_environment().load(Path(suite), alone=True)
    return FrameScoring(suite, judging_here, known_price, journal=journal, spend_cap_usd=spend_cap_usd)


def judging_here(journal: Journal, prices: Mapping[str, Price], cap_usd: float) -> AbstractAsyncContextManager[Judging]:
    """Open the way to the judges by this process's environment: their addresses, their keys, how many at once."""
    return open_judging(journal, os.environ, prices, cap_usd, read_settings(os.environ).in_flight)
