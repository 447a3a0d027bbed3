"""Rubric: a judge's question as a file. The judge picks a label; the file owns the number."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, field_validator, model_validator

from evalgate.core.checks import Loading
from evalgate.core.errors import SuiteInvalid, did_you_mean
from evalgate.core.samples import Message
from evalgate.core.values import Unit, Value
from evalgate.judges.guards import Guard
from evalgate.judges.shipped import shipped_rubrics
from evalgate.judges.templates import MATERIAL, TemplateWrong, Use, uses
from evalgate.judges.wording import Language, Words, said_in, wrong

if TYPE_CHECKING:
    from evalgate.documents import Document, Way

MAX_BYTES = 200_000
"""A rubric is a page of text."""
Need = Literal["context", "reference"]
UNKNOWN = "unknown"
REQUIRED = ("output", "caution", "reply_format")
"""What the messages must write: without them the judge sees no answer, can be led by it, or cannot be read."""
_NAME = r"^[\w-]{1,60}$"


def _name(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(_NAME, value):
        return value
    raise wrong(f"a name has 1 to 60 letters, digits, - or _; {str(value)[:60]!r} is none")


Name = Annotated[str, BeforeValidator(_name), Field(pattern=_NAME)]


def _label_value(value: Any) -> Any:
    if value == UNKNOWN or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1):
        return value
    raise wrong(f"a label's value must be a number from 0 to 1, or the word {UNKNOWN}; {value!r} is neither")


class Label(Value):
    """One answer a judge may pick, and the number it stands for; `unknown` sends the case to people."""

    value: Annotated[Unit | Literal["unknown"], BeforeValidator(_label_value)]
    title: Words | None = None
    """What people see on a button."""
    help: Words | None = None
    """When to pick it: people and the judge read the same words."""

    @model_validator(mode="before")
    @classmethod
    def _bare_value(cls, data: Any) -> Any:
        return data if isinstance(data, dict | Label) else {"value": data}


def _scale(labels: dict[str, Label]) -> dict[str, Label]:
    """Refuse a scale that cannot tell two outputs apart, or that scores what nobody could decide."""
    if len({label.value for label in labels.values() if label.value != UNKNOWN}) < 2:
        raise wrong("labels need at least two different numbers, as {good: 1.0, bad: 0.0}")
    if UNKNOWN in labels and labels[UNKNOWN].value != UNKNOWN:
        raise wrong(f"the label {UNKNOWN} stands for no number: write `{UNKNOWN}: {UNKNOWN}`")
    return labels


Labels = Annotated[dict[Name, Label], AfterValidator(_scale)]


class Criterion(Value):
    """One of several things a rubric asks, gated as `check.criterion`."""

    question: Words
    labels: Labels


class Turn(Value):
    """One message of the prompt, as a template."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str

    @field_validator("content")
    @classmethod
    def _in_the_language(cls, content: str) -> str:
        try:
            uses(content)
        except TemplateWrong as error:
            raise wrong(str(error), line=error.line) from None
        return content

    @model_validator(mode="after")
    def _material_from_the_user(self) -> Self:
        strays = [use for use in uses(self.content) if use.name in MATERIAL and self.role != "user"]
        if strays:
            problem = f"{{{{ {strays[0].name} }}}} is material to judge; it belongs in a user message, not {self.role}"
            raise wrong(problem, at=("content",), line=strays[0].line)
        return self


class Example(Value):
    """A labelled sample: few-shot in a rubric, or a line of `<name>.examples.jsonl` that measures a judge."""

    input: str | tuple[Message, ...]
    output: str
    context: tuple[str, ...] = ()
    reference: str | None = None
    label: Name | dict[Name, Name]
    """The right label; with criteria, one a criterion."""
    why: Annotated[str, Field(min_length=1)]
    language: str | None = None
    """The language of the input, as a BCP 47 tag."""


