"""One sentence with each kind of personal data, and each kind of secret, whose traces are looked for afterwards."""

from __future__ import annotations

from benchmarks.pii_texts import positives


def sentences() -> dict[str, tuple[str, str]]:
    """Return kind to (sentence, value); a value is long enough not to turn up by chance."""
    found: dict[str, tuple[str, str]] = {}
    for kind, text, value in positives():
        if kind not in found and len(value) >= 7:
            found[kind] = (text, value)
    secret = "ghp_" + "Zx81kQpW4mNv" * 3
    return found | {"secret": (f"my token is {secret}", secret)}
