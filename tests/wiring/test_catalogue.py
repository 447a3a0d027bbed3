"""The catalogue: what ships, what packages add, and packages whose check cannot be used."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from evalgate.core.errors import WrongAsWritten
from evalgate.wiring.catalogue import all_checks, parameters_of, rubric_questions

CHECK = '''
from evalgate.core.checks import CodeCheck, Texts
from evalgate.core.outcomes import Marks, held
from evalgate.core.samples import Subject

class Kind(CodeCheck):
    """Always kind."""
    kind = "kind"
    def mark(self, subject: Subject, texts: Texts) -> Marks:
        return {"": held()}

not_a_check = 7
'''


def install(folder: Path, name: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lay out an installed package that adds one check by entry point."""
    (folder / "acme_kindness.py").write_text(CHECK, encoding="utf-8")
    info = folder / "acme_kindness-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-kindness\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[evalgate.checks]\n{name} = {target}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "acme_kindness", raising=False)


def test_a_package_adds_a_check_by_entry_point(tmp_path, monkeypatch):
    install(tmp_path, "kind", "acme_kindness:Kind", monkeypatch)
    assert all_checks()["kind"].summary == ""
    assert "rubric" in all_checks()


@pytest.mark.parametrize(
    ("name", "target", "said"),
    [
        ("kind", "acme_kindness:Missing", "cannot be loaded"),
        ("kind", "acme_kindness:not_a_check", "not a subclass"),
        ("regex", "acme_kindness:Kind", "already"),
    ],
)
def test_a_package_whose_check_cannot_be_used_is_named(name, target, said, tmp_path, monkeypatch):
    install(tmp_path, name, target, monkeypatch)
    with pytest.raises(WrongAsWritten, match="acme-kindness") as refused:
        all_checks()
    assert said in str(refused.value)


def test_the_catalogue_cannot_be_changed():
    with pytest.raises(TypeError):
        all_checks()["mine"] = object  # type: ignore[index]


def test_every_check_has_a_summary_and_parameters_people_can_read():
    for name, check in all_checks().items():
        assert check.summary or name == "kind", name
        assert all(parameter.name and parameter.type for parameter in parameters_of(check))


def test_every_shipped_rubric_has_a_question():
    assert {"answers_the_question", "faithful"} <= {name for name, _ in rubric_questions()}


def test_a_parameter_is_described_by_the_sentence_under_it():
    described = {parameter.name: parameter.description for parameter in parameters_of(all_checks()["recorded"])}
    assert described["column"]
    assert described["where"].startswith("Columns and the values they must have")
