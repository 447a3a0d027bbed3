"""Check and its three shapes. A check is a frozen value: its fields are its parameters, its instance is its YAML."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Protocol

from pydantic import JsonValue, ValidationInfo

from evalgate.core.errors import SuiteInvalid
from evalgate.core.models import LocalModel, ModelRequest, Reply
from evalgate.core.outcomes import Annotator, CheckRef, Marks, NotApplicable, Side, View
from evalgate.core.samples import Case, Subject
from evalgate.core.values import Value, digest


def _no_files(name: str) -> bytes:
    message = f"{name}: files are read only while a suite is loaded; give the content itself"
    raise SuiteInvalid(message)


def _no_folders(name: str) -> Path:
    message = f"{name}: folders are found only while a suite is loaded"
    raise SuiteInvalid(message)


@dataclass(frozen=True, slots=True)
class Loading:
    """What a check may use while it is read from a suite; handed in as pydantic's validation context."""

    read: Callable[[str], bytes]
    """Reads a file named in the suite, relative to it; raises SuiteInvalid naming what is missing."""
    judge: str | None = None
    """The suite's default judge."""
    locate: Callable[[str], Path] = _no_folders
    """Finds a folder named in the suite, relative to it; raises SuiteInvalid naming what is missing."""

    @classmethod
    def of(cls, info: ValidationInfo) -> Loading:
        """Return the context of a validation; outside a suite, one that reads nothing."""
        return info.context if isinstance(info.context, cls) else cls(read=_no_files)


class Texts(Protocol):
    """Views of one subject's texts, built on first use and shared by all checks of that subject."""

    def pieces(self, side: Side) -> Sequence[str]:
        """Return the original texts of a side: one for the output, one a message or passage otherwise."""

    def view(self, side: Side, index: int, view: View) -> tuple[str, Sequence[int] | None]:
        """Return a view of one piece and, for each of its code points, the original's index (None = the same)."""

    def language(self, side: Side, index: int) -> str | None:
        """Return the language of one piece (en, es, pt), None when that cannot be told."""


class Check(Value):
    """One thing that marks a sample, named after the virtue it finds."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    """Raised when the same parameters give other marks: outcomes of two versions are not compared."""
    summary: ClassVar[str] = ""
    """One sentence for `evalgate checks list` and the docs: what a mark of 1 says."""

    where: dict[str, JsonValue] = {}
    """Columns and the values they must have; other cases are not applicable."""
    advisory: bool = False
    """True for a check that no gate reads."""

    @property
    def annotated_by(self) -> Annotator:
        """Who marks: code, classifier, llm or human."""
        return "code"

    @property
    def criteria(self) -> tuple[str, ...]:
        """The names of what this check marks; one empty name when it marks one thing."""
        return ("",)

    @property
    def binary(self) -> bool:
        """Whether every mark is exactly 0 or 1, as `never` and `at_most` need."""
        return True

    @cached_property
    def digest(self) -> str:
        """Equal for checks that mark alike: kind, version and every parameter that can move a mark."""
        return digest([self.kind, self.version, self.model_dump(mode="json", exclude={"advisory"})])

    def ref(self, name: str) -> CheckRef:
        """Return the reference outcomes carry, under the name the suite gives this check."""
        return CheckRef(name=name, annotator=self.annotated_by, digest=self.digest)

    def not_for(self, case: Case) -> NotApplicable | None:
        """Return why this check has no business with a case, or None when it has."""
        for column, wanted in self.where.items():
            if case.metadata.get(column) != wanted:
                return NotApplicable(why=f"{column} is not {wanted!r}")
        return None


class CodeCheck(Check):
    """A check in code: synchronous, pure, quick enough for all traffic."""

    @abstractmethod
    def mark(self, subject: Subject, texts: Texts) -> Marks:
        """Return one result a criterion."""


class BatchCheck(Check):
    """A check by a local model: loaded once for all checks with the same key, then asked about many subjects."""

    @property
    @abstractmethod
    def model_key(self) -> str:
        """Equal for checks that can share one loaded model."""

    @abstractmethod
    def load(self) -> LocalModel:
        """Return the model, tested; raise WrongAsWritten when it cannot be trusted, ServiceBroke when it cannot run."""

    @abstractmethod
    def mark_many(self, subjects: Sequence[Subject], model: LocalModel) -> list[Marks]:
        """Return one set of results a subject, in their order."""

    @property
    def annotated_by(self) -> Annotator:
        """Always a classifier."""
        return "classifier"


class JudgedCheck(Check):
    """A check by a judge: it says what to ask and how to read the replies; only the runner awaits."""

    @property
    def annotated_by(self) -> Annotator:
        """Always a language model."""
        return "llm"

    @abstractmethod
    def requests(self, subject: Subject, nonce: str) -> tuple[ModelRequest, ...]:
        """Return what to ask; the subject's texts are already masked.

        `nonce` fences them off in the prompt: stable for the same sample and check, unknown to the answer's author.
        """

    @abstractmethod
    def read(self, subject: Subject, replies: Sequence[Reply]) -> Marks:
        """Return one result a criterion from the replies, in the order of the requests."""
