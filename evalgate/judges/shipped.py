"""The rubrics that come with evalgate: where their files are, in an installed wheel and in a checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def rubrics_folder() -> Traversable:
    """Return the folder of shipped rubrics: `evalgate/_data/rubrics` of a wheel, `rubrics` of a checkout."""
    from importlib.resources import files
    from pathlib import Path

    installed = files("evalgate") / "_data" / "rubrics"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "rubrics"


def shipped_rubrics() -> dict[str, Traversable]:
    """Return every shipped rubric's file by its name, in the order of the names."""
    found = sorted(rubrics_folder().iterdir(), key=lambda file: file.name)
    return {file.name.removesuffix(".yaml"): file for file in found if file.name.endswith(".yaml")}
