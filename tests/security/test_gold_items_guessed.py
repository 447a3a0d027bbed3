"""Who can tell the items that test them answers those with care and the rest without: then gold measures nobody.

Known of crowd work since it exists. A hidden gold item is told from no other by its numbers, its page, its place in the
order, what is counted, what an answer to it brings, or what becomes of it afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from evalgate.core.review import QueueSettings
from evalgate.store.gold_draws import before, drawn
from evalgate.store.items import Judged, NewItem
from evalgate.web.disguise import meant
from tests.store.scenes import manifest, marked, summary
from tests.web.reading import HTML
from tests.web.review_scenes import BAD, GOOD, QUEUE, claimed, filled, let_in
from tests.web.scenes import House

PLAIN, GOLD = 24, 8
SETTINGS = QueueSettings(practice=0, gold_rate=0.3, max_extra=1)
PAGE = "/queues/support/review"


@pytest.fixture
def desk(house: House) -> House:
    """A queue of plain items, and gold ones that came afterwards."""
    let_in(house)
    filled(house, tuple(f"Respuesta {number}." for number in range(PLAIN)), SETTINGS)
    _with_gold(house)
    return house


def _with_gold(house: House) -> None:
    store = house.service.store
    made = manifest("d")
    store.runs.start(made)
    samples = [marked(number, f"Oro {number}.") for number in range(GOLD)]
    store.runs.writer(made.id).keep(samples)
    store.runs.finish(made.id, summary(made, GOLD))
    judged = Judged(check="answers", digest="2" * 32, value=0.0, label="not_answered", explanation="No.")
    items = [
        NewItem(
            sample_digest=one.sample_digest,
            case_id=one.sample.case.id,
            run=store.runs.get(made.id).number,
            position=one.position,
            language="es",
            split="test",
            reason="gold",
            expected=GOOD["answers"],
            judged=(judged,),
        )
        for one in samples
    ]
    store.items.add(store.queues.get("support"), items)


def is_gold(item: dict) -> bool:
    return item["content"]["text"].startswith("Oro")


def worked(client: httpx.Client, given: dict, most: int = PLAIN + GOLD) -> Iterator[tuple[dict, dict]]:
    """Answer until nothing is left; yield what was handed out and what the answer brought."""
    for _ in range(most):
        item = client.post(f"{QUEUE}/claim").json()["item"]
        if item is None:
            return
        sent = {"slot": item["slot"], "token": item["token"], "given": given}
        answer = client.post(f"{QUEUE}/items/{item['item']}/answer", json=sent)
        assert answer.status_code == 200, answer.text
        yield item, answer.json()


def said_by_kind(answers: list[tuple[dict, dict]]) -> tuple[list[dict], list[dict]]:
    """Give what plain and what gold items brought."""
    return [said for item, said in answers if not is_gold(item)], [said for item, said in answers if is_gold(item)]


def test_what_is_left_falls_by_one_with_every_answer(desk: House) -> None:
    bea, seen, kinds = desk.as_("bea"), [], []
    total = bea.get("/api/v1/queues/support").json()["mine"]["waiting"]
    for _ in range(total):
        page = bea.get(PAGE, headers={**HTML, "Accept-Language": "en"}).text
        listed = bea.get("/api/v1/queues/support").json()["mine"]
        [(done, left)] = re.findall(r"(\d+) done · (\d+) left", page)
        seen.append((int(done), int(left), listed["done"], listed["waiting"] + 1))
        [(item, _)] = worked(bea, GOOD, most=1)
        kinds.append(is_gold(item))
    assert 2 <= sum(kinds) <= GOLD
    assert kinds.count(False) == PLAIN
    assert seen == [(number, total - number, number, total - number) for number in range(total)]
    assert bea.post(f"{QUEUE}/claim").json() == {"item": None}


def test_no_number_tells_gold(desk: House) -> None:
    answers = list(worked(desk.as_("bea"), GOOD))
    gold = [item for item, _ in answers if is_gold(item)]
    plain = [item for item, _ in answers if not is_gold(item)]
    numbers = [item["item"] for item, _ in answers]
    assert len(gold) >= 2
    # Not in the order in which they came, gold not above or below all others.
    assert sorted(item["item"] for item in plain) != [item["item"] for item in plain]
    assert min(item["item"] for item in plain) < max(item["item"] for item in gold)
    assert max(item["item"] for item in plain) > min(item["item"] for item in gold)
    assert len({(item["slot"], item["token"]) for item, _ in answers}) == len(numbers) == len(set(numbers))
    store = desk.service.store
    assert {meant(store, number) for number in numbers} <= set(range(1, PLAIN + GOLD + 1))
    user = desk.service.access.user("bea")
    assert user is not None
    assert user.number not in {item["slot"] for item in gold}


def test_the_page_of_a_gold_item_is_that_of_any_other(desk: House) -> None:
    bea = desk.as_("bea")
    pages: dict[bool, set[str]] = {}
    list(worked(bea, GOOD, most=1))  # from then on there is an answer to take back
    for _ in range(bea.get("/api/v1/queues/support").json()["mine"]["waiting"]):
        item = claimed(bea)
        page = bea.get(PAGE, headers=HTML).text
        plain = page.replace(item["content"]["text"], "TEXT").replace(str(item["content"]["input"]), "ASKED")
        pages.setdefault(is_gold(item), set()).add(re.sub(r"\d+", "#", plain))
        list(worked(bea, GOOD, most=1))
    assert len(pages[True]) == len(pages[False]) == 1
    assert pages[True] == pages[False]


def test_an_answer_to_gold_brings_what_an_answer_to_any_other_brings(desk: House) -> None:
    plain, gold = said_by_kind(list(worked(desk.as_("bea"), GOOD)))
    assert {(said["closed"], said["expected"], said["explanation"]) for said in plain + gold} == {(False, None, None)}
    assert {tuple(said) for said in plain} == {tuple(said) for said in gold}


@pytest.mark.parametrize(("second", "closes"), [(GOOD, True), (BAD, False)], ids=["agrees", "disagrees"])
def test_what_becomes_of_gold_is_what_becomes_of_any_other(desk: House, second: dict, closes: bool) -> None:
    bea, rui = desk.as_("bea"), desk.as_("rui")
    first = {meant(desk.service.store, item["item"]) for item, _ in worked(bea, GOOD)}
    answers = [(i, said) for i, said in worked(rui, second) if meant(desk.service.store, i["item"]) in first]
    plain, gold = said_by_kind(answers)
    assert {said["closed"] for said in plain} == {said["closed"] for said in gold} == {closes}
    both = {item["item"] for item, _ in answers}
    mine = {one["item"]: one for one in rui.get(f"{QUEUE}/answers?limit=200").json()["answers"]}
    shapes = {
        kind: {(mine[n]["editable"], mine[n]["peers"] is None, len(mine[n]["judged"] or ())) for n in both & numbers}
        for kind, numbers in _numbers(answers).items()
    }
    assert shapes["gold"] == shapes["plain"]
    edits = {
        kind: {rui.put(f"{QUEUE}/items/{n}/answer", json={"given": second}).status_code for n in both & numbers}
        for kind, numbers in _numbers(answers).items()
    }
    assert edits["gold"] == edits["plain"]


def _numbers(answers: list[tuple[dict, dict]]) -> dict[str, set[int]]:
    return {
        "gold": {item["item"] for item, _ in answers if is_gold(item)},
        "plain": {item["item"] for item, _ in answers if not is_gold(item)},
    }


def test_a_reviewer_does_not_see_how_far_the_queue_is(desk: House) -> None:
    """An answer that moved nothing there would have been one to a gold item."""
    bea = desk.as_("bea")
    assert bea.get("/api/v1/queues/support").json()["progress"] is None
    assert bea.get("/api/v1/queues").json()["queues"][0]["progress"] is None
    assert bea.get("/api/v1/queues/support/progress").status_code == 403
    assert desk.as_("zoe").get("/api/v1/queues/support").json()["progress"]["open"] == PLAIN + GOLD
    page = {who: desk.as_(who).get("/queues", headers={**HTML, "Accept-Language": "en"}).text for who in ("bea", "zoe")}
    assert [who for who, text in page.items() if " closed" in text] == ["zoe"]


def test_when_gold_comes_cannot_be_reckoned_without_the_stores_secret(desk: House) -> None:
    queue = desk.service.store.queues.get("support")
    draws = {
        secret: tuple(drawn(secret, queue, 1, answered) for answered in range(400))
        for secret in (b"a" * 32, b"b" * 32, desk.service.store.secret)
    }
    assert len(set(draws.values())) == 3
    assert all(0.2 < sum(one) / 400 < 0.4 for one in draws.values())
    assert draws[b"a" * 32] != tuple(drawn(b"a" * 32, queue, 2, answered) for answered in range(400))


def test_the_count_of_a_large_queue_costs_little_and_counts_all(desk: House) -> None:
    queue = desk.service.store.queues.get("support")
    assert before(b"a" * 32, queue, 1, 0, 100_000, 0) == 100_000
    assert before(b"a" * 32, queue, 1, 0, 100_000, 10) == 100_010
    assert before(b"a" * 32, queue, 1, 0, 0, 0) == 0
