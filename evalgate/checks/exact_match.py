"""`exact_match`: the answer is the reference."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import JsonValue

from evalgate.checks.evidence import HELD
from evalgate.checks.text.phrases import alike, without
from evalgate.core.checks import CodeCheck, Texts
from evalgate.core.outcomes import Marks, NotApplicable, violated
from evalgate.core.samples import Subject

_NO_REFERENCE = NotApplicable(why="the case has no reference")


class ExactMatch(CodeCheck):
    """1 when the answer equals the case's reference; letters composed in another way are the same letters."""

    kind: ClassVar[str] = "exact_match"
    summary: ClassVar[str] = "The answer equals the case's reference."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {},
        {"ignore": ["case", "accents", "space", "punctuation"]},
    )

    ignore: tuple[Literal["case", "accents", "space", "punctuation"], ...] = ()
    """What may differ: case, accents, the amount of blanks, punctuation."""

    def mark(self, subject: Subject, texts: Texts) -> Marks:
        """Return whether answer and reference are equal; not applicable without a reference."""
        reference = subject.sample.case.reference
        if reference is None:
            return {"": _NO_REFERENCE}
        same = self._form(texts.pieces("output")[0]) == self._form(reference)
        return {"": HELD if same else violated("the answer is not the reference")}

    def _form(self, text: str) -> str:
        text = alike(text, self.ignore)
        if "punctuation" in self.ignore:
            text = without(text, "P")
        return " ".join(text.split()) if "space" in self.ignore else text
