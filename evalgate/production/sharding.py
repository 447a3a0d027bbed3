"""Windows handed out as shards, to be scored on other machines, and their scores taken in again.

A window that is handed out is drawn and then held back from workers for a while. It is closed by a worker as any other
window: with the scores that came back, and what did not come back scored there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from evalgate.checks.privacy.masking import Masker
from evalgate.core.errors import DataInvalid
from evalgate.core.values import Value
from evalgate.production.bench import Bench
from evalgate.production.drawing import draw
from evalgate.production.frames import read_rows
from evalgate.production.shards import FORMAT, SHARD, answers_to, reading, schema_of, shard_of, writing
from evalgate.production.windows import LEASE, kept
from evalgate.store.importing import Imports, Key, Made
from evalgate.store.scores import score_row
from evalgate.store.tables.runs import result_of
from evalgate.traffic.samples import sample_of

if TYPE_CHECKING:
    from evalgate.store.windows import Window

AT_ONCE = 2000
"""Rows of a shard that are written, and read, at a time."""
KINDS = {"scored": "mark", "not_applicable": "not_applicable", "failed": "unscored", "shed": "unscored"}
"""The states that scores from elsewhere may have, and what was said."""


class Handed(Value):
    """What was handed out."""

    files: tuple[Path, ...]
    rows: int
    """Questions: one check about one exchange."""
    interactions: int
    windows: int
    """Windows in which something waits: workers leave them alone for a while."""
    closed: int = 0
    """Windows of the range that are final."""
    busy: int = 0
    """Windows that a worker is scoring."""


class TakenIn(Value):
    """What became of scores that came back; together they are the rows of the files."""

    written: int = 0
    there: int = 0
    """Scored already: a second import, or a worker was quicker."""
    too_late: int = 0
    """Their window is closed, and final."""
    not_drawn: int = 0
    """The sample does not hold them."""
    unknown: int = 0
    unknown_ids: tuple[str, ...] = ()
    """Each once, in the order of the files."""


def hand_out(
    bench: Bench,
    since: datetime,
    until: datetime,
    latest: datetime,
    folder: Path,
    *,
    shards: int,
    hold: timedelta,
    owner: str,
) -> Handed:
    """Write what waits in the open windows of a range into shards, and hold the windows back for a while.

    latest: windows end by then. The same exchange is in the same shard whenever it is handed out.
    """
    store = bench.store
    found = store.windows.fill(bench.suite.name, bench.spec.every, since, until, latest)
    windows = [one for one in found if one.state == "open"]
    mine = [one for one in windows if _drawn(bench, one, owner, hold)]
    out = [one for one in mine if _waits(bench, one)]
    paths = tuple(folder / f"shard-{number:03}-of-{shards:03}.parquet" for number in range(shards))
    rows = interactions = 0
    with ExitStack() as stack:
        files = _Shards([stack.enter_context(writing(path, SHARD)) for path in paths])
        for window in out:
            for page in _pages(bench, window):
                interactions += len({(row["source"], row["external_id"]) for row in page})
                rows += len(page)
                files.add(page)
        files.finish()
    return Handed(
        files=paths,
        rows=rows,
        interactions=interactions,
        windows=len(out),
        closed=len(found) - len(windows),
        busy=len(windows) - len(mine),
    )


def _drawn(bench: Bench, window: Window, owner: str, hold: timedelta) -> bool:
    """Draw a window; hold it back where something waits in it. False where a worker has it.

    One that is held back already stays so.
    """
    windows = bench.store.windows
    claim = windows.claim_this(window.number, owner, LEASE)
    if claim is None:
        now = windows.get(window.number)
        return now.state == "open" and now.owner is None
    try:
        with kept(windows, claim, LEASE):
            windows.mark(claim)
            draw(bench, claim)
    except BaseException:
        windows.release(claim)
        raise
    windows.release(claim, after=hold if _waits(bench, window) else timedelta(0))
    return True


def _waits(bench: Bench, window: Window) -> bool:
    return any(bench.store.scores.pending(window.span, [one.number for one in bench.drawn]))


def _pages(bench: Bench, window: Window) -> Iterator[list[dict[str, Any]]]:
    """Give what waits in a window as rows of a shard; what has lost its texts waits for the worker that says so."""
    scores, names = bench.store.scores, {one.number: one.named for one in bench.drawn}
    for waiting in scores.pending(window.span, list(names)):
        numbers = sorted({row.interaction for row in waiting})
        seen, texts = scores.seen(numbers), bench.store.interactions.many(numbers)
        page, asked = [], set()
        for row in waiting:
            named, interaction = names[row.check_number], texts.get(row.interaction)
            if interaction is None or (row.interaction, named.name) in asked:
                continue  # another criterion of the same check is the same question
            asked.add((row.interaction, named.name))
            sample = sample_of(interaction, seen[row.interaction].facts)
            page.append(
                {
                    "format": FORMAT,
                    "suite": bench.suite.name,
                    "window": window.starts_at.isoformat(),
                    "source": interaction.source,
                    "external_id": interaction.external_id,
                    "check": named.name,
                    "digest": named.ref.digest,
                    "stratum": row.stratum,
                    "chance": row.chance,
                    "sample": sample.model_dump_json(exclude_defaults=True),
                    "nonce_key": bench.store.nonce_key.hex(),
                }
            )
        yield page


class _Shards:
    """The shards that are being written: an exchange is in the same one however often it is handed out."""

    def __init__(self, writers: Sequence[Any]) -> None:
        self._writers = writers
        self._waiting: list[list[Mapping[str, Any]]] = [[] for _ in writers]

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows, many at a time: engines read a file by its row groups."""
        for row in rows:
            number = shard_of(row["source"], row["external_id"], len(self._writers))
            self._waiting[number].append(row)
            if len(self._waiting[number]) >= AT_ONCE:
                self._flush(number)

    def finish(self) -> None:
        """Write what is left."""
        for number in range(len(self._writers)):
            self._flush(number)

    def _flush(self, number: int) -> None:
        import pyarrow as pa

        rows, self._waiting[number] = self._waiting[number], []
        if rows:
            self._writers[number].write_table(pa.Table.from_pylist(rows, schema=schema_of(SHARD)))


