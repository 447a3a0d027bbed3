from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from evalgate.core.checks import Loading
from evalgate.core.errors import SuiteInvalid
from evalgate.judges.check import RubricCheck
from evalgate.judges.examples import read_examples
from evalgate.judges.rubrics import Criterion, Rubric
from evalgate.judges.templates import VARIABLES

DOCS = Path(__file__).parents[2] / "docs"
HOW_TO = (DOCS / "how-to" / "write-a-rubric.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "rubric.md").read_text(encoding="utf-8")
RUBRICS = [block for block in re.findall(r"```yaml\n(.*?)```", HOW_TO, flags=re.DOTALL) if "question:" in block]


@pytest.mark.parametrize("text", RUBRICS)
def test_every_rubric_of_the_how_to_can_be_used(text):
    check = RubricCheck.model_validate(
        {"rubric": "r.yaml"}, context=Loading(read=lambda _: text.encode(), judge="judge-1")
    )
    assert check.rubric.name in {"refund_promise", "voice"}


def test_the_how_to_has_three_rubrics():
    assert len(RUBRICS) == 3


def test_the_example_of_the_how_to_belongs_to_its_rubric(load):
    (line,) = re.findall(r"```json\n(.*?)```", HOW_TO, flags=re.DOTALL)
    (example,) = read_examples(line.encode(), load(RUBRICS[0]), "how-to")
    assert example.label == "not_allowed"


def test_the_mistake_of_the_how_to_is_refused_with_the_line_it_prints():
    printed = next(line for line in HOW_TO.splitlines() if line.startswith("rubrics/refund_promise.yaml:"))
    wrong = RUBRICS[0].replace("title: {en: Allowed", "titel: {en: Allowed")
    with pytest.raises(SuiteInvalid, match=re.escape(printed)):
        Rubric.load("rubrics/refund_promise.yaml", Loading(read=lambda _: wrong.encode()))


@pytest.mark.parametrize("name", [*Rubric.model_fields, *Criterion.model_fields, *VARIABLES])
def test_the_reference_names_every_key_and_variable(name):
    assert f"`{name}`" in REFERENCE or f"{{{name}," in REFERENCE


def test_the_reference_names_every_parameter_with_its_default():
    section = REFERENCE.partition("## Parameters of the check")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", section, flags=re.MULTILINE)
    fields = {name: field for name, field in RubricCheck.model_fields.items() if name not in {"where", "advisory"}}
    assert [name for name, _ in rows] == list(fields)
    written = {name: yaml.safe_load(default.strip("`")) for name, default in rows if not fields[name].is_required()}
    assert written == {name: field.default for name, field in fields.items() if not field.is_required()}
