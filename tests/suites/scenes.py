"""A small catalogue of checks and a suite that uses it, so that this room is tested on its own."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from evalgate.core.checks import Check, CodeCheck, JudgedCheck, Loading, Texts
from evalgate.core.errors import EvalgateError, SuiteInvalid
from evalgate.core.models import ModelRequest, Reply
from evalgate.core.outcomes import Marks, held
from evalgate.core.samples import Subject
from evalgate.core.values import Finite, Value
from evalgate.suites.fields import Wanted
from evalgate.suites.loading import load_suite
from evalgate.suites.samples import SampleFile
from evalgate.suites.suite import DataSpec, Suite


class Held(CodeCheck):
    def mark(self, subject: Subject, texts: Texts) -> Marks:
        del subject, texts
        return {"": held()}


class Pii(Held):
    kind: ClassVar[str] = "pii"
    countries: tuple[Literal["br", "es"], ...] = ()
    ignore_echo: bool = False


class BannedTerms(Held):
    kind: ClassVar[str] = "banned_terms"
    terms: tuple[str, ...] = ()
    pack: str | None = None

    @field_validator("pack")
    @classmethod
    def _load(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is None:
            return None
        content = Loading.of(info).read(name)
        if b"terms" not in content:
            raise SuiteInvalid("the pack holds no terms")
        return content.decode()


class Length(Held):
    kind: ClassVar[str] = "length"
    longest: Annotated[int, Field(ge=1)]


class Files(Value):
    candidate: str
    baseline: str | None = None


class Recorded(Held):
    kind: ClassVar[str] = "recorded"
    column: str
    range: tuple[Finite, Finite] = (0.0, 1.0)
    file: Files | None = None

    @property
    def files(self) -> Files | None:
        return self.file

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def binary(self) -> bool:
        return False


class RubricLike(JudgedCheck):
    kind: ClassVar[str] = "rubric"
    rubric: str
    language: Literal["en", "es", "pt"] = "en"

    @property
    def criteria(self) -> tuple[str, ...]:
        return ("tone", "help") if self.rubric == "tone_and_help" else ("",)

    def requests(self, subject: Subject, nonce: str) -> tuple[ModelRequest, ...]:
        del subject, nonce
        return ()

    def read(self, subject: Subject, replies: Sequence[Reply]) -> Marks:
        del subject, replies
        return {}


CATALOGUE: dict[str, type[Check]] = {kind.kind: kind for kind in (Pii, BannedTerms, Length, Recorded, RubricLike)}

SUPPORT = """\
version: 1
name: support
owner: owner@acme.example
data:
  candidate: evals/candidate.jsonl
  baseline: evals/baseline.jsonl
  columns: {input: prompt, output: response, cluster: session_id}
  slices: {locale: lang}
judge: gpt-4.1-mini
uncalibrated: allow
checks:
  no_pii: {check: pii, countries: [br, es], ignore_echo: true}
  answers: {rubric: answers_the_question}
gates:
  no_pii: {never: any}
  answers: {at_least: 0.85, no_worse_than: 0.06, by: locale}
policy: {on_inconclusive: block, spend_cap_usd: 5}
"""


def load(folder: Path, text: str, *, candidate_given: bool = False, baseline_given: bool = False) -> Suite:
    """Write a suite into a folder and load it."""
    path = folder / "suite.yaml"
    path.write_text(text, encoding="utf-8")
    return load_suite(path, CATALOGUE, candidate_given=candidate_given, baseline_given=baseline_given)


def changed(*changes: tuple[str, str]) -> str:
    """Return the support suite with some of its text replaced; what is replaced must be there once."""
    text = SUPPORT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def complaint(call: Callable[[], object]) -> str:
    """Return the one line of the error a call ends in, or nothing; whatever is not ours goes through."""
    try:
        call()
    except EvalgateError as problem:
        return str(problem)
    return ""


GOOD = {"id": "c-1", "input": "q", "output": "a"}


def jsonl(path, *rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def as_csv(path, *rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    return path


AS_NAMED, TEXTS = DataSpec(), Wanted()


def one(path, spec=AS_NAMED, wanted=TEXTS):
    (sample,) = SampleFile(path, spec, wanted).stream()
    return sample


def said(path, spec=AS_NAMED, wanted=TEXTS):
    """Return what is said about a file, without its folder."""
    line = complaint(lambda: SampleFile(path, spec, wanted).inventory())
    return line.replace(f"{path.parent}/", "")
