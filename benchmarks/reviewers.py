"""Fifty people answer two thousand items at once through the API; some vanish with an item open.

Each reviewer is a session of a browser: it claims, thinks, answers. Who vanishes sends no heartbeat any more, as when
a laptop is shut. Afterwards the store is read: nothing may be lost, answered twice or over its slots.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import numpy as np
from sqlalchemy import text

from benchmarks.figures import Figure, at_most
from benchmarks.serving import DATABASES, place, serving, signed_in
from evalgate.core.review import QueueSettings
from evalgate.store.engine import Store, open_store
from evalgate.store.items import NewItem
from tests.store.scenes import manifest, marked, summary
from tests.web.review_scenes import RUBRIC

ITEMS, PEOPLE, VANISH, THINK_S = 2_000, 50, 5, 2.0
QUICK = (30, 6, 0, 0.02)
DISAGREE = 0.03
"""How often somebody answers otherwise than the others: then a third person is asked."""
SETTINGS = QueueSettings(practice=0, gold_rate=0, lease_s=30)
LIMIT_MS = 150
API = "/api/v1/queues/support"


@dataclass
class Told:
    """What the clients saw."""

    claims: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    both: list[float] = field(default_factory=list)
    """Milliseconds of a claim and the answer that follows, without the thinking."""
    kept: int = 0
    late: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    left: list[int] = field(default_factory=list)
    """Items that were open when their reviewers vanished, as the server calls them."""


def bench(*, quick: bool) -> list[Figure]:
    """Return what reviewers waited for, and what the store holds afterwards, on both databases."""
    return [
        figure
        for database in DATABASES[: 1 if quick else None]
        for figure in _on(database, *(QUICK if quick else _FULL))
    ]


_FULL = (ITEMS, PEOPLE, VANISH, THINK_S)


def _on(database: str, items: int, people: int, vanish: int, think_s: float) -> list[Figure]:
    with place(database) as where:
        with open_store(where) as store:
            _fill(store, items)
            headers = [signed_in(store, store.access, f"person-{n}", "reviewer") for n in range(people)]
        begun = time.monotonic()
        with serving(where) as address:
            told = asyncio.run(_all(address, headers, vanish, think_s))
        seconds = time.monotonic() - begun
        with open_store(where) as store:
            return [*_waits(database, told, people, seconds, think_s), _holds(database, store, told, items)]


def _fill(store: Store, items: int) -> None:
    made = manifest("b")
    samples = [marked(number, f"Respuesta {number}: tarda tres días en llegar.") for number in range(items)]
    store.runs.start(made)
    store.runs.writer(made.id).keep(samples)
    store.runs.finish(made.id, summary(made, items))
    run = store.runs.get(made.id).number
    queue = store.queues.create("support", RUBRIC, SETTINGS, "bench")
    store.items.add(
        queue,
        (
            NewItem(
                sample_digest=one.sample_digest,
                case_id=one.sample.case.id,
                run=run,
                position=one.position,
                language="es",
                probability=0.5,
                split="test",
                reason="random",
            )
            for one in samples
        ),
    )


async def _all(address: str, headers: Sequence[dict[str, str]], vanish: int, think_s: float) -> Told:
    told = Told()
    connector = aiohttp.TCPConnector(limit=len(headers))
    async with aiohttp.ClientSession(address, connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as client:
        ends = [None] * (len(headers) - vanish) + list(range(2, 2 + vanish))
        patience_s = 3 * think_s + (SETTINGS.lease_s if vanish else 1)
        await asyncio.gather(
            *(
                _review(client, headers[n], told, random.Random(n), ends[n], think_s, patience_s)
                for n in range(len(headers))
            )
        )
    return told


async def _review(
    client: aiohttp.ClientSession,
    headers: dict[str, str],
    told: Told,
    dice: random.Random,
    vanishes_after: int | None,
    think_s: float,
    patience_s: float,
) -> None:
    """Answer until nothing is left; one that vanishes leaves its next item open after so many answers."""
    await asyncio.sleep(dice.uniform(0, think_s))
    answered, idle = 0, 0.0
    while idle <= patience_s:
        claim_ms, claimed = await _post(client, f"{API}/claim", headers, {}, told)
        item = claimed.get("item")
        if item is None:
            # What others hold may come free: its lease runs out, or they disagree.
            idle += max(think_s, 0.5)
            await asyncio.sleep(max(think_s, 0.5))
            continue
        told.claims.append(claim_ms)
        if answered == vanishes_after:
            told.left.append(item["item"])
            return
        idle = 0.0
        await asyncio.sleep(dice.uniform(0.5, 1.5) * think_s)
        said = "not_answered" if dice.random() < DISAGREE else "answered"
        given = {"answers": {"answers": said, "tone": "kind"}}
        wanted = {"slot": item["slot"], "token": item["token"], "given": given}
        answer_ms, kept = await _post(client, f"{API}/items/{item['item']}/answer", headers, wanted, told)
        told.answers.append(answer_ms)
        told.both.append(claim_ms + answer_ms)
        told.kept += "review" in kept
        told.late += "too_late" in kept
        answered += 1


async def _post(
    client: aiohttp.ClientSession, path: str, headers: dict[str, str], body: dict[str, Any], told: Told
) -> tuple[float, dict[str, Any]]:
    begun = time.perf_counter()
    async with client.post(path, headers=headers, json=body) as answer:
        said = await answer.json(content_type=None)
    if answer.status >= 400:
        told.refused[answer.status] += 1
    return 1_000 * (time.perf_counter() - begun), said


def _waits(database: str, told: Told, people: int, seconds: float, think_s: float) -> list[Figure]:
    p50, p95, p99 = np.percentile(told.both, [50, 95, 99])
    claim, answer = np.percentile(told.claims, 95), np.percentile(told.answers, 95)
    measured = f"p50 {p50:.0f}, p95 {p95:.0f}, p99 {p99:.0f} ms; p95 of a claim {claim:.0f}, of an answer {answer:.0f}"
    beside = f"{people} people, {think_s:g} s to think, {len(told.both):,} answers in {seconds:.0f} s"
    what = f"{database}: claim and answer"
    if database == "SQLite":
        return [Figure(what, "–", measured, None, beside, timed=True)]
    return [at_most(f"{what}, p95", float(p95), LIMIT_MS, "ms", measured, beside)]


def _holds(database: str, store: Store, told: Told, items: int) -> Figure:
    """Return whether every item is done, no slot was used twice and no answer that was confirmed is missing."""
    with store.database.read() as connection:

        def ask(statement: str) -> int:
            return int(connection.execute(text(statement)).scalar_one())

        done = ask("SELECT count(*) FROM queue_item WHERE state IN ('closed', 'adjudicating')")
        kept = ask("SELECT count(*) FROM review")
        over = ask(
            "SELECT count(*) FROM (SELECT i.number FROM queue_item i JOIN review r ON r.item = i.number"
            " GROUP BY i.number, i.slots HAVING count(*) > i.slots) AS many"
        )
        twice = ask(
            "SELECT count(*) FROM (SELECT item FROM review GROUP BY item, reviewer HAVING count(*) > 1) AS again"
        )
    lost = told.kept - kept
    whole = (done, over, twice, lost, sum(told.refused.values())) == (items, 0, 0, 0, 0)
    return Figure(
        f"{database}: items done, over their slots, answered twice by one person; answers lost",
        f"{items:,}, 0, 0, 0",
        f"{done:,}, {over}, {twice}, {lost}",
        whole,
        f"{len(told.left)} people vanished with an item open: others did those too; {told.late} answers too late,"
        f" {sum(told.refused.values())} refused",
    )
