"""Evidence without a judge: recorded scores gated, code checks over many outputs, and memory that does not grow."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, at_least, at_most
from benchmarks.measuring import EVALGATE, Ran, alternate, low_mid, others, run
from benchmarks.scores import check, stored_samples
from benchmarks.workload import lay, lay_recorded

GATED_S, GATED_MB = 20.0, 500.0
OUTCOMES_A_SECOND = 15_000.0
CHECKS = ("ticket", "on_brand", "brief")
BYTES_A_ROW = 128.0
"""What counts as flat: the numbers a decision is made from, and nothing of a row's 650 bytes of text."""
LOOK_EVERY_S = 0.5


def bench(*, quick: bool) -> list[Figure]:
    """Return times, rates and memory."""
    if quick:
        return [*_gated(500, 1), *_plain(1_000, 1)]
    return [*_gated(100_000, 2), *_plain(100_000, 2), *_streamed(1_000_000)]


def _gated(count: int, times: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        lay_recorded(data, count)

        def bare() -> Ran:
            arms: list[str | Path] = ["--data", data / "candidate.jsonl", "--baseline", data / "baseline.jsonl"]
            return run([sys.executable, "-m", "benchmarks.floors", "recorded", *arms])

        def ours() -> Ran:
            with tempfile.TemporaryDirectory() as fresh:
                return run([EVALGATE, "gate", data / "suite.yaml"], cwd=Path(fresh), codes=(0, 3))

        found = alternate(times, {"floor": bare, "ours": ours})
    walls, rss = [ran.wall_s for ran in found["ours"]], max(ran.rss_mb for ran in found["ours"])
    beside = (
        f"two arms, 8 slices, everything stored; floor (read both files, one mean) "
        f"{low_mid([ran.wall_s for ran in found['floor']])} s; other CPU ≤ {others(*found.values())} cores"
    )
    measured = f"{low_mid(walls, 1)} s (min / median of {len(walls)})"
    return [
        at_most(f"{count:,} recorded outcomes gated", median(walls), GATED_S, "s", measured, beside),
        at_most(f"{count:,} recorded outcomes gated: peak memory", rss, GATED_MB, "MB", f"{rss:.0f} MB"),
    ]


def _plain(count: int, times: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        lay(data, "plain", count)

        def bare() -> Ran:
            with tempfile.TemporaryDirectory() as fresh:
                out: list[str | Path] = ["--data", data / "cases.jsonl", "--out", Path(fresh) / "floor.db"]
                return run([sys.executable, "-m", "benchmarks.floors", "plain", *out])

        def ours() -> Ran:
            with tempfile.TemporaryDirectory() as fresh:
                ran = run([EVALGATE, "run", data / "suite.yaml"], cwd=Path(fresh))
                checked = check(Path(fresh), count, CHECKS)
                assert checked.sound, checked
            return ran

        found = alternate(times, {"floor": bare, "ours": ours})
    rates = [len(CHECKS) * count / ran.wall_s for ran in found["ours"]]
    floor = [len(CHECKS) * count / ran.wall_s for ran in found["floor"]]
    rss = max(ran.rss_mb for ran in found["ours"])
    return [
        at_least(
            f"three code checks over {count:,} outputs, stored",
            median(rates),
            OUTCOMES_A_SECOND,
            "outcomes/s",
            f"{median(rates):,.0f} outcomes/s, {low_mid([ran.wall_s for ran in found['ours']], 1)} s, {rss:.0f} MB",
            f"floor (orjson, three checks, SQLite) {median(floor):,.0f} outcomes/s; 0 wrong, 0 lost; "
            f"other CPU ≤ {others(*found.values())} cores",
        )
    ]


def _streamed(count: int) -> list[Figure]:
    looked: list[tuple[int, float]] = []
    last = 0.0

    def look(pid: int) -> bool:
        nonlocal last
        if time.monotonic() - last >= LOOK_EVERY_S:
            last = time.monotonic()
            looked.append((stored_samples(fresh), _rss_mb(pid)))
        return False

    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        data, fresh = Path(first), Path(second)
        lay(data, "plain", count)
        ran = run([EVALGATE, "run", data / "suite.yaml"], cwd=fresh, meanwhile=look)
    streaming = [(stored, rss) for stored, rss in looked if count / 4 <= stored < count]
    (first_at, before), (last_at, after) = streaming[0], streaming[-1]
    growth = 1e6 * (after - before) / (last_at - first_at)
    rate = len(CHECKS) * count / ran.wall_s
    return [
        at_most(
            f"{count:,} outputs streamed: growth of memory from {first_at:,} stored to {last_at:,}",
            growth,
            BYTES_A_ROW,
            "bytes a row",
            f"{growth:.0f} bytes a row: {before:.0f} MB, then {after:.0f} MB; with the intervals {ran.rss_mb:.0f} MB",
            f"three code checks, {rate:,.0f} outcomes/s, {ran.wall_s:.0f} s; other CPU {ran.other_cpu:.1f} cores; "
            "texts come again every 10,000 rows under new ids",
        )
    ]


def _rss_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    lines = (line.split() for line in status.splitlines() if line.startswith("VmRSS:"))
    return next((int(fields[1]) * 1024 / 1e6 for fields in lines), 0.0)