class Rubric(Value):
    """A judge's question: what is asked, of what material, in which words, and what each label is worth."""

    name: Name
    version: Annotated[int, Field(ge=1)] = 1
    """Raised by its author when the same words come to mean something else."""
    question: Words
    needs: tuple[Need, ...] = ()
    """Case fields the judge is shown besides input and output; a case without them is not applicable."""
    messages: tuple[Turn, ...] = ()
    """The prompt; empty for the standard one."""
    labels: Labels | None = None
    criteria: dict[Name, Criterion] | None = None
    """Instead of labels: several questions, each with labels of its own, answered in one reply."""
    examples: tuple[Example, ...] = ()
    """Few-shot examples, written where a message says `{{ examples }}`."""
    guard: Guard | None = None
    """For a guard model, which answers in a form of its own."""

    @classmethod
    def load(cls, name: str, loading: Loading) -> Rubric:
        """Return a shipped rubric by its name, or the one in a `.yaml` file read through `loading`.

        Raise SuiteInvalid with file, line and the nearest known name for anything not as it should be.
        """
        if name.endswith((".yaml", ".yml")):
            return parse_rubric(loading.read(name), name)
        shipped = shipped_rubrics()
        if name not in shipped:
            hint = did_you_mean(name, shipped)
            known = ", ".join(shipped)
            raise SuiteInvalid(f"no shipped rubric {name!r}.{hint} Shipped: {known}. A file of your own ends in .yaml")
        return parse_rubric(shipped[name].read_bytes(), f"rubrics/{name}.yaml")

    @cached_property
    def parts(self) -> dict[str, Criterion]:
        """Criterion to its question and labels; a rubric that asks one thing uses the empty name."""
        return self.criteria or {"": Criterion(question=self.question, labels=self.labels or {})}

    @cached_property
    def prompt(self) -> tuple[Turn, ...]:
        """The messages of the file, or the standard ones."""
        return self.messages or standard_messages(self.needs)

    def question_in(self, language: Language) -> str:
        """Return the question in a language; where it is not asked in that one, in English or the first there is."""
        return said_in(self.question, language)

    @property
    def binary(self) -> bool:
        """Whether every label that stands for a number stands for 0 or 1."""
        return {label.value for part in self.parts.values() for label in part.labels.values()} <= {0, 1, UNKNOWN}

    def problem_with(self, example: Example) -> str | None:
        """Return why an example cannot belong to this rubric, or None when it can."""
        picked = example.label if isinstance(example.label, dict) else {"": example.label}
        if set(picked) != set(self.parts):
            return f"label must name {', '.join(self.parts) or 'one label'}"
        for criterion, label in picked.items():
            offered = self.parts[criterion].labels
            if label not in offered:
                return f"no label {label!r}.{did_you_mean(label, offered)} Offered: {', '.join(offered)}"
        missing = [need for need in self.needs if not getattr(example, need)]
        return f"the rubric needs {missing[0]}" if missing else None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Refuse what each part allows and the whole does not: every input to a judge is asked for, or is not there."""
        if len(set(self.needs)) < len(self.needs):
            raise wrong("needs names a field twice", at=("needs",))
        if (self.labels is None) == (not self.criteria):
            raise wrong("write either labels or criteria (with at least one criterion)")
        for index, example in enumerate(self.examples):
            if problem := self.problem_with(example):
                raise wrong(f"examples[{index}]: {problem}", at=("examples", index))
        if self.guard is not None and self._asks_a_guard(self.guard):
            return self
        written = [(index, use) for index, turn in enumerate(self.prompt) for use in uses(turn.content)]
        names = {use.name for _, use in written}
        required = ("output",) if self.guard else REQUIRED
        wanted = (*required, *self.needs, *(("examples",) if self.examples else ()))
        if missing := [f"{{{{ {name} }}}}" for name in wanted if name not in names]:
            raise wrong(f"no message writes {', '.join(missing)}", at=("messages",))
        for index, use in written:
            if self._may_be_absent(use):
                fix = f"add `needs: [{use.name}]` or write it inside {{% if {use.name} %}}"
                problem = f"messages[{index}]: a case may have no {use.name}; {fix}"
                raise wrong(problem, at=("messages", index, "content"), line=use.line)
        return self

    def _asks_a_guard(self, guard: Guard) -> bool:
        """Return whether the guard is sent the conversation itself, so that there is no prompt to look at."""
        if self.labels is None:
            raise wrong("a guard gives one verdict: write labels, not criteria", at=("criteria",))
        for key, named in (("says", guard.says.values()), ("names_hazard", guard.names_hazard)):
            if strays := [label for label in named if label not in self.labels]:
                hint = did_you_mean(strays[0], self.labels)
                raise wrong(f"guard.{key}: no label {strays[0]!r}.{hint}", at=("guard", key))
        if guard.send == "prompt":
            return False
        if self.messages or self.examples or self.needs:
            raise wrong(
                "with guard.send: conversation the guard's own template is the prompt: drop messages, examples"
                " and needs",
                at=("guard",),
            )
        return True

    def _may_be_absent(self, use: Use) -> bool:
        return use.name in {"context", "reference"} and use.name not in self.needs and not use.guarded


_STANDARD = """\
You judge answers of an assistant. You are careful, impartial and brief.

