"""Python runs this at start when conftest has put its folder on PYTHONPATH: our subprocesses stay offline too."""

from __future__ import annotations

import no_network  # noqa: F401  what counts is that it has been imported
