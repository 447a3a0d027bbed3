"""Takes interactions in: code checks look at the raw texts in memory, everything is masked, then it is written.

What has been accepted is durable. A text that cannot be masked is not kept: fail-closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from evalgate.core.errors import ServiceBroke
from evalgate.core.phases import shared_draw
from evalgate.core.values import Value
from evalgate.runner.marking import Item, Marker, Named
from evalgate.store.interactions import Arrival, Key, Known
from evalgate.store.scores import Criterion, score_row
from evalgate.traffic.facts import facts_of, hits_of, matches
from evalgate.traffic.masked import masked
from evalgate.traffic.merging import folded, merged
from evalgate.traffic.samples import sample_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from evalgate.checks.privacy.masking import Masker
    from evalgate.core.outcomes import Outcome
    from evalgate.core.samples import Sample
    from evalgate.store.engine import Store
    from evalgate.suites.suite import Suite
    from evalgate.traffic.interactions import Interaction

TRIES = 8
"""Rounds in which other servers may be quicker with the same records before this one gives up."""


class Accepted(Value):
    """What became of the items of one delivery; all of them together are its items."""

    accepted: int = 0
    """Whole exchanges that were new."""
    completed: int = 0
    """Exchanges that this delivery made whole."""
    partial: int = 0
    """Records that wait for their other half."""
    no_content: int = 0
    """Exchanges that are over and carry no text."""
    duplicate: int = 0
    """Records that said nothing new."""
    rejected: int = 0
    """Items that could not be read, or not be masked."""
    passed_over: int = 0
    """Items that are no interaction."""


class Delivery(NamedTuple):
    """What one sender sent at once, read."""

    interactions: Sequence[Interaction]
    source: str
    """The door's word, for what is no interaction."""
    rejected: int = 0
    passed_over: int = 0
    repeated: int = 0
    """Items that the reader found to say exactly what another one says."""


class _Batch:
    """Several deliveries, their records folded together, and what becomes of each."""

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self._deliveries = deliveries
        self._counts = [
            Counter({"rejected": one.rejected, "passed_over": one.passed_over, "duplicate": one.repeated})
            for one in deliveries
        ]
        self._first: dict[Key, int] = {}
        self._repeated: Counter[str] = Counter()
        told: list[Interaction] = []
        for place, delivery in enumerate(deliveries):
            for interaction in delivery.interactions:
                if interaction.key in self._first:
                    self._counts[place]["duplicate"] += 1
                    self._repeated[delivery.source] += 1
                self._first.setdefault(interaction.key, place)
                told.append(interaction)
        self.interactions = folded(told) if self._repeated else tuple(told)

    def beside(self) -> dict[tuple[str, str], int]:
        """Return by source and result what is counted beside the records themselves."""
        found: Counter[tuple[str, str]] = Counter()
        for delivery, counts in zip(self._deliveries, self._counts, strict=True):
            for result in ("rejected", "passed_over"):
                found[delivery.source, result] += counts[result]
            found[delivery.source, "duplicate"] += delivery.repeated
        for source, repeated in self._repeated.items():
            found[source, "duplicate"] += repeated
        return found

    def count(self, interaction: Interaction, result: str) -> None:
        """Count a record for the delivery that told it first."""
        self._counts[self._first[interaction.key]][result] += 1

    def accepted(self) -> list[Accepted]:
        """Return what became of each delivery."""
        return [Accepted(**counts) for counts in self._counts]


class _Watched(NamedTuple):
    """One suite's code checks, ready to mark."""

    suite: Suite
    marker: Marker
    numbers: Mapping[Criterion, int]


class _Look(NamedTuple):
    """One record as the checks see it, in memory alone, and as it will be kept."""

    raw: Interaction
    kept: Interaction
    known: Known | None
    result: str


