"""The settings of a queue stand in its reference, each with what it is by default."""

from __future__ import annotations

import json
import re
from pathlib import Path

from evalgate.core.review import QueueSettings

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "queue.md"


def test_the_reference_names_every_setting_with_its_default() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## Settings")[2].partition("\n## ")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", section, re.MULTILINE))
    plain = QueueSettings().model_dump(mode="json")
    assert told == {name: json.dumps(value).strip('"') for name, value in plain.items()}
