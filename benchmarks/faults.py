"""Nothing lost and nothing paid twice: under injected faults, and when the process is killed half-way."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Figure
from benchmarks.judged import environment
from benchmarks.measuring import EVALGATE, Ran, run
from benchmarks.mock import Mock, serving
from benchmarks.scores import Checked, check, journalled
from benchmarks.workload import lay

FAULTS = {"p429": 0.05, "p500": 0.02, "pcut": 0.01}
GATE = (EVALGATE, "gate", "suite.yaml", "--report", "json=decision.json")


def bench(*, quick: bool) -> list[Figure]:
    """Return what was lost, wrong or asked again."""
    with serving() as mock:
        if quick:
            return [_faulty(mock, 100), _killed(mock, 200)]
        return [_faulty(mock, 500), _killed(mock, 500), _killed(mock, 2_000)]


class Faulty(NamedTuple):
    """A run under faults."""

    ran: Ran
    checked: Checked
    stats: dict[str, object]


def faulty(mock: Mock, folder: Path, count: int) -> Faulty:
    """Gate `count` cases in an empty folder while the server misbehaves."""
    lay(folder, "judged", count)
    mock.reset(**FAULTS)
    ran = run(GATE, cwd=folder, env=environment(mock), mock=mock)
    return Faulty(ran, check(folder, count), mock.stats())


class Killed(NamedTuple):
    """A run killed half-way and finished by the same command."""

    killed: Ran
    resumed: Ran
    checked: Checked
    answered_before: int
    """Whole replies the server had sent when the process died."""
    journalled_before: int
    paid_twice: int
    """Journalled before the kill and asked again: must be 0."""
    asked_again: int
    """Under way at the kill, so that nobody knows whether they are paid: asked again."""
    record: bytes
    """The decision record after the second command."""


def killed(mock: Mock, folder: Path, count: int, share: float = 0.5) -> Killed:
    """Gate `count` cases in an empty folder, kill the process when a share is answered, run the same command again."""
    lay(folder, "judged", count)
    mock.reset()
    dead = run(
        GATE,
        cwd=folder,
        env=environment(mock),
        meanwhile=lambda _: mock.stats()["answered"] >= share * count,
        codes=(-9,),
    )
    before = {case for case, (_, answered) in mock.cases().items() if answered}
    known = journalled(folder)
    asked_before = {case: asked for case, (asked, _) in mock.cases().items()}
    alive = run(GATE, cwd=folder, env=environment(mock))
    again = {case for case, (asked, _) in mock.cases().items() if asked > asked_before.get(case, 0) > 0}
    return Killed(
        killed=dead,
        resumed=alive,
        checked=check(folder, count),
        answered_before=len(before),
        journalled_before=len(known),
        paid_twice=len(again & known),
        asked_again=len(again),
        record=(folder / "decision.json").read_bytes(),
    )


def undisturbed(mock: Mock, folder: Path, count: int) -> bytes:
    """Gate `count` cases in an empty folder and return the decision record."""
    lay(folder, "judged", count)
    mock.reset()
    run(GATE, cwd=folder, env=environment(mock))
    return (folder / "decision.json").read_bytes()


def _faulty(mock: Mock, count: int) -> Figure:
    with tempfile.TemporaryDirectory() as folder:
        found = faulty(mock, Path(folder), count)
    return Figure(
        f"{count} cases, 5 % 429 (Retry-After 1), 2 % 500, 1 % cut bodies",
        "0 lost, 0 wrong",
        f"{found.checked}, in {found.ran.wall_s:.1f} s",
        found.checked.sound,
        f"the server sent {found.stats['sent']}",
    )


def _killed(mock: Mock, count: int) -> Figure:
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        found = killed(mock, Path(first), count)
        same = found.record == undisturbed(mock, Path(second), count)
    return Figure(
        f"`kill -9` half-way of {count:,}, same command again",
        "no answered call paid twice, same decision bytes",
        f"{found.paid_twice} paid twice, decision bytes {'the same' if same else 'DIFFER'}; {found.checked}",
        not found.paid_twice and same and found.checked.sound,
        f"at the kill {found.answered_before:,} were answered and {found.journalled_before:,} journalled; "
        f"{found.asked_again} under way then were asked again",
    )
