"""A worker as the server's child: started with it, started again when it dies, gone when the server is gone."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

LOGGER = logging.getLogger("evalgate.worker")
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
"""Between a worker's death and the next one."""
SETTLED_S = 60.0
"""A worker that has lived so long has started well."""
FINISH_S = 20.0
"""How long a worker may take to let go of its window."""


@contextmanager
def worker_beside(suites: Sequence[str], environ: Mapping[str, str]) -> Iterator[None]:
    """Keep a worker for some suites (`[PROJECT=]PATH`; none: as the environment says) while the block runs.

    What it says is logged. It ends with our end of its standard input, however we end.
    """
    keeper = _Keeper([part for suite in suites for part in ("--suite", suite)], environ)
    thread = threading.Thread(target=keeper.run, name="worker's keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        keeper.stop()
        thread.join(FINISH_S + 1)


class _Keeper:
    """Starts workers, one after the other."""

    def __init__(self, arguments: Sequence[str], environ: Mapping[str, str]) -> None:
        self._command = [sys.executable, "-m", "evalgate", "worker", "--while-stdin", *arguments]
        self._environ = dict(environ)
        self._over = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def run(self) -> None:
        """Start a worker whenever there is none, until `stop`."""
        pause = FIRST_PAUSE_S
        while (process := self._started()) is not None:
            born = time.monotonic()
            with process:  # which closes its pipes
                for line in process.stderr or ():
                    LOGGER.info("%s", line.rstrip())
            pause = FIRST_PAUSE_S if time.monotonic() - born > SETTLED_S else min(pause * 2, LONGEST_PAUSE_S)
            if not self._over.is_set():
                LOGGER.warning("the worker ended with %d; the next one starts in %d s", process.returncode, pause)
            self._over.wait(pause)

    def stop(self) -> None:
        """End the worker: what it was told, it keeps."""
        with self._lock:
            self._over.set()
            process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(FINISH_S)
        except subprocess.TimeoutExpired:
            process.kill()

    def _started(self) -> subprocess.Popen[str] | None:
        with self._lock:
            if self._over.is_set():
                return None
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                self._command, env=self._environ, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            return self._process