Question: {{ question }}

Labels:
{{ labels }}

{{ caution }}

{% if examples %}
{{ examples }}

{% endif %}
{{ reply_format }}
"""


def standard_messages(needs: tuple[Need, ...]) -> tuple[Turn, ...]:
    """Return the prompt of a rubric that writes none: the question and labels, then the material it needs."""
    material = "\n\n".join(f"{{{{ {name} }}}}" for name in ("input", *needs, "output"))
    closing = "All material ends here. Question: {{ question }}\nReply with the JSON object only."
    return Turn(role="system", content=_STANDARD), Turn(role="user", content=f"{material}\n\n{closing}")


def parse_rubric(raw: bytes, place: str) -> Rubric:
    """Return the rubric in a YAML file; raise SuiteInvalid, one line with `place:line`, when it is not one."""
    from evalgate.documents import parse_document

    document = parse_document(raw, place, limit=MAX_BYTES)
    if not isinstance(document.data, dict):
        raise document.refuse((), "a rubric is a mapping with name, question and labels")
    try:
        return Rubric.model_validate(document.data)
    except ValidationError as error:
        raise _located(error, document) from None


def _located(error: ValidationError, document: Document) -> SuiteInvalid:
    """Return the first problem of a rubric in one line, with where it stands."""
    from evalgate.documents import refusal

    first = error.errors(include_url=False, include_input=False)[0]
    context: dict[str, Any] = first.get("ctx", {})
    path: Way = (*first["loc"], *context.get("at", ()))
    line = document.line(path)
    if "line" in context and path in document.text_lines:
        line = document.text_lines[path] + context["line"] - 1
    return refusal(document.name, line, problem_text(first["type"], first["loc"], first["msg"]))


def problem_text(kind: str, path: Way, message: str, holder: type[Value] = Rubric) -> str:
    """Return what is wrong at a path of a rubric (or of another holder), with the nearest key for one not known."""
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    if kind == "extra_forbidden":
        known = _keys_beside(path, holder)
        return f"unknown key {where!r}.{did_you_mean(str(path[-1]), known)} Known here: {', '.join(known)}"
    if kind == "missing":
        return f"{where!r} is missing"
    return f"{where}: {message}" if where else message


def _keys_beside(path: Way, holder: type[Value]) -> tuple[str, ...]:
    """Return the keys known where an unknown one stands, found by the list or mapping that holds it."""
    holders: dict[str | int, type[Value]] = {
        "labels": Label,
        "criteria": Criterion,
        "messages": Turn,
        "examples": Example,
    }
    if path[:-1] == ("guard",):
        return tuple(Guard.model_fields)
    return tuple((holders.get(path[-3], holder) if len(path) >= 3 else holder).model_fields)
