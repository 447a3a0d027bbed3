"""Closed windows pooled: the numbers that the sample itself gives, and what is told of one that is not known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import pytest
from sqlalchemy import insert

from evalgate.core.labels import Label
from evalgate.core.metrics import InProduction, Metric
from evalgate.core.sampled import Sampled
from evalgate.core.statistics.labelled import Labels, corrected_mean
from evalgate.core.statistics.sampled import sampled_mean, sampled_pool
from evalgate.core.statistics.weighting import Drawn, Strata
from evalgate.production.evidence import Question, pooled_production
from evalgate.store.engine import Store
from evalgate.store.tables import metadata
from tests.production.closed import checked, write

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
DIGEST = "d" * 32


class Item(NamedTuple):
    """One interaction of a window, as a judge's row says it."""

    draw: float
    state: str
    value: float | None
    stratum: str | None = "rest"
    chance: float | None = 0.2
    conversation: str = ""
    reason: str | None = None


def asked(days: int = 1, until: datetime = NOON) -> Question:
    return Question("support", "answers", "", DIGEST, "answers", days, until)


def closed(store: Store, check: int, items: Sequence[Item], end: datetime = NOON, version: int = 1) -> None:
    """Close a day that ends then."""
    span = {"starts_at": end - DAY, "ends_at": end, "version": version}
    given: dict[str, Any] = {"project": store.project, "suite": "support", "state": "closed", "attempt": 1}
    write(store, "traffic_window", **given, **span, spent_usd=0.0)
    if version > 1 or not items:
        return
    rows = [
        {
            "project": store.project,
            "source": "api",
            "external_id": f"{end:%m%d}-{place}",
            "state": "complete",
            "version": 1,
            "received_at": end - DAY / 2,
            "completed_at": end - DAY / 2,
            "conversation": one.conversation or f"{end:%m%d}-{place}",
            "draw": one.draw,
            "sample_digest": f"{place:016x}" + "0" * 16,
            "facts": "{}",
        }
        for place, one in enumerate(items)
    ]
    item = metadata.tables["interaction"]
    with store.database.write() as connection:
        made = insert(item).returning(item.c.number, sort_by_parameter_order=True)
        numbers = connection.execute(made, rows).scalars().all()
        said = [
            {"interaction": number, "traffic_check": check}
            | {name: getattr(one, name) for name in ("state", "value", "stratum", "chance", "reason")}
            for number, one in zip(numbers, items, strict=True)
        ]
        connection.execute(insert(metadata.tables["traffic_score"]), said)


