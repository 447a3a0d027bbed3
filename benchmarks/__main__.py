"""`python -m benchmarks [NAME…]`: every bench or some, a table on the screen, JSON for the page.

Exit 1 when a figure is missed. With --quick one small case of each runs in seconds: it shows that the benches work
and that nothing is lost or wrong, says nothing about speed, and keeps no results.
"""

from __future__ import annotations

import argparse
import sys
import time

from benchmarks import (
    checks,
    deciding,
    faults,
    ingest,
    judged,
    local,
    pages,
    recorded,
    reviewers,
    start,
    traffic_coverage,
    trends,
    windows,
)
from benchmarks.figures import Figure, document, keep, table
from benchmarks.measuring import machine

BENCHES = {
    "start": start.bench,
    "checks": checks.bench,
    "local": local.bench,
    "judged": judged.bench,
    "faults": faults.bench,
    "recorded": recorded.bench,
    "deciding": deciding.bench,
    "reviewers": reviewers.bench,
    "pages": pages.bench,
    "ingest": ingest.bench,
    "traffic-coverage": traffic_coverage.bench,
    "trends": trends.bench,
    "windows": windows.bench,
}


def main() -> int:
    """Run what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}; all unless given")
    parser.add_argument("--quick", action="store_true", help="one small case of each; nothing is timed or kept")
    parser.add_argument("--document", action="store_true", help="rewrite the tables of docs/benchmarks.md, run nothing")
    given = parser.parse_args()
    if strangers := sorted(set(given.names) - set(BENCHES)):
        parser.error(f"no bench is called {', '.join(strangers)}; known are {', '.join(BENCHES)}")
    if given.document:
        print(f"docs/benchmarks.md: {', '.join(document()) or 'nothing'} rewritten")
        return 0
    found: list[Figure] = []
    for name in given.names or BENCHES:
        begun = time.monotonic()
        figures = BENCHES[name](quick=given.quick)
        seconds = time.monotonic() - begun
        print(f"\n{name}, {seconds:.0f} s\n\n{table(figures)}", flush=True)
        if not given.quick:
            keep(name, figures, machine(), seconds)
        found += figures
    return int(any(figure.met is False and not (given.quick and figure.timed) for figure in found))


if __name__ == "__main__":
    sys.exit(main())
