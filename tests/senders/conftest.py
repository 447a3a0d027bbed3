"""Senders as their makers ship them, in an environment of their own: `make test-senders`.

They run as processes of .venv-senders, configured by what the pages in docs/integrations/ say, and send to a real
server over a real store. The far model is a small server on this machine.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest

from evalgate.store.engine import Store, open_store
from evalgate.store.tables import metadata
from evalgate.traffic.interactions import Interaction

ROOT = Path(__file__).resolve().parents[2]
THEIRS = ROOT / ".venv-senders" / "bin"
PAGES = ROOT / "docs" / "integrations"
ANSWER = "Mañana antes de las 18:00."
ITEM = metadata.tables["interaction"]


def block(page: str, language: str) -> str:
    """Give the first block of a language in a page."""
    found = re.search(
        rf"^```{language}\n(.*?)^```$", (PAGES / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found is not None
    return found[1]


def exported(page: str) -> dict[str, str]:
    """Give the variables that a page exports."""
    return dict(re.findall(r'^export (\w+)="?([^"\n]*)"?$', block(page, "sh"), re.MULTILINE))


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(said: Callable[[], Any], seconds: float = 30) -> Any:
    """Give the first thing that is true; fail after so long."""
    end = time.monotonic() + seconds
    while not (found := said()):
        assert time.monotonic() < end, f"not within {seconds:.0f} s"
        time.sleep(0.1)
    return found


@dataclass
class Evalgate:
    """A server in a process of its own, which can be away for a while, and the store behind it."""

    store: Store
    place: str
    token: str
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "evalgate", "serve", "--port", str(self.port), "--database", self.place]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: answers(f"{self.address}/healthz"))

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
            self.process = None

    def interactions(self) -> list[Interaction]:
        """Give what has arrived whole, as it is stored."""
        with self.store.database.read() as connection:
            numbers = connection.execute(ITEM.select().order_by(ITEM.c.number)).all()
        return [one for row in numbers if (one := self.store.interactions.one(row.number)) is not None]

    def headers(self) -> str:
        """Give the key as a page writes it into a variable."""
        return f"authorization=Bearer%20{self.token}"


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def theirs(require_service: Callable[[str, str], NoReturn]) -> Path:
    """Where the senders are installed."""
    if not (THEIRS / "litellm").exists():
        require_service("senders", "not installed here; `make test-senders` installs them")
    return THEIRS


@pytest.fixture
def evalgate(tmp_path: Path) -> Iterator[Evalgate]:
    """A store with a key to send with, and a server that has not been started."""
    place = str(tmp_path / "evalgate.db")
    with open_store(place) as store:
        _, token = store.access.create_key(store.project, "sender", ("ingest",), timedelta(hours=1), "user:admin")
        server = Evalgate(store, place, token)
        yield server
        server.stop()


@pytest.fixture
def model() -> Iterator[str]:
    """The address of a server that answers chat completions as OpenAI's does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            message = {"role": "assistant", "content": ANSWER}
            said = {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "created": 1_795_262_400,
                "model": "gpt-4o-mini-2024-07-18",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19},
            }
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def sending(page: str, evalgate: Evalgate, model: str) -> dict[str, str]:
    """Give the environment that a page asks for, with this machine's addresses in place of its own."""
    said = exported(page)
    assert said["OTEL_EXPORTER_OTLP_ENDPOINT"] == "https://evals.example.org"
    assert said["OTEL_EXPORTER_OTLP_HEADERS"] == "authorization=Bearer%20eg_…"
    here = {"OTEL_EXPORTER_OTLP_ENDPOINT": evalgate.address, "OTEL_EXPORTER_OTLP_HEADERS": evalgate.headers()}
    return {**os.environ, **said, **here, "OPENAI_BASE_URL": model, "OPENAI_API_KEY": "none"}
