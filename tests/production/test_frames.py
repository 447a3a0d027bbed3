"""Frames of exchanges, scored in one process: what goes in, what comes out, and that nothing is asked twice."""

from __future__ import annotations

import pickle
from collections import Counter
from pathlib import Path

import pytest

from evalgate.core.errors import DataInvalid, ServiceBroke, WrongAsWritten
from evalgate.engines import alone, score_frame
from evalgate.production.shards import SCORED
from evalgate.wiring.frames import scoring_of
from tests.production.shard_scenes import demo_suite, judge, load, shard_frame, write_shard


@pytest.fixture
def suite_path(tmp_path: Path) -> Path:
    return demo_suite(tmp_path / "demo")


def test_a_frame_says_of_every_row_what_the_judges_said(suite_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = shard_frame(load(suite_path), 20)
    with judge(monkeypatch) as replies:
        scored = score_frame(frame, suite_path)
    assert list(scored.columns) == list(SCORED)
    assert Counter(scored["check"]) == {"answers": 20, "faithful": 20}
    assert Counter(scored["state"]) == {"scored": 40}
    assert set(scored["value"]) == {0.0, 1.0}
    assert set(scored["chance"]) == {0.03}
    assert scored["external_id"].tolist() == frame["external_id"].tolist()
    assert all(scored["explanation"])
    assert len(replies.prompts) == 40


def test_what_is_scored_already_passes_through_and_is_not_asked_again(
    suite_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd

    frame = shard_frame(load(suite_path), 12)
    with judge(monkeypatch) as replies:
        half = score_frame(frame.iloc[:8], suite_path)
        asked = len(replies.prompts)
        again = score_frame(half, suite_path)
        mixed = score_frame(pd.concat([half, frame.iloc[8:]]), suite_path)
        whole = score_frame(frame, suite_path)
    pd.testing.assert_frame_equal(again, half)
    pd.testing.assert_frame_equal(mixed, whole)
    assert asked == 8
    assert len(replies.prompts) == 8 + 16 + 24


def test_a_pickled_scoring_gives_the_same_outcomes(suite_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = shard_frame(load(suite_path), 5)
    scoring = scoring_of(suite_path)
    with judge(monkeypatch):
        there = pickle.loads(pickle.dumps(scoring))(frame)  # noqa: S301 - our own bytes
        here = scoring(frame)
    assert there.equals(here)


def test_a_run_whose_key_went_away_half_way_asks_the_rest_alone(
    suite_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = load(suite_path)
    shard, out, journal = tmp_path / "shard.parquet", tmp_path / "out.parquet", str(tmp_path / "journal.db")
    write_shard(shard, suite, 30, row_groups=20)
    frame = shard_frame(suite, 30)
    with judge(monkeypatch) as first:
        score_frame(frame.iloc[:24], suite, journal=journal)
    monkeypatch.delenv("EVALGATE_JUDGE_BASE_URL")
    with pytest.raises(ServiceBroke, match="OPENAI_API_KEY is not set"):
        alone.score(shard, out, suite, journal=journal)
    assert not out.exists()
    with judge(monkeypatch) as second:
        told = alone.score(shard, out, suite, journal=journal)
    assert (told.rows, told.states, told.recalled) == (60, {"scored": 60}, 24)
    assert (len(first.prompts), len(second.prompts)) == (24, 36)
    assert not set(first.prompts) & set(second.prompts)


def test_a_frame_of_another_suite_or_another_check_is_refused(suite_path: Path) -> None:
    frame = shard_frame(load(suite_path), 1)
    with pytest.raises(WrongAsWritten, match="is of the suite 'other', not of 'support'"):
        score_frame(frame.assign(suite="other"), suite_path)
    with pytest.raises(WrongAsWritten, match="it has changed since; write the shard anew"):
        score_frame(frame.assign(digest="00"), suite_path)
    with pytest.raises(WrongAsWritten, match="Did you mean 'faithful'"):
        score_frame(frame.assign(check="faithfull"), suite_path)
    with pytest.raises(DataInvalid, match="no column check, chance"):
        score_frame(frame.drop(columns=["check", "chance"]), suite_path)
    with pytest.raises(DataInvalid, match="the format 2, this evalgate reads 1"):
        score_frame(frame.assign(format=2), suite_path)
    with pytest.raises(DataInvalid, match="neither a sample to look at nor what was said"):
        score_frame(frame.drop(columns=["sample"]), suite_path)
