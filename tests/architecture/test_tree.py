"""What stands in the tree belongs to no one machine, and no file names an address to install from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (".ci", "benchmarks", "ci", "docs", "evalgate", "requirements", "rubrics", "suites", "tests")
GENERATED = {"__pycache__"}
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))

# Written in two pieces so that this file passes its own tests.
MACHINE = re.compile("/(?:wo" + "rk|fa" + "rm|ro" + "ot|home/[a-z]+|Users/[A-Za-z]+)/")
REGISTRY = re.compile(r"(?:py" + r"pi|python" + r"hosted|npm" + r"js)\.(?:org|com)")
ADDRESS = re.compile(r"://|--(?:extra-)?index-url|--find-links|--trusted-host|file:| @ ")


def texts() -> list[tuple[str, str]]:
    """List every text file that is ours, as (name, content)."""
    inside = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if not GENERATED & set(path.parts)]
    top = [path for path in ROOT.iterdir() if path.name not in {".git", ".coverage"}]
    paths = sorted(path for path in [*inside, *top] if path.is_file())
    return [(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8", errors="replace")) for path in paths]


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY], ids=["a path of one machine", "the host of a registry"])
def test_no_file_names(pattern: re.Pattern[str]) -> None:
    named = [f"{name}: {found.group()}" for name, text in texts() if (found := pattern.search(text))]
    assert named == []


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_a_requirement_is_a_version_and_its_hashes(path: Path) -> None:
    lock = path.read_text(encoding="utf-8")
    pinned = re.findall(r"^[a-z0-9][^\n]*?==[^\n]* \\\n    --hash=sha256:", lock, re.MULTILINE)
    named = re.findall(r"^[a-z0-9]", lock, re.MULTILINE)
    assert named
    assert len(pinned) == len(named)
    assert ADDRESS.search(lock) is None


def test_every_requirement_of_the_distribution_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[^a-z0-9-]", requirement)[0] for requirement in project["dependencies"]}
    locked = set(
        re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements/run.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert wanted <= locked


def test_the_same_versions_are_locked_everywhere() -> None:
    pins: dict[tuple[str, str], set[str]] = {}
    for path in REQUIREMENTS:
        for name, version, marker in re.findall(
            r"^([a-z0-9-]+)==(\S+)([^\n]*) \\$", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            pins.setdefault((name, marker), set()).add(version)
    assert {pin: versions for pin, versions in pins.items() if len(versions) > 1} == {}
