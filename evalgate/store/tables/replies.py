"""The journal's table: every judge reply, raw, beside the request it answers."""

from __future__ import annotations

import struct
import zlib
from datetime import datetime
from typing import Any, ClassVar

import orjson
from sqlalchemy import Index, LargeBinary, Text, func
from sqlmodel import Field

from evalgate.runner.ports import Answer
from evalgate.store.tables.base import Instant, Row

SMALL = 4096
"""Bytes up to which deflating (15 µs and more) costs more than the page it saves."""


class ReplyRow(Row, table=True):
    """One answered call. The key is that of the request as asked; the first answer stays."""

    __tablename__: ClassVar[str] = "reply"
    __table_args__ = (Index(None, "project", "expires_at"),)

    project: int = Field(primary_key=True, foreign_key="project.number", sa_column_kwargs={"autoincrement": False})
    key: str = Field(sa_type=Text, primary_key=True)
    model: str = Field(sa_type=Text)
    """As requested."""
    answered_by: str | None = Field(default=None, sa_type=Text)
    """The version that answered, when the body names it."""
    input_tokens: int | None = None
    output_tokens: int | None = None
    request: bytes = Field(sa_type=LargeBinary)
    """Deflated JSON of the ModelRequest."""
    body: bytes = Field(sa_type=LargeBinary)
    """The deflated raw body: read again on resume, so that a mended parser buys nothing twice."""
    created_at: datetime = Field(sa_type=Instant, sa_column_kwargs={"server_default": func.now()})
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    """Of production traffic: when its texts go, and with them what was asked about them."""


REPLY_COLUMNS = ("project", "key", "model", "answered_by", "input_tokens", "output_tokens", "request", "body")
"""What is written; the database itself stamps `created_at`."""


def reply_row(project: int, answer: Answer) -> tuple[Any, ...]:
    """Return the values of REPLY_COLUMNS for an answer; a body that is no chat completion is kept all the same."""
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        body = None
    said = body if isinstance(body, dict) else {}
    usage = said.get("usage")
    tokens = usage if isinstance(usage, dict) else {}
    return (
        project,
        answer.key,
        answer.request.model,
        _version(said.get("model")),
        _count(tokens.get("prompt_tokens")),
        _count(tokens.get("completion_tokens")),
        pack(answer.request.model_dump_json(exclude_defaults=True).encode()),
        pack(answer.body),
    )


def pack(content: bytes) -> bytes:
    """Return the content as one raw deflate stream; small content is a stored block, which costs no compressor.

    >>> unpack(pack(b'{"a":1}'))
    b'{"a":1}'
    >>> len(pack(b"a" * 100_000)) < 1000
    True
    """
    if len(content) <= SMALL:
        return b"\x01" + struct.pack("<HH", len(content), len(content) ^ 0xFFFF) + content
    deflate = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(content) + deflate.flush()


def unpack(content: bytes) -> bytes:
    """Return what `pack` was given."""
    return zlib.decompress(content, -zlib.MAX_WBITS)


def _version(named: object) -> str | None:
    """Return the answering version, when it is a text that PostgreSQL can hold too."""
    return named if isinstance(named, str) and "\0" not in named else None


def _count(counted: object) -> int | None:
    """Return a number of tokens; a server that reports nonsense must not keep its answer from being stored."""
    return counted if isinstance(counted, int) and 0 <= counted < 2**31 else None
