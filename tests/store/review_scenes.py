"""A queue to work on: a rubric of two criteria, samples in a run, and people who read them."""

from __future__ import annotations

from dataclasses import dataclass

from evalgate.core.review import Criterion, Given, LabelChoice, QueueSettings, ReviewRubric
from evalgate.store.claims import Claimed, Submitted, TooLate
from evalgate.store.engine import Store
from evalgate.store.items import NewItem
from evalgate.store.queues import Queue
from evalgate.store.slots import Reviewer
from tests.store.scenes import manifest, marked, summary

RUBRIC = ReviewRubric(
    name="support",
    instructions={"en": "Judge the answer alone.", "es": "Juzga solo la respuesta.", "pt": "Julgue só a resposta."},
    criteria={
        "answers": Criterion(
            check="answers",
            title={"en": "Does it answer?", "es": "¿Responde?", "pt": "Responde?"},
            labels={"answered": LabelChoice(value=1.0), "not_answered": LabelChoice(value=0.0)},
        ),
        "tone": Criterion(
            check="answers",
            criterion="tone",
            labels={"kind": LabelChoice(value=1.0), "rude": LabelChoice(value=0.0)},
        ),
    },
)
GOOD = Given(answers={"answers": "answered", "tone": "kind"})
BAD = Given(answers={"answers": "not_answered", "tone": "kind"})


def people(store: Store, count: int) -> list[Reviewer]:
    return [
        Reviewer(store.access.create_user(f"r{number}", f"R{number}", None, ("es",)).number, ("es",))
        for number in range(count)
    ]


def filled(store: Store, items: int, settings: QueueSettings | None = None, **changes: object) -> Queue:
    """Return a queue with so many items, each about a sample of its own."""
    made = manifest()
    store.runs.start(made)
    samples = [marked(number, f"Respuesta {number}.") for number in range(items)]
    store.runs.writer(made.id).keep(samples)
    store.runs.finish(made.id, summary(made, items))
    plain = QueueSettings(practice=0, gold_rate=0)
    queue = store.queues.create("support", RUBRIC, settings or plain, "user:ana")
    new = [
        NewItem.model_validate(
            {
                "sample_digest": one.sample_digest,
                "case_id": one.sample.case.id,
                "run": store.runs.get(made.id).number,
                "position": one.position,
                "language": "es",
                "probability": 0.5,
                "split": "test",
                **changes,
            }
        )
        for one in samples
    ]
    assert store.items.add(queue, new) == items
    return queue


@dataclass
class Desk:
    """A queue and whoever sits at it."""

    store: Store
    queue: Queue

    def claim(self, who: Reviewer) -> Claimed:
        claimed = self.store.claims.claim(self.queue, who)
        assert claimed is not None
        return claimed

    def answer(self, who: Reviewer, given: Given = GOOD) -> Submitted:
        """Claim the next item and answer it."""
        submitted = self.submit(self.claim(who), who, given)
        assert isinstance(submitted, Submitted)
        return submitted

    def submit(self, claimed: Claimed, who: Reviewer, given: Given = GOOD) -> Submitted | TooLate:
        return self.store.claims.submit(self.queue, claimed.item.number, claimed.slot, claimed.token, who.number, given)
