"""What a scrape says of production traffic: what windows said, true figures, and nothing that is not known."""

from __future__ import annotations

import pytest

from evalgate.web.traffic_metrics import GAUGES
from tests.production.closed import busy
from tests.web.scenes import House
from tests.web.test_metrics import scraped


def series(metric: str, of: str = "") -> tuple[str, ...]:
    """Give the labels of a series in the order in which they are written, that of their names."""
    return metric, "1", of, "support"


@pytest.mark.parametrize("where", ["sqlite_house", "postgres_house"])
def test_a_scrape_tells_what_the_newest_closed_window_said(where: str, request: pytest.FixtureRequest) -> None:
    house: House = request.getfixturevalue(where)
    end = busy(house.service.store)
    told = scraped(house)
    lag = (house.service.store.database.clock() - end).total_seconds()
    assert told["evalgate_window_lag_seconds", "1", "support"] == pytest.approx(lag, abs=30)
    assert told["evalgate_window_seconds", "1", "support"] == 3600
    assert [told[f"evalgate_score{name}", *series("answers.tone")] for name in ("", "_low", "_high")] == [
        0.5,
        0.25,
        0.75,
    ]
    assert [
        told[f"evalgate_score{name}", *series("answers.tone", "release=2")] for name in ("", "_population", "_items")
    ] == [0.125, 3, 2]
    assert told["evalgate_score_population", *series("no_pii")] == 8
    items = {key[2]: value for key, value in told.items() if key[0] == "evalgate_window_items"}
    assert items == {"scored": 5, "failed": 1, "shed": 2}
    assert told["evalgate_alert", "answers.tone", "1", "", "ALERT", "support"] == 1
    assert told["evalgate_spend_usd", "1"] == 0.75
    assert told[("evalgate_worker_last_seen_seconds",)] == pytest.approx(40, abs=30)


def test_what_is_not_known_is_left_out_and_never_0(house: House) -> None:
    assert not {key[0] for key in scraped(house)} & set(GAUGES)
    busy(house.service.store)
    told = scraped(house)
    assert ("evalgate_score", *series("answers.tone", "release=3")) not in told
    assert told["evalgate_score_items", *series("answers.tone", "release=3")] == 0
