"""From columns to findings: what the statistics themselves take, nothing read and nothing stored."""

from __future__ import annotations

import json
import sys
import time

from benchmarks.figures import Figure
from benchmarks.measuring import run

PAIRS, SLICES = 100_000, 8


def bench(*, quick: bool) -> list[Figure]:
    """Return how long a decision takes over many pairs and slices."""
    pairs = 2_000 if quick else PAIRS
    ran = run([sys.executable, "-m", "benchmarks.deciding", str(pairs)])
    told = json.loads(ran.said.splitlines()[-1])
    measured = f"{told['seconds']:.2f} s for {told['findings']} findings, {ran.rss_mb:.0f} MB"
    beside = f"columns built in {told['columns_s']:.2f} s; a paired mean in numpy {told['floor_s'] * 1000:.1f} ms"
    what = f"decision over {pairs:,} pairs, {SLICES} slices, two kinds of rule"
    return [Figure(what, "–", measured, None, beside)]


def decide(pairs: int) -> dict[str, float]:
    """Decide once over made-up columns and tell how long each part took."""
    import numpy as np

    from evalgate.core.decide import find
    from evalgate.core.evidence import gather
    from evalgate.core.gates import AtLeast, Gate, NoWorseThan, Policy
    from evalgate.core.outcomes import CheckRef
    from evalgate.core.pairs import pair
    from evalgate.core.samples import Case
    from evalgate.core.tally import Columns, Tally

    ref = CheckRef(name="answers", annotator="code", digest="0" * 32)
    draw = np.random.default_rng(5)
    tallies = []
    for rate in (0.93, 0.92):
        tally = Tally([(ref, ("",))], ("locale",))
        for position in range(pairs):
            case = Case(id=f"case-{position}", input="", slices={"locale": str(position % SLICES)})
            tally.add(position, case, 0, f"{position:032x}", f"{position:032x}", ())
        tally.values["answers"][:] = type(tally.values["answers"])("d", (draw.random(pairs) < rate).astype(float))
        tally.status["answers"][:] = type(tally.status["answers"])("b", bytes(pairs))
        tallies.append(tally)
    begun = time.perf_counter()
    ours, theirs = map(Columns, tallies)
    built = time.perf_counter()
    gates = [Gate(metric="answers", rules=(NoWorseThan(margin=0.02), AtLeast(floor=0.9)), by=("locale",))]
    evidence = gather(gates, ours, theirs, pair(ours, theirs), ())
    findings = find(gates, evidence, Policy(), uncalibrated=False)
    decided = time.perf_counter()
    change = ours.values["answers"] - theirs.values["answers"]
    change.mean(), change.std(ddof=1)
    bare = time.perf_counter()
    return {
        "columns_s": built - begun,
        "seconds": decided - built,
        "findings": len(findings),
        "floor_s": bare - decided,
    }


if __name__ == "__main__":
    print(json.dumps(decide(int(sys.argv[1]))))
