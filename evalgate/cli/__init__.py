"""The command line: one door, `evalgate`. It parses flags, calls wiring, prints, and turns errors into exit codes."""

from __future__ import annotations

import gc
import sys

GARBAGE = (50_000, 20, 20)
"""A run makes millions of short-lived values and hardly a cycle; at the usual thresholds looking for cycles takes a
quarter of its time."""


def main() -> None:
    """Run the command line and exit with its code; no error leaves as a traceback."""
    gc.set_threshold(*GARBAGE)
    from evalgate.cli.app import run

    code = run(sys.argv[1:])
    gc.freeze()  # on its way out Python would look through all objects again: a third of a second for nothing
    sys.exit(code)
