"""A judged run from start to exit with everything stored, against a bare loop that asks the same calls."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, at_least, at_most
from benchmarks.measuring import EVALGATE, Ran, alternate, low_mid, others, run
from benchmarks.mock import Mock, serving
from benchmarks.scores import Checked, check
from benchmarks.workload import lay

IN_FLIGHT = 64
CPU_MS, RSS_MB = 0.6, 180.0


def bench(*, quick: bool) -> list[Figure]:
    """Return the shares of the bare loops' speed, the CPU above them and the memory."""
    with serving() as mock:
        if quick:
            return _against(mock, "aiohttp", 200, 1, 1.0)
        return [
            *_against(mock, "aiohttp", 20_000, 3, 80.0),
            *_against(mock, "aiohttp", 2_000, 5, 60.0),
            *_against(mock, "litellm", 2_000, 3, 85.0),
        ]


def _against(mock: Mock, floor: str, count: int, times: int, share: float) -> list[Figure]:
    """Run a bare loop and evalgate over the same transport in turn."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        lay(data, "judged", count)
        checked: list[Checked] = []

        told: list[str | Path] = [
            "--data",
            data / "cases.jsonl",
            "--out",
            data / "floor.jsonl",
            "--in-flight",
            str(IN_FLIGHT),
        ]

        def bare() -> Ran:
            mock.reset()
            return run(
                [sys.executable, "-m", "benchmarks.floors", floor, *told, "--url", mock.url],
                mock=mock,
            )

        def ours() -> Ran:
            mock.reset()
            with tempfile.TemporaryDirectory() as fresh:
                ran = run(
                    [EVALGATE, "run", data / "suite.yaml"],
                    cwd=Path(fresh),
                    env=environment(mock, floor),
                    mock=mock,
                )
                checked.append(check(Path(fresh), count))
            return ran

        found = alternate(times, {"floor": bare, "ours": ours})
    assert all(one.sound for one in checked), checked
    return _figures(floor, count, share, found["floor"], found["ours"], checked[-1])


def environment(mock: Mock, transport: str = "aiohttp") -> dict[str, str]:
    """Return what evalgate must know to ask the mock."""
    named = {"EVALGATE_JUDGE_BASE_URL": mock.url, "EVALGATE_IN_FLIGHT": str(IN_FLIGHT)}
    return {**named, "EVALGATE_TRANSPORT": "litellm"} if transport == "litellm" else named


def _figures(floor: str, count: int, share: float, bare: list[Ran], ours: list[Ran], checked: Checked) -> list[Figure]:
    name = "direct" if floor == "aiohttp" else floor
    theirs_s, ours_s = [ran.wall_s for ran in bare], [ran.wall_s for ran in ours]
    reached = 100 * median(theirs_s) / median(ours_s)
    cpu = [1000 * (a.cpu_s - b.cpu_s) / count for a, b in zip(ours, bare, strict=True)]
    rss = max(ran.rss_mb for ran in ours)
    figures = [
        at_least(
            f"{name}, {count:,} cases",
            reached,
            share,
            f"% of the bare {floor} loop's cases/s",
            f"{reached:.0f} %: {count / median(ours_s):,.0f} cases/s in {low_mid(ours_s)} s",
            f"bare loop {count / median(theirs_s):,.0f} cases/s in {low_mid(theirs_s)} s (min / median of {len(ours)});"
            f" {checked}; mock {median(ran.mock_cpu_s for ran in ours):.1f} s CPU;"
            f" other CPU ≤ {others(bare, ours)} cores",
        )
    ]
    beside = f"{median(r.cpu_s for r in ours):.2f} s CPU against {median(r.cpu_s for r in bare):.2f} s, start included"
    if floor == "aiohttp" and count != 2_000:
        figures.append(
            at_most(
                f"{name}, {count:,} cases: own CPU a case above the loop",
                median(cpu),
                CPU_MS,
                "ms",
                f"{low_mid(cpu)} ms",
                beside,
            )
        )
        figures.append(at_most(f"{name}, {count:,} cases: peak memory", rss, RSS_MB, "MB", f"{rss:.0f} MB"))
    else:
        measured = f"{low_mid(cpu)} ms CPU a case, {rss:.0f} MB"
        figures.append(Figure(f"{name}, {count:,} cases: above the loop, start included", "–", measured, None, beside))
    return figures
