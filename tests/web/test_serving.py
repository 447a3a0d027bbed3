"""`evalgate serve` as a process: the first start, a port that is taken, and an end that loses no request."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.web.scenes import HOST, PASSWORD

COMMAND = (sys.executable, "-m", "evalgate")


class Served:
    """A server in a process of its own, and what it said when it started."""

    def __init__(self, folder: Path, *arguments: str, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "serve", "--port", "0", *arguments],
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        self.address = said.rsplit(" ", 1)[-1].strip()
        self.port = int(self.address.rpartition(":")[2] or 0) if said else 0

    def link(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rsplit(" ", 1)[-1].strip()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, list[dict]]:
        self.process.send_signal(number)
        _, complained = self.process.communicate(timeout=30)
        return self.process.returncode, [json.loads(line) for line in complained.splitlines()]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    server = Served(tmp_path)
    yield server
    server.process.kill()
    server.process.communicate()


def ready(server: Served) -> httpx.Client:
    client = httpx.Client(base_url=f"http://{HOST}:{server.port}", trust_env=False)
    for _ in range(100):
        try:
            client.get("/healthz")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return client
    raise AssertionError("the server did not answer")


def test_the_first_start_prints_a_link_that_makes_the_first_administrator(served: Served) -> None:
    link = served.link()
    assert link.startswith(f"{served.address}/first/")
    token = link.rpartition("/")[2]
    with closing(ready(served)) as client:
        wanted = {"token": token, "login": "ana@example.org", "name": "Ana", "password": PASSWORD}
        assert client.post("/api/v1/first", json=wanted).status_code == 204
        assert client.get("/api/v1/session").json()["admin"] is True
    code, lines = served.stop()
    assert code == 0
    assert token not in json.dumps(lines)
    assert PASSWORD not in json.dumps(lines)


def test_a_later_start_prints_no_link(served: Served, tmp_path: Path) -> None:
    with closing(ready(served)) as client:
        wanted = {"token": served.link().rpartition("/")[2], "login": "ana", "name": "Ana", "password": PASSWORD}
        client.post("/api/v1/first", json=wanted)
    served.stop()
    again = Served(tmp_path)
    ready(again).close()
    again.process.send_signal(signal.SIGTERM)
    printed, _ = again.process.communicate(timeout=30)
    assert printed == ""


def test_a_request_that_runs_is_finished_before_the_process_ends(served: Served) -> None:
    ready(served).close()
    body = json.dumps({"login": "ana", "password": PASSWORD}).encode()
    head = f"POST /api/v1/session HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
    with socket.create_connection((HOST, served.port), timeout=20) as running:
        running.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:10])
        time.sleep(0.3)
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert served.process.poll() is None
        with pytest.raises(OSError, match="refused"):
            socket.create_connection((HOST, served.port), timeout=5)
        running.sendall(body[10:])
        answer = running.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 401")
    code, lines = served.stop()
    assert code == 0
    assert [line["status"] for line in lines if line.get("route") == "/api/v1/session"] == [401]


def test_ctrl_c_ends_it_as_quietly(served: Served) -> None:
    ready(served).close()
    code, lines = served.stop(signal.SIGINT)
    assert code == 0
    assert {line["event"] for line in lines} == {"request"}


def test_a_port_that_is_taken_is_exit_4_in_one_line(served: Served, tmp_path: Path) -> None:
    second = subprocess.run(
        [*COMMAND, "serve", "--port", str(served.port)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (second.returncode, second.stdout) == (4, "")
    assert second.stderr == (
        f"evalgate: {HOST}:{served.port} is taken by another program; stop it, or choose another with --port\n"
    )


@pytest.mark.parametrize(
    ("arguments", "env", "said"),
    [
        (["--host", "::"], {}, "EVALGATE_ALLOWED_HOSTS"),
        ([], {"EVALGATE_BODY_LIMIT_MB": "much"}, "EVALGATE_BODY_LIMIT_MB=much: write a whole number"),
        ([], {"EVALGATE_SECURE_COOKIES": "perhaps"}, "EVALGATE_SECURE_COOKIES=perhaps: write 1 or 0"),
        ([], {"EVALGATE_ALLOWED_HOSTS": "http://x"}, "EVALGATE_ALLOWED_HOSTS=http://x: write host names"),
        (["--suite", "gone.yaml"], {}, "gone.yaml: no such file"),
        ([], {"EVALGATE_TRAFFIC_SUITES": "sales="}, "EVALGATE_TRAFFIC_SUITES=sales=: write PATH or PROJECT=PATH"),
    ],
    ids=["open to others", "a size", "a switch", "a name", "a suite", "no path"],
)
def test_a_setting_that_cannot_be_used_is_exit_2_in_one_line(
    tmp_path: Path, arguments: list[str], env: dict[str, str], said: str
) -> None:
    done = subprocess.run(
        [*COMMAND, "serve", "--port", "0", *arguments],
        cwd=tmp_path,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    script = """
import sys
sys.modules["fastapi"] = None
from evalgate.cli.app import run
sys.exit(run(["serve", "--port", "0"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 4
    assert done.stderr == "evalgate: fastapi is not installed; run: pip install 'evalgate-service[server]'\n"


def test_no_other_command_loads_the_server() -> None:
    script = """
import sys
from evalgate.cli.app import run
run(["--help"])
print("loaded:", *sorted({"fastapi", "starlette", "uvicorn", "argon2", "prometheus_client"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.splitlines()[-1] == "loaded:", done.stderr
