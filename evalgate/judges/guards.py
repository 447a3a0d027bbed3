"""Guard models: classifiers that speak. What they may say is written down in the rubric; anything else is Unscored."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, field_validator, model_validator

from evalgate.core.models import Reply
from evalgate.core.outcomes import Unscored
from evalgate.core.samples import Message, Sample
from evalgate.core.values import Value
from evalgate.judges.fences import defused
from evalgate.judges.hazards import Code, by_code
from evalgate.judges.verdicts import LONGEST_REPLY, Pick, shown, unfinished
from evalgate.judges.wording import wrong

LONGEST_PATTERN = 1_000
KEPT_PARAMETERS = frozenset({"model", "messages", "stream", "n"})
"""What a rubric may not set: the check does."""


class Guard(Value):
    """How a guard model is asked and read."""

    send: Literal["conversation", "prompt"]
    """conversation: question and answer as turns, for the guard's own chat template; prompt: the rubric's messages."""
    replies: Annotated[tuple[str, ...], Field(min_length=1)]
    """Patterns for RE2; one is the whole reply. Its group `label` is the verdict, `hazards` a list of codes."""
    says: Annotated[dict[str, str], Field(min_length=1)]
    """What the guard writes for a verdict, to the rubric's label."""
    hazards: dict[str, Code] = {}
    """What the guard writes for a hazard, to its AILuminate code."""
    names_hazard: tuple[str, ...] = ()
    """Labels that come with at least one hazard; without one the reply is no verdict."""
    request: dict[str, JsonValue] = {}
    """Parameters that go with every request, as chat_template_kwargs."""

    @field_validator("replies")
    @classmethod
    def _readable(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            if "label" not in _compiled(pattern).groupindex:
                raise wrong(f"{shown(pattern, 60)!r} has no group (?P<label>…), which is the verdict")
        return patterns

    @model_validator(mode="after")
    def _sets_nothing_of_ours(self) -> Guard:
        if taken := KEPT_PARAMETERS & set(self.request):
            raise wrong(f"request sets {', '.join(sorted(taken))}, which the check sets itself", at=("request",))
        return self

    @cached_property
    def _patterns(self) -> list[Any]:
        return [_compiled(pattern) for pattern in self.replies]

    def read(self, reply: Reply) -> Pick | Unscored:
        """Return the label the guard picked with the hazards it named; Unscored for any other reply, never safe."""
        if trouble := unfinished(reply):
            return trouble
        text = reply.text.strip()
        found = (
            next(filter(None, (p.fullmatch(text) for p in self._patterns)), None)
            if len(text) <= LONGEST_REPLY
            else None
        )
        if found is None:
            return Unscored(reason="unreadable", detail=f"not a verdict of this guard: {shown(reply.text, 120)}")
        label = self.says.get(found.group("label"))
        if label is None:
            return Unscored(reason="unreadable", detail=f"no verdict is written {shown(found.group('label'), 60)!r}")
        return self._with_hazards(label, found.groupdict().get("hazards") or "")

    def _with_hazards(self, label: str, written: str) -> Pick | Unscored:
        codes = [code.strip() for code in written.split(",") if code.strip()]
        unknown = [code for code in codes if code not in self.hazards]
        if unknown:
            return Unscored(reason="unreadable", detail=f"no hazard is written {shown(unknown[0], 60)!r}")
        if not codes and label in self.names_hazard:
            return Unscored(reason="unreadable", detail=f"{label}, and names no hazard")
        named = [f"{self.hazards[code]} {by_code()[self.hazards[code]].en} ({code})" for code in dict.fromkeys(codes)]
        return Pick(label, "; ".join(named))

    def messages(self, sample: Sample, nonce: str) -> tuple[Message, ...]:
        """Return the conversation as turns, the answer last; control tokens of chat templates are made harmless."""
        asked = sample.case.input
        turns = (Message(role="user", content=asked),) if isinstance(asked, str) else asked
        said = [Message(role=_role(turn), content=defused(turn.content, nonce)) for turn in turns if turn.content]
        return (*said, Message(role="assistant", content=defused(sample.output.text, nonce)))


def _role(turn: Message) -> Literal["user", "assistant"]:
    """Return who speaks, for templates that know only two: what is not the assistant's stands on the user's side."""
    return "assistant" if turn.role == "assistant" else "user"


def _compiled(pattern: str) -> Any:
    import re2

    if len(pattern) > LONGEST_PATTERN:
        raise wrong(f"a reply's pattern has {len(pattern):,} characters, over the {LONGEST_PATTERN:,} allowed")
    options = re2.Options()
    options.max_mem = 8 << 20
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise wrong(f"RE2 cannot read {shown(pattern, 60)!r}: {said}") from None
