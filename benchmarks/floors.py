"""The bare loops evalgate is measured against: the least program that does the same calls or reads the same rows.

    python -m benchmarks.floors aiohttp|litellm --data cases.jsonl --out results.jsonl --url http://127.0.0.1:1234/v1
    python -m benchmarks.floors plain --data cases.jsonl --out results.db
    python -m benchmarks.floors recorded --data candidate.jsonl --baseline baseline.jsonl

No retries, no journal, no resume, no statistics. Each imports only what it needs, inside its own function.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.workload import BANNED, LONGEST, TICKET

Row = dict[str, Any]
Ask = Callable[[str], Awaitable[str]]

QUESTION = (
    "The answer must address the customer's question, stay consistent with the reference answer, keep a polite brand "
    "voice, and make no promise that the reference does not make."
)
PROMPT = """You are grading a support assistant's answer.

Criteria: {question}

[Question]
{input}

[Reference answer]
{reference}

[Answer to grade]
{output}

Reply with JSON only: {{"reasoning": "<one sentence>", "label": "pass" or "fail"}}"""
COMMIT_EVERY = 500

_TICKET = re.compile(TICKET)


def marks(output: str) -> Row:
    """Return the three code checks' marks of an output."""
    low = output.lower()
    return {
        "ticket": _TICKET.search(output) is not None,
        "on_brand": not any(term in low for term in BANNED),
        "brief": len(output) <= LONGEST,
    }


async def judge(path: Path, out: Path, in_flight: int, ask: Ask) -> None:
    """Ask about every row with a pool of workers and write one line a row."""
    with path.open(encoding="utf-8") as file:
        waiting = iter([json.loads(line) for line in file])
    found: list[Row] = []

    async def work() -> None:
        for row in waiting:
            said = json.loads(await ask(PROMPT.format(question=QUESTION, **row)))
            found.append({"id": row["id"], **marks(row["output"]), "helpful": said["label"] == "pass"})

    await asyncio.gather(*(work() for _ in range(in_flight)))
    with out.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in found)


async def with_aiohttp(path: Path, out: Path, in_flight: int, url: str) -> None:
    """Judge over one pooled aiohttp session."""
    import aiohttp

    connector = aiohttp.TCPConnector(limit=in_flight)
    async with aiohttp.ClientSession(connector=connector, headers={"authorization": "Bearer sk-x"}) as session:

        async def ask(prompt: str) -> str:
            body = {"model": "mock", "messages": [{"role": "user", "content": prompt}], "temperature": 0}
            async with session.post(f"{url}/chat/completions", json=body) as response:
                response.raise_for_status()
                answer: str = json.loads(await response.read())["choices"][0]["message"]["content"]
                return answer

        await judge(path, out, in_flight, ask)


async def with_litellm(path: Path, out: Path, in_flight: int, url: str) -> None:
    """Judge through `litellm.acompletion`."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm

    litellm.suppress_debug_info = True

    async def ask(prompt: str) -> str:
        response = await litellm.acompletion(
            model="openai/mock",
            api_base=url,
            api_key="sk-x",
            temperature=0,
            num_retries=0,
            max_retries=0,
            messages=[{"role": "user", "content": prompt}],
        )
        answer: str = response.choices[0].message.content
        return answer

    await judge(path, out, in_flight, ask)


def plain(path: Path, out: Path) -> None:
    """Mark every row by three code checks and store rows and marks in SQLite, some hundreds a transaction."""
    import orjson

    with sqlite3.connect(out, isolation_level=None) as database, path.open("rb") as file:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        database.execute("CREATE TABLE sample (position INTEGER PRIMARY KEY, id TEXT, body BLOB)")
        database.execute(
            "CREATE TABLE outcome (position INTEGER, name TEXT, value REAL, PRIMARY KEY (position, name)) WITHOUT ROWID"
        )
        for batch in _batches(enumerate(file)):
            rows = [(position, line, orjson.loads(line)) for position, line in batch]
            database.execute("BEGIN")
            database.executemany("INSERT INTO sample VALUES (?, ?, ?)", [(p, row["id"], line) for p, line, row in rows])
            database.executemany(
                "INSERT INTO outcome VALUES (?, ?, ?)",
                [(p, name, value) for p, _, row in rows for name, value in marks(row["output"]).items()],
            )
            database.execute("COMMIT")


def recorded(candidate: Path, baseline: Path) -> None:
    """Read both arms' scores and print the mean of the paired differences with its standard error."""
    import numpy as np
    import orjson

    arms = []
    for path in (candidate, baseline):
        with path.open("rb") as file:
            arms.append({row["id"]: row["score"] for row in map(orjson.loads, file)})
    ours, theirs = arms
    change = np.array([ours[case] - theirs[case] for case in ours if case in theirs]) / 4
    print(change.mean(), change.std(ddof=1) / len(change) ** 0.5)


def _batches(lines: Iterator[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    batch = []
    for line in lines:
        batch.append(line)
        if len(batch) == COMMIT_EVERY:
            yield batch
            batch = []
    yield batch


def main() -> None:
    """Run one floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("floor", choices=("aiohttp", "litellm", "plain", "recorded"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--baseline", type=Path)
    parser.add_argument("--out", type=Path, default=Path(os.devnull))
    parser.add_argument("--url")
    parser.add_argument("--in-flight", type=int, default=64)
    given = parser.parse_args()
    if given.floor == "plain":
        plain(given.data, given.out)
    elif given.floor == "recorded":
        recorded(given.data, given.baseline)
    else:
        loop = with_aiohttp if given.floor == "aiohttp" else with_litellm
        asyncio.run(loop(given.data, given.out, given.in_flight, given.url))


if __name__ == "__main__":
    main()
