"""The synchronous half of a run: code checks on the raw texts, the masked sample, the questions for judges."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from evalgate.checks.privacy.masking import Masker
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.checks import BatchCheck, Check, CodeCheck, JudgedCheck
from evalgate.core.models import LocalModel, ModelRequest
from evalgate.core.outcomes import CheckRef, Mark, Marks, NotApplicable, Outcome, Unscored
from evalgate.core.samples import Sample, Subject


class Item(NamedTuple):
    """One sample to mark. Outcomes already known (from a stored run) are kept as they are."""

    position: int
    sample: Sample
    case_digest: str
    sample_digest: str
    known: Mapping[str, tuple[Outcome, ...]] = {}
    """Check name to the outcomes that need not be made again."""

    @classmethod
    def fresh(cls, position: int, sample: Sample) -> Item:
        """Return the item of a sample that nothing is known of."""
        return cls(position, sample, sample.case.digest, sample.digest)


@dataclass(frozen=True)
class Named:
    """A check under the name its suite gives it, with the reference its outcomes carry."""

    name: str
    check: Check
    ref: CheckRef

    @classmethod
    def all_of(cls, checks: Mapping[str, Check]) -> tuple[Named, ...]:
        """Return the checks of a suite in their order."""
        return tuple(cls(name, check, check.ref(name)) for name, check in checks.items())


class Question(NamedTuple):
    """What one judged check asks about one sample."""

    named: Named
    check: JudgedCheck
    requests: tuple[ModelRequest, ...]


@dataclass
class Pending:
    """A sample whose judges have not all answered. Its texts are masked."""

    item: Item
    subject: Subject
    outcomes: list[Outcome]
    questions: list[Question] = field(default_factory=list)
    waiting: int = 0


class Marker:
    """Marks samples with everything that needs no waiting."""

    def __init__(self, checks: Sequence[Named], masker: Masker, secret: bytes) -> None:
        """Keep the checks in the suite's order and load their models, each once.

        `secret` makes nonces that authors of answers cannot know. Raise SuiteInvalid for a model that may not be used.
        """
        self._code = [(named, named.check) for named in checks if isinstance(named.check, CodeCheck)]
        self._judged = [(named, named.check) for named in checks if isinstance(named.check, JudgedCheck)]
        self._masker = masker
        self._secret = secret
        models: dict[str, LocalModel] = {}
        self._batch: list[tuple[Named, BatchCheck, LocalModel]] = []
        for named in checks:
            if isinstance(named.check, BatchCheck):
                key = named.check.model_key
                if key not in models:
                    models[key] = named.check.load()
                self._batch.append((named, named.check, models[key]))

    @property
    def has_models(self) -> bool:
        """Whether local models mark too: they take seconds a batch, and many samples at once."""
        return bool(self._batch)

    def begin_all(self, items: Sequence[Item]) -> list[Pending]:
        """Run the code checks and local models on the raw texts, mask, and write down what judges are to be asked."""
        pendings = self._begin(items)
        for named, check, model in self._batch:
            self._mark_together(pendings, named, check, model)
        return pendings

    def _mark_together(self, pendings: Sequence[Pending], named: Named, check: BatchCheck, model: LocalModel) -> None:
        due: list[Pending] = []
        for pending in pendings:
            known = pending.item.known.get(named.name)
            why_not = check.not_for(pending.item.sample.case)
            if known is not None:
                pending.outcomes += known
            elif why_not is not None:
                self._keep(pending, named, dict.fromkeys(check.criteria, why_not))
            else:
                due.append(pending)
        subjects = [Subject(sample=pending.item.sample) for pending in due]
        for pending, marks in zip(due, _marked_together(check, subjects, model), strict=True):
            self._keep(pending, named, self._masker.mask_marks(pending.item.sample, marks))

    def _keep(self, pending: Pending, named: Named, marks: Marks) -> None:
        sample = pending.item.sample
        pending.outcomes += as_outcomes(marks, named.ref, sample.case.id, sample.output.repeat)

    def by_code(self, items: Sequence[Item]) -> list[list[Outcome]]:
        """Return what the code checks say of each raw sample, as it reads beside the masked one."""
        raws = [Subject(sample=item.sample) for item in items]
        texts = [SubjectTexts(raw) for raw in raws]
        outcomes: list[list[Outcome]] = [[] for _ in items]
        # One check after the other: what it looks words up in stays in the processor's cache.
        for named, check in self._code:
            for place, item in enumerate(items):
                outcomes[place] += self._marked(named, check, item, raws[place], texts[place])
        return outcomes

    def _begin(self, items: Sequence[Item]) -> list[Pending]:
        outcomes = self.by_code(items)
        pendings = []
        for item, kept in zip(items, outcomes, strict=True):
            pending = Pending(item, Subject(sample=self._masker.mask_sample(item.sample)), kept)
            for named, judged in self._judged:
                self._ask(pending, named, judged)
            pendings.append(pending)
        return pendings

    def _marked(
        self, named: Named, check: CodeCheck, item: Item, raw: Subject, texts: SubjectTexts
    ) -> Sequence[Outcome]:
        known = item.known.get(named.name)
        if known is not None:
            return known
        marks: Marks
        try:
            why_not = check.not_for(item.sample.case)
            marks = dict.fromkeys(check.criteria, why_not) if why_not else check.mark(raw, texts)
        except Exception as error:  # noqa: BLE001 - a check that crashes is a value, the run goes on
            marks = dict.fromkeys(check.criteria, crashed(error))
        case_id, repeat = item.sample.case.id, item.sample.output.repeat
        return as_outcomes(self._masker.mask_marks(item.sample, marks), named.ref, case_id, repeat)

    def _ask(self, pending: Pending, named: Named, check: JudgedCheck) -> None:
        item = pending.item
        known = item.known.get(named.name)
        if known is not None:
            pending.outcomes += known
            return
        case, repeat = item.sample.case, item.sample.output.repeat
        why_not = check.not_for(case)
        marks: Marks
        try:
            if why_not is not None:
                marks = dict.fromkeys(check.criteria, why_not)
            elif requests := check.requests(pending.subject, self.nonce(pending.subject.sample, named.ref)):
                pending.questions.append(Question(named, check, requests))
                return
            else:
                marks = check.read(pending.subject, ())
        except Exception as error:  # noqa: BLE001 - as above
            marks = dict.fromkeys(check.criteria, crashed(error))
        pending.outcomes += as_outcomes(marks, named.ref, case.id, repeat)

    def nonce(self, sample: Sample, ref: CheckRef) -> str:
        """Return the fence of one sample under one check: stable on resume, unknown to the answer's author."""
        return fence_of(self._secret, sample.digest, ref.digest)


