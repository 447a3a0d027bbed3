"""A command run as a child: its wall time, CPU and memory by `wait4`, and what the rest of the machine did meanwhile.

A child's peak memory is never less than that of the process that starts it: the benches hold no data themselves.
"""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.mock import ROOT, Mock

TICK = os.sysconf("SC_CLK_TCK")
LOOK_EVERY_S = 0.005
EVALGATE = str(Path(sys.executable).with_name("evalgate"))
VERSIONS = ("evalgate-service", "aiohttp", "litellm", "numpy", "orjson", "pydantic", "sqlalchemy")


class Ran(NamedTuple):
    """One run of one command."""

    code: int
    wall_s: float
    cpu_s: float
    rss_mb: float
    """Peak of the process, in MB of 10^6 bytes."""
    other_cpu: float
    """Cores that everything but the command and the mock kept busy: above 0.9 of two, wall times are not its own."""
    mock_cpu_s: float
    said: str


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
    mock: Mock | None = None,
    meanwhile: Callable[[int], bool] | None = None,
    codes: Sequence[int] = (0,),
) -> Ran:
    """Run a command to its end and measure it; `meanwhile(pid)` looks at it all the time and ends it with SIGKILL.

    Raises RuntimeError with what the command said when it ends with a code nobody expects.
    """
    mock_before = mock.stats()["cpu_s"] if mock else 0.0
    busy, started = _busy(), time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        # A session of its own, so that the kill reaches whatever the command started.
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=_environment(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        pid, status, used = os.wait4(process.pid, os.WNOHANG if meanwhile else 0)
        while not pid:
            if meanwhile and meanwhile(process.pid):
                os.killpg(process.pid, signal.SIGKILL)
                meanwhile = None
            time.sleep(LOOK_EVERY_S)
            pid, status, used = os.wait4(process.pid, os.WNOHANG if meanwhile else 0)
        wall, busy = time.monotonic() - started, _busy() - busy
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read()
    if process.returncode not in codes:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{text[-2000:]}")
    mock_cpu = mock.stats()["cpu_s"] - mock_before if mock else 0.0
    cpu = used.ru_utime + used.ru_stime
    other = max(0.0, busy - cpu - mock_cpu) / wall
    return Ran(process.returncode, wall, cpu, used.ru_maxrss * 1024 / 1e6, other, mock_cpu, text)


def alternate(times: int, sides: Mapping[str, Callable[[], Ran]]) -> dict[str, list[Ran]]:
    """Run the sides in turn, so that what the machine does meanwhile falls on all of them alike."""
    found: dict[str, list[Ran]] = {name: [] for name in sides}
    for _ in range(times):
        for name, side in sides.items():
            found[name].append(side())
    return found


def low_mid(values: Sequence[float], digits: int = 2) -> str:
    """Return the least and the median of some measurements.

    >>> low_mid([0.31, 0.29, 0.40])
    '0.29 / 0.31'
    """
    return f"{min(values):.{digits}f} / {median(values):.{digits}f}"


def others(*runs: Sequence[Ran]) -> str:
    """Return the busiest that the rest of the machine was during any of these runs, in cores."""
    return f"{max(ran.other_cpu for side in runs for ran in side):.1f}"


def machine() -> dict[str, str]:
    """Return what figures depend on: the machine, the moment, the versions."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "machine": f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()} {platform.release()}",
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "python": platform.python_version(),
        "versions": versions,
        "commit": commit.stdout.strip() or "not known",
    }


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    ours = ("EVALGATE_", "OPENAI_", "LITELLM_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # without .pyc files every start doubles
    return {**kept, "NO_COLOR": "1", "EVALGATE_LANG": "en", **more}


def _busy() -> float:
    """Return the CPU seconds all cores have spent on anything since the machine started."""
    fields = [int(field) for field in _lines("/proc/stat")[0].split()[1:9]]
    idle, waiting = fields[3], fields[4]
    return (sum(fields) - idle - waiting) / TICK


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()
