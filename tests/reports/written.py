"""Pages kept as files under `pages/`; UPDATE_PAGES=1 writes them anew, and the difference is for a person to read."""

from __future__ import annotations

import os
import re
from pathlib import Path

PAGES = Path(__file__).parent / "pages"
DECISION = re.compile(r"\bD-[0-9a-f]{8}\b")


def same_as_written(name: str, text: str) -> None:
    """Assert that a page is the one that was written; ids of decisions may differ."""
    path = PAGES / name
    said = DECISION.sub("D-00000000", text)
    if os.environ.get("UPDATE_PAGES"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(said, encoding="utf-8")
    assert said == path.read_text(encoding="utf-8")
