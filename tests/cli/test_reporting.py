"""`--report`: what it may say, and what it refuses before anything is spent."""

from __future__ import annotations

import pytest

from evalgate.cli.reporting import check_writable, parse_reports, write
from evalgate.core.errors import ServiceBroke, WrongAsWritten


def test_formats_are_named_or_told_by_the_suffix(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wanted = parse_reports(["html=out/a.html,junit=b.xml", "c.md"], suites=1)
    assert [(one.format, str(one.path)) for one in wanted] == [
        ("html", "out/a.html"),
        ("junit", "b.xml"),
        ("markdown", "c.md"),
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("htm=a.html", "Did you mean 'html'?"),
        ("pdf=a.pdf", "Known: html"),
        ("html=", "the path is missing"),
        ("report.txt", "write FORMAT=PATH"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_write(written, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongAsWritten, match="--report") as refused:
        parse_reports([written], suites=1)
    assert said in str(refused.value)


def test_several_suites_need_their_name_in_the_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongAsWritten, match=r"\{suite\}"):
        parse_reports(["json=a.json"], suites=2)
    assert parse_reports(["json={suite}.json"], suites=2)


def test_trying_a_path_leaves_nothing_behind(tmp_path):
    check_writable(tmp_path / "deep" / "report.html")
    assert list((tmp_path / "deep").iterdir()) == []
    kept = tmp_path / "kept.md"
    kept.write_text("before", encoding="utf-8")
    check_writable(kept)
    assert kept.read_text(encoding="utf-8") == "before"


def test_a_report_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "r.md"
    write(path, "ação ✓")
    assert path.read_text(encoding="utf-8") == "ação ✓"
    path.unlink()
    path.mkdir()
    with pytest.raises(ServiceBroke, match=r"r\.md"):
        write(path, "again")
    assert [one.name for one in tmp_path.iterdir()] == ["r.md"]
