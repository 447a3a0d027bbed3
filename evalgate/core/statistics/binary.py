"""Shares of 0/1 scores: exact without clusters, Korn-Graubard with them."""

from __future__ import annotations

from evalgate.core.statistics.means import ClusterSums, degrees_of_freedom
from evalgate.core.statistics.tails import ALPHA, Bounds, beta_quantile, t_quantile


def clopper_pearson(hits: float, n: float, alpha: float) -> Bounds:
    """Return the exact one-sided bounds of a share; hits and n may be effective counts.

    L = Beta⁻¹(alpha; x, n-x+1), U = Beta⁻¹(1-alpha; x+1, n-x); no cases bound nothing.

    >>> [round(end, 5) for end in clopper_pearson(58, 60, 0.05)]
    [0.89876, 0.99405]
    >>> clopper_pearson(0, 0, 0.05)
    Bounds(low=0.0, high=1.0)
    """
    low = beta_quantile(alpha, hits, n - hits + 1) if hits > 0 else 0.0
    high = 1 - beta_quantile(alpha, n - hits, hits + 1) if hits < n else 1.0
    return Bounds(low, high)


def korn_graubard(sums: ClusterSums, alpha: float) -> Bounds:
    """Return the bounds of a share of clustered 0/1 scores: Clopper-Pearson at alpha/2 on an effective sample.

    n* = min(n, p(1-p)/SE²) · (t_{n-1}/t_df)², both t at 1 - alpha/2; n* = G_eff when clusters do not differ.

    >>> sums = ClusterSums(mean=0.9, squares=1.24, cross=0.4, sizes=((3, 2), (4, 1), (5, 2)))
    >>> [round(end, 5) for end in korn_graubard(sums, 0.05)]
    [0.55699, 0.9974]
    """
    if sums.clusters < 2:
        return Bounds(0.0, 1.0)
    share, n = sums.mean, sums.n
    if sums.tied:
        effective = sums.effective_clusters
    else:
        ratio = t_quantile(alpha / 2, n - 1) / t_quantile(alpha / 2, degrees_of_freedom(sums.sizes))
        effective = min(n, share * (1 - share) / sums.standard_error**2) * ratio**2
    return clopper_pearson(share * effective, effective, alpha / 2)


def never_upper(clusters_hit: int, clusters: int, alpha: float = ALPHA) -> float:
    """Return the upper bound of the share of clusters with a violation, as printed beside a tripwire.

    >>> round(never_upper(0, 240), 5)
    0.0124
    """
    return clopper_pearson(clusters_hit, clusters, alpha).high
