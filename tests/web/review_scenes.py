"""A house with people who review, and a queue over samples in a run."""

from __future__ import annotations

import httpx

from evalgate.core.review import Criterion, LabelChoice, QueueSettings, ReviewRubric
from evalgate.store.access import Role
from evalgate.store.items import Judged, NewItem, Reason
from tests.store.scenes import manifest, marked, summary
from tests.web.scenes import House, _let_in

QUEUE = "/api/v1/queues/support"
GOOD = {"answers": {"answers": "answered", "tone": "kind"}}
BAD = {"answers": {"answers": "not_answered", "tone": "kind"}}
SAID = "the judge says it does not answer"
PLAIN = QueueSettings(practice=0, gold_rate=0, max_extra=0)
RUBRIC = ReviewRubric(
    name="support",
    instructions={"en": "Judge the answer alone.", "es": "Juzga solo la respuesta.", "pt": "Julgue só a resposta."},
    criteria={
        "answers": Criterion(
            check="answers",
            title={"en": "Does it answer?", "es": "¿Responde a lo que se pregunta?", "pt": "Responde?"},
            help={"en": "Only what was asked.", "es": "Solo lo que se preguntó.", "pt": "Só o que foi perguntado."},
            labels={
                "answered": LabelChoice(value=1.0, title={"en": "Yes", "es": "Sí", "pt": "Sim"}),
                "not_answered": LabelChoice(value=0.0, title={"en": "No", "es": "No", "pt": "Não"}),
            },
        ),
        "tone": Criterion(
            check="answers",
            criterion="tone",
            title={"en": "Is it kind?"},
            labels={"kind": LabelChoice(value=1.0), "rude": LabelChoice(value=0.0)},
        ),
    },
)
PEOPLE: tuple[tuple[str, Role], ...] = (("bea", "reviewer"), ("rui", "reviewer"), ("zoe", "maintainer"))


def let_in(house: House) -> None:
    """Let two reviewers and somebody who decides in, all of whom read Spanish."""
    for login, role in PEOPLE:
        _let_in(house, login, house.service.store.project, role)
        user = house.service.access.user(login)
        assert user is not None
        house.service.access.set_languages(user.number, ("es",))


def filled(
    house: House,
    texts: tuple[str, ...],
    settings: QueueSettings = PLAIN,
    *,
    reason: Reason = "chosen",
    harm: str | None = None,
    name: str = "support",
    source: str = "b",
) -> None:
    """Fill a queue with one item a text; gold and practice items expect an answer."""
    store = house.service.store
    made = manifest(source)
    store.runs.start(made)
    samples = [marked(number, text) for number, text in enumerate(texts)]
    store.runs.writer(made.id).keep(samples)
    store.runs.finish(made.id, summary(made, len(texts)))
    queue = store.queues.create(name, RUBRIC, settings, "user:zoe")
    known = {"answers": "answered", "tone": "kind"} if reason in {"gold", "practice"} else None
    judged = Judged(check="answers", digest="2" * 32, value=0.0, label="not_answered", explanation=SAID)
    store.items.add(
        queue,
        [
            NewItem(
                sample_digest=one.sample_digest,
                case_id=one.sample.case.id,
                run=store.runs.get(made.id).number,
                position=one.position,
                language="es",
                probability=0.5,
                split="test",
                reason=reason,
                harm=harm,
                expected=known,
                explanation="It names the days." if known else None,
                judged=(judged,),
            )
            for one in samples
        ],
    )


def claimed(client: httpx.Client) -> dict:
    """Give what the next item is for somebody."""
    answer = client.post(f"{QUEUE}/claim")
    assert answer.status_code == 200
    item: dict = answer.json()["item"]
    return item


def answered(client: httpx.Client, given: dict) -> tuple[int, dict]:
    """Answer the next item and give the item's number and what the server said."""
    item = claimed(client)
    sent = {"slot": item["slot"], "token": item["token"], "given": given}
    said = client.post(f"{QUEUE}/items/{item['item']}/answer", json=sent)
    assert said.status_code == 200, said.text
    return item["item"], said.json()
