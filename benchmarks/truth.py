"""What every harness must find: the verdict on a case is a function of its id, whoever asks and however."""

from __future__ import annotations

import hashlib
import re

MARK = re.compile(r"\[\[(case-\d+)\]\]")
"""How an output carries its case: `[[case-000123]]`."""
FAILS = 0.15
"""Share of cases that the judge finds wanting."""


def share(*parts: object) -> float:
    """Return a number in [0, 1) that depends on the parts alone."""
    text = "|".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") / 2.0**64


def verdict(case_id: str) -> str:
    """Return the label the judge gives a case.

    >>> [verdict(f"case-{i:06d}") for i in range(14, 18)]
    ['pass', 'pass', 'fail', 'pass']
    """
    return "fail" if share("score", case_id) < FAILS else "pass"
