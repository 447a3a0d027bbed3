"""CI's door from the other side: a connection to an evalgate server, for `evalgate gate` where there is no database."""

from __future__ import annotations

import base64
import http.client
import re
import shutil
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, quote, urlencode, urlsplit

import orjson

from evalgate.core.errors import ServiceBroke, WrongAsWritten
from evalgate.runner.ports import Answer

if TYPE_CHECKING:
    from evalgate.gate.stored import Act
    from evalgate.production.evidence import Question

PATIENCE_S = 60.0
"""How long the server may take over one request."""
TRIES = 4
"""How often a server that is busy or restarting is asked before the command gives up."""
LONGEST_WAIT_S = 10.0
AT_ONCE = 500
_BUSY = frozenset({429, 502, 503, 504})
_REFUSED = frozenset({401, 403})
_LOST = (http.client.HTTPException, OSError)
_CHUNK = 2**20
_FIRST_WAIT_S = 0.4
_VISIBLE = re.compile("[!-~]+")
_SCOPES = {"EVALGATE_KEY": "gate", "EVALGATE_BREAK_GLASS_KEY": "break_glass"}
"""The variables that keys come from, and the scope that each needs."""


class Door:
    """One connection to one server, kept open; not for several threads at once.

    Every trouble with the server leaves as ServiceBroke in one line: unreachable, busy for too long, or a key that it
    does not let in. The key travels to this server alone, and redirects are not followed.
    """

    def __init__(self, address: str, key: str, name: str = "EVALGATE_KEY") -> None:
        self._parts = _address(address)
        self.place = f"{self._parts.scheme}://{self._parts.netloc}"
        self._scope = _SCOPES[name]
        if not key:
            raise WrongAsWritten(f"EVALGATE_SERVER is set and {name} is not; make a key with the scope {self._scope}")
        if not _VISIBLE.fullmatch(key):
            raise WrongAsWritten(f"{name} holds a space or a line break; set it to the key alone, as eg_…")
        self._key = key
        self._name = name
        self._connection: http.client.HTTPConnection | None = None

    def open(self) -> Mapping[str, Any]:
        """Return what the server says of itself; the first thing to ask, for it tells whether the key is let in."""
        said = self._json("GET", "/door")
        if not re.fullmatch("([0-9a-f]{2})+", str(said.get("nonce_key"))):
            raise self._another()
        return said

    def baseline(self, suite: str, name: str) -> str | None:
        """Return the id of the run that a name stands for, None when nothing was accepted under it yet."""
        run = self._json("GET", f"/door/baseline?{urlencode({'suite': suite, 'name': name})}")["run"]
        return None if run is None else str(run)

    def accepted(self, suite: str) -> list[Mapping[str, Any]]:
        """Return every run of known revision that was accepted in a suite under any name, the newest first."""
        return list(self._json("GET", f"/door/accepted?{urlencode({'suite': suite})}")["runs"])

    def production(self, question: Question) -> Mapping[str, Any]:
        """Return what closed windows say, as an `InProduction` is written."""
        asked = question._asdict() | {"until": question.until.isoformat()}
        return self._json("GET", f"/door/production?{urlencode(asked)}")

    def break_glass(self, act: Act) -> str:
        """Have an override written into the audit; return who did it. Asked twice it stands there twice."""
        return str(self._json("POST", "/door/break-glass", orjson.dumps(act.model_dump(mode="json")))["by"])

    def pull_run(self, run: str, path: Path) -> bool:
        """Write a run to a file as `runs export` does; False when the server has none of that id."""
        response = self._ask("GET", f"/door/runs/{quote(run, safe='')}")
        if response.status == http.client.NOT_FOUND:
            self._read(response)
            return False
        self._refuse(response)
        with path.open("wb") as file:
            try:
                shutil.copyfileobj(response, file, _CHUNK)
            except http.client.HTTPException as error:
                raise self._lost(error) from error
        return True

    def has_run(self, run: str) -> bool:
        """Say whether the server holds the run of this id, whole."""
        response = self._ask("GET", f"/runs/{quote(run, safe='')}")
        if response.status == http.client.NOT_FOUND:
            self._read(response)
            return False
        self._refuse(response)
        return bool(self._parsed(self._read(response)).get("finished_at"))

    def push_run(self, path: Path) -> None:
        """Give the server a run from a gzipped file that `runs export` wrote."""
        self._sent("PUT", "/door/runs", path, "application/gzip")

    def push_decision(self, record: bytes) -> None:
        """Give the server a decision's record; the runs in it must be there."""
        self._sent("PUT", "/door/decisions", record, "application/json")

    def recall(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return the bodies that the server's journal holds for these request keys."""
        found: dict[str, bytes] = {}
        for start in range(0, len(keys), AT_ONCE):
            asked = orjson.dumps({"keys": list(keys[start : start + AT_ONCE])})
            said = self._json("POST", "/door/replies/recall", asked)
            found |= {key: base64.b64decode(body) for key, body in said["replies"].items()}
        return found

    def keep(self, answers: Sequence[Answer]) -> None:
        """Give the server's journal answered requests."""
        for start in range(0, len(answers), AT_ONCE):
            given = [
                {"request": one.request.model_dump(mode="json"), "body": base64.b64encode(one.body).decode()}
                for one in answers[start : start + AT_ONCE]
            ]
            self._json("POST", "/door/replies", orjson.dumps({"answers": given}))

    def labels(self, check: str) -> Iterator[Mapping[str, Any]]:
        """Yield people's labels of a check."""
        after: int | None = 0
        while after is not None:
            page = self._json("GET", f"/door/labels?{urlencode({'check': check, 'after': after})}")
            yield from page["labels"]
            after = page["after"]

    def cards(self, check: str) -> list[Mapping[str, Any]]:
        """Return the newest calibration card of each judge that marks a check."""
        return list(self._json("GET", f"/door/cards?{urlencode({'check': check})}")["cards"])

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _json(self, method: str, path: str, body: bytes | None = None) -> Mapping[str, Any]:
        return self._parsed(self._sent(method, path, body, None if body is None else "application/json"))

    def _parsed(self, body: bytes) -> Mapping[str, Any]:
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise self._another()
        return found

    def _sent(self, method: str, path: str, body: bytes | Path | None, kind: str | None) -> bytes:
        response = self._ask(method, path, body, kind)
        self._refuse(response)
        return self._read(response)

    def _ask(
        self, method: str, path: str, body: bytes | Path | None = None, kind: str | None = None
    ) -> http.client.HTTPResponse:
        """Return the response after as many tries as it takes; every request may be sent again."""
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        if kind is not None:
            headers["Content-Type"] = kind
        if isinstance(body, Path):
            headers["Content-Length"] = str(body.stat().st_size)
        target = f"{self._parts.path.rstrip('/')}/api/v1{path}"
        for left in reversed(range(TRIES)):
            with body.open("rb") if isinstance(body, Path) else nullcontext(body) as given:
                try:
                    connection = self._connected()
                    with suppress(BrokenPipeError):  # a server that refuses a body answers before it has read it
                        connection.request(method, target, given, headers)
                    response = connection.getresponse()
                except _LOST as error:
                    self.close()
                    if not left:
                        raise self._lost(error) from error
                    wait = _FIRST_WAIT_S * 2 ** (TRIES - 1 - left)
                else:
                    if response.status not in _BUSY or not left:
                        return response
                    self._read(response)
                    wait = _seconds(response.getheader("Retry-After"))
            time.sleep(min(wait, LONGEST_WAIT_S))
        raise AssertionError("the last try returns or raises")

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        try:
            return response.read()
        except _LOST as error:
            self.close()
            raise self._lost(error) from error

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            host, port = str(self._parts.hostname), self._parts.port
            if self._parts.scheme == "https":
                context = ssl.create_default_context()
                self._connection = http.client.HTTPSConnection(host, port, timeout=PATIENCE_S, context=context)
            else:
                self._connection = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
        return self._connection

    def _refuse(self, response: http.client.HTTPResponse) -> None:
        """Raise ServiceBroke for every status that is no success, with the server's own words where it gives some."""
        status = response.status
        if 200 <= status < 300:
            return
        what, do = _said(self._read(response))
        if status in _REFUSED:
            do = f"check {self._name}: it is a key of this server with the scope {self._scope}"
        elif 300 <= status < 400:
            what = f"it sends us to {response.getheader('Location', 'elsewhere')}"
            do = "set EVALGATE_SERVER to the address itself"
        raise ServiceBroke(f"{self.place}: {what or f'it answered {status}'}; {do or 'correct EVALGATE_SERVER'}")

    def _lost(self, error: Exception) -> ServiceBroke:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return ServiceBroke(f"{self.place}: the server cannot be reached ({reason}); start it, then run this again")

    def _another(self) -> ServiceBroke:
        return ServiceBroke(f"{self.place}: this is no evalgate server; correct EVALGATE_SERVER")


def _address(written: str) -> SplitResult:
    """Return a server's address in its parts; raise WrongAsWritten for anything else, which may hold a password."""
    with suppress(ValueError):  # brackets or a port that are none
        parts = urlsplit(written)
        plain = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        if plain and _VISIBLE.fullmatch(written) and not (parts.username or parts.query or parts.fragment):
            return parts
    raise WrongAsWritten("EVALGATE_SERVER is not a server's address; write it as https://evals.example.org")


def _said(body: bytes) -> tuple[str, str]:
    """Return what an evalgate server says is wrong and what to do; nothing for the page of some other server."""
    try:
        error = orjson.loads(body)["error"]
        return f"{error['what']} ({error['where']})", str(error["do"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "", ""


def _seconds(header: str | None) -> float:
    """Return how long to wait.

    >>> _seconds("3"), _seconds(None), _seconds("Wed, 21 Oct 2026 07:28:00 GMT")
    (3.0, 1.0, 1.0)
    """
    return float(header) if header and header.isdigit() else 1.0
