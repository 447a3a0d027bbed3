"""What a change of an alert's state says to those who are told: names, numbers and links, never a text."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from evalgate.core.alerts import FactChange
from evalgate.production.words import WORDS, Language
from evalgate.store.alerts import Alert, AlertEvent

VERSION = 1
MOST_CHANGES = 5
"""In what people read; a webhook's body has all of them."""
_LONGEST_NAME = 80
_LONGEST_TEXT = 2_900
"""Slack takes 3,000 characters in one block."""


class Place(NamedTuple):
    """Where a message comes from and how it speaks."""

    store: str
    project: str
    language: Language = "en"
    public_url: str | None = None
    """Under which people reach the server; without it a message has no links."""


def message_id(place: Place, event: AlertEvent) -> str:
    """Return the id of what is told: the same for every try and every target."""
    return f"{place.store}-{event.number}"


def webhook_body(place: Place, alert: Alert, event: AlertEvent) -> dict[str, Any]:
    """Return the body of a webhook; `version` is raised when a field goes or means something else."""
    body = event.body.model_dump(mode="json", exclude={"version", "examples"})
    title, *lines = told(place, alert, event)
    return {
        "version": VERSION,
        "id": message_id(place, event),
        "type": "alert.changed",
        "dedup_key": f"{place.store}-alert-{alert.number}",
        "at": _instant(event.at),
        "project": place.project,
        "suite": alert.suite,
        "metric": alert.metric,
        "slice": alert.slice,
        "before": event.before,
        "after": event.after,
        "title": title,
        "text": "\n".join(lines),
        "url": _link(place, f"/alerts/{alert.number}"),
        **body,
        "examples": [
            {**one.model_dump(), "url": _link(place, f"/traffic/interactions/{one.interaction}")}
            for one in event.body.examples
        ],
    }


def slack_body(place: Place, alert: Alert, event: AlertEvent) -> dict[str, Any]:
    """Return the body of a Slack message: blocks of plain text, and one text for who shows none.

    Names come from traffic: as plain text they make no link and call nobody.
    """
    title, *lines = told(place, alert, event)
    blocks: list[dict[str, Any]] = [{"type": "header", "text": _plain(title[:150])}]
    blocks.append({"type": "section", "text": _plain("\n".join(lines)[:_LONGEST_TEXT])})
    if url := _link(place, f"/alerts/{alert.number}"):
        button = {"type": "button", "text": _plain(WORDS[place.language]["open"]), "url": url}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": _escaped("\n".join((title, *lines))[:_LONGEST_TEXT]), "blocks": blocks}


def told(place: Place, alert: Alert, event: AlertEvent) -> tuple[str, ...]:
    """Return the title and the lines under it, in the place's language."""
    say, body = WORDS[place.language], event.body
    names = {"metric": alert.metric, "suite": alert.suite, "slice": alert.slice}
    what = say["what.slice" if alert.slice else "what"].format(**{key: _name(name) for key, name in names.items()})
    lines = [say[f"title.{event.after}"].format(what=what)]
    if f"cause.{body.cause}" in say:
        lines.append(say[f"cause.{body.cause}"])
    elif body.point is None or body.low is None or body.high is None:
        lines.append(say["level.unknown"].format(floor=_percent(place, body.floor)))
    else:
        numbers = {name: _percent(place, getattr(body, name)) for name in ("point", "low", "high", "floor")}
        lines.append(say["level"].format(n=body.scored, **numbers))
    if body.reason and f"why.{body.reason}" in say:
        lines.append(say[f"why.{body.reason}"])
    if body.starts and body.ends:
        lines.append(say["span"].format(starts=body.starts, ends=body.ends))
    if body.changed:
        lines += [say["changed"], *(_changed(place, one) for one in body.changed[:MOST_CHANGES])]
    elif body.compared:
        lines.append(say["changed.nothing"])
    if body.examples:
        lines.append(say["examples"].format(list=", ".join(str(one.interaction) for one in body.examples)))
    return tuple(lines)


def _changed(place: Place, one: FactChange) -> str:
    say = WORDS[place.language]
    before, after = _percent(place, one.before), _percent(place, one.after)
    line = say["changed.share"].format(fact=_name(one.fact), value=_name(one.value), before=before, after=after)
    if one.explains is None:
        return f"· {line}"
    return f"· {line}; {say['changed.explains'].format(share=_percent(place, one.explains))}"


def _percent(place: Place, share: float) -> str:
    say = WORDS[place.language]
    number = f"{100 * share:.1f}".replace("-", "\u2212").replace(".", say["number.decimal"])
    return say["number.percent"].format(number=number)


def _name(text: str) -> str:
    """Return a name that is not ours on one line, without what would turn the text around it."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    return shown if len(shown) <= _LONGEST_NAME else f"{shown[: _LONGEST_NAME - 1]}…"


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _link(place: Place, path: str) -> str | None:
    return None if place.public_url is None else f"{place.public_url}{path}"


def _instant(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
