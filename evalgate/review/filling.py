"""Filling a queue from a stored run: what a rule takes, with how likely it was to be taken.

Every cluster has one number u in [0, 1), the same for all rules: a rule of probability p takes what it could take where
u < p. So the samples with a known probability are those with u below the largest of the rules that could have taken
them, and weights 1/probability are right for them whatever other rules added.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from evalgate.core.outcomes import Outcome
from evalgate.core.splitting import split_of
from evalgate.review.rules import REASONS, Flips, Rule, Seen, check_metrics
from evalgate.store.asked import judged_of, language, priority
from evalgate.store.items import NewItem

if TYPE_CHECKING:
    from evalgate.runner.ports import Marked
    from evalgate.store.engine import Store
    from evalgate.store.queues import Queue

SALT = b"evalgate queues 1"
"""Keeps who is asked about independent of which split a sample is in."""
AT_ONCE = 200


class Filled(NamedTuple):
    """What a fill did."""

    read: int
    taken: int
    added: int
    """The others were in the queue before, or stand twice in the run."""


class Preview(NamedTuple):
    """What a fill would do."""

    read: int
    by_rule: tuple[int, ...]
    """Samples that each rule takes; one that several take counts for each."""
    taken: int
    added: int
    """Of those taken, how many samples are not in the queue yet."""


def fill(
    store: Store,
    queue: Queue,
    run: str,
    rules: Sequence[Rule],
    *,
    stratum: str | None = None,
    keep: Callable[[Iterable[NewItem]], int] | None = None,
) -> Filled:
    """Put into a queue what the rules take of a run; the memory used does not grow with the run.

    A sample that is in the queue stays as it came, with its probability. `stratum` names the slice whose value each
    item remembers. `keep` stores the items instead, and returns how many are new. Raise WrongAsWritten for a run or
    check that is not there.
    """
    taking = _Taking(store, run, rules, stratum)
    added = store.items.add(queue, taking) if keep is None else keep(taking)
    return Filled(taking.read, taking.taken, added)


def preview(store: Store, queue: Queue, run: str, rules: Sequence[Rule]) -> Preview:
    """Return what `fill` would put into a queue, and put nothing in."""
    taking = _Taking(store, run, rules, None)
    stream = iter(taking)
    digests: set[str] = set()
    there = 0
    while batch := list(islice(stream, AT_ONCE)):
        found = {item.sample_digest for item in batch} - digests
        digests |= found
        there += len(store.items.held(queue.number, found))
    return Preview(taking.read, tuple(taking.by_rule), taking.taken, len(digests) - there)


def new_items(store: Store, run: str, rules: Sequence[Rule], *, stratum: str | None = None) -> Iterator[NewItem]:
    """Give what the rules take of a run, in its order."""
    return iter(_Taking(store, run, rules, stratum))


def uniform(cluster: str) -> float:
    """Return the u of a cluster, from 64 bits of a salted SHA-256.

    >>> round(uniform("session-1"), 6) == round(uniform("session-1"), 6), 0 <= uniform("session-2") < 1
    (True, True)
    """
    hashed = hashlib.sha256(SALT + b"\0" + cluster.encode()).digest()
    return int.from_bytes(hashed[:8], "big") / 2**64


class _Taking:
    """The items of one fill, counted as they go by."""

    def __init__(self, store: Store, run: str, rules: Sequence[Rule], stratum: str | None) -> None:
        self._store = store
        self._run = store.runs.get(run)
        self._rules = rules
        self._stratum = stratum
        self.read = self.taken = 0
        self.by_rule = [0] * len(rules)
        check_metrics(rules, self._run.manifest.checks, f"run {self._run.id}")
        self._against: dict[str, str] = {}
        for rule in rules:
            if isinstance(rule, Flips):
                other = store.runs.get(rule.against)
                check_metrics([rule], other.manifest.checks, f"run {other.id}")
                self._against[rule.against] = other.id

    def __iter__(self) -> Iterator[NewItem]:
        stream = self._store.runs.stream(self._run.id)
        while batch := list(islice(stream, AT_ONCE)):
            for seen in self._seen(batch):
                self.read += 1
                item = self._item(seen)
                if item is not None:
                    self.taken += 1
                    yield item

    def _seen(self, batch: Sequence[Marked]) -> Iterator[Seen]:
        keys = [(one.sample.case.id, one.sample.output.repeat) for one in batch]
        earlier = {name: self._store.runs.marked(run, keys) for name, run in self._against.items()}
        for one, key in zip(batch, keys, strict=True):
            before = {name: by_metric(found[key].outcomes) for name, found in earlier.items() if key in found}
            yield Seen(one, by_metric(one.outcomes), before)

    def _item(self, seen: Seen) -> NewItem | None:
        case = seen.marked.sample.case
        place = uniform(case.cluster or case.id)
        able = [rule for rule in self._rules if rule.could_take(seen)]
        taking = [rule for rule in able if rule.probability is None or place < rule.probability]
        if not taking:
            return None
        for index, rule in enumerate(self._rules):
            self.by_rule[index] += rule in taking
        # The largest there is, of those that could have: where it took the sample the others do not matter.
        known = max((rule.probability for rule in able if rule.probability is not None), default=None)
        judged = judged_of(seen.marked.outcomes)
        return NewItem(
            sample_digest=seen.marked.sample_digest,
            case_id=case.id,
            run=self._run.number,
            position=seen.marked.position,
            cluster=case.cluster,
            language=language(seen.marked),
            reason=REASONS[taking[0].rule],
            stratum=None if self._stratum is None else case.slices.get(self._stratum),
            probability=known if known is not None and place < known else None,
            priority=priority(judged, seen.marked.outcomes),
            split=split_of(seen.marked.sample_digest),
            judged=judged,
        )


def by_metric(outcomes: Iterable[Outcome]) -> Mapping[str, Outcome]:
    """Return the outcomes by the name of their metric."""
    return {outcome.metric: outcome for outcome in outcomes}
