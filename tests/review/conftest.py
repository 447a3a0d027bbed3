"""A store of its own for each scene."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evalgate.store.engine import Store, open_store
from tests.store.scenes import Clock


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evalgate.db", clock=Clock()) as opened:
        yield opened
