"""A house in which everything there is to see has happened: runs, decisions, queues in every state, a refusal."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from evalgate.core.review import QueueSettings
from tests.reports.scenes import failing, hostile, undecided
from tests.store.scenes import ANSWERS
from tests.web.furnished import with_scene
from tests.web.review_scenes import BAD, GOOD, PLAIN, filled, let_in
from tests.web.scenes import House, with_decision
from tests.web.traffic_scene import with_traffic

LONG = "Tarda tres días hábiles en llegar. " * 12
PRACTICE = QueueSettings(**{**PLAIN.model_dump(), "practice": 1})
GOLD = QueueSettings(**{**PLAIN.model_dump(), "gold_rate": 1})


def inhabit(house: House) -> Mapping[str, object]:
    """Let everything happen in a house, and return the names that addresses of pages are filled in with."""
    store = house.service.store
    with_scene(store, undecided())
    with_scene(store, hostile())
    told = with_scene(store, failing())
    with_decision(store, house.run, verdict="inconclusive")
    let_in(house)
    filled(house, (LONG, "Dos días.", "No lo sé.", "Mañana.", "Hoy."), PLAIN)
    filled(house, ("Uno.", "Dos."), PRACTICE, reason="practice", name="practice", source="c")
    filled(house, ("Tres.", "Cuatro."), GOLD, reason="gold", name="gold", source="d")
    filled(house, ("Un texto duro.", "Otro."), PLAIN, harm="violence", name="harm", source="e")
    filled(house, (), PLAIN, name="empty", source="f")
    traffic = with_traffic(store)
    bea, rui = house.as_("bea"), house.as_("rui")
    disputed = answer(bea, "support", BAD | {"comment": "No dice los días.", "flagged": True})
    answer(rui, "support", GOOD | {"comment": "Sí los dice."})
    mine = answer(bea, "support", GOOD)
    practised = answer(bea, "practice", BAD)
    gold = answer(bea, "gold", BAD | {"contested": True, "comment": "La respuesta esperada es otra."})
    settled = answer(bea, "support", GOOD)
    for _ in range(2):
        answer(rui, "support", GOOD)
    return {
        **told._asdict(),
        "run_id": told.candidate,
        "decision_id": told.decision,
        "queue": "support",
        "token": "t",
        "item": mine,
        "practised": practised,
        "gold": gold,
        "disputed": disputed,
        "settled": settled,
        "metric": "answers",
        "suite": "support",
        "window": traffic.window,
        "interaction": traffic.interaction,
        "erased": traffic.interactions[26],
        "alert": traffic.alert,
        "digest": ANSWERS.digest,
    }


def answer(client: httpx.Client, queue: str, given: Mapping[str, object]) -> int:
    """Claim the next item of a queue for somebody, answer it and give its number."""
    place = f"/api/v1/queues/{queue}"
    item = client.post(f"{place}/claim").raise_for_status().json()["item"]
    sent = {"slot": item["slot"], "token": item["token"], "given": given}
    client.post(f"{place}/items/{item['item']}/answer", json=sent).raise_for_status()
    number: int = item["item"]
    return number
