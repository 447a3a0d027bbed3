"""The mock as the benches hold it: a process of its own, reset before each run, asked afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


class Mock:
    """A running mock server."""

    def __init__(self, port: int) -> None:
        self.at = f"http://127.0.0.1:{port}"
        self.url = f"{self.at}/v1"
        """The base URL, as OpenAI clients take it."""

    def reset(self, **settings: float) -> None:
        """Forget what was counted; answer as `mock_openai.Settings` says."""
        self._call("/reset", settings)

    def stats(self) -> dict[str, Any]:
        """Return the counts since the last reset."""
        return self._call("/stats")

    def cases(self) -> dict[str, tuple[int, int]]:
        """Return how often each case was asked and answered since the last reset."""
        return {case: (asked, answered) for case, (asked, answered) in self._call("/cases").items()}

    def _call(self, path: str, body: object = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.at + path, data)  # noqa: S310 - our own address
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - as above
            found: dict[str, Any] = json.loads(response.read())
        return found


@contextmanager
def serving() -> Iterator[Mock]:
    """Yield a mock that serves until the context ends."""
    command = [sys.executable, "-m", "benchmarks.mock_openai"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Mock(int(process.stdout.readline()))
        process.stdin.close()
