"""English: labelling at the terminal."""

from __future__ import annotations

MESSAGES = {
    "labelling.intro": "{n} answers to look at. Each label is kept at once; what the judge said is not shown.",
    "labelling.intro.one": "{n} answer to look at. Its label is kept at once; what the judge said is not shown.",
    "labelling.place": "{place} of {of}",
    "labelling.case": "case {case}",
    "labelling.question": "QUESTION",
    "labelling.context": "CONTEXT",
    "labelling.answer": "ANSWER",
    "labelling.unknown": "cannot tell",
    "labelling.back": "back",
    "labelling.stop": "stop",
    "labelling.help": "Type a number from 0 to {most}, z to go back, q to stop; then Enter.",
    "labelling.more": "… ({n} characters more)",
    "labelling.kept": "check {check}: {answered} answered, {unknown} unknown, {left} left",
    "labelling.next": "To make the card complete, ask about more: evalgate label {run} --check {check} -n {n}",
}
