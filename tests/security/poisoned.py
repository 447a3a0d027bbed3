"""A house in which every text that a model, a pipeline or a person gives is hostile, and where to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

import numpy as np
from fastapi.routing import APIRoute

from evalgate.core.cards import LabelledMarks, make_card
from evalgate.core.outcomes import Mark
from evalgate.core.review import Criterion, LabelChoice, QueueSettings, ReviewRubric, Texts
from evalgate.core.samples import Case, Message, Output, Sample, ToolCall
from evalgate.runner.ports import Marked
from evalgate.store.items import Judged, NewItem
from evalgate.store.queues import Queue
from evalgate.web.app import ROUTERS
from tests.reports.scenes import hostile
from tests.security.payloads import PAYLOADS, RUN, WHOLE
from tests.store.scenes import ANSWERS, NO_PII, manifest, summary, with_outcomes
from tests.web.furnished import with_scene
from tests.web.review_scenes import let_in
from tests.web.scenes import HOUR, House
from tests.web.traffic_scene import with_traffic

PLAIN = WHOLE.replace("\x00", "")
NAME = f'"><svg onload={RUN}>{{{{7*7}}}}'
"""Fits into a path."""
CHECK = '"><svg onload=__xss=1>'
"""Without a dot, after which a metric's name is its criterion's."""
TOKEN = f"'\"><img src=x onerror={RUN}>"
LABEL = {"good": f"good {PAYLOADS[0]}"[:200], "bad": f"bad {PAYLOADS[24]}"[:200]}
_ASKED = f"{NAME} asked"
ROLES = ("everywhere", "bea", "rui", "zoe")

LEAD_ELSEWHERE = {"/sign-in/oidc", "/sign-in/oidc/return"}
"""No pages: the way to an issuer, and back."""
PAGES = [
    route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and not route.include_in_schema
    if route.path not in LEAD_ELSEWHERE
    if not route.path.startswith("/sign-in/oidc")
]
"""Every page that can be looked at; the way to an issuer and back shows none of its own."""


@dataclass(frozen=True)
class Poisoned:
    """The house, and the address of each page by its path."""

    house: House
    addresses: dict[str, str]


def poison(house: House) -> Poisoned:
    """Fill every field, then have an item answered by two people who disagree."""
    store, access = house.service.store, house.service.access
    told = with_scene(store, hostile(PAYLOADS))
    store.baselines.accept(PAYLOADS[0], told.candidate, WHOLE, WHOLE)
    let_in(house)
    user = access.create_user(NAME.replace(" ", "\u00a0"), PLAIN, None, (PAYLOADS[0],))
    access.set_member(1, user.number, "reviewer")
    for role in ROLES:
        seen = access.user(role)
        assert seen is not None
        access.set_settings(seen.number, {"avoids": [PAYLOADS[7]], "theme": PAYLOADS[34], "language": "en"})
    access.create_project("hostile", PLAIN)
    key, _ = access.create_key(1, PLAIN, ("gate",), HOUR, PAYLOADS[1])
    with store.database.write() as connection:
        audit = house.service.audit
        audit.add(connection, 1, f"key:{key.id}", "decision.pushed", f"decision:{told.decision}", suite=WHOLE)
        for payload in PAYLOADS[:40]:
            audit.add(connection, 1, payload, payload, payload, **{payload: payload})
    queue = _queue(house)
    item = _answered(house, queue)
    held = {"run_id": told.candidate, "decision_id": told.decision, "queue": quote(NAME, safe=""), "item": str(item)}
    held |= {"token": quote(TOKEN, safe=""), "metric": quote(f"{CHECK}.{NAME}", safe=""), "digest": "2" * 32}
    ones = np.array([1.0, 0.0] * 20)
    marks = LabelledMarks(ones, ones, slices={PAYLOADS[0]: [PAYLOADS[25]] * len(ones)})
    for judge in (WHOLE, PAYLOADS[0]):
        card = make_card(
            marks, check=CHECK, criterion=NAME, judge=judge, judge_digest="2" * 32, made_on=date(2026, 11, 1)
        )
        store.cards.keep(card)
    with_traffic(store, NAME, PLAIN, f"{CHECK}.{NAME}")
    held |= {"suite": quote(NAME, safe=""), "number": "1"}
    return Poisoned(house, {page.path: page.path_format.format_map(held) for page in PAGES})


def _queue(house: House) -> Queue:
    store = house.service.store
    texts: Texts = {"en": WHOLE, "es": PAYLOADS[0], "pt": PAYLOADS[1]}
    labels = {
        name: LabelChoice(value=value, title={"en": PAYLOADS[3]}, help={"en": WHOLE})
        for name, value in ((LABEL["good"], 1.0), (LABEL["bad"], 0.0))
    }
    asked = {
        _ASKED: Criterion(check="answers", title=texts, help=texts, labels=labels),
        f"{_ASKED} bare": Criterion(check="answers", criterion=PAYLOADS[26], labels=labels),
    }
    rubric = ReviewRubric(name=f"{PAYLOADS[0]} rubric", instructions=texts, criteria=asked)
    settings = QueueSettings(practice=1, gold_rate=0, max_extra=0, blind_judge=False, blind_peers=False)
    queue = store.queues.create(NAME, rubric, settings, PAYLOADS[0])
    made = manifest("b")
    store.runs.start(made)
    samples = [_sample(number) for number in range(4)]
    store.runs.writer(made.id).keep(samples)
    store.runs.finish(made.id, summary(made, len(samples)))
    expected = dict.fromkeys(asked, LABEL["good"])
    for number, one in enumerate(samples):
        item = NewItem(
            sample_digest=one.sample_digest,
            case_id=one.sample.case.id,
            run=store.runs.get(made.id).number,
            position=one.position,
            probability=0.5,
            split="test",
            reason="practice" if number == 0 else "chosen",
            harm=PAYLOADS[32],
            stratum=WHOLE,
            expected=expected if number == 0 else None,
            explanation=WHOLE,
            judged=tuple(
                Judged(check=payload, criterion=payload, digest="2" * 32, value=0.0, label=payload, explanation=WHOLE)
                for payload in PAYLOADS[:6]
            ),
        )
        store.items.add(queue, [item])
    return queue


def _sample(number: int) -> Marked:
    asked = (
        Message(role="system", content=WHOLE),
        Message(role="user", content=f"{number} {WHOLE}", name=PAYLOADS[0]),
        Message(role="assistant", tool_calls=(ToolCall(name=PAYLOADS[0], arguments=PAYLOADS[25], id=PAYLOADS[26]),)),
        *(Message(role="user", content=payload) for payload in PAYLOADS),
    )
    case = Case(id=f"{number} {PAYLOADS[0]}", input=asked, reference=WHOLE, context=PAYLOADS, slices={"locale": WHOLE})
    output = Output(text=f"{WHOLE} {number}", tool_calls=(ToolCall(name=PAYLOADS[0], arguments=WHOLE),), model=WHOLE)
    results = ((NO_PII, "", Mark(value=1.0, label=PAYLOADS[0])), (ANSWERS, "", Mark(value=0.0, explanation=WHOLE)))
    return with_outcomes(number, Sample(case=case, output=output), results)


def _answered(house: House, queue: Queue) -> int:
    """Let two people disagree about the same items with hostile comments, and give the first item after practice."""
    path, item = f"/api/v1/queues/{quote(queue.name, safe='')}", 0
    for who, label in (("bea", LABEL["good"]), ("rui", LABEL["bad"])):
        client = house.as_(who)
        for comment in (PLAIN[:4_000], PAYLOADS[0], PAYLOADS[1]):
            given = {"answers": dict.fromkeys(queue.rubric.criteria, label), "comment": comment}
            held = client.post(f"{path}/claim").json()["item"]
            sent = {"slot": held["slot"], "token": held["token"], "given": given}
            said = client.post(f"{path}/items/{held['item']}/answer", json=sent)
            assert said.status_code == 200, said.text
            item = held["item"]
    return int(item)
