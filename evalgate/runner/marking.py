"""The synchronous half of a run: code checks on the raw texts, the masked sample, the questions for judges."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from evalgate.checks.privacy.masking import Masker
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.checks import Check, CodeCheck, JudgedCheck
from evalgate.core.models import ModelRequest
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
    """Marks one sample at a time with everything that needs no waiting."""

    def __init__(self, checks: Sequence[Named], masker: Masker, secret: bytes) -> None:
        """Keep the checks in the suite's order; `secret` makes nonces that authors of answers cannot know."""
        self._code = [(named, named.check) for named in checks if isinstance(named.check, CodeCheck)]
        self._judged = [(named, named.check) for named in checks if isinstance(named.check, JudgedCheck)]
        self._masker = masker
        self._secret = secret

    def begin(self, item: Item) -> Pending:
        """Run the code checks on the raw texts, mask, and write down what judges are to be asked."""
        raw = Subject(sample=item.sample)
        texts = SubjectTexts(raw)
        case, repeat = item.sample.case, item.sample.output.repeat
        outcomes: list[Outcome] = []
        for named, check in self._code:
            known = item.known.get(named.name)
            if known is not None:
                outcomes += known
                continue
            marks: Marks
            try:
                why_not = check.not_for(case)
                marks = dict.fromkeys(check.criteria, why_not) if why_not else check.mark(raw, texts)
            except Exception as error:  # noqa: BLE001 - a check that crashes is a value, the run goes on
                marks = dict.fromkeys(check.criteria, crashed(error))
            outcomes += as_outcomes(self._masker.mask_marks(item.sample, marks), named.ref, case.id, repeat)
        masked = Subject(sample=self._masker.mask_sample(item.sample))
        pending = Pending(item, masked, outcomes)
        for named, judged in self._judged:
            self._ask(pending, named, judged)
        return pending

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
        # Over the masked sample: a stored baseline has no other, and must ask the very same question.
        message = f"{sample.digest}{ref.digest}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()[:16]


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
