"""`evalgate label` as somebody meets it who has never seen it: at a real terminal, in Spanish, with thirty answers."""

from __future__ import annotations

import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from fcntl import ioctl
from functools import partial
from pathlib import Path
from shutil import copytree

import pytest

from evalgate.core.labels import Label
from evalgate.store.engine import open_store

SUITE = """\
version: 1
name: soporte
owner: ana@acme.example
data:
  candidate: candidate.jsonl
  columns: {input: prompt, output: response}
  slices: {locale: lang}
checks:
  answers: {check: recorded, column: mark, labels: {responde: 1, no_responde: 0}, annotator: llm}
gates:
  answers: {at_least: 0.5}
"""
RUBRIC = """\
name: soporte
criteria:
  answers:
    check: answers
    title: {en: "Does it answer?", es: "¿Responde a lo que se pregunta?"}
    labels:
      responde: {value: 1, title: {en: "Yes", es: "Sí"}, help: {es: "También si solo enlaza a la respuesta."}}
      no_responde: {value: 0, title: {en: "No", es: "No"}}
"""
DODGES = "Lo siento, no puedo ayudarle con eso. Consulte la página web, donde encontrará toda la información. " * 2
PLACE = "import os, sys; os.login_tty(0); os.execv(sys.executable, [sys.executable, '-m', 'evalgate', *sys.argv[1:]])"
COLUMNS = 60
ANSWERS = {"Tarda tres días hábiles.": "1\n", DODGES.strip(): "2\n"}


