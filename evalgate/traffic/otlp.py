"""Bodies of OTLP/HTTP become interactions: protobuf and JSON, packed or not, traces and logs.

A body that cannot be opened is refused whole; a span or record that cannot be read is counted and named, and its
neighbours are taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evalgate.traffic import otlp_json, otlp_protobuf
from evalgate.traffic.decoded import LIMIT, Decoded, Tally
from evalgate.traffic.interactions import Interaction, moment
from evalgate.traffic.mapping import fragment_of, interaction_of, lent_by
from evalgate.traffic.merging import folded, unwrapped
from evalgate.traffic.refusals import UnknownKind
from evalgate.traffic.spans import Broken, Entry, Span
from evalgate.traffic.unpacking import media_type, unpacked

JSON = "application/json"
PROTOBUF = "application/x-protobuf"
MOST_DOCUMENTS = 64
"""How many retrieved documents one interaction takes over from the spans around it."""
MOST_RETRIEVALS = 64
"""How many retrieval spans of a trace are looked at, the earliest first."""
Lent = tuple[int, tuple[str, ...]]
"""When a retrieval ended, and the documents it found."""


def decode_traces(body: bytes, content_type: str | None, encoding: str | None = None, limit: int = LIMIT) -> Decoded:
    """Return the interactions among the spans of a trace export.

    Documents that a retrieval span found go to the calls of the same trace that began after it, as far as they came
    in one body; a call that two instruments reported is one interaction.
    Raises Refused: 400, 413 or 415 in its `status`.
    """
    content = unpacked(body, encoding, limit)
    tally = Tally()
    found: list[Interaction] = []
    lent: dict[str, list[Lent]] = {}

    def mapped(span: Span) -> Interaction | None:
        interaction = interaction_of(span)
        if interaction is None and (passages := lent_by(span)):
            lent.setdefault(span.trace_id, []).append((span.end, passages))
        return interaction

    for item in _spans(content, content_type):
        if isinstance(item, Broken):
            tally.seen += 1
            tally.reject(item.where, item.problem)
        else:
            found += tally.read(item, mapped, "span ", item.trace_id, ":", item.span_id)
    if lent:
        earliest = {trace: sorted(several)[:MOST_RETRIEVALS] for trace, several in lent.items()}
        found = [_with_documents(interaction, earliest.get(interaction.trace_id or "", [])) for interaction in found]
    return tally.decoded(unwrapped(folded(found)), found)


def decode_logs(body: bytes, content_type: str | None, encoding: str | None = None, limit: int = LIMIT) -> Decoded:
    """Return the interactions that the records of a log export tell, or parts of them.

    Raises Refused: 400, 413 or 415 in its `status`.
    """
    content = unpacked(body, encoding, limit)
    tally = Tally()
    found: list[Interaction] = []
    for item in _entries(content, content_type):
        if isinstance(item, Broken):
            tally.seen += 1
            tally.reject(item.where, item.problem)
        else:
            found += tally.read(item, fragment_of, "log record ", tally.seen + 1)
    return tally.decoded(folded(found), found)


def _spans(content: bytes, content_type: str | None) -> Iterator[Span | Broken]:
    return otlp_json.spans(content) if _is_json(content_type) else otlp_protobuf.spans(content)


def _entries(content: bytes, content_type: str | None) -> Iterator[Entry | Broken]:
    return otlp_json.entries(content) if _is_json(content_type) else otlp_protobuf.entries(content)


def _is_json(content_type: str | None) -> bool:
    kind = media_type(content_type)
    if kind not in {JSON, PROTOBUF}:
        raise UnknownKind(f"content type {kind[:80]!r} is not read here; send {PROTOBUF} or {JSON}")
    return kind == JSON


def _with_documents(interaction: Interaction, lent: Sequence[Lent]) -> Interaction:
    if interaction.context:
        return interaction
    began = interaction.started
    before = [passages for end, passages in lent if began is None or (ended := moment(end)) is None or ended <= began]
    documents = tuple(dict.fromkeys(passage for passages in before for passage in passages))[:MOST_DOCUMENTS]
    return interaction.model_copy(update={"context": documents}) if documents else interaction
