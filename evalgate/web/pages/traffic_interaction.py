"""One interaction: what was said, masked, and what every check made of it or why it made nothing."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from fastapi import Request, Response

from evalgate.core.outcomes import Mark, NotApplicable, Span, Unscored
from evalgate.reports.messages import Voice
from evalgate.store.listing import Score, Seen
from evalgate.traffic.interactions import Interaction
from evalgate.web.guard import Caller
from evalgate.web.pages.queues import Passage, pieces
from evalgate.web.pages.rendering import Words, page, page_router
from evalgate.web.pages.traffic_words import (
    READERS,
    Number,
    Speech,
    fact_word,
    keeps,
    reason_word,
    span_word,
    speech_of,
    trend_path,
)
from evalgate.web.problems import Problem

router = page_router()

Texts = Literal["kept", "erased", "gone", "partial", "no_content"]


class Told(NamedTuple):
    """What one check made of an interaction."""

    metric: str
    path: str
    annotator: str
    suite: str
    state: str
    violation: bool
    value: str
    why: str
    drawn: str
    """Its stratum and the chance with which this check was to mark it."""
    explanation: str
    spans: tuple[str, ...]
    votes: tuple[str, ...]


@router.get("/traffic/interactions/{number:int}")
def show_interaction(caller: Annotated[Caller, READERS], request: Request, number: Number) -> Response:
    """Show one interaction."""
    speech = speech_of(request, caller)
    with caller.reading() as work:
        found = seen_of(work.store.listing.one(number), number)
        scores = work.store.listing.scores(number)
        windows = work.store.listing.windows_of(found.completed_at) if found.completed_at else ()
        queued = work.store.listing.queued(found.sample_digest) if found.sample_digest else ()
        interaction = work.store.interactions.one(number) if found.has_text else None
        queues = [one.name for one in work.store.queues.list() if one.state == "open"] if keeps(caller) else []
    texts = texts_of(found, interaction)
    there = {one.queue for one in queued}
    return page(
        request,
        caller,
        "traffic/interaction.html",
        one=found,
        texts=texts,
        passages=passages_of(interaction) if interaction else (),
        calls=[(call.name, call.arguments) for call in interaction.tool_calls] if interaction else [],
        facts=[
            (fact_word(name, speech.words), speech.voice.named(value))
            for name, value in found.facts.items()
            if name != "source"
        ],
        told=[told_of(score, speech) for score in scores],
        windows=[(window, span_word(window, speech.words)) for window in windows],
        queued=queued,
        queues=[name for name in queues if name not in there] if texts == "kept" and found.sample_digest else [],
        keeps=keeps(caller),
    )


def seen_of(found: Seen | None, number: int) -> Seen:
    """Return an interaction that is there; raise Problem 404."""
    if found is None:
        raise Problem(404, f"there is no interaction {number} here", "interaction", "list them: GET /traffic")
    return found


def texts_of(found: Seen, interaction: Interaction | None) -> Texts:
    """Return what became of an interaction's texts."""
    if found.erased_at is not None:
        return "erased"
    if found.state == "no_content":
        return "no_content"
    if interaction is None:
        return "gone"
    return "partial" if found.state == "partial" else "kept"


def passages_of(interaction: Interaction) -> tuple[Passage, ...]:
    """Return the texts in the order in which they are read: what was asked, its sources, what was answered."""
    said: list[tuple[str, int, str, str]] = [
        ("input", place, one.role, one.content) for place, one in enumerate(interaction.input)
    ]
    said += [("context", place, "source", text) for place, text in enumerate(interaction.context)]
    said += [("output", place, one.role, one.content) for place, one in enumerate(interaction.output)]
    return tuple(Passage(side, place, role, pieces(text)) for side, place, role, text in said)


def told_of(score: Score, speech: Speech) -> Told:
    """Return what a check made of an interaction, in words."""
    words, voice, _ = speech
    result = score.result
    mark = result if isinstance(result, Mark) else None
    return Told(
        metric=score.metric,
        path=trend_path(score.suite, score.metric),
        annotator=score.annotator,
        suite=score.suite,
        state=score.state,
        violation=score.state == "scored" and score.value == 0,
        value=_value(score, voice),
        why=_why(score, words),
        drawn=_drawn(score, words, voice),
        explanation=mark.explanation if mark else "",
        spans=tuple(_place(span, words, voice) for span in mark.spans) if mark else (),
        votes=_votes(result, voice),
    )


def _value(score: Score, voice: Voice) -> str:
    if score.value is None:
        return ""
    number = voice.plain(round(score.value, 2))
    return f"{number} · {voice.named(score.label)}" if score.label else number


def _why(score: Score, words: Words) -> str:
    """Return why there is no score; what the service said itself stands behind the word for it."""
    told = [reason_word(score.reason, words)]
    if isinstance(score.result, NotApplicable):
        told.append(score.result.why)
    if isinstance(score.result, Unscored):
        told.append(score.result.detail)
    return " · ".join(dict.fromkeys(text for text in told if text))


def _drawn(score: Score, words: Words, voice: Voice) -> str:
    if score.chance is None:
        return "" if score.stratum is None else voice.named(score.stratum)
    if score.chance == 1:
        chance = words.said("traffic.always")
    else:
        chance = words.said("traffic.chance", share=voice.percent(score.chance, 0.0))
    return chance if score.stratum is None else f"{voice.named(score.stratum)} · {chance}"


def _place(span: Span, words: Words, voice: Voice) -> str:
    """Return where a stretch is, in characters of the masked text, the first of them 1."""
    told = {"start": voice.whole(span.start + 1), "end": voice.whole(span.end), "label": voice.named(span.label)}
    place = words.said(f"traffic.side.{span.side}", n=voice.whole((span.message or 0) + 1))
    return f"{place}: {words.said('traffic.stretch', **told)}" + (f" ({told['label']})" if span.label else "")


def _votes(result: Mark | NotApplicable | Unscored | None, voice: Voice) -> tuple[str, ...]:
    votes = () if result is None or isinstance(result, NotApplicable) else result.votes
    return tuple(f"{voice.named(vote.model or vote.judge)}: {voice.named(vote.label or '–')}" for vote in votes)