def take_in(bench: Bench, files: Sequence[Path]) -> TakenIn:
    """Write the scores of scored shards into the windows that are still open, and let go of those that are complete.

    The same files may be taken in again. Raise WrongAsWritten for checks that are not this suite's, DataInvalid for
    rows that no check can have said: what stood before them is written.
    """
    store, counts, unknown, touched = bench.store, Counter[str](), dict[Key, None](), set[int]()
    imports, masker = Imports(store.database, store.project, store.scores), Masker()
    named = {one.named.name: one.named for one in bench.drawn}
    numbers = {(one.named.name, one.criterion): one.number for one in bench.drawn}
    for place, table in ((path, table) for path in files for table in reading(path, AT_ONCE)):
        made = []
        for row in read_rows(table.to_pandas()):
            answers_to(row, bench.suite.name, named)
            made.append(_made(row, numbers, masker, place))
        taken = imports.take(bench.suite.name, made)
        counts.update(taken._asdict() | {"unknown": sum(one.key in set(taken.unknown) for one in made), "windows": 0})
        unknown |= dict.fromkeys(taken.unknown)
        touched |= taken.windows
    done = [number for number in sorted(touched) if not _waits(bench, store.windows.get(number))]
    imports.let_go(done)
    return TakenIn(
        written=counts["written"],
        there=counts["there"],
        too_late=counts["too_late"],
        not_drawn=counts["not_drawn"],
        unknown=counts["unknown"],
        unknown_ids=tuple(":".join(key) for key in unknown),
    )


def _made(row: Mapping[str, Any], numbers: Mapping[tuple[str, str], int], masker: Masker, place: Path) -> Made:
    """Return a row's score, its words masked; raise DataInvalid for what no check can have said."""
    where = f"{place}: {row['source']}:{row['external_id']}, {row['check']}"
    if row["state"] is None:
        raise DataInvalid(f"{where}: not scored yet; `evalgate traffic score-shard` scores it")
    if row["state"] not in KINDS:
        raise DataInvalid(f"{where}: its state is {row['state']!r}; it must be one of {', '.join(KINDS)}")
    number = numbers.get((row["check"], row["criterion"] or ""))
    if number is None:
        raise DataInvalid(f"{where}: the check has no criterion {row['criterion']!r}")
    try:
        body = None if row["body"] is None else orjson.dumps(masker.mask_json(orjson.loads(row["body"]))).decode()
        label = None if row["label"] is None else masker.mask(row["label"])
        result = result_of(KINDS[row["state"]], row["value"], label, row["reason"], body)
    except (ValueError, TypeError):
        raise DataInvalid(f"{where}: no check says this; score the shard again") from None
    scored = score_row(0, number, result)
    if scored.state != row["state"]:
        raise DataInvalid(f"{where}: it is {row['state']} and {row['reason']} at once; score the shard again")
    return Made((row["source"], row["external_id"]), scored)