def sample(rng: np.random.Generator, many: int = 1_200, bad: float = 0.15) -> list[Item]:
    """Return a day under a judge: complaints all scored, the rest by .2; two interactions a conversation."""
    items = []
    for place in range(many):
        draw = float(np.random.default_rng(place // 2).random())
        stratum, chance = ("complained", 1.0) if place % 40 == 0 else ("rest", 0.2)
        taken = draw < chance
        value = float(rng.random() > bad) if taken else None
        conversation = f"c-{place // 2}"
        items.append(Item(draw, "scored" if taken else "sampled_out", value, stratum, chance, conversation))
    return items


def by_hand(items: Sequence[Item]) -> Drawn:
    """Return the sample as section 12 writes it."""
    taken = [one for one in items if one.state == "scored"]
    names = sorted({str(one.stratum) for one in items})
    codes = np.array([names.index(str(one.stratum)) for one in taken])
    sizes = np.array([sum(one.stratum == name for one in items) for name in names], dtype=float)
    values, chances = (np.array([getattr(one, name) for one in taken]) for name in ("value", "chance"))
    return Drawn(values, chances, Strata(codes, sizes), np.array([one.conversation for one in taken]))


def level(found: InProduction) -> Metric:
    assert found.level is not None
    return found.level


def test_the_pooled_mean_is_that_of_the_sample_in_all_its_windows(store: Store) -> None:
    check = checked(store, "answers", "llm")
    days = [sample(np.random.default_rng(seed)) for seed in (1, 2)]
    for place, items in enumerate(days):
        closed(store, check, items, NOON - place * DAY)
    closed(store, check, (), version=2)

    found = pooled_production(store, asked(2))

    assert (found.windows, found.covered, found.population, found.silent_days) == (2, 1.0, 2_400, 0)
    told = sampled_mean(by_hand([*days[0], *days[1]]))
    assert level(found).estimate.model_dump(exclude={"kind"}) == told.model_dump()
    assert level(found).lowest == level(found).highest == level(found).estimate


def test_a_check_that_is_not_for_some_is_estimated_over_those_that_it_is_for(sqlite_store: Store) -> None:
    items = [
        one._replace(state="not_applicable", value=None) if one.state == "scored" and place % 3 == 0 else one
        for place, one in enumerate(sample(np.random.default_rng(3)))
    ]
    closed(sqlite_store, checked(sqlite_store, "answers", "llm"), items)
    found = pooled_production(sqlite_store, asked())
    scored = [one for one in items if one.state == "scored"]
    weights = np.array([1 / (one.chance or 1) for one in scored])
    point = float(np.average([one.value or 0.0 for one in scored], weights=weights))
    assert level(found).estimate.point == pytest.approx(point)
    assert 600 < found.population < 1_000
    assert level(found).not_applicable == sum(one.state == "not_applicable" for one in items)


def test_probabilities_that_the_control_slice_contradicts_are_suspect(sqlite_store: Store) -> None:
    # What has a draw below the smallest probability is worse than the rest: not the draw alone decided who was taken.
    items = [Item(draw, "scored", 1.0, "a", 0.3) for draw in np.linspace(0.001, 0.299, 300)]
    items = [one._replace(value=0.0) if one.draw < 0.1 and place % 3 else one for place, one in enumerate(items)]
    items += [Item(0.5, "sampled_out", None, "a", 0.3) for _ in range(700)]
    items += [Item(0.05, "scored", float(place % 8 != 0), "b", 0.1) for place in range(100)]
    items += [Item(0.5, "sampled_out", None, "b", 0.1) for _ in range(900)]
    closed(sqlite_store, checked(sqlite_store, "answers", "llm"), items)
    found = level(pooled_production(sqlite_store, asked()))
    ends = [each for each in (found.estimate, found.lowest, found.highest) if isinstance(each, Sampled)]
    assert [each.reason for each in ends] == ["suspect_weights"] * 3


@pytest.mark.parametrize(
    "broken",
    [Item(0.1, "filtered", None, None, None, reason="before_check"), None],
    ids=["came before the check", "no row at all"],
)
def test_a_window_that_the_check_saw_in_part_does_not_count(sqlite_store: Store, broken: Item | None) -> None:
    check = checked(sqlite_store, "answers", "llm")
    items = sample(np.random.default_rng(5), 100)
    closed(sqlite_store, check, [*items, *([broken] if broken else [])])
    if broken is None:
        write(sqlite_store, "interaction", **stray(sqlite_store))
    found = pooled_production(sqlite_store, asked())
    assert (found.windows, found.other_windows, found.level) == (0, 1, None)


@pytest.mark.parametrize(
    ("days", "late", "windows"), [(1, timedelta(hours=23), 1), (1, timedelta(days=1, hours=1), 1), (1, 5 * DAY, 0)]
)
def test_the_days_end_with_the_last_window_and_not_with_the_clock(
    sqlite_store: Store, days: int, late: timedelta, windows: int
) -> None:
    closed(sqlite_store, checked(sqlite_store, "answers", "llm"), sample(np.random.default_rng(8), 100))
    found = pooled_production(sqlite_store, asked(days, NOON + late))
    assert (found.windows, found.silent_days) == (windows, 0)


def stray(store: Store) -> dict[str, Any]:
    """Return a complete interaction of the window that no row speaks of."""
    at = {"received_at": NOON - DAY / 2, "completed_at": NOON - DAY / 2}
    whole = {"project": store.project, "source": "api", "external_id": "stray", "state": "complete", "version": 1}
    return {**whole, **at, "conversation": "stray", "draw": 0.5, "facts": "{}"}


def test_what_was_filtered_is_no_part_of_it_and_a_window_without_traffic_covers_its_time(sqlite_store: Store) -> None:
    check = checked(sqlite_store, "answers", "llm")
    items = sample(np.random.default_rng(6))
    closed(sqlite_store, check, [*items, *[Item(0.5, "filtered", None, None, None, reason="where")] * 50])
    closed(sqlite_store, check, (), NOON - DAY)
    found = pooled_production(sqlite_store, asked(2))
    assert (found.windows, found.covered, found.population) == (2, 1.0, 1_200)


def test_peoples_labels_correct_the_judge_as_section_11_says(sqlite_store: Store) -> None:
    items = sample(np.random.default_rng(7))
    closed(sqlite_store, checked(sqlite_store, "answers", "llm"), items)
    drawn = by_hand(items)
    places = [place for place, one in enumerate(items) if one.state == "scored"]
    people, chances = np.full(len(places), np.nan), np.full(len(places), np.nan)
    labels = []
    for row, place in enumerate(places):
        if row % 4:
            continue
        people[row], chances[row] = float(place % 5 > 0), 0.25 * drawn.chances[row]
        labels.append(label(place, people[row], chances[row]))
    sqlite_store.labels.keep(labels)
    found = level(pooled_production(sqlite_store, asked())).corrected
    told = corrected_mean(Labels(drawn.values, people, chances, drawn.clusters, sampled_pool(drawn)))
    assert found is not None
    assert found.model_dump(exclude={"kind"}) == told.model_dump()
    assert found.point < level(pooled_production(sqlite_store, asked())).estimate.point


def label(place: int, value: float, chance: float) -> Label:
    return Label(
        check="answers",
        sample_digest=f"{place:016x}" + "0" * 16,
        case_id=f"api:{place}",
        value=value,
        label="yes" if value else "no",
        probability=chance,
        split="test",
        source="queue:triage",
        at=NOON,
    )
