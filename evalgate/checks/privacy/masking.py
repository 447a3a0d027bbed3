"""Masking: personal data and secrets replaced by what they are, as `<CPF>` or `<SECRET>`, before a text is kept.

What is stored, sent to a judge or printed passes here; code checks have seen the raw text before.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from itertools import count
from operator import is_
from typing import Any, Literal, NamedTuple, TypeVar, cast

from evalgate.checks.privacy.personal_data import PersonalData, plain_marks
from evalgate.checks.privacy.secrets import SecretFinder
from evalgate.checks.text.views import encodable, side_texts
from evalgate.core.outcomes import Mark, Marks, NotApplicable, Span, Unscored
from evalgate.core.samples import Case, Message, Output, Sample, ToolCall
from evalgate.core.values import Value

Style = Literal["typed", "hash", "last4"]
_SECRET = "SECRET"  # noqa: S105 - the name of a kind
LAST_FOUR = frozenset({"card", "iban", "phone", "ccc", "cbu", "clabe"})
"""Kinds whose last four characters people are used to see."""
HASH_LENGTH = 16
"""Letters of a hash: 64 bits, so that among a thousand million values hardly two meet."""
_AS_WRITTEN = frozenset({"ip", "gps", "birth_date", "crypto"})
"""Kinds whose marks and capitals mean something; so do those of a secret."""
_DIVISIONS = str.maketrans("", "", " .-/:()")
_AS_LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""A hash in letters alone: digits could look like data again."""
ROUNDS_AT_MOST = 4
"""A mask may free its neighbour to be seen: a text not clean after so many rounds is hostile, and masked whole."""
WHOLE = "<MASKED>"
_LONG_NUMBER = 10**9
"""Numbers in metadata from here on may be identity or card numbers."""

ValueT = TypeVar("ValueT", bound=Value)
ItemT = TypeVar("ItemT")


class _Edit(NamedTuple):
    """A stretch of a text and what takes its place."""

    start: int
    end: int
    mask: str


