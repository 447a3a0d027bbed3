"""The demo's working folder: the suite and the data, written where people can read and change them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from evalgate.core.errors import WrongAsWritten
from evalgate.demo.replies import MODEL, data

SUITE = "suite.yaml"
MARKER = ".evalgate-demo.json"
"""Says that the folder is the demo's: what was written, by name and digest."""

_SHIPPED = {
    "baseline.jsonl": "outputs_baseline.jsonl",
    "candidate.jsonl": "outputs_candidate.jsonl",
    "fixed.jsonl": "outputs_fixed.jsonl",
    "packs/brand.yaml": "brand_pack.yaml",
}
_JUDGE = f"judge: {MODEL} "
_PRICES = f"prices: {{{MODEL}: {{input: 0, output: 0}}}}   # US dollars per million tokens\n"


def write_folder(folder: Path, *, judge: str | None = None) -> tuple[str, ...]:
    """Write the demo's files and return the names of those that somebody changed, which are left as they are.

    `judge` is a real model to ask instead of the written replies. Raises WrongAsWritten for a folder that holds
    something else than a demo.
    """
    before = _written_before(folder)
    wanted = _contents(judge)
    folder.mkdir(parents=True, exist_ok=True)
    digests = {name: _digest(content) for name, content in wanted.items()}
    changed = tuple(name for name in wanted if _is_changed(folder / name, {before.get(name), digests[name]}))
    (folder / MARKER).write_text(json.dumps(digests, indent=1) + "\n", encoding="utf-8")
    for name in wanted.keys() - set(changed):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(wanted[name])
    return changed


def _contents(judge: str | None) -> dict[str, bytes]:
    suite = data(SUITE).read_text(encoding="utf-8")
    if judge is not None:
        from evalgate.suites.writing import quoted

        suite = suite.replace(_JUDGE, f"judge: {quoted(judge)} ").replace(_PRICES, "")
    return {SUITE: suite.encode(), **{name: data(shipped).read_bytes() for name, shipped in _SHIPPED.items()}}


def _written_before(folder: Path) -> Mapping[str, str]:
    """Return the digests of what an earlier demo wrote there; nothing for a folder that is new or empty."""
    if not folder.exists():
        return {}
    if not folder.is_dir():
        raise WrongAsWritten(f"{folder} is a file; name another folder: --to DIR")
    marker = folder / MARKER
    if marker.is_file():
        try:
            digests = json.loads(marker.read_text(encoding="utf-8"))
        except ValueError:
            digests = {}
        return digests if isinstance(digests, dict) else {}
    if any(folder.iterdir()):
        raise WrongAsWritten(f"{folder} holds something else than a demo; name another folder: --to DIR")
    return {}


def _is_changed(path: Path, ours: set[str | None]) -> bool:
    return path.exists() and _digest(path.read_bytes()) not in ours


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
