"""Console sessions in pages, played for real: every command is run, and what it says is written beneath it.

A page with a line `<!-- session: SEED -->` is one session in one new folder. Its ```console blocks hold commands
(lines that begin with `$ `) and what they printed; a block of another kind after `<!-- file: PATH -->` is written to
PATH first, as the reader is told to do. A command that does not end with 0 is followed by `$ echo $?`.

SEED says what lies in the folder: `empty` nothing, `demo` the demo's files in evalgate-demo/, `realdata` nothing, and
the session needs the published data sets that EVALGATE_REALDATA names.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

SESSION = re.compile(r"^<!-- session: (\w+) -->$", re.MULTILINE)
BLOCK = re.compile(
    r"^(?:<!-- file: (?P<file>\S+) -->\n+```\w+\n(?P<content>.*?)^```$|```console\n(?P<console>.*?)^```$)",
    re.MULTILINE | re.DOTALL,
)
FOREIGN = re.compile(r"(?:EVALGATE|OPENAI|ANTHROPIC|LC|PG)_\w+|\w*_API_KEY|LANGUAGE|\w+_(?:proxy|PROXY)")
PASSING = (
    (re.compile(r"\b\d+(?:\.\d+)? m?s\b"), "N s"),
    (re.compile(r"\b\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?"), "TIME"),
    (re.compile(r"\b127\.0\.0\.1:\d+"), "127.0.0.1:PORT"),
    (re.compile(r"\b[\d,]+ (?:outputs|cases)/s\b"), "N/s"),
    (re.compile(r"\bD-[0-9a-f]{8}\b"), "D-ID"),
    (re.compile(r" {2,}"), "  "),
)
"""What differs from one playing to the next without anything having changed."""
ID = re.compile(r"\b(?:D-[0-9a-f]{8}|[0-9a-f]{12})\b")
PATIENCE_S = 120


class Unplayable(Exception):
    """A session does not go as its page says."""


@dataclass
class Session:
    """A folder, and how the last command ended."""

    page: str
    folder: Path
    last: int = 0
    shown: str = ""

    def run(self, command: str) -> str:
        """Return what a command prints, both streams as a person sees them."""
        played = subprocess.run(  # noqa: S603 - commands of our own pages
            ["bash", "-c", f"(exit {self.last})\n{command}"],  # noqa: S607 - whichever bash there is
            cwd=self.folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=PATIENCE_S,
            check=False,
        )
        if command != "echo $?":
            self.refuse_hidden()
        self.last = 0 if command == "echo $?" else played.returncode
        lines = [line.rstrip() for line in played.stdout.replace(f"{self.folder}/", "").splitlines()]
        self.shown = f"`{command}`: {lines[-1] if lines else 'nothing said'}"
        return "".join(f"{line}\n" for line in lines)

    def refuse_hidden(self) -> None:
        """Raise Unplayable when the last command ended with another code than 0 and nothing showed it."""
        if self.last:
            raise Unplayable(f"{self.page}: {self.shown}; it ended with {self.last}; show that with `$ echo $?`")


def environment() -> dict[str, str]:
    """Return the environment of a reader who has set nothing: English, no colour, a screen of 110 columns."""
    kept = {name: value for name, value in os.environ.items() if not FOREIGN.fullmatch(name)}
    kept |= {name: os.environ[name] for name in ("EVALGATE_REALDATA",) if name in os.environ}
    return kept | {
        "COLUMNS": "110",
        "EVALGATE_ACTOR": "ana",
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "TERM": "dumb",
    }


def seed_of(text: str) -> str | None:
    """Return what a page's session begins with; None for a page without one."""
    found = SESSION.search(text)
    return found.group(1) if found else None


def played(page: str, text: str) -> str:
    """Return a page with its session played; a block whose output says the same is left as it is."""
    seed = seed_of(text)
    if seed is None:
        return text
    with TemporaryDirectory(prefix="docs-") as folder:
        session = Session(page, Path(folder).resolve())
        _lay(seed, session.folder)
        pieces, at = [], 0
        renamed: dict[str, str] = {}
        for block in BLOCK.finditer(text):
            if block["file"] is not None:
                path = session.folder / block["file"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block["content"], encoding="utf-8")
                continue
            pieces += [text[at : block.start()], f"```console\n{_block(session, block['console'], renamed)}```"]
            at = block.end()
        session.refuse_hidden()
    return "".join([*pieces, text[at:]])


def _lay(seed: str, folder: Path) -> None:
    if seed == "demo":
        from evalgate.demo.folder import write_folder

        write_folder(folder / "evalgate-demo")


def _block(session: Session, block: str, renamed: dict[str, str]) -> str:
    """Return one block played. Ids that are new stand in later commands for those they replace."""
    whole = []
    for command, said in commands(block):
        shown = _renamed(command, renamed)
        now = session.run(re.sub(r"\\\n\s*", "", shown))
        renamed |= dict(zip(ID.findall(said), ID.findall(now), strict=False))
        whole.append(f"$ {shown}\n{said if steady(said) == steady(now) else now}")
    return "".join(whole)


def _renamed(command: str, ids: Mapping[str, str]) -> str:
    return ID.sub(lambda found: ids.get(found.group(), found.group()), command)


def commands(block: str) -> Iterator[tuple[str, str]]:
    r"""Yield each command of a console block with what it printed.

    >>> list(commands("$ evalgate --version\nevalgate 1\n$ a \\\n  b\n"))
    [('evalgate --version', 'evalgate 1\n'), ('a \\\n  b', '')]
    """
    lines = block.splitlines()
    at = 0
    while at < len(lines):
        if not lines[at].startswith("$ "):
            raise Unplayable(f"a console block begins with a command: {lines[at]!r}")
        end = at + 1
        while lines[end - 1].endswith("\\"):
            end += 1
        said = end
        while said < len(lines) and not lines[said].startswith("$ "):
            said += 1
        yield "\n".join(lines[at:end])[2:], "".join(f"{line}\n" for line in lines[end:said])
        at = said


def steady(said: str) -> str:
    """Return what was printed without what differs from one playing to the next.

    >>> steady("FAIL  support    exit 1 · 41 s") == steady("FAIL  support   exit 1 · 7.5 s")
    True
    """
    for pattern, name in PASSING:
        said = pattern.sub(name, said)
    return said
