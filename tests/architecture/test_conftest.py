"""What conftest promises: missing services, missing data and swallowed network attempts are seen for what they are."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
NEEDS_SERVICE = "def test_it(require_service): require_service('chromium', 'not installed')"
NEEDS_DATA = "def test_it(realdata): assert realdata.is_dir()"
SWALLOWS = """
import contextlib, socket
def test_it():
    with contextlib.suppress(OSError):
        socket.getaddrinfo("example.org", 443)
"""


def closing_lines(test: str, folder: Path, **settings: str) -> str:
    """Run one test under our conftest and return what pytest says of it at the end."""
    shutil.copy(CONFTEST, folder)
    (folder / "test_one.py").write_text(test, encoding="utf-8")
    ours = {"EVALGATE_REQUIRE_SERVICES", "EVALGATE_REALDATA"}
    plain = {name: value for name, value in os.environ.items() if name not in ours}
    command = [sys.executable, "-m", "pytest", "-q", "-rsfE", "-p", "no:cacheprovider", "--rootdir", str(folder)]
    ran = subprocess.run(
        [*command, "test_one.py"], cwd=folder, env=plain | settings, capture_output=True, text=True, check=False
    )
    return "\n".join(ran.stdout.splitlines()[-4:])


@pytest.mark.parametrize(
    ("test", "settings", "closing"),
    [
        (NEEDS_SERVICE, {}, "1 skipped"),
        (NEEDS_SERVICE, {"EVALGATE_REQUIRE_SERVICES": "1"}, "1 failed"),
        (NEEDS_DATA, {}, "1 skipped"),
        (NEEDS_DATA, {"EVALGATE_REQUIRE_SERVICES": "1"}, "1 skipped"),
        (NEEDS_DATA, {"EVALGATE_REALDATA": "."}, "1 passed"),
        (NEEDS_DATA, {"EVALGATE_REALDATA": "no/such/folder"}, "1 error"),
        (SWALLOWS, {}, "1 passed, 1 error"),
    ],
    ids=[
        "a missing service skips on a laptop",
        "a missing service fails in CI",
        "data that nobody named skip",
        "data that nobody named skip in CI too",
        "data that are there are read",
        "data that were named and are not there fail",
        "a swallowed network attempt fails",
    ],
)
def test_the_suite_says(test: str, settings: dict[str, str], closing: str, tmp_path: Path) -> None:
    assert closing in closing_lines(test, tmp_path, **settings)