def fence_of(secret: bytes, sample_digest: str, check_digest: str) -> str:
    """Return the nonce of a masked sample under a check."""
    # Over the masked sample: a stored baseline has no other, and must ask the very same question.
    return hmac.new(secret, f"{sample_digest}{check_digest}".encode(), hashlib.sha256).hexdigest()[:16]


def _marked_together(check: BatchCheck, subjects: Sequence[Subject], model: LocalModel) -> list[Marks]:
    """Return the marks of all; when marking them together raises, one by one, so that one text spoils only its own."""
    if not subjects:
        return []
    try:
        return check.mark_many(subjects, model)
    except Exception as error:  # noqa: BLE001 - a check that crashes is a value, the run goes on
        if len(subjects) == 1:
            return [dict.fromkeys(check.criteria, crashed(error))]
        return [marks for subject in subjects for marks in _marked_together(check, [subject], model)]


def crashed(error: Exception) -> Unscored:
    """Return the value of a check that raised; the text of the sample is not repeated in it."""
    return Unscored(reason="crashed", detail=type(error).__name__)


def as_outcomes(
    marks: Mapping[str, Mark | NotApplicable | Unscored], ref: CheckRef, case_id: str, repeat: int
) -> list[Outcome]:
    """Add ids and the CheckRef to a check's results."""
    return [
        Outcome(case_id=case_id, repeat=repeat, check=ref, criterion=criterion, result=result)
        for criterion, result in marks.items()
    ]
