"""Windows are made without gaps, claimed once, fenced, and closed for good, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest

from evalgate.store.engine import Store
from evalgate.store.windows import LeaseLost
from tests.production.closed import interaction
from tests.production.scored import HOUR, NOON, Hands, accept, exchange, opened, rows, suite_at

LEASE = timedelta(minutes=1)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(place: str, hands: Hands) -> Iterator[Store]:
    with opened(place, hands) as made:
        yield made


def spans(store: Store) -> list[tuple[float, float]]:
    """Give the windows as hours after noon."""
    far = 1000 * HOUR
    return [
        ((one.starts_at - NOON) / HOUR, (one.ends_at - NOON) / HOUR)
        for one in store.windows.list("s", NOON - far, NOON + far)
    ]


def test_windows_are_made_from_the_first_interaction_and_leave_no_gap_when_their_length_changes(store):
    assert store.windows.ensure("s", HOUR, NOON) == 0
    interaction(store, NOON + 0.5 * HOUR, "a")
    assert store.windows.ensure("s", HOUR, NOON + 2.9 * HOUR) == 2
    assert store.windows.ensure("s", HOUR, NOON + 2.9 * HOUR) == 0
    assert store.windows.ensure("s", 4 * HOUR, NOON + 9 * HOUR) == 2
    assert spans(store) == [(0, 1), (1, 2), (2, 4), (4, 8)]


def test_a_range_gets_the_windows_it_lacks(store):
    interaction(store, NOON, "a")
    store.windows.ensure("s", HOUR, NOON + HOUR)
    found = store.windows.fill("s", HOUR, NOON - 1.5 * HOUR, NOON + 2.5 * HOUR, NOON + 2.2 * HOUR)
    assert spans(store) == [(-2, -1), (-1, 0), (0, 1), (1, 2)]
    assert len(found) == 4


def test_a_window_goes_to_one_worker_and_after_its_lease_to_another_with_a_higher_fence(store, hands, place):
    interaction(store, NOON, "a")
    store.windows.ensure("s", HOUR, NOON + 2 * HOUR)
    with opened(place, hands) as other, ThreadPoolExecutor(2) as both:
        claims = list(both.map(lambda at: at.windows.claim("s", at.id, LEASE, NOON + 2 * HOUR), (store, other)))
        assert sorted(one.window.starts_at for one in claims) == [NOON, NOON + HOUR]
        assert other.windows.claim("s", "late", LEASE, NOON + 2 * HOUR) is None
        hands.now += LEASE
        mine = next(one for one in claims if one.window.starts_at == NOON)
        taken = other.windows.claim("s", "late", LEASE, NOON + 2 * HOUR)
        assert taken is not None
        assert (taken.window.number, taken.attempt) == (mine.window.number, mine.attempt + 1)
        with pytest.raises(LeaseLost):
            store.windows.renew(mine, LEASE)
        with pytest.raises(LeaseLost), store.database.write() as connection:
            store.windows.close(connection, mine, suite_digest="d", counts={}, estimates=[])
        with other.database.write() as connection:
            closed = other.windows.close(connection, taken, suite_digest="d", counts={"n": 1}, estimates=[])
    assert (closed.state, closed.counts) == ("closed", {"n": 1})
    hands.now += LEASE
    assert store.windows.claim_this(closed.number, "w", LEASE) is None


def test_a_window_waits_for_who_is_writing_and_whoever_writes_later_falls_behind_it(store, hands, place, tmp_path):
    interaction(store, NOON, "a")
    store.windows.ensure("s", HOUR, NOON + HOUR)
    claim = store.windows.claim("s", "w", LEASE, NOON + HOUR)
    with opened(place, hands) as other, ThreadPoolExecutor(1) as closer:
        with store.database.write() as connection:
            store.interactions._moment(connection)
            marking = closer.submit(other.windows.mark, claim)
            assert wait([marking], timeout=0.3).not_done
        marking.result(timeout=10)
    suite = suite_at(tmp_path)
    accept(store, suite, [exchange("late")])  # by a server whose clock still says noon
    assert max(row["completed_at"] for row in rows(store, "interaction")) > claim.window.ends_at


def test_a_month_counts_what_was_paid_in_it(store, hands):
    interaction(store, NOON, "a")
    store.windows.ensure("s", HOUR, NOON + HOUR)
    claim = store.windows.claim("s", "w", LEASE, NOON + HOUR)
    with store.database.write() as connection:
        store.windows.pay(connection, claim, 0.25)
        store.windows.pay(connection, claim, 0.5)
        assert store.windows.spent(connection) == 0.75
        hands.now += timedelta(days=10)
        assert store.windows.spent(connection) == 0.0
