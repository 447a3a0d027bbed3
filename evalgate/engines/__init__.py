"""Scoring on other people's engines: Parquet in, Parquet out, by one function that every engine calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame

    from evalgate.suites.suite import Suite


def score_frame(
    frame: DataFrame, suite: Path | str | Suite, *, journal: str | None = None, spend_cap_usd: float | None = None
) -> DataFrame:
    """Return what a suite's classifiers and judges say of every row of a shard, a row a criterion.

    Pure but for the questions to judges: their endpoints and keys come from this process's environment, their replies
    go through the journal at a path or URL, else stay in memory. Rows that are scored already are not asked again.
    """
    from contextlib import closing

    from evalgate.wiring.frames import scoring_of

    with closing(scoring_of(suite, journal=journal, spend_cap_usd=spend_cap_usd)) as scoring:
        return scoring(frame)
