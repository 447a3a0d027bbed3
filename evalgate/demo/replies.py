"""The judge's replies that were written by hand for this example, found by the rubric and the answer in a prompt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from evalgate.judges.wording import Language

MODEL = "demo-replies"
"""As the demo's suite names its judge."""
VERSION = "demo-replies-2026-11"
"""As the server names what answered."""
ARMS = ("baseline", "candidate", "fixed")

_OUTPUT = re.compile(r"<<output (?P<nonce>\w+)>>\n(?P<text>.*)\n<</output (?P=nonce)>>", re.DOTALL)


class Written(NamedTuple):
    """One reply: the label it picks and why."""

    label: str
    reasoning: str

    @property
    def text(self) -> str:
        """The JSON object that a judge is asked for."""
        return json.dumps({"reasoning": self.reasoning, "label": self.label}, ensure_ascii=False)


class Replies:
    """Every written reply. What nobody wrote a reply for is not answered: nothing is made up."""

    def __init__(self, questions: Mapping[str, str], written: Mapping[tuple[str, str], Written]) -> None:
        """Keep which rubric asks which question, and each reply under (rubric, answer as the judge sees it)."""
        self._questions = questions
        self._written = written

    @classmethod
    def read(cls) -> Replies:
        """Return the replies that ship with the demo, under the answers as written and as masked."""
        by_digest = {
            (row["rubric"], row["response_digest"]): Written(row["label"], row["reasoning"])
            for row in lines("judge_replies.jsonl")
        }
        rubrics = sorted({rubric for rubric, _ in by_digest})
        written: dict[tuple[str, str], Written] = {}
        for raw, masked in _answers():
            digest = sha256(raw.encode()).hexdigest()
            for rubric in rubrics:
                reply = by_digest[rubric, digest]
                written[rubric, raw] = written[rubric, masked] = reply
        return cls(_questions(rubrics), written)

    def find(self, prompt: str) -> Written | None:
        """Return the reply to a judge's prompt, or None when nobody wrote one."""
        fenced = _OUTPUT.search(prompt)
        if fenced is None:
            return None
        after = prompt[fenced.end() :]
        rubric = next((rubric for question, rubric in self._questions.items() if question in after), None)
        return None if rubric is None else self._written.get((rubric, fenced["text"]))


def prompt_of(request: Any) -> str:
    """Return the texts of a chat request's messages, one after another; raise ValueError when it is none."""
    try:
        return "\n".join(str(message["content"] or "") for message in request["messages"])
    except (TypeError, KeyError) as error:
        raise ValueError("the request holds no messages") from error


def data(name: str) -> Traversable:
    """Return a file that ships with the demo."""
    return files("evalgate") / "demo" / "data" / name


def lines(name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a JSON Lines file that ships with the demo."""
    for line in data(name).read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def _answers() -> Iterator[tuple[str, str]]:
    """Yield every answer of the three sets with what masking makes of it: a judge is sent the masked one."""
    from evalgate.checks.privacy.masking import Masker

    masker = Masker()
    for arm in ARMS:
        for row in lines(f"outputs_{arm}.jsonl"):
            yield row["response"], masker.mask(row["response"])


def _questions(rubrics: list[str]) -> dict[str, str]:
    """Return each question of these shipped rubrics, in every language it is asked in, with its rubric."""
    from evalgate.judges.rubrics import parse_rubric
    from evalgate.judges.shipped import shipped_rubrics

    shipped = shipped_rubrics()
    loaded = {name: parse_rubric(shipped[name].read_bytes(), name) for name in rubrics}
    languages: tuple[Language, ...] = ("en", "es", "pt")
    return {rubric.question_in(language): name for name, rubric in loaded.items() for language in languages}