class Masker:
    """Masks texts, samples and what checks said of them. Built once; a clean text costs two passes of RE2.

    Three styles: `typed` says what it was, `<CPF>`; `hash` adds a keyed hash, by which equal values can still be
    joined, `<CPF:fjkabnmdgopaeilc>`; `last4` adds the last four characters where that is customary, `<CARD:…3467>`.
    """

    def __init__(self, style: Style = "typed", key: bytes = b"") -> None:
        """Keep the style; `key` makes hashes that nobody without it can find by trying every number there is."""
        self.style, self._key = style, key
        self._data = PersonalData()
        self._secrets = SecretFinder()

    def __reduce__(self) -> tuple[type[Masker], tuple[Style, bytes]]:
        return type(self), (self.style, self._key)

    def mask(self, text: str) -> str:
        """Return the text with personal data and secrets masked; the same object when there are none.

        Numbers whose check digits are right are masked even where a check would want a word that explains them.

        >>> Masker().mask("CPF 529.982.247-25, ana@exemplo.com.br")
        'CPF <CPF>, <EMAIL>'
        """
        for edits in self._rounds(text):
            text = _edited(text, edits)
        return encodable(text)

    def mask_sample(self, sample: Sample) -> Sample:
        """Return the sample with every text masked, the same object when nothing changed.

        Ids, clusters and slices are names by which cases are joined and grouped, not texts: they stay as they are.
        """
        return _changed(sample, case=self._case(sample.case), output=self._output(sample.output))

    def mask_marks(self, sample: Sample, marks: Marks) -> Marks:
        """Return what checks said of a raw sample as it reads beside the masked one.

        Spans move to where their stretch stands in the masked text; a span inside a mask becomes the whole mask.
        """
        return {criterion: self._result(sample, result) for criterion, result in marks.items()}

    def _rounds(self, text: str) -> Iterator[list[_Edit]]:
        text = encodable(text)
        for _ in range(ROUNDS_AT_MOST):
            edits = self._edits(text)
            if not edits:
                return
            yield edits
            text = _edited(text, edits)
        if self._edits(text):
            yield [_Edit(0, len(text), WHOLE)]

    def _edits(self, text: str) -> list[_Edit]:
        data = [(one.start, one.end, one.kind.upper()) for one in self._data.find(text)]
        data += ((one.start, one.end, _SECRET) for one in self._secrets.find(text))
        edits = [_Edit(start, end, self._mask(name, text[start:end])) for start, end, name in data]
        return _merged(edits) if edits else edits

    def _mask(self, name: str, value: str) -> str:
        if self.style == "hash":
            code = hmac.new(self._key, f"{name}:{_meant(name, value)}".encode(), hashlib.sha256).hexdigest()
            return f"<{name}:{code[:HASH_LENGTH].translate(_AS_LETTERS)}>"
        if self.style == "last4" and name.lower() in LAST_FOUR:
            return f"<{name}:…{''.join(filter(str.isalnum, value))[-4:]}>"
        return f"<{name}>"

    def _case(self, case: Case) -> Case:
        asked = case.input if isinstance(case.input, tuple) else self.mask(case.input)
        if isinstance(asked, tuple):
            asked = _same_or(asked, tuple(self._message(message) for message in asked))
        return _changed(
            case,
            input=asked,
            reference=None if case.reference is None else self.mask(case.reference),
            context=_same_or(case.context, tuple(self.mask(passage) for passage in case.context)),
            metadata=self.mask_json(case.metadata),
        )

    def _output(self, output: Output) -> Output:
        return _changed(
            output,
            text=self.mask(output.text),
            tool_calls=_same_or(output.tool_calls, tuple(self._call(call) for call in output.tool_calls)),
            recorded=self.mask_json(output.recorded),
        )

    def _message(self, message: Message) -> Message:
        calls = _same_or(message.tool_calls, tuple(self._call(call) for call in message.tool_calls))
        return _changed(message, content=self.mask(message.content), tool_calls=calls)

    def _call(self, call: ToolCall) -> ToolCall:
        return _changed(call, arguments=self.mask(call.arguments))

    def mask_json(self, value: Any) -> Any:
        """Return plain data with its texts and long whole numbers masked, the same object when nothing changed."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, dict):
            return self._mask_object(value)
        if isinstance(value, list):
            items = [self.mask_json(item) for item in value]
            return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
        if isinstance(value, int) and abs(value) >= _LONG_NUMBER:
            written = str(value)
            masked_number = self.mask(written)
            return value if masked_number == written else masked_number
        return value

    def _mask_object(self, value: dict[Any, Any]) -> dict[Any, Any]:
        """Return an object with its names masked too; names whose masks are alike are numbered, and none is lost."""
        names = {name: self.mask(name) if isinstance(name, str) else name for name in value}
        taken = {name for name, new in names.items() if new is name}
        for name, new in names.items():
            if new is not name:
                free = (f"{new} {number}" if number > 1 else new for number in count(1))
                names[name] = next(one for one in free if one not in taken)
                taken.add(names[name])
        masked = {names[name]: self.mask_json(item) for name, item in value.items()}
        same = all(names[name] is name and masked[name] is item for name, item in value.items())
        return value if same else masked

    def _result(self, sample: Sample, result: Mark | NotApplicable | Unscored) -> Mark | NotApplicable | Unscored:
        if isinstance(result, NotApplicable) or _says_nothing(result):
            return result
        votes = _same_or(result.votes, tuple(_changed(v, explanation=self.mask(v.explanation)) for v in result.votes))
        if isinstance(result, Unscored):
            return _changed(result, detail=self.mask(result.detail), votes=votes)
        return _changed(
            result,
            explanation=self.mask(result.explanation),
            fix=None if result.fix is None else self.mask(result.fix),
            spans=_same_or(result.spans, tuple(self._span(sample, span) for span in result.spans)),
            votes=votes,
        )

    def _span(self, sample: Sample, span: Span) -> Span:
        start, end = span.start, span.end
        pieces = side_texts(sample, span.side)
        for edits in self._rounds(pieces[span.message or 0]):
            start, end = _moved(start, end, edits)
        return span if (start, end) == (span.start, span.end) else _changed(span, start=start, end=end)


def _meant(name: str, value: str) -> str:
    """Return what makes two values one: not how a number is divided, nor the capitals of an address.

    >>> _meant("CPF", "529.982.247-25"), _meant("EMAIL", "Ana@X.example"), _meant("IP", "1.12.3.4")
    ('52998224725', 'ana@x.example', '1.12.3.4')
    >>> _meant("PHONE", "+11 234 567 89"), _meant("PHONE", "11 2345-6789"), _meant("RFC", "A&B850101-XX1")
    ('+1123456789', '1123456789', 'A&B850101XX1')
    """
    if name == _SECRET:
        return value
    if name == "EMAIL":
        return value.lower()
    plain = plain_marks(value)
    return plain if name.lower() in _AS_WRITTEN else plain.translate(_DIVISIONS).upper()


def _says_nothing(result: Mark | Unscored) -> bool:
    """Return whether a result has no text and no span: most have none, and are spared the rest."""
    return isinstance(result, Mark) and not (result.explanation or result.spans or result.fix or result.votes)


def _merged(edits: list[_Edit]) -> list[_Edit]:
    """Return edits in order, those that overlap made one under the first one's mask."""
    merged: list[_Edit] = []
    for edit in sorted(edits):
        if merged and edit.start < merged[-1].end:
            merged[-1] = merged[-1]._replace(end=max(edit.end, merged[-1].end))
        else:
            merged.append(edit)
    return merged


def _edited(text: str, edits: list[_Edit]) -> str:
    pieces: list[str] = []
    last = 0
    for edit in edits:
        pieces += (text[last : edit.start], edit.mask)
        last = edit.end
    return "".join([*pieces, text[last:]])


def _moved(start: int, end: int, edits: list[_Edit]) -> tuple[int, int]:
    """Return where [start, end) stands after edits.

    >>> edits = [_Edit(4, 18, "<CPF>")]
    >>> _moved(4, 18, edits), _moved(20, 25, edits), _moved(0, 6, edits), _moved(6, 8, edits)
    ((4, 9), (11, 16), (0, 9), (4, 9))
    """
    new_start, new_end = start, end
    for edit in edits:
        shift = len(edit.mask) - (edit.end - edit.start)
        if edit.end <= start:
            new_start += shift
        elif edit.start < start:
            new_start += edit.start - start
        if edit.end <= end:
            new_end += shift
        elif edit.start < end:
            new_end += edit.end + shift - end
    return new_start, max(new_start, new_end)


def _same_or(old: tuple[ItemT, ...], new: tuple[ItemT, ...]) -> tuple[ItemT, ...]:
    """Return the old tuple when the new one has the same objects, so that what did not change stays the same."""
    return old if all(map(is_, old, new)) else new


def _changed(value: ValueT, **fields: Any) -> ValueT:
    """Return the value with other fields, the same object when all are the same objects.

    Built without validation, as only texts changed in a value already validated; cached digests are not carried over.
    """
    if all(getattr(value, name) is new for name, new in fields.items()):
        return value
    kept = {name: getattr(value, name) for name in type(value).model_fields}
    return cast(ValueT, type(value).model_construct(value.model_fields_set, **{**kept, **fields}))
