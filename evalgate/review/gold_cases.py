"""Promoting what people agreed on to gold cases, and writing these as a data file that a suite reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from evalgate.checks.privacy.personal_data import PersonalData
from evalgate.core.values import digest
from evalgate.store.gold_cases import Gold, GoldCases, GoldLabel, Origin

if TYPE_CHECKING:
    from evalgate.core.labels import Label
    from evalgate.store.engine import Store
    from evalgate.store.items import Item
    from evalgate.store.queues import Queue

ENOUGH_PEOPLE = 2
"""Who agree without having seen what the judge said; one person is enough to adjudicate."""
PAGE = 200
_ASKED = ("input", "reference", "context")


class Promoted(NamedTuple):
    """What a promotion did with the closed items of a queue."""

    added: int
    known: int
    """The same question, or the same case id, is a gold case of the suite."""
    personal: int
    """Personal data is found in their texts."""
    unsure: int
    """Too few people agree, or they had seen what the judge said."""


def promote(store: Store, queue: Queue, suite: str, by: str) -> Promoted:
    """Make gold cases of a queue's closed items; what is one stays as it is, so doing it again adds only new ones."""
    known = GoldCases(store.database, store.project)
    asked, ids = set(), set()
    for case in known.stream(suite):
        asked.add(_question(case.body))
        ids.add(case.gold.case_id)
    personal_data = PersonalData()
    counts = {"added": 0, "known": 0, "personal": 0, "unsure": 0}
    for items in _pages(store, queue):
        labels = _labels(store, queue, items)
        promoted = []
        for item, body in zip(items, _bodies(store, items), strict=True):
            question = _question(body)
            if not labels[item.sample_digest]:
                counts["unsure"] += 1
            elif question in asked or item.case_id in ids:
                counts["known"] += 1
            elif any(personal_data.find(text) for text in _texts(body)):
                counts["personal"] += 1
            else:
                asked.add(question)
                ids.add(item.case_id)
                promoted.append(_gold(store, queue, item, labels[item.sample_digest], suite, by))
        added = known.add(promoted)
        counts["added"] += added
        counts["known"] += len(promoted) - added
    return Promoted(**counts)


def case_rows(store: Store, suite: str | None = None) -> Iterator[dict[str, Any]]:
    """Give the gold cases as rows of a data file: the case, the answer people judged, and `people.METRIC` scores."""
    for gold, body in GoldCases(store.database, store.project).stream(suite):
        row: dict[str, Any] = {"id": gold.case_id, "input": body["input"], "output": body["text"]}
        row |= {name: body[name] for name in ("context", "reference", "tool_calls", "metadata") if name in body}
        told = {"locale": gold.origin.language, "cluster": gold.origin.cluster}
        row |= {name: value for name, value in told.items() if value is not None}
        row |= {f"people.{metric}": label.value for metric, label in gold.labels.items()}
        yield row


def case_lines(store: Store, suite: str | None = None) -> Iterator[bytes]:
    """Give the gold cases as lines of JSON."""
    for row in case_rows(store, suite):
        yield orjson.dumps(row) + b"\n"


def _pages(store: Store, queue: Queue) -> Iterator[tuple[Item, ...]]:
    after = 0
    while items := store.items.page(queue.number, state="closed", after=after, limit=PAGE):
        yield items
        after = items[-1].number


def _bodies(store: Store, items: Iterable[Item]) -> Iterator[dict[str, Any]]:
    """Give the texts of each item."""
    with store.database.read() as connection:
        for item in items:
            yield store.items.content(connection, item).model_dump(mode="json")


def _labels(store: Store, queue: Queue, items: Iterable[Item]) -> Mapping[str, list[Label]]:
    """Return the labels that are well founded, by sample."""
    found: dict[str, list[Label]] = defaultdict(list)
    source = f"queue:{queue.name}"
    for label in store.labels.of_samples({item.sample_digest for item in items}):
        agreed = label.basis == "agreed" and label.people >= ENOUGH_PEOPLE and label.blind
        if label.source == source and (agreed or label.basis == "adjudicated"):
            found[label.sample_digest].append(label)
    return found


def _gold(store: Store, queue: Queue, item: Item, labels: Iterable[Label], suite: str, by: str) -> Gold:
    said = {
        one.metric: GoldLabel(label=one.label, value=one.value, people=one.people, basis=one.basis) for one in labels
    }
    run = store.items.run_of(item)
    origin = Origin(queue=queue.name, item=item.number, run=run, language=item.language, cluster=item.cluster)
    return Gold(
        sample_digest=item.sample_digest,
        suite=suite,
        case_id=item.case_id,
        labels=said,
        origin=origin,
        promoted_by=by,
        promoted_at=store.database.clock(),
    )


def _question(body: Mapping[str, Any]) -> str:
    """Return what is equal for the same question: the answer does not count."""
    return digest([body.get(name) or None for name in _ASKED])


def _texts(value: Any) -> Iterator[str]:
    """Give every text in plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
