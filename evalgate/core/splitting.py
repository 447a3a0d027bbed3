"""What a sample's labels may be used for, decided by its content alone: the same everywhere, and for ever."""

from __future__ import annotations

import hashlib

from evalgate.core.labels import Split

SALT = b"evalgate labels 1"
"""Keeps the split independent of whatever else is decided by a sample's digest. Changing it mixes the splits."""
SHARES: tuple[tuple[Split, float], ...] = (("fewshot", 0.10), ("dev", 0.20), ("test", 0.60), ("control", 0.10))
"""Of all samples, in this order along the interval that digests are spread over."""


def split_of(sample_digest: str) -> Split:
    """Return the split of a sample: the part of SHARES that the first 64 bits of its salted SHA-256 fall into.

    A judge's prompt is written with `fewshot` and `dev`, and the judge is measured with `test` and `control`, so no
    sample may ever move from one to another: neither the queue, the project nor the order of arrival counts.

    >>> split_of("00000000000000000000000000000000"), split_of("00000000000000000000000000000001")
    ('test', 'dev')
    """
    at = place(sample_digest)
    end = 0.0
    for split, share in SHARES[:-1]:
        end += share
        if at < end:
            return split
    return SHARES[-1][0]


def place(sample_digest: str) -> float:
    """Return where the sample stands in [0, 1)."""
    hashed = hashlib.sha256(SALT + b"\0" + sample_digest.encode()).digest()
    return int.from_bytes(hashed[:8], "big") / 2**64
