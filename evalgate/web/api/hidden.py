"""A hidden gold item as any other item looks: who answers cannot tell it by its numbers nor by what becomes of it."""

from __future__ import annotations

from typing import NamedTuple

from evalgate.core.review import what_follows
from evalgate.store.items import Item, ItemState
from evalgate.store.queues import Queue
from evalgate.store.reviews import Review
from evalgate.web.disguise import meant, shown
from evalgate.web.transactions import Work


class Looks(NamedTuple):
    """What an item seems to be to who answered it."""

    state: ItemState
    answers: tuple[Review, ...]
    """Those that count for it; of others' items only where somebody may be told them."""


def looks(work: Work, queue: Queue, item: Item) -> Looks:
    """Return what an item is; a gold one, which never closes, seems closed when these answers would close any other."""
    if item.reason != "gold" or item.state != "open":
        told = item.state == "closed" or not queue.settings.blind_peers
        return Looks(item.state, work.store.reviews.of_item(item.number) if told else ())
    answers = work.store.reviews.of_item(item.number)
    slots = queue.settings.reviews_required
    while len(answers) >= slots:
        said = [one.answers for one in answers[:slots]]
        follows = what_follows(queue.rubric, queue.settings, said, slots)
        if follows != "ask_another":
            return Looks("closed" if follows == "close" else "adjudicating", answers[:slots])
        slots += 1
    return Looks("open", answers)


def held_outside(work: Work, item: int, slot: int, token: int) -> tuple[int, int]:
    """Return what stands for a slot and its token: gold items have a slot for each person, named after them."""
    return shown(work.store, slot, f"slot of {item}"), shown(work.store, token, f"token of {item}")


def held_inside(work: Work, item: int, slot: int, token: int) -> tuple[int, int]:
    """Return the slot and token that something sent stands for."""
    return meant(work.store, slot, f"slot of {item}"), meant(work.store, token, f"token of {item}")
