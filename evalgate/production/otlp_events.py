"""Scores as OTLP log records in protobuf: `gen_ai.evaluation.result`, each on the span that it judges.

Fields and numbers are those of opentelemetry-proto's logs/v1; the names of attributes are those of the semantic
conventions for generative AI, and of OpenInference for what they have no name for.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from evalgate.store.tellings import ToldScore

EVENT = "gen_ai.evaluation.result"
ANNOTATORS = {"code": "CODE", "classifier": "CODE", "llm": "LLM", "human": "HUMAN"}
"""Our word for who marks to OpenInference's, which has none for a local model."""
_INFO, _WARN = 9, 13
_SPAN = re.compile(r"([0-9a-f]{32}):([0-9a-f]{16})")
_MASKED = "id:"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
Plain = str | float


def request(records: Iterable[bytes], resource: Mapping[str, str], scope: str, version: str) -> bytes:
    """Return an ExportLogsServiceRequest with these records, of one resource and one scope."""
    scoped = _inside(1, _inside(1, scope) + _inside(2, version)) + b"".join(_inside(2, record) for record in records)
    return _inside(1, _inside(1, _attributes(1, resource)) + _inside(2, scoped))


def record(score: ToldScore, at: datetime, suite: str) -> bytes | None:
    """Return a LogRecord of one score, None where the id of what it judges is not known to anybody outside.

    A span is named by its ids. What came without them is named by its response's id.
    """
    span = _SPAN.fullmatch(score.external_id)
    if span is None and score.external_id.startswith(_MASKED):
        return None
    told: dict[str, Plain] = {"gen_ai.evaluation.name": score.metric}
    if score.value is not None:
        told["gen_ai.evaluation.score.value"] = float(score.value)
    if score.label is not None:
        told["gen_ai.evaluation.score.label"] = score.label
    if score.explanation:
        told["gen_ai.evaluation.explanation"] = score.explanation
    if score.failure is not None:
        told["error.type"] = score.failure
    if span is None:
        told["gen_ai.response.id"] = score.external_id
    told["evaluation.annotator_kind"] = ANNOTATORS.get(score.annotator, "CODE")
    told["evaluation.identifier"] = score.digest
    told["evalgate.suite"] = suite
    nanoseconds = (at - _EPOCH) // _MICROSECOND * 1000
    ids = b"" if span is None else _inside(9, bytes.fromhex(span[1])) + _inside(10, bytes.fromhex(span[2]))
    severity = _whole(2, _INFO if score.failure is None else _WARN)
    return (
        _fixed64(1, nanoseconds)
        + severity
        + _attributes(6, told)
        + ids
        + _fixed64(11, nanoseconds)
        + _inside(12, EVENT)
    )


def _attributes(field: int, told: Mapping[str, Plain]) -> bytes:
    return b"".join(_inside(field, _inside(1, key) + _inside(2, _value(value))) for key, value in told.items())


def _value(value: Plain) -> bytes:
    return _inside(1, value) if isinstance(value, str) else _varint(4 << 3 | 1) + struct.pack("<d", value)


def _inside(field: int, content: bytes | str) -> bytes:
    """Return a field of text, of bytes or of a message."""
    raw = content.encode() if isinstance(content, str) else content
    return _varint(field << 3 | 2) + _varint(len(raw)) + raw


def _fixed64(field: int, number: int) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<Q", number)


def _whole(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
