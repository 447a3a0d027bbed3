"""`traffic plan` as somebody calls it, before anything is stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalgate.cli.app import run
from tests.production.test_planning import SUITE, WATCHED

MONEY = ["--usd-a-month", "40", "--minutes-a-month", "2400"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "support.yaml").write_text(SUITE + WATCHED)
    (tmp_path / "dear.yaml").write_text((SUITE + WATCHED).replace("gpt-4.1-mini", "our-own-model"))
    return tmp_path


def test_without_a_store_it_plans_for_what_is_said_and_makes_none(folder, capsys):
    assert run(["traffic", "plan", "support.yaml", *MONEY, "--items-a-month", "100000", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["items"] == 100_000
    assert told["days"] is None
    assert told["cost_usd"] <= 40
    assert told["paste"].startswith("traffic:\n  control: ")
    assert not (folder / ".evalgate").exists()


def test_without_traffic_it_asks_how_much_there_will_be(folder, capsys):
    assert run(["traffic", "plan", "support.yaml", *MONEY]) == 2
    assert "say --items-a-month N" in capsys.readouterr().err


def test_a_judge_of_unknown_price_is_refused_with_the_line_to_add(folder, capsys):
    assert run(["traffic", "plan", "dear.yaml", *MONEY, "--items-a-month", "100000"]) == 2
    assert "prices: {our-own-model: {input:" in capsys.readouterr().err


def test_a_budget_that_pays_no_sample_is_refused_with_one_that_does(folder, capsys):
    assert run(["traffic", "plan", "support.yaml", "--usd-a-month", "0.1", "--items-a-month", "1000000"]) == 2
    assert "does not pay a sample" in capsys.readouterr().err
