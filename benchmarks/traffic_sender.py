"""A sender of OTLP in a process of its own: `python -m benchmarks.traffic_sender PLAN.json` prints what it saw.

Bodies are made before the clock starts, so that what is timed is the server. A body is sent until it is taken, as
exporters do; ids depend on the plan's seed alone, so that a second sender can send the same again.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import resource
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import aiohttp
import orjson

from evalgate.traffic.wire import classes

PROSE = (
    "su pedido llegará mañana entre las nueve y las doce gracias por su paciencia cualquier duda estamos aquí para "
    "ajudar com a entrega a fatura e a devolução do produto your order will arrive tomorrow before noon thank you for "
    "waiting and please tell us whether anything else is missing from the parcel"
)
WORDS = PROSE.split()
PERSONAL = "529.982.247-25"
TRY_AGAIN_S = 0.2
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Plan:
    """What to send."""

    address: str
    key: str
    spans: int
    a_body: int
    """Spans in one body."""
    characters: int = 0
    """Of text in a span; 0 sends none."""
    at_once: int = 4
    """Bodies under way."""
    per_second: float = 0.0
    """Bodies a second, whether or not the last one was answered; 0: as fast as they are taken."""
    seed: int = 1
    repeated: float = 0.0
    """Share of spans that are sent a second time, in a body of their own."""
    broken: float = 0.0
    """Share of spans that cannot be read."""
    zipped: bool = True


@dataclass
class Seen:
    """What became of it."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    sent: int = 0
    broken: int = 0
    repeated: int = 0
    rejected: int = 0
    """Spans that the server's answers said it could not read."""
    tries: int = 0
    refused: int = 0
    """Answers of 503, and connections that broke."""
    waits_ms: list[float] = field(default_factory=list)


def bodies(plan: Plan) -> tuple[list[tuple[bytes, int]], Seen]:
    """Return the bodies with the number of their spans, and how many spans are broken or repeated."""
    dice = random.Random(plan.seed)
    seen, made, again = Seen(), [], []
    spans: list[bytes] = []
    for number in range(plan.spans):
        whole = _span(plan, dice, number)
        draw = dice.random()
        if draw < plan.broken:
            seen.broken += 1
            whole = whole[: len(whole) // 2]
        elif draw < plan.broken + plan.repeated:
            seen.repeated += 1
            again.append(whole)
        spans.append(whole)
    for some in (spans, again):
        made += [some[start : start + plan.a_body] for start in range(0, len(some), plan.a_body)]
    seen.sent = len(spans) + len(again)
    return [(_body(plan, each), len(each)) for each in made], seen


def _body(plan: Plan, spans: list[bytes]) -> bytes:
    request = classes()["Request"]()
    group = request.groups.add()
    _put(group.resource, "service.name", "bench")
    group.scopes.add().items.extend(spans)
    whole: bytes = request.SerializeToString()
    return gzip.compress(whole, 1, mtime=0) if plan.zipped else whole


def _span(plan: Plan, dice: random.Random, number: int) -> bytes:
    span = classes()["Span"]()
    span.trace_id = ((plan.seed << 64) | (number // 3 + 1)).to_bytes(16, "big")
    span.span_id = ((plan.seed << 40) | (number + 1)).to_bytes(8, "big")
    span.name = "chat"
    span.start_time_unix_nano = 1_760_000_000_000_000_000 + number
    span.end_time_unix_nano = span.start_time_unix_nano + 700_000_000
    facts: dict[str, Any] = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai"}
    facts |= {"gen_ai.request.model": "gpt-4.1", "gen_ai.response.model": "gpt-4.1-2025-04-14"}
    facts |= {"gen_ai.usage.input_tokens": 210, "gen_ai.usage.output_tokens": 320, "gen_ai.response.id": f"r-{number}"}
    facts["gen_ai.conversation.id"] = f"{plan.seed}-{number // 3}"
    if plan.characters:
        text = " ".join(dice.choices(WORDS, k=plan.characters // 5))[: plan.characters]
        asked, told = text[: plan.characters // 4], text[plan.characters // 4 :]
        told += f" CPF {PERSONAL}" if number % 20 == 0 else ""
        facts["gen_ai.input.messages"] = _messages("user", asked)
        facts["gen_ai.output.messages"] = _messages("assistant", told)
    for key, value in facts.items():
        _put(span, key, value)
    whole: bytes = span.SerializeToString()
    return whole


def _messages(role: str, text: str) -> str:
    return orjson.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}]).decode()


def _put(around: Any, key: str, value: str | int) -> None:
    attribute = around.attributes.add(key=key)
    if isinstance(value, int):
        attribute.value.int_value = value
    else:
        attribute.value.string_value = value


async def send(plan: Plan, made: list[tuple[bytes, int]], seen: Seen) -> None:
    """Send every body until it is taken."""
    headers = {"Authorization": f"Bearer {plan.key}", "Content-Type": "application/x-protobuf"}
    if plan.zipped:
        headers["Content-Encoding"] = "gzip"
    patience = aiohttp.ClientTimeout(total=60)
    # Paced bodies do not wait for one another: a slow answer is then seen by those behind it too.
    gate = asyncio.Semaphore(1_000 if plan.per_second else plan.at_once)
    async with aiohttp.ClientSession(
        headers=headers, timeout=patience, connector=aiohttp.TCPConnector(limit=0)
    ) as client:
        begun = time.perf_counter()

        async def one(place: int, body: bytes) -> None:
            async with gate:
                if plan.per_second:
                    await asyncio.sleep(max(0.0, begun + place / plan.per_second - time.perf_counter()))
                await _until_taken(client, plan, body, seen)

        await asyncio.gather(*(one(place, body) for place, (body, _) in enumerate(made)))
        seen.seconds = time.perf_counter() - begun


async def _until_taken(client: aiohttp.ClientSession, plan: Plan, body: bytes, seen: Seen) -> None:
    begun = time.perf_counter()
    while time.perf_counter() - begun < PATIENCE_S:
        seen.tries += 1
        try:
            async with client.post(f"{plan.address}/v1/traces", data=body) as response:
                answer = await response.read()
                if response.status == 200:
                    seen.waits_ms.append((time.perf_counter() - begun) * 1000)
                    seen.rejected += _rejected(answer)
                    return
                if response.status != 503:
                    raise RuntimeError(f"{response.status}: {answer[:200]!r}")
        except (aiohttp.ClientError, TimeoutError, OSError):
            pass
        seen.refused += 1
        await asyncio.sleep(TRY_AGAIN_S)
    raise RuntimeError(f"a body was not taken within {PATIENCE_S:g} s")


def _rejected(answer: bytes) -> int:
    """Return `partial_success.rejected_spans`: field 1 of the message in field 1."""
    if not answer:
        return 0
    _, inside = _varint(answer, 1)
    return _varint(answer, inside + 1)[0] if answer[inside] == 0x08 else 0


def _varint(content: bytes, at: int) -> tuple[int, int]:
    """Return protobuf's number at a place, and the place after it."""
    number = shift = 0
    while True:
        number |= (content[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if content[at - 1] < 0x80:
            return number, at


def main() -> None:
    """Send what the plan says and print what was seen."""
    plan = Plan(**json.loads(sys.argv[1]))
    made, seen = bodies(plan)
    print("ready", flush=True)
    sys.stdin.readline()
    before = resource.getrusage(resource.RUSAGE_SELF)
    asyncio.run(send(plan, made, seen))
    after = resource.getrusage(resource.RUSAGE_SELF)
    seen.cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps(asdict(seen)), flush=True)


if __name__ == "__main__":
    main()
