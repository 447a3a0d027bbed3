"""A shard of the demo's answers, and the demo's judge with a count of what it was asked."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from evalgate.checks.privacy.masking import Masker
from evalgate.core.samples import Sample
from evalgate.demo.folder import write_folder
from evalgate.demo.replies import Replies, Written
from evalgate.demo.server import serving
from evalgate.production.frames import watched
from evalgate.production.shards import FORMAT, SHARD, schema_of
from evalgate.suites.fields import FieldReader, Wanted
from evalgate.suites.suite import Suite
from evalgate.wiring.app import App

KEY = "0f" * 32


def demo_suite(folder: Path) -> Path:
    """Return the demo's suite, written into a folder."""
    write_folder(folder)
    return folder / "suite.yaml"


def load(path: Path) -> Suite:
    return App.from_environment().load(path, alone=True)


def shard_rows(suite: Suite, answers: int) -> list[dict[str, Any]]:
    """Return the rows of a shard over the first answers of the demo's candidate."""
    reader = FieldReader(suite.data, Wanted.by(suite.checks), typed=True)
    lines = (suite.path.parent / "candidate.jsonl").read_text(encoding="utf-8").splitlines()[:answers]
    rows = []
    for line in lines:
        row = json.loads(line)
        sample = Masker().mask_sample(Sample(case=reader.case(row), output=reader.output(row)))
        shared = {
            "format": FORMAT,
            "suite": suite.name,
            "window": "2026-11-21T14:00:00Z",
            "source": "file",
            "external_id": row["id"],
            "stratum": "rest",
            "chance": 0.03,
            "sample": sample.model_dump_json(exclude_defaults=True),
            "nonce_key": KEY,
        }
        rows += [{**shared, "check": named.name, "digest": named.ref.digest} for named in watched(suite)]
    return rows


def shard_frame(suite: Suite, answers: int) -> pd.DataFrame:
    return pd.DataFrame(shard_rows(suite, answers), columns=list(SHARD))


def write_shard(path: Path, suite: Suite, answers: int, *, row_groups: int) -> None:
    """Write a shard with so many rows a row group, which engines hand to their workers."""
    table = pa.Table.from_pandas(shard_frame(suite, answers), schema=schema_of(SHARD), preserve_index=False)
    parquet.write_table(table, path, row_group_size=row_groups)


class Counted(Replies):
    """The demo's replies, with how often each prompt came."""

    prompts: list[str]
    pause_s: float = 0.0
    """What each reply takes; one at a time, for the server thinks in its loop."""

    @classmethod
    def new(cls) -> Counted:
        read = Replies.read()
        counted = cls(read._questions, read._written)
        counted.prompts = []
        return counted

    def find(self, prompt: str) -> Written | None:
        time.sleep(self.pause_s)
        self.prompts.append(prompt)
        return super().find(prompt)


@contextmanager
def judge(monkeypatch: Any) -> Iterator[Counted]:
    """Serve the demo's judge, and put its address where this process's scoring, and its children's, find it."""
    replies = Counted.new()
    with serving(replies) as address:
        monkeypatch.setenv("EVALGATE_JUDGE_BASE_URL", address)
        yield replies
