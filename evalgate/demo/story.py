"""The story: the same command that people run in CI, on a version that must not pass and on its repair."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from evalgate.core.errors import EvalgateError, ServiceBroke
from evalgate.demo.folder import SUITE, write_folder
from evalgate.demo.replies import Replies, data, lines
from evalgate.demo.server import serving
from evalgate.demo.words import Language, said
from evalgate.wiring.settings import language_of

FAIL, PASS = 1, 0
DECIDED = (0, 1, 3)
"""Exit codes of a gate that came to a decision."""
FIRST = ("gate", SUITE, "--revision", "7c1f2ab", "--report", "html=candidate.html,markdown=candidate.md")
SECOND = (
    *("gate", SUITE, "--candidate", "fixed.jsonl", "--revision", "b83e5d0"),
    *("--report", "html=fixed.html,markdown=fixed.md"),
)
NOT_OURS = ("EVALGATE_DATABASE_URL", "EVALGATE_JUDGE_API_KEY", "EVALGATE_JUDGE_BASE_URL", "EVALGATE_TRANSPORT")
"""Settings of the caller that the demo goes without: its store is in its folder, its judge on this machine."""


def tell(folder: Path, environ: Mapping[str, str], *, live: str | None = None, port: int = 0) -> None:
    """Run the gate on the candidate and on its repair; raise ServiceBroke unless that gave FAIL, then PASS.

    `live` is a model to ask, as the environment reaches it, instead of the replies written by hand.
    """
    language = language_of(environ)
    changed = write_folder(folder, judge=live)
    _say(said("scene", language, cases=sum(1 for _ in lines("cases.jsonl"))), end="\n\n")
    if changed:
        _say(said("changed", language, names=", ".join(f"{folder / name}" for name in changed)), end="\n\n")
    with _judge(folder, environ, live, port, language) as settings:
        _say(said("first", language))
        failed = _gate(folder, settings, FIRST)
        _say(said("repaired", language, **_planted()), end="\n\n")
        _say(said("second", language))
        passed = _gate(folder, settings, SECOND)
    if (failed, passed) != (FAIL, PASS):
        because = " with your changes" if changed else " with this judge" if live else ""
        raise ServiceBroke(
            f"the story ends in exit {FAIL} (FAIL), then {PASS} (PASS);"
            f" it ended{because} in {failed}, then {passed}; the pages above say why"
        )
    _say(said("end", language, folder=folder, failed="candidate.html", passed="fixed.html"))


@contextmanager
def _judge(
    folder: Path, environ: Mapping[str, str], live: str | None, port: int, language: Language
) -> Iterator[dict[str, str]]:
    """Yield the environment in which the judge can be asked, having said who it is."""
    if live is not None:
        settings = {name: value for name, value in environ.items() if name != "EVALGATE_DATABASE_URL"}
        _say(_price(folder, settings, live, language), end="\n\n")
        yield settings
        return
    settings = {name: value for name, value in environ.items() if name not in NOT_OURS}
    with serving(Replies.read(), port) as url:
        _say(said("by_hand", language, url=url), end="\n\n")
        yield {**settings, "EVALGATE_JUDGE_BASE_URL": url}


def _price(folder: Path, settings: Mapping[str, str], model: str, language: Language) -> str:
    """Return what both runs will ask and cost at most, as `evalgate plan` works it out."""
    plans = []
    for chosen in ((), ("--candidate", "fixed.jsonl")):
        planned = _evalgate(folder, settings, ("plan", SUITE, "--json", *chosen), stdout=subprocess.PIPE)
        if planned.returncode:
            raise EvalgateError("the demo's suite cannot be planned with this judge; the line above says why")
        plans.append(json.loads(planned.stdout))
    return said(
        "live",
        language,
        model=model,
        calls=sum(plan["calls"] for plan in plans),
        cost=sum(plan["cost_usd"] or 0.0 for plan in plans),
        cap=plans[0]["spend_cap_usd"],
    )


def _gate(folder: Path, settings: Mapping[str, str], command: tuple[str, ...]) -> int:
    """Show a command, run it in the demo's folder, and return its exit code; raise ServiceBroke without a decision."""
    _say(f"$ cd {shlex.quote(str(folder))} && evalgate {shlex.join(command)}", end="\n\n")
    code = _evalgate(folder, settings, command).returncode
    if code not in DECIDED:
        raise ServiceBroke("the demo stops here: no decision was made; the line above says why")
    _say()
    return code


def _evalgate(
    folder: Path, settings: Mapping[str, str], command: tuple[str, ...], stdout: int | None = None
) -> subprocess.CompletedProcess[str]:
    # A process of its own: the very command that people will run, with nothing handed over behind its back.
    arguments = [sys.executable, "-m", "evalgate", *command]
    return subprocess.run(  # noqa: S603 - our own command; nothing of it was given from outside
        arguments, cwd=folder, env=settings, stdout=stdout, encoding="utf-8", check=False
    )


def _planted() -> dict[str, int]:
    return Counter(row["kind"] for row in json.loads(data("planted.json").read_text(encoding="utf-8")))


def _say(text: str = "", end: str = "\n") -> None:
    # Flushed, because what a process started in between writes goes past our buffer.
    sys.stdout.write(f"{text}{end}")
    sys.stdout.flush()
