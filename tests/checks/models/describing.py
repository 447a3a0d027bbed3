"""Folders that a suite can name, with nothing in them but what a check's own examples say of its model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from evalgate.checks.catalogue import builtin_checks
from evalgate.checks.models.manifest import MANIFEST
from evalgate.checks.models.student import CARD


def described(kind: str, folder: Path) -> None:
    """Write the manifest, or the card, of the model in a check's first example, and its files, all of them empty."""
    checks: dict[str, Any] = dict(builtin_checks())
    model = checks[kind].examples[0]["model"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / (MANIFEST if "files" in model else CARD)).write_text(json.dumps(model), encoding="utf-8")
    for name in model.get("files", ()):
        (folder / name).touch()
