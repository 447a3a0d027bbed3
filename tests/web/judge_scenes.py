"""A queue over many samples that a judge marked, and people who answer it: what agreement and cards are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evalgate.core.labels import Label
from evalgate.core.outcomes import CheckRef, Mark, Vote
from evalgate.core.review import Criterion, Given, LabelChoice, QueueSettings, ReviewRubric
from evalgate.core.samples import Case, Output, Sample
from evalgate.core.splitting import split_of
from evalgate.runner.ports import Marked
from evalgate.store.items import NewItem
from evalgate.store.queues import Queue
from evalgate.store.slots import Reviewer
from tests.store.scenes import manifest, summary, with_outcomes
from tests.web.scenes import House

RUBRIC = ReviewRubric(
    name="answers",
    criteria={
        "answers": Criterion(
            check="answers",
            title={"en": "Does it answer?", "es": "¿Responde?", "pt": "Responde?"},
            labels={"yes": LabelChoice(value=1.0), "no": LabelChoice(value=0.0)},
        )
    },
)
SETTINGS = QueueSettings(practice=0, gold_rate=0, max_extra=0)
JUDGE = "2" * 32
LATER = "4" * 32
ANSWERING = "gpt-x-2026-01-01"
"""The version of the model that the newest run names."""
PATH = f"/judges/answers/{JUDGE}"

Says = Callable[[int], bool]


def good(number: int) -> bool:
    """Say what the truth about an answer is."""
    return number % 2 == 0


def lenient(number: int) -> bool:
    """Say what the judge says: one bad answer in five passes."""
    return good(number) or number % 10 == 1


def judged(
    house: House, count: int, digest: str = JUDGE, source: str = "j", says: Says = lenient, model: str = ANSWERING
) -> list[Marked]:
    """Store a run whose answers a judge marked, by a version of its model."""
    ref = CheckRef(name="answers", annotator="llm", digest=digest)
    made = manifest(source, checks=(ref,))
    samples = [_marked(number, ref, says, model) for number in range(count)]
    store = house.service.store
    store.runs.start(made)
    store.runs.writer(made.id).keep(samples)
    store.runs.finish(made.id, summary(made, count))
    return samples


def _marked(number: int, ref: CheckRef, says: Says, model: str) -> Marked:
    case = Case(id=f"case-{number}", input=f"¿Cuánto tarda? {number}", slices={"plan": "pro" if number % 3 else "free"})
    value = float(says(number))
    votes = (Vote(judge="gpt-x", model=model, value=value),)
    mark = Mark(value=value, label="yes" if value else "no", votes=votes)
    return with_outcomes(number, Sample(case=case, output=Output(text="Tres días.")), ((ref, "", mark),))


def queued(house: House, samples: Sequence[Marked], name: str = "weekly") -> Queue:
    """Make a queue of samples, half of them in Spanish."""
    store = house.service.store
    queue = store.queues.create(name, RUBRIC, SETTINGS, "user:maintainer")
    run = store.runs.list(limit=1)[0].number
    items = [
        NewItem(
            sample_digest=one.sample_digest,
            case_id=one.sample.case.id,
            run=run,
            position=one.position,
            language="es" if one.position % 4 < 2 else "en",
            stratum="refunds" if one.position % 3 else "other",
            split=split_of(one.sample_digest),
        )
        for one in samples
    ]
    store.items.add(queue, items)
    return queue


def answer(house: House, queue: Queue, login: str, says: Says, most: int = 10_000) -> int:
    """Let somebody answer what they are handed, and give how much that was."""
    access, store = house.service.access, house.service.store
    user = access.user(login) or access.create_user(login, login.title(), None, ("es", "en"))
    who, done = Reviewer(user.number, ("es", "en")), 0
    while done < most and (claimed := store.claims.claim(queue, who)) is not None:
        number = int(claimed.item.case_id.removeprefix("case-"))
        given = Given(answers={"answers": "yes" if says(number) else "no"})
        store.claims.submit(queue, claimed.item.number, claimed.slot, claimed.token, who.number, given)
        done += 1
    return done


def measured(house: House, count: int = 160, model: str = ANSWERING) -> None:
    """Keep what two people who agree say of everything in a run that a judge marked."""
    samples = judged(house, count, model=model)
    labels = [
        Label(
            check="answers",
            sample_digest=one.sample_digest,
            case_id=one.sample.case.id,
            language="es" if one.position % 4 < 2 else "en",
            value=float(good(one.position)),
            label="yes" if good(one.position) else "no",
            people=2,
            basis="agreed",
            split=split_of(one.sample_digest),
            source="queue:weekly",
            at=house.service.clock(),
        )
        for one in samples
    ]
    house.service.store.labels.keep(labels)
