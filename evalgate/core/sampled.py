"""A mean of production traffic as an estimate: from a sample of known probabilities."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from evalgate.core.statistics.planning import UNKNOWN_SD
from evalgate.core.statistics.sampled import SampledMean
from evalgate.core.statistics.tails import Bounds


class Sampled(SampledMean):
    """A mean of pooled closed windows; `reason` says why it is not known, and then it decides nothing."""

    support: ClassVar[tuple[float, float]] = (0.0, 1.0)
    kind: Literal["sampled"] = "sampled"

    @classmethod
    def of(cls, mean: SampledMean) -> Sampled:
        """Return the estimate that these statistics are."""
        return cls.model_validate(mean.model_dump())

    @property
    def sd(self) -> float:
        """SE·√n; assumed .5 while there is no spread at all."""
        return self.se * math.sqrt(self.n) if self.se else UNKNOWN_SD

    def projected(self, n: int, point: float, alpha: float) -> Bounds:
        """Return the bounds as they would be with n scored interactions, drawn and spread as these are."""
        times = n / self.n
        grown = {
            "seen": min(max(point, 0.0), 1.0),
            "se": self.sd / math.sqrt(n),
            "df": self.df * times,
            "n": n,
            "ess": self.ess * times,
            "clusters": round(self.clusters * times),
            "effective_clusters": self.effective_clusters * times,
            "rare": round(self.rare * times),
        }
        return self.model_copy(update=grown).bounds(alpha)


__all__ = ["Sampled"]
