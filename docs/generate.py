#!/usr/bin/env python3
"""Write the generated parts of the pages and play their sessions; `--check` only says which are not up to date."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from docs.parts import PARTS  # noqa: E402 - a script finds its neighbours from here
from docs.sessions import Unplayable, played, seed_of, steady  # noqa: E402

GENERATED = re.compile(r"(^<!-- generated: ([\w-]+) -->\n).*?(^<!-- end -->$)", re.MULTILINE | re.DOTALL)


def pages() -> Iterator[Path]:
    """Yield the README and every page, by name."""
    yield ROOT / "README.md"
    yield from sorted((ROOT / "docs").rglob("*.md"))


def written(page: str, text: str, *, play: bool) -> str:
    """Return a page as it should be."""
    text = GENERATED.sub(_part, text)
    return played(page, text) if play else text


def _part(found: re.Match[str]) -> str:
    """Return a generated part; one that says the same but for times is left as it is."""
    new = f"{found[1]}{PARTS[found[2]]()}\n{found[3]}"
    return found[0] if steady(new) == steady(found[0]) else new


def main() -> int:
    """Bring the pages up to date, or with `--check` say which are not; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is not up to date")
    parser.add_argument("--no-play", action="store_true", help="leave the console sessions as they are")
    parser.add_argument("pages", nargs="*", help="pages as docs/tutorial.md; all unless given")
    given = parser.parse_args()
    stale = []
    for path in pages():
        name = path.relative_to(ROOT).as_posix()
        if given.pages and name not in given.pages:
            continue
        text = path.read_text(encoding="utf-8")
        play = not given.no_play
        if play and seed_of(text) == "realdata" and not os.environ.get("EVALGATE_REALDATA"):
            sys.stderr.write(f"{name}: not played, EVALGATE_REALDATA is not set\n")
            play = False
        try:
            new = written(name, text, play=play)
        except Unplayable as trouble:
            sys.stderr.write(f"{trouble}\n")
            return 1
        if new != text:
            stale.append(name)
            if not given.check:
                path.write_text(new, encoding="utf-8")
    for name in stale:
        sys.stdout.write(f"{name}: {'not up to date; run: make docs' if given.check else 'written'}\n")
    return 1 if given.check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
