"""What the tests of judges share: a small rubric, a way to load one from text, a subject, a reply."""

from __future__ import annotations

import json

import pytest

from evalgate.core.checks import Loading
from evalgate.core.models import Reply
from evalgate.core.samples import Case, Output, Sample, Subject
from evalgate.judges.check import RubricCheck
from evalgate.judges.rubrics import Rubric

NONCE = "3f9ab2c41d"

POLITE = """\
name: polite
version: 1
question: {en: Is the answer polite?, es: ¿La respuesta es cortés?, pt: A resposta é cordial?}
labels:
  polite: {value: 1.0, title: Polite, help: {en: Kind words throughout., es: Palabras amables., pt: Palavras gentis.}}
  rude: 0.0
  unknown: unknown
"""


@pytest.fixture
def nonce():
    return NONCE


@pytest.fixture
def polite_yaml():
    return POLITE


@pytest.fixture
def load():
    """Load a rubric from YAML text, as if a suite had named the file `mine.yaml`."""

    def from_text(text, judge="judge-1"):
        return Rubric.load("mine.yaml", Loading(read=lambda _: text.encode(), judge=judge))

    return from_text


@pytest.fixture
def polite(load):
    return load(POLITE)


@pytest.fixture
def judged():
    """Build the check of a rubric, given as such or by a shipped name."""

    def by(rubric, judge="judge-1", **fields):
        return RubricCheck.model_validate({"rubric": rubric, "judge": judge, **fields})

    return by


@pytest.fixture
def check(polite, judged):
    return judged(polite)


@pytest.fixture
def subject():
    """Build a subject; whatever is not given is something short and harmless."""

    def of(output="All is well.", **case):
        asked = Case(**{"id": "c1", "input": "How are you?", **case})
        return Subject(sample=Sample(case=asked, output=Output(text=output)))

    return of


@pytest.fixture
def reply():
    """Build a reply; a mapping becomes its JSON."""

    def of(answer, **fields):
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return Reply(**{"text": text, "model": "judge-1-2025-04-14", "finish_reason": "stop", **fields})

    return of


@pytest.fixture
def asked(check, subject, nonce):
    """Return the text of the user message that a check writes for an output."""

    def of(output="All is well.", check=check, **case):
        return check.requests(subject(output, **case), nonce)[0].messages[-1].content

    return of
