"""The decision record: canonical bytes, the name people call it by, and whether its evidence gives its verdict."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from pydantic import ValidationError

from evalgate.core.decide import find, worst
from evalgate.core.decisions import Decision
from evalgate.core.errors import WrongAsWritten
from evalgate.core.gates import Verdict
from evalgate.core.values import canonical


class Verified(NamedTuple):
    """A record read back, and what its evidence gives."""

    name: str
    decision: Decision
    verdict: Verdict
    agrees: bool
    """Whether verdict and every finding come out the same."""


def record_bytes(decision: Decision) -> bytes:
    """Return the record: canonical JSON with digests and numbers, never a text that somebody judged.

    Of what people write it holds one thing: why somebody let a change through.
    """
    return canonical(decision.model_dump(mode="json"))


def decision_name(record: bytes) -> str:
    """Return how people call a decision: `D-` and the first eight hex digits of its record's SHA-256.

    >>> decision_name(b"{}")
    'D-44136fa3'
    """
    return f"D-{hashlib.sha256(record).hexdigest()[:8]}"


def verify_record(record: bytes) -> Verified:
    """Decide again from the record alone; raise WrongAsWritten when it is no record this evalgate reads."""
    try:
        decision = Decision.model_validate_json(record)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        message = f"not a decision record this evalgate reads: {place}: {first['msg']}"
        raise WrongAsWritten(message) from None
    findings = find(decision.gates, decision.evidence, decision.policy, uncalibrated=decision.uncalibrated)
    verdict = worst(findings)
    agrees = (verdict, findings) == (decision.verdict, decision.findings)
    return Verified(decision_name(canonical(decision.model_dump(mode="json"))), decision, verdict, agrees)
