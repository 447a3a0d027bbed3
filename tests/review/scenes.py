"""A run of two judges to fill queues from, and reviewers who answer what they are handed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evalgate.core.outcomes import CheckRef, Mark, Result, Unscored
from evalgate.core.review import Criterion, Given, LabelChoice, QueueSettings, ReviewRubric
from evalgate.core.samples import Case, Output, Sample
from evalgate.runner.ports import Marked
from evalgate.store.engine import Store
from evalgate.store.items import Item
from evalgate.store.queues import Queue
from evalgate.store.slots import Reviewer
from tests.store.scenes import manifest, summary, with_outcomes

ANSWERS = CheckRef(name="answers", annotator="llm", digest="2" * 32)
STUDENT = CheckRef(name="student", annotator="classifier", digest="3" * 32)
CHECKS = (ANSWERS, STUDENT)
YES, NO = Mark(value=1.0, label="yes"), Mark(value=0.0, label="no")
CANNOT_TELL = Unscored(reason="unknown")
RUBRIC = ReviewRubric(
    name="answers",
    criteria={
        "answers": Criterion(check="answers", labels={"yes": LabelChoice(value=1.0), "no": LabelChoice(value=0.0)})
    },
)
PLAIN = QueueSettings(practice=0, gold_rate=0)


def sample(
    number: int,
    judge: Result = YES,
    student: Result = YES,
    text: str = "Tarda tres días en llegar a su casa.",
    cluster: str | None = None,
    locale: str = "es-MX",
) -> Marked:
    case = Case(
        id=f"case-{number}",
        input=f"¿Cuánto tarda? {number}",
        slices={"locale": locale} if locale else {},
        cluster=cluster,
    )
    given = Sample(case=case, output=Output(text=text))
    return with_outcomes(number, given, ((ANSWERS, "", judge), (STUDENT, "", student)))


def stored(store: Store, samples: Sequence[Marked], source: str = "a") -> str:
    """Store a finished run and return its id."""
    made = manifest(source, checks=CHECKS)
    store.runs.start(made)
    store.runs.writer(made.id).keep(list(samples))
    store.runs.finish(made.id, summary(made, len(samples)))
    return made.id


def reviewers(store: Store, count: int = 2) -> list[Reviewer]:
    return [
        Reviewer(store.access.create_user(f"r{number}", f"R{number}", None, ("es", "en")).number, ("es", "en"))
        for number in range(count)
    ]


def answer_all(store: Store, queue: Queue, who: Reviewer, says: Callable[[Item], str]) -> int:
    """Let one person answer whatever they are handed, and return how much that was."""
    answered = 0
    while (claimed := store.claims.claim(queue, who)) is not None:
        given = Given(answers={"answers": says(claimed.item)})
        store.claims.submit(queue, claimed.item.number, claimed.slot, claimed.token, who.number, given)
        answered += 1
    return answered
