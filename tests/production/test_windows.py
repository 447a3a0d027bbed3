"""A window is drawn, marked, asked about and estimated, once, on both databases."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

import numpy as np
import orjson
import pytest

from evalgate.core.statistics.sampled import SampledMean, sampled_mean
from evalgate.core.statistics.weighting import Drawn, Strata
from evalgate.store.windows import LeaseLost
from tests.production.scored import (
    HOUR,
    NOON,
    WAIT,
    Hands,
    a_day,
    accept,
    bench,
    by_check,
    close_next,
    exchange,
    next_due,
    opened,
    suite_at,
    triage,
)
from tests.production.scored import rows as table
from tests.providers.server import Far, running

SAYS_NOTHING = {"when": "I cannot say", "label": "does_not_answer"}


@pytest.fixture
def far() -> Iterator[Far]:
    with running({"label": "answers", "rules": [SAYS_NOTHING]}) as server:
        yield server


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(place, hands) -> Iterator:
    with opened(place, hands) as made:
        yield made


def test_a_window_leaves_one_row_a_check_and_the_estimate_of_its_own_sample(store, hands, far, tmp_path):
    suite = suite_at(tmp_path)
    triage(store)
    a_day(store, suite)
    accept(store, suite, [exchange("empty", input=(), output=())])
    hands.now = NOON + HOUR + WAIT
    window = close_next(bench(store, suite, far.url))
    assert window.state == "closed"
    assert next_due(bench(store, suite, far.url)) is None

    interactions = {row["number"]: row for row in table(store, "interaction")}
    scores = [(name, row) for name, row in by_check(store)]
    assert Counter(name for name, _ in scores) == {"brief": 81, "answers": 81}
    judged = [row for name, row in scores if name == "answers"]
    assert Counter((row["state"], row["reason"]) for row in judged)["filtered", "no_content"] == 1
    for row in judged:
        taken = row["state"] == "scored"
        assert taken == (row["chance"] is not None and interactions[row["interaction"]]["draw"] < row["chance"])
    assert {row["stratum"]: row["chance"] for row in judged if row["chance"]} == {"complained": 1.0, "rest": 0.4}

    mean = by_hand([row for row in judged if row["chance"]], interactions)
    stored = {(row["traffic_check"], row["slice"]): row for row in table(store, "traffic_estimate")}
    check = judged[0]["traffic_check"]
    whole = stored[check, ""]
    kept = SampledMean.model_validate(orjson.loads(whole["mean"])["worst"])
    assert (whole["population"], whole["scored"]) == (80, sum(row["state"] == "scored" for row in judged))
    assert math.isclose(whole["point"], mean.point)
    assert kept.model_dump() == pytest.approx(mean.model_dump() | {"suspect": kept.suspect})
    assert (whole["low"], whole["high"]) == pytest.approx(tuple(mean.bounds(0.025)))
    code = stored[next(row["traffic_check"] for name, row in scores if name == "brief"), ""]
    assert (code["population"], code["scored"], code["point"]) == (80, 80, 1.0)
    assert {part for of, part in stored if of == check} == {"", "release=r1", "release=r2"}


def by_hand(drawn: list, interactions: dict) -> SampledMean:
    """Estimate from rows as section 12 says: strata counted in the window, conversations as clusters."""
    names = ["complained", "rest"]
    scored = [row for row in drawn if row["state"] == "scored"]
    sizes = np.array([sum(row["stratum"] == name for row in drawn) for name in names], dtype=float)
    codes = np.array([names.index(row["stratum"]) for row in scored])
    return sampled_mean(
        Drawn(
            np.array([row["value"] for row in scored]),
            np.array([row["chance"] for row in scored]),
            Strata(codes, sizes, np.array([1.0, 0.4])),
            [interactions[row["interaction"]]["conversation"] for row in scored],
        )
    )


def test_people_are_asked_about_what_their_phase_takes_with_its_probability(store, hands, far, tmp_path):
    suite = suite_at(tmp_path)
    triage(store)
    a_day(store, suite)
    hands.now = NOON + HOUR + WAIT
    close_next(bench(store, suite, far.url))
    people = {"complained": 0.5, "rest": 0.1}
    strata = {row["interaction"]: row["stratum"] for name, row in by_check(store) if name == "answers"}
    wanted = {
        (row["sample_digest"], strata[row["number"]], people[strata[row["number"]]])
        for row in table(store, "interaction")
        if row["draw"] < people[strata[row["number"]]]
    }
    items = table(store, "queue_item")
    assert {(row["sample_digest"], row["stratum"], row["probability"]) for row in items} == wanted
    assert wanted
    assert all(orjson.loads(row["judged"]) for row in items)


def test_what_a_lost_worker_began_another_finishes_without_paying_again(store, hands, far, tmp_path):
    suite = suite_at(tmp_path)
    a_day(store, suite)
    hands.now = NOON + HOUR + WAIT
    first = bench(store, suite, far.url)
    store.windows.ensure("support", HOUR, hands.now)
    claim = store.windows.claim("support", "killed", HOUR / 60, hands.now)
    from evalgate.production.drawing import draw
    from evalgate.production.scoring import score

    store.windows.mark(claim)
    draw(first, claim)
    score(first, claim)  # and then it is heard of no more
    answered = far.stats()["answered"]
    hands.now += HOUR
    window = close_next(first)
    assert (window.number, window.attempt) == (claim.window.number, 2)
    assert far.stats()["answered"] == answered > 0
    assert far.stats()["paid_twice"] == 0
    assert window.spent_usd > 0
    with pytest.raises(LeaseLost), store.database.write() as connection:
        store.windows.fenced(connection, claim)


def test_what_does_not_fit_the_month_is_shed_and_widens_the_interval(store, hands, far, tmp_path):
    text = suite_at(tmp_path).path.read_text().replace("  control:", "  spend_cap_usd_a_month: 0.004\n  control:")
    suite = suite_at(tmp_path, text)
    a_day(store, suite)
    hands.now = NOON + HOUR + WAIT
    window = close_next(bench(store, suite, far.url))
    states = Counter((row["state"], row["reason"]) for name, row in by_check(store) if name == "answers")
    assert states["shed", "over_budget"] > 0
    assert 0 < window.spent_usd <= 0.004
    whole = next(row for row in table(store, "traffic_estimate") if row["slice"] == "" and row["scored"] < 80)
    assert whole["high"] - whole["low"] > 0.5


def test_a_closed_window_scored_again_is_a_version_beside_it_and_pays_nothing_twice(store, hands, far, tmp_path):
    suite = suite_at(tmp_path)
    a_day(store, suite)
    hands.now = NOON + HOUR + WAIT
    at = bench(store, suite, far.url)
    first = close_next(at)
    answered = far.stats()["answered"]
    (second,) = store.windows.again([first])
    hands.now += HOUR / 60
    assert close_next(at).version == second.version == 2
    assert far.stats()["answered"] == answered
    assert len({row["window"] for row in table(store, "traffic_estimate")}) == 2
    assert store.windows.get(first.number) == first
