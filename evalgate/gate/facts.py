"""Facts about the arms that a decision needs: are the outputs those of this change, did one judge mark both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from evalgate.core.metrics import Fact

if TYPE_CHECKING:
    from evalgate.gate.marking import Arm
    from evalgate.suites.inventory import Inventory

MOST_NAMED = 3


@dataclass(frozen=True)
class Change:
    """The change under test, as the command was told: its revision and when it was made (aware)."""

    revision: str | None = None
    changed_at: datetime | None = None

    @property
    def known(self) -> bool:
        """Whether the command was told anything."""
        return self.revision is not None or self.changed_at is not None


def outputs_current(inventory: Inventory, change: Change) -> Fact | None:
    """Say whether the candidate's outputs were made by this change; None when the command was told nothing."""
    if not change.known:
        return None
    made = inventory.revisions
    if change.revision is not None and made.names:
        strangers = [name for name in made.names if not same_revision(name, change.revision)]
        if strangers or made.more:
            named = ", ".join(strangers[:MOST_NAMED])
            return _fact("no", f"outputs were made from {named}, not from {change.revision}")
        if not made.absent:
            return _fact("yes", f"outputs were made from {change.revision}")
    if change.changed_at is not None and inventory.oldest is not None:
        if inventory.oldest < change.changed_at:
            return _fact("no", f"the oldest output is from {inventory.oldest:%Y-%m-%d %H:%M}, before the change")
        if inventory.without_created_at == 0:
            return _fact("yes", "every output is newer than the change")
    missing = "revision" if change.revision is not None else "created_at"
    return _fact("unknown", f"not every row carries {missing}; add the column or leave out the flag")


def same_revision(one: str, other: str) -> bool:
    """Say whether two revisions are the same commit, either of them possibly shortened.

    >>> same_revision("7c1f2ab", "7c1f2ab90d11"), same_revision("7c1f2ab", "7c1f2ac"), same_revision("v1", "v12")
    (True, False, False)
    """
    short, long = sorted((one.lower(), other.lower()), key=len)
    return short == long or (len(short) >= 7 and long.startswith(short) and set(long) <= set("0123456789abcdef"))


def one_judge(candidate: Arm, baseline: Arm) -> Fact | None:
    """Say whether the same model versions marked both arms; None when no judge did."""
    ours, theirs = candidate.columns.judge_models, baseline.columns.judge_models
    if not ours and not theirs:
        return None
    if ours == theirs or not ours or not theirs:
        return Fact(name="one_judge", holds="yes", detail=", ".join(sorted(ours | theirs)))
    said = f"{', '.join(sorted(ours))} marked the candidate, {', '.join(sorted(theirs))} the baseline; re-judge both"
    return Fact(name="one_judge", holds="no", detail=said)


def no_baseline(name: str) -> Fact:
    """Return the fact that nothing was accepted under a baseline's name yet."""
    return Fact(name="baseline", holds="unknown", detail=f"no run is accepted as {name!r} yet")


def _fact(holds: str, detail: str) -> Fact:
    return Fact.model_validate({"name": "outputs_current", "holds": holds, "detail": detail})
