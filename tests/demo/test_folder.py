"""The demo's folder: written once, refreshed, and never over somebody's work."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalgate.core.errors import WrongAsWritten
from evalgate.demo.folder import MARKER, write_folder
from evalgate.demo.replies import MODEL
from evalgate.suites.loading import load_suite
from evalgate.suites.samples import sample_files
from evalgate.suites.suite import Suite
from evalgate.wiring.catalogue import all_checks

WRITTEN = {MARKER, "suite.yaml", "baseline.jsonl", "candidate.jsonl", "fixed.jsonl", "packs/brand.yaml"}


def suite_in(folder: Path) -> Suite:
    return load_suite(folder / "suite.yaml", all_checks())


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_new_folder_holds_a_suite_that_loads_with_its_data(tmp_path: Path) -> None:
    changed = write_folder(tmp_path / "a" / "demo")

    suite = suite_in(tmp_path / "a" / "demo")
    assert changed == ()
    assert set(content(tmp_path / "a" / "demo")) == WRITTEN
    assert [file.inventory().rows for file in sample_files(suite) if file] == [261, 261]


def test_the_suite_demands_what_the_docs_say(tmp_path: Path) -> None:
    write_folder(tmp_path)

    suite = suite_in(tmp_path)

    assert {name: check.kind for name, check in suite.checks.items()} == {
        "no_pii": "pii",
        "on_brand": "banned_terms",
        "grounded_numbers": "numbers_grounded",
        "same_language": "language",
        "no_upsell": "banned_terms",
        "answers": "rubric",
        "faithful": "rubric",
    }
    demands = [(gate.metric, rule.kind, gate.by) for gate in suite.gates for rule in gate.rules]
    assert demands == [
        ("no_pii", "never", ()),
        ("on_brand", "never", ()),
        ("grounded_numbers", "never", ()),
        ("same_language", "never", ()),
        ("no_upsell", "never", ()),
        ("answers", "at_least", ("locale",)),
        ("answers", "no_worse_than", ("locale",)),
        ("faithful", "no_worse_than", ()),
    ]
    assert (suite.judge, suite.uncalibrated, suite.prices[MODEL].input) == (MODEL, True, 0)


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    write_folder(tmp_path)
    before = content(tmp_path)

    changed = write_folder(tmp_path)

    assert changed == ()
    assert content(tmp_path) == before


def test_what_somebody_changed_is_kept_and_named(tmp_path: Path) -> None:
    write_folder(tmp_path)
    suite = tmp_path / "suite.yaml"
    suite.write_text(suite.read_text(encoding="utf-8").replace("0.06, by", "0.10, by"), encoding="utf-8")
    before = content(tmp_path)

    first, again = write_folder(tmp_path), write_folder(tmp_path)

    assert first == again == ("suite.yaml",)
    assert content(tmp_path) == before


def test_a_deleted_file_comes_back(tmp_path: Path) -> None:
    write_folder(tmp_path)
    before = content(tmp_path)
    (tmp_path / "fixed.jsonl").unlink()
    (tmp_path / "packs" / "brand.yaml").unlink()

    write_folder(tmp_path)

    assert content(tmp_path) == before


def test_what_others_put_there_since_stays(tmp_path: Path) -> None:
    write_folder(tmp_path)
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")

    write_folder(tmp_path)

    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "suite.yaml").write_text("mine", encoding="utf-8")

    with pytest.raises(WrongAsWritten, match="holds something else than a demo; name another folder: --to DIR"):
        write_folder(tmp_path)

    assert content(tmp_path) == {"suite.yaml": b"mine"}


def test_a_file_in_the_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("mine", encoding="utf-8")

    with pytest.raises(WrongAsWritten, match="is a file; name another folder"):
        write_folder(tmp_path / "demo")


def test_a_live_judge_is_written_without_the_price_of_the_written_replies(tmp_path: Path) -> None:
    write_folder(tmp_path, judge="gpt-4.1-mini")

    suite = suite_in(tmp_path)
    assert (suite.judge, suite.prices) == ("gpt-4.1-mini", {})


def test_going_live_and_back_rewrites_the_suite(tmp_path: Path) -> None:
    write_folder(tmp_path, judge="gpt-4.1-mini")

    changed = write_folder(tmp_path)

    assert changed == ()
    assert suite_in(tmp_path).judge == MODEL