class Terminal:
    """A command at a terminal of so many columns: what it wrote last, and keys to press."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._screen, inside = pty.openpty()
        ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        environment = {**os.environ, "EVALGATE_LANG": "es", "TERM": "xterm"}
        command = [sys.executable, "-c", PLACE, *words]
        self._process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=inside, stdout=inside, stderr=inside
        )
        os.close(inside)

    def read(self) -> str:
        """Give all that is written until it asks again, or ends."""
        written = b""
        while not written.endswith(b"\n> "):
            assert select.select([self._screen], [], [], 60)[0], written.decode()
            try:
                written += os.read(self._screen, 65_536)
            except OSError:  # nobody has the terminal open any more
                break
        return written.decode().replace("\r\n", "\n")

    def press(self, keys: str) -> str:
        """Type, and give what is written then."""
        os.write(self._screen, keys.encode())
        return self.read()

    def end(self) -> int:
        """Wait until the command has ended, and give its exit code."""
        code = self._process.wait(60)
        os.close(self._screen)
        return code


Begins = Callable[..., Terminal]


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder in which a run is stored."""
    folder = tmp_path_factory.mktemp("scored")
    rows = [
        {
            "id": f"caso-{number}",
            "prompt": f"¿Cuánto tarda el envío a Canarias? (pedido {number})",
            "response": "Tarda tres días hábiles." if number % 3 else DODGES.strip(),
            "lang": "es",
            "mark": "responde" if number % 3 and number % 7 else "no_responde",
        }
        for number in range(100)
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "candidate.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "suite.yaml").write_text(SUITE, encoding="utf-8")
    (folder / "rubric.yaml").write_text(RUBRIC, encoding="utf-8")
    command = [sys.executable, "-m", "evalgate", "run", "suite.yaml"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def begins(scored: Path, tmp_path: Path) -> Begins:
    copytree(scored, tmp_path, dirs_exist_ok=True)
    with open_store(tmp_path / ".evalgate" / "evalgate.db") as store:
        (run,) = store.runs.list()
    return partial(Terminal, tmp_path, "label", run.id[:6], "--check", "answers")


def labels_in(folder: Path) -> list[Label]:
    with open_store(folder / ".evalgate" / "evalgate.db") as store:
        return list(store.labels.stream("answers"))


def answer_of(shown: str) -> str:
    """Give what a person types who reads the answer on the screen."""
    answer = shown.rpartition("RESPUESTA\n")[2].rpartition("\nanswers: ")[0]
    return ANSWERS[" ".join(answer.split())]


def test_thirty_answers_are_labelled_in_ones_own_language_and_make_a_card(begins: Begins, tmp_path: Path) -> None:
    terminal = begins()
    shown = terminal.read()
    assert shown.startswith("30 respuestas por mirar. Cada etiqueta se guarda al momento;")
    assert "\n── 1 de 30 ──  caso caso-" in shown
    assert "PREGUNTA\n¿Cuánto tarda el envío a Canarias? (pedido" in shown
    assert "\nanswers: 1 responde  2 no_responde  0 no se puede saber  z volver  q dejarlo\n> " in shown
    for _ in range(29):
        shown = terminal.press(answer_of(shown))
        texts = shown.partition("RESPUESTA\n")[2].rpartition("\nanswers: ")[0].split("\n")
        assert max(map(len, texts)) <= COLUMNS
    said = terminal.press(answer_of(shown))
    assert terminal.end() == 0
    assert "comprobación answers: 30 respondidas, 0 sin saber, 0 por responder" in said
    assert "TPR " in said
    assert "incomplete: 20 labels of each kind are needed" in said
    assert "Para completar la ficha, pregunta por más: evalgate label" in said
    assert "-n 60" in said
    labels = labels_in(tmp_path)
    assert len(labels) == 30
    assert {(one.language, one.source) for one in labels} == {("es", "terminal")}
    assert len({one.probability for one in labels} - {None}) == 1


def test_a_slip_is_taken_back_and_who_does_not_know_how_to_answer_is_told(begins: Begins, tmp_path: Path) -> None:
    terminal = begins("--rubric", "rubric.yaml", "-n", "4")
    first = terminal.read()
    assert "¿Responde a lo que se pregunta?: 1 Sí  2 No  0 no se puede saber" in first
    told = terminal.press("¿?\n")
    assert "Escribe un número de 0 a 2, z para volver o q para dejarlo, y pulsa Intro." in told
    assert "1 Sí: También si solo enlaza a la respuesta." in told
    assert "── 2 de 4 ──" in terminal.press("sí\n")
    assert [one.label for one in labels_in(tmp_path)] == ["responde"]
    assert "── 1 de 4 ──" in terminal.press("z\n")
    assert "── 1 de 4 ──" in terminal.press("z\n")
    assert "── 2 de 4 ──" in terminal.press("No\n")
    assert [one.label for one in labels_in(tmp_path)] == ["no_responde"]
    assert "── 1 de 4 ──" in terminal.press("z\n")
    assert "── 2 de 4 ──" in terminal.press("0\n")
    assert labels_in(tmp_path) == []
    assert "0 respondidas, 1 sin saber, 3 por responder" in terminal.press("q\n")
    assert terminal.end() == 0


@pytest.mark.parametrize("stop", ["\x03", "\x04", "q\n"], ids=["Ctrl-C", "Ctrl-D", "q"])
def test_whoever_stops_keeps_all_and_goes_on_there(begins: Begins, tmp_path: Path, stop: str) -> None:
    terminal = begins("-n", "5")
    terminal.read()
    terminal.press("1\n")
    terminal.press("2\n")
    assert "2 respondidas, 0 sin saber, 3 por responder" in terminal.press(stop)
    assert terminal.end() == 0
    labels = labels_in(tmp_path)
    assert [one.label for one in labels] == ["responde", "no_responde"]
    assert {one.probability for one in labels}.isdisjoint({None})
    again = begins("-n", "5")
    assert "── 3 de 5 ──" in again.read()
    assert "── 2 de 5 ──" in again.press("z\n")
    assert "── 3 de 5 ──" in again.press("1\n")
    again.press("q\n")
    assert again.end() == 0
    assert [one.label for one in labels_in(tmp_path)] == ["responde", "responde"]
