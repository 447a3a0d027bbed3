"""Whether and where scores go back to an observability tool, as the environment says.

EVALGATE_OTLP_EVENTS            1: scores of spans leave as `gen_ai.evaluation.result` events; off without it
EVALGATE_OTLP_EXPLANATIONS      1: what a judge wrote goes with them, masked
OTEL_EXPORTER_OTLP_LOGS_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT   the address as it is; the one to which /v1/logs is added
OTEL_EXPORTER_OTLP_LOGS_HEADERS, OTEL_EXPORTER_OTLP_HEADERS     name=value between commas
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from evalgate.core.errors import WrongAsWritten
from evalgate.production.telling import EventsTarget

DEFAULT = "http://localhost:4318"
PROTOCOL = "http/protobuf"
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ALL = "OTEL_EXPORTER_OTLP_"
_LOGS = "OTEL_EXPORTER_OTLP_LOGS_"


def read_events_target(environ: Mapping[str, str]) -> EventsTarget | None:
    """Return where events go, None when they are off; raise WrongAsWritten naming the variable that cannot be used."""
    if not _is_on(environ, "EVALGATE_OTLP_EVENTS"):
        return None
    variable, protocol = _said(environ, "PROTOCOL")
    if protocol not in {"", PROTOCOL}:
        raise WrongAsWritten(f"{variable}={protocol}: evalgate sends events by {PROTOCOL} alone")
    return EventsTarget(
        url=_url(environ), headers=_headers(environ), explanations=_is_on(environ, "EVALGATE_OTLP_EXPLANATIONS")
    )


def _is_on(environ: Mapping[str, str], variable: str) -> bool:
    written = environ.get(variable, "").strip()
    if written not in {"", "0", "1"}:
        raise WrongAsWritten(f"{variable}={written}: write 1, or leave it out")
    return written == "1"


def _said(environ: Mapping[str, str], what: str) -> tuple[str, str]:
    """Return the variable that counts and what it says: that for logs goes before that for all signals."""
    for variable in (_LOGS + what, _ALL + what):
        if written := environ.get(variable, "").strip():
            return variable, written
    return _ALL + what, ""


def _url(environ: Mapping[str, str]) -> str:
    variable, written = _said(environ, "ENDPOINT")
    # An address for logs is used as it is; one for all signals is a base, whether or not it ends with a slash.
    url = written if variable.startswith(_LOGS) else f"{(written or DEFAULT).rstrip('/')}/v1/logs"
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        known = False
    if not known or not (url.isascii() and url.isprintable() and " " not in url):
        raise WrongAsWritten(f"{variable} is no address; write it as https://collector.example.org:4318")
    return url


def _headers(environ: Mapping[str, str]) -> dict[str, str]:
    variable, written = _said(environ, "HEADERS")
    found = {}
    for pair in filter(str.strip, written.split(",")):
        name, equals, value = pair.partition("=")
        name, value = name.strip(), unquote(value.strip())
        if not (equals and _NAME.fullmatch(name) and value.isascii() and value.isprintable()):
            # The value is not shown: it is most often a key.
            raise WrongAsWritten(f"{variable}: write the headers as name=value between commas, values percent-encoded")
        found[name] = value
    return found
