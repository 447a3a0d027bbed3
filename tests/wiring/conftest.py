"""A furnished server on a real socket, and servers that answer what a scene says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest
import uvicorn

from evalgate.web.app import create_app
from evalgate.web.service import service_of
from evalgate.wiring.server import ServerSettings, opened
from tests.store.conftest import sqlite_place, sqlite_template
from tests.web.scenes import House, furnish

__all__ = ["sqlite_place", "sqlite_template"]


class Home(NamedTuple):
    """A house, where it listens, and the key that opens its door."""

    house: House
    address: str
    key: str


@pytest.fixture
def home(sqlite_place: str) -> Iterator[Home]:
    """A furnished server that listens."""
    settings = ServerSettings(database=sqlite_place)
    with opened(settings) as parts:
        house = furnish(service_of(parts, settings))
        with listening(house) as port:
            key = house.headers["key:gate"]["Authorization"].removeprefix("Bearer ")
            yield Home(house, f"http://127.0.0.1:{port}", key)


@contextmanager
def listening(house: House, port: int = 0) -> Iterator[int]:
    """Serve a house from a thread, and give the port."""
    server = uvicorn.Server(uvicorn.Config(create_app(house.service), port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


class Told(NamedTuple):
    """One answer of a scripted server."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = {}


class Script:
    """A server that gives its answers one after the other, the last one for ever, and remembers what it was asked."""

    def __init__(self, answers: Sequence[Told]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, str]] = []
        self.bodies: list[bytes] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            script = self

            def _answer(self) -> None:
                script = self.script
                script.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
                script.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                told = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
                self.send_response(told.status)
                for name, value in ({"Content-Length": str(len(told.body))} | told.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(told.body)

            do_GET = do_PUT = do_POST = _answer  # noqa: N815 - the names http.server looks for

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def scripted() -> Iterator[Callable[..., Script]]:
    """A function that starts a server from the answers it is to give."""
    running: list[tuple[Script, threading.Thread]] = []

    def start(*answers: Told) -> Script:
        script = Script(answers)
        thread = threading.Thread(target=script.server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        running.append((script, thread))
        return script

    yield start
    for script, thread in running:
        script.server.shutdown()
        script.server.server_close()
        thread.join()