class Accepting:
    """One project's way in."""

    def __init__(self, store: Store, suites: Sequence[Suite], masker: Masker) -> None:
        from evalgate.core.checks import CodeCheck

        self._store = store
        self._masker = masker
        self._suites = []
        for suite in suites:
            code = Named.all_of({name: check for name, check in suite.checks.items() if isinstance(check, CodeCheck)})
            criteria = [(named.ref, criterion) for named in code for criterion in named.check.criteria]
            numbers = store.scores.numbers(suite.name, criteria)
            self._suites.append(_Watched(suite, Marker(code, masker, store.nonce_key), numbers))

    def accept(
        self, interactions: Sequence[Interaction], *, source: str, rejected: int = 0, passed_over: int = 0
    ) -> Accepted:
        """Keep the interactions of one delivery and return what became of its items.

        rejected, passed_over: what the reader counted beside them. Raise ServiceBroke when nothing can be stored.
        """
        return self.accept_all([Delivery(interactions, source, rejected, passed_over)])[0]

    def accept_all(self, deliveries: Sequence[Delivery]) -> list[Accepted]:
        """Keep several deliveries in as few transactions as it takes; what this returns survives a kill.

        Records of one interaction are one, whichever deliveries they came in: those after the first are duplicates.
        """
        batch = _Batch(deliveries)
        waiting = [(raw, clean) for raw in batch.interactions if (clean := self._masked(raw, batch)) is not None]
        further = batch.beside()
        for _ in range(TRIES):
            arrivals, outcomes = self._arrivals(self._looks(waiting))
            write = partial(self._write, arrivals=arrivals, outcomes=outcomes)
            kept = self._store.interactions.keep(arrivals, write, further=further)
            lost = set(kept.lost)
            for place, (raw, _) in enumerate(waiting):
                if place not in lost:
                    batch.count(raw, arrivals[place].result)
            waiting, further = [waiting[place] for place in kept.lost], {}
            if not waiting:
                return batch.accepted()
        raise ServiceBroke("other servers kept changing the same records; send them again")

    def _masked(self, raw: Interaction, batch: _Batch) -> Interaction | None:
        """Return the record as it may be kept; one that cannot be masked is counted and never kept."""
        try:
            return masked(raw, self._masker, self._store.names_key)
        except Exception:  # noqa: BLE001 - whatever goes wrong with a text, it is not written unmasked
            batch.count(raw, "rejected")
            return None

    def _looks(self, waiting: Sequence[tuple[Interaction, Interaction]]) -> list[_Look]:
        known = self._store.interactions.known(clean.key for _, clean in waiting)
        return [self._look(raw, clean, known.get(clean.key)) for raw, clean in waiting]

    def _look(self, raw: Interaction, clean: Interaction, known: Known | None) -> _Look:
        raw = raw.model_copy(update={"source": clean.source, "external_id": clean.external_id})
        if known is None:
            return _Look(raw, clean, None, "accepted" if clean.state == "complete" else clean.state)
        if known.state == "complete":
            return _Look(raw, clean, known, "duplicate")
        earlier = known.interaction
        whole, seen = (clean, raw) if earlier is None else (merged(earlier, clean), merged(earlier, raw))
        if whole.state == "partial":
            return _Look(seen, whole, known, "duplicate" if whole == earlier else "partial")
        if whole.state == known.state:
            return _Look(seen, whole, known, "duplicate")
        return _Look(seen, whole, known, "completed" if whole.state == "complete" else "no_content")

    def _arrivals(self, looks: Sequence[_Look]) -> tuple[list[Arrival], dict[int, list[list[Outcome] | None]]]:
        """Return what is to be written, and by place what each suite's code checks say of those that are whole."""
        facts = [_facts(look) for look in looks]
        whole = [place for place, look in enumerate(looks) if look.result in {"accepted", "completed"}]
        samples = {place: sample_of(looks[place].raw, facts[place]) for place in whole}
        outcomes = self._marked(samples, facts)
        for place in whole:
            facts[place] |= hits_of(one for said in outcomes[place] if said for one in said)
        arrivals = [self._arrival(look, facts[place], place in samples) for place, look in enumerate(looks)]
        return arrivals, outcomes

    def _marked(
        self, samples: Mapping[int, Sample], facts: Sequence[Mapping[str, str]]
    ) -> dict[int, list[list[Outcome] | None]]:
        """Return for each sample, suite by suite, what the code checks say; nothing where the suite looks elsewhere."""
        outcomes: dict[int, list[list[Outcome] | None]] = {place: [] for place in samples}
        for watched in self._suites:
            spec = watched.suite.traffic
            here = [place for place in samples if spec is None or matches(spec.where, facts[place])]
            said = dict(
                zip(here, watched.marker.by_code([Item.fresh(0, samples[place]) for place in here]), strict=True)
            )
            for place, each in outcomes.items():
                each.append(said.get(place))
        return outcomes

    def _arrival(self, look: _Look, facts: Mapping[str, str], whole: bool) -> Arrival:  # noqa: FBT001 - of a private step
        kept = look.kept
        return Arrival(
            interaction=kept,
            conversation=kept.group,
            draw=shared_draw(self._store.draw_salt, kept.group),
            facts=facts,
            sample_digest=sample_of(kept, facts).digest if whole else None,
            known=look.known,
            result=look.result,
        )

    def _write(
        self,
        connection: Connection,
        numbers: Sequence[tuple[int, int]],
        arrivals: Sequence[Arrival],
        outcomes: Mapping[int, list[list[Outcome] | None]],
    ) -> None:
        """Write a row for each interaction and criterion of a code check: its score, or why it has none."""
        rows = []
        for place_of_suite, watched in enumerate(self._suites):
            for number, place in numbers:
                result = arrivals[place].result
                if place in outcomes and (said := outcomes[place][place_of_suite]) is not None:
                    rows += [
                        score_row(number, watched.numbers[one.check.name, one.criterion], one, chance=1.0)
                        for one in said
                    ]
                elif result in {"accepted", "completed", "no_content"}:
                    why = "no_content" if result == "no_content" else "where"
                    rows += [score_row(number, check, "filtered", reason=why) for check in watched.numbers.values()]
        self._store.scores.offer(connection, rows)


def _facts(look: _Look) -> dict[str, str]:
    """Return the facts of a record; of one that is whole already only a complaint is news."""
    if look.known is not None and look.result == "duplicate":
        thumbs = {thumb for thumb in (look.known.facts.get("feedback"), look.kept.feedback) if thumb}
        return dict(look.known.facts) | ({"feedback": min(thumbs)} if thumbs else {})
    return facts_of(look.kept, ())
