"""The documentation, and the little machine that keeps what it shows true: `make docs` writes, `tests/docs` checks."""
