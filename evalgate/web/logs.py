"""Logs: one JSON line for each request and for whatever else is worth knowing, on standard error."""

from __future__ import annotations

import logging
import traceback
from typing import TextIO

import orjson
from starlette.datastructures import QueryParams

from evalgate.core.errors import EvalgateError

LOGGER = logging.getLogger("evalgate.web")
PLAIN = frozenset({"after", "limit", "suite"})
"""Query parameters whose values may be read in a log; of others only the name is."""


class JsonLine(logging.Formatter):
    """One JSON object a record: at, level, event, and the fields given as `extra={"fields": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = told(record.exc_info[1])
        return orjson.dumps(line, default=str).decode()


def log_to(stream: TextIO, level: int = logging.INFO) -> None:
    """Let evalgate and its HTTP server write JSON lines to a stream, and nothing else."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    for name, least in (("evalgate", level), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(least)
        logger.propagate = False


def told(error: BaseException) -> dict[str, object]:
    """Return what a log may hold of an error: its kind and where it arose.

    The words of a foreign error may hold what somebody wrote, down to a row's values; only our own are repeated.
    """
    frames = traceback.extract_tb(error.__traceback__)
    said = str(error) if isinstance(error, EvalgateError) else None
    return {"kind": type(error).__name__, "said": said, "at": [f"{f.filename}:{f.lineno} {f.name}" for f in frames]}


def masked(query: str) -> str:
    """Return a query string without the values that may say something of somebody.

    >>> masked("limit=5&q=ana%40example.org")
    'limit=5&q=***'
    """
    return "&".join(f"{name}={value if name in PLAIN else '***'}" for name, value in QueryParams(query).multi_items())
