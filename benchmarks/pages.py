"""Pages and claims over a store that holds a million outcomes and a hundred thousand items, on both databases."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

import numpy as np

from benchmarks.figures import Figure, at_most
from benchmarks.reviewers import SETTINGS
from benchmarks.serving import DATABASES, place, serving, signed_in
from evalgate.core.outcomes import CheckRef, Mark
from evalgate.core.samples import Case, Output, Sample
from evalgate.runner.ports import Marked
from evalgate.store.engine import Store, open_store
from evalgate.store.items import NewItem
from tests.reports.scenes import failing
from tests.store.scenes import manifest, summary, with_outcomes
from tests.web.furnished import with_scene
from tests.web.review_scenes import RUBRIC

SAMPLES, CHECKS = 100_000, 10
TIMES = 40
FULL, QUICK = (SAMPLES, TIMES), (300, 2)
AT_ONCE = 2_000
LIMIT_MS = 200
REFS = tuple(CheckRef(name=f"check_{n}", annotator="code", digest=f"{n:x}" * 32) for n in range(CHECKS))


def bench(*, quick: bool) -> list[Figure]:
    """Return how long each page takes on both databases, the first view of each told apart."""
    return [
        figure
        for database in DATABASES[: 1 if quick else None]
        for figure in _on(database, *(QUICK if quick else FULL))
    ]


def _on(database: str, samples: int, times: int) -> list[Figure]:
    with place(database) as where:
        with open_store(where) as store:
            begun = time.monotonic()
            run = _fill(store, samples)
            loaded = time.monotonic() - begun
            told = with_scene(store, failing())
            keeper = signed_in(store, store.access, "keeper", "admin")
            people = [signed_in(store, store.access, f"person-{n}", "reviewer") for n in range(3)]
        beside = f"{samples * CHECKS:,} outcomes, {samples:,} items; laid in {loaded:.0f} s"
        with serving(where) as address:
            pages = {
                "overview": "/",
                "runs": "/runs",
                "run": f"/runs/{run}",
                "samples of the run, its last page": f"/runs/{run}/samples?after={samples - 21}",
                "decision": f"/decisions/{told.decision}",
                "queues": "/queues",
                "agreement": "/queues/support/agreement",
                "audit": "/audit",
            }
            found = [_page(database, address, keeper, name, path, times, beside) for name, path in pages.items()]
            return [
                *found,
                _review(database, address, people[0], times),
                _claims(database, address, people[1:], times),
            ]


def _fill(store: Store, samples: int) -> str:
    made = manifest("b", checks=REFS)
    store.runs.start(made)
    writer = store.runs.writer(made.id)
    for start in range(0, samples, AT_ONCE):
        writer.keep([_marked(n) for n in range(start, min(start + AT_ONCE, samples))])
    store.runs.finish(made.id, summary(made, samples))
    run = store.runs.get(made.id).number
    queue = store.queues.create("support", RUBRIC, SETTINGS, "bench")
    store.items.add(queue, _items(samples, run))
    return made.id


def _marked(number: int) -> Marked:
    case = Case(id=f"case-{number}", input=f"¿Cuánto tarda el pedido {number}?", slices={"locale": "es"})
    sample = Sample(case=case, output=Output(text=f"El pedido {number} tarda tres días en llegar."))
    return with_outcomes(number, sample, [(ref, "", Mark(value=float(number % 7 != n))) for n, ref in enumerate(REFS)])


def _items(samples: int, run: int) -> Iterator[NewItem]:
    for number in range(samples):
        one = _marked(number)
        yield NewItem(
            sample_digest=one.sample_digest,
            case_id=one.sample.case.id,
            run=run,
            position=number,
            # A language that few items have, and those at the queue's end.
            language="pt" if number > samples * 0.999 else "es",
            probability=0.5,
            split="test",
            reason="random",
        )


def _page(
    database: str, address: str, headers: dict[str, str], name: str, path: str, times: int, beside: str
) -> Figure:
    return _timed(f"{database}: {name}", lambda client: _get(client, path, headers), address, times, beside)


def _review(database: str, address: str, headers: dict[str, str], times: int) -> Figure:
    path = "/queues/support/review"
    return _timed(
        f"{database}: review page", lambda client: _get(client, path, headers), address, times, "the item is held"
    )


def _claims(database: str, address: str, people: Sequence[dict[str, str]], times: int) -> Figure:
    """Return what a claim and the answer that follows take one person after the other."""
    turn = iter(range(10**6))

    def step(client: http.client.HTTPConnection) -> None:
        headers = people[next(turn) % len(people)]
        claimed = _post(client, "/api/v1/queues/support/claim", headers, b"{}")
        item, slot, token = (re.search(rb'"%s":(\d+)' % key, claimed) for key in (b"item", b"slot", b"token"))
        assert item is not None
        assert slot is not None
        assert token is not None
        said = b'{"slot":%s,"token":%s,"given":{"answers":{"answers":"answered","tone":"kind"}}}' % (slot[1], token[1])
        _post(client, f"/api/v1/queues/support/items/{item[1].decode()}/answer", headers, said)

    return _timed(f"{database}: claim and answer", step, address, times, "one person after the other")


def _timed(
    what: str, step: Callable[[http.client.HTTPConnection], None], address: str, times: int, beside: str
) -> Figure:
    client = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    spent = []
    for _ in range(times + 1):
        begun = time.perf_counter()
        step(client)
        spent.append(1_000 * (time.perf_counter() - begun))
    client.close()
    p50, p95 = np.percentile(spent[1:], [50, 95])
    measured = f"first {spent[0]:.0f}, then p50 {p50:.0f}, p95 {p95:.0f} ms"
    return at_most(f"{what}, p95", float(p95), LIMIT_MS, "ms", measured, beside)


def _get(client: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> None:
    client.request("GET", path, headers={**headers, "Accept": "text/html"})
    _read(client, path)


def _post(client: http.client.HTTPConnection, path: str, headers: dict[str, str], body: bytes) -> bytes:
    client.request("POST", path, body, {**headers, "Content-Type": "application/json"})
    return _read(client, path)


def _read(client: http.client.HTTPConnection, path: str) -> bytes:
    answer = client.getresponse()
    said = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answers {answer.status}: {said[:200]!r}")
    return said
