"""`traffic shard`, `score-shard` and `import-scores` at the command line: what they say, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalgate.cli.app import run
from tests.production.shard_scenes import demo_suite, judge, load, write_shard


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = demo_suite(tmp_path / "demo")
    path.write_text(path.read_text(encoding="utf-8") + "\ntraffic: {}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVALGATE_TRAFFIC_SUITES", str(path))
    return path


def test_a_shard_is_scored_once_and_its_scores_find_nothing_here_to_be_of(
    suite: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_shard(Path("shard.parquet"), load(suite), 6, row_groups=6)
    with judge(monkeypatch):
        assert run(["traffic", "score-shard", "shard.parquet", "scored.parquet"]) == 0
        first = capsys.readouterr().out
        assert run(["traffic", "score-shard", "shard.parquet", "scored.parquet"]) == 0
    second = capsys.readouterr().out
    assert first == "12 rows: scored 12\n12 questions asked, 0 answered before, $0.00\nscored.parquet\n"
    assert "0 questions asked, 12 answered before" in second
    assert run(["traffic", "import-scores", "scored.parquet"]) == 0
    said = capsys.readouterr().out
    assert "0 scores written, 0 were there already\n12 are of exchanges that are not stored here: file:" in said
    assert said.endswith(" and 1 more\n")
    assert run(["traffic", "shard", "--since", "2026-11-21", "--until", "2026-11-21T03:00"]) == 0
    assert "0 questions about 0 exchanges of 0 windows" in capsys.readouterr().out


def test_what_is_wrong_as_written_is_one_line_and_exit_code_2(
    suite: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("words.parquet").write_text("no Parquet", encoding="utf-8")
    assert run(["traffic", "score-shard", "words.parquet", "out.parquet"]) == 2
    assert run(["traffic", "score-shard", "nowhere", "out.parquet"]) == 2
    assert run(["traffic", "import-scores", "nowhere.parquet"]) == 2
    assert run(["traffic", "shard", "--since", "yesterday"]) == 2
    monkeypatch.delenv("EVALGATE_TRAFFIC_SUITES")
    assert run(["traffic", "import-scores", "words.parquet"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["evalgate"] * 5
    assert "words.parquet: not a Parquet file" in lines[0]
    assert "name a shard or a folder of shards" in lines[1]
    assert "named are none; name it with --suite" in lines[4]
    assert not Path("out.parquet").exists()
