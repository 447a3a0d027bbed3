"""What holds for every test: no network beyond this machine, no settings of the caller, real services or a failure.

EVALGATE_REQUIRE_SERVICES=1   a real service that is missing fails its tests instead of skipping them (.ci/run sets it)
EVALGATE_REALDATA=FOLDER      published data sets; their tests skip, with the reason, where it is not set
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest

import no_network

collect_ignore = ["offline"]

OURS = {"EVALGATE_REQUIRE_SERVICES", "EVALGATE_REALDATA"}
FOREIGN_PREFIXES = ("EVALGATE_", "OPENAI_", "ANTHROPIC_", "AZURE_", "GEMINI_", "LITELLM_", "OTEL_", "PG")
FOREIGN_SUFFIXES = ("_API_KEY", "_API_BASE", "_BASE_URL", "_PROXY", "_proxy")
TERMINAL = {"COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "NO_COLOR", "PY_COLORS"}

hypothesis.settings.register_profile("evalgate", deadline=None, derandomize=True, database=None, print_blob=True)
hypothesis.settings.load_profile("evalgate")


def pytest_configure() -> None:
    """Take the caller's settings out of the environment and put the network guard in front of every subprocess."""
    for name in set(os.environ) - OURS:
        if name.startswith(FOREIGN_PREFIXES) or name.endswith(FOREIGN_SUFFIXES) or name in TERMINAL:
            del os.environ[name]
    guard = str(Path(no_network.__file__).parent)
    others = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path not in {"", guard}]
    os.environ["PYTHONPATH"] = os.pathsep.join([guard, *others])


@pytest.fixture(autouse=True)
def _offline() -> Iterator[None]:
    """Fail a test during which anything in this process tried to leave the machine, even if the error was swallowed."""
    no_network.attempts.clear()
    yield
    assert not no_network.attempts, f"the network was tried: {', '.join(no_network.attempts)}"


@pytest.fixture(scope="session")
def require_service() -> Callable[[str, str], NoReturn]:
    """Give what a fixture calls when its real service is not there: `require_service("chromium", "not installed")`."""

    def missing(name: str, reason: str) -> NoReturn:
        if os.environ.get("EVALGATE_REQUIRE_SERVICES") == "1":
            pytest.fail(f"{name} is required here (EVALGATE_REQUIRE_SERVICES=1): {reason}", pytrace=False)
        pytest.skip(f"{name}: {reason}")

    return missing


@pytest.fixture(scope="session")
def realdata() -> Path:
    """Give the folder of published data sets, or skip; a folder that was named but is not there is a failure."""
    named = os.environ.get("EVALGATE_REALDATA")
    if not named:
        pytest.skip("EVALGATE_REALDATA is not set: this test reads published data sets")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"EVALGATE_REALDATA={named} is not a folder", pytrace=False)
    return folder.resolve()


@pytest.fixture(scope="session")
def checkout() -> Path:
    """Give the root of this checkout."""
    return Path(__file__).resolve().parents[1]
