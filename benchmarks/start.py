"""How long a person waits before anything is measured: `--help`, and a plan that prices its judge."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, at_most
from benchmarks.measuring import EVALGATE, Ran, alternate, low_mid, others, run
from benchmarks.workload import lay

TIMES = 9
CASES = 500
HELP_S, PLAN_S = 0.35, 0.8


def bench(*, quick: bool) -> list[Figure]:
    """Return how long `--help` and `plan` take, beside a Python that does nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay(folder, "planned", 20 if quick else CASES)

        def plan() -> Ran:
            return run([EVALGATE, "plan", "suite.yaml"], cwd=folder)

        plan()  # the first start compiles
        found = alternate(
            1 if quick else TIMES,
            {
                "floor": lambda: run([sys.executable, "-c", "pass"]),
                "help": lambda: run([EVALGATE, "--help"]),
                "plan": plan,
            },
        )
    floor = [ran.wall_s for ran in found["floor"]]
    beside = f"floor `python -c pass` {low_mid(floor, 3)} s; other CPU ≤ {others(*found.values())} cores"
    figures = []
    for what, side, limit in (
        ("`evalgate --help`", "help", HELP_S),
        (f"`evalgate plan`, {CASES} cases in a file, a judge priced from the bundled list", "plan", PLAN_S),
    ):
        walls = [ran.wall_s for ran in found[side]]
        cpu, rss = median(ran.cpu_s for ran in found[side]), max(ran.rss_mb for ran in found[side])
        measured = f"{low_mid(walls)} s (min / median of {len(walls)}), {cpu:.2f} s CPU, {rss:.0f} MB"
        figures.append(at_most(what, median(walls), limit, "s", measured, beside))
    return figures
