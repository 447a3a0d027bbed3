"""A page sends as many statements to the database for much as for little."""

from __future__ import annotations

import pytest

from tests.web.review_scenes import filled, let_in
from tests.web.scenes import House, with_decision, with_run
from tests.web.test_api import statements


def grown(house: House, names: str, samples: int) -> dict[str, str]:
    """Add a suite for each name, with a run and a decision, and a queue; return the last ones' names."""
    store = house.service.store
    for name in names:
        run = with_run(store, name, f"suite-{name}", samples)
        decision = with_decision(store, run, f"suite-{name}")
    filled(house, tuple(f"{names} {number}" for number in range(samples)), name=f"queue-{names}", source=names[0])
    return {"run": run, "decision": decision, "queue": f"queue-{names}"}


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/runs",
        "/runs/{run}",
        "/runs/{run}/samples",
        "/decisions",
        "/decisions/{decision}",
        "/queues",
        "/queues/{queue}/answers",
        "/queues/{queue}/adjudication",
    ],
)
def test_a_page_sends_as_many_statements_for_much_as_for_little(house: House, address: str) -> None:
    let_in(house)
    client, database, sent = house.as_("maintainer"), house.service.store.database, []
    for names, samples in (("b", 2), ("cdef0123", 19)):
        there = address.format(**grown(house, names, samples))
        with statements(database) as said:
            assert client.get(there).status_code == 200
        sent.append(said)
    assert len(sent[0]) == len(sent[1]) > 0
