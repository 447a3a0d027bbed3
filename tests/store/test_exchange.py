"""A run leaves a store as a file and enters another, on both databases; a file that is not right is refused."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evalgate.core.errors import DataInvalid, EvalgateError, WrongAsWritten
from evalgate.store.engine import Store, open_store
from tests.store.scenes import manifest, marked, python, rich, summary

RUN = manifest().id


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with one finished run."""
    store.runs.start(manifest())
    store.runs.writer(RUN).keep([marked(0), rich(1), marked(7)])
    store.runs.finish(RUN, summary(manifest(), 3))
    return store


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Store]:
    """A store of its own, with one finished run."""
    with open_store(tmp_path / "source.db") as opened:
        opened.runs.start(manifest())
        opened.runs.writer(RUN).keep([marked(0), rich(1), marked(7)])
        opened.runs.finish(RUN, summary(manifest(), 3))
        yield opened


@pytest.fixture
def exported(source: Store, tmp_path: Path) -> Path:
    """A file with one run of three samples."""
    source.runs.export(RUN, tmp_path / "run.jsonl")
    return tmp_path / "run.jsonl"


@pytest.mark.parametrize("name", ["run.jsonl", "run.jsonl.gz"])
def test_a_run_is_the_same_in_another_store(filled: Store, tmp_path: Path, name: str) -> None:
    filled.runs.export(RUN[:6], tmp_path / name)
    with open_store(tmp_path / "other.db") as other:
        assert other.runs.import_(tmp_path / name) == RUN
        assert other.runs.get(RUN) == filled.runs.get(RUN)
        assert list(other.runs.stream(RUN)) == [marked(0), rich(1), marked(7)]


def test_a_run_may_come_from_either_database(exported: Path, store: Store) -> None:
    store.runs.import_(exported)
    assert list(store.runs.stream(RUN)) == [marked(0), rich(1), marked(7)]


def test_importing_twice_is_importing_once(exported: Path, store: Store) -> None:
    store.runs.import_(exported)
    known = store.runs.get(RUN)
    store.runs.import_(exported)
    assert store.runs.get(RUN) == known
    assert len(list(store.runs.stream(RUN))) == 3


def test_equal_runs_give_equal_files(filled: Store, tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        filled.runs.export(RUN, tmp_path / name)
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()


def test_an_unfinished_run_is_not_exported(store: Store, tmp_path: Path) -> None:
    store.runs.start(manifest())
    with pytest.raises(WrongAsWritten, match=f"run {RUN} is not finished; run its command again"):
        store.runs.export(RUN, tmp_path / "run.jsonl")
    assert not (tmp_path / "run.jsonl").exists()


@pytest.mark.parametrize("place", ["nowhere/run.jsonl", "folder"])
def test_a_place_that_cannot_be_written_is_named(source: Store, tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(WrongAsWritten, match=f"^{tmp_path / place}: cannot be written .*; name another file"):
        source.runs.export(RUN, tmp_path / place)
    assert not list(tmp_path.glob("**/*.part"))


EXPORT = """
import resource
import sys
from pathlib import Path
from evalgate.store.engine import open_store
place, path, size = sys.argv[1:]
with open_store(place) as store:
    run = store.runs.list()[0].id
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size), int(size)))
    try:
        store.runs.export(run, Path(path))
    except Exception as error:
        print(type(error).__name__, error)
"""


def test_a_file_that_outgrows_its_disk_is_one_line_and_leaves_the_old_one(exported: Path, source: Store) -> None:
    before = exported.read_bytes()
    told = python(EXPORT, source.place, str(exported), "1000").communicate()[0]
    assert told == f"ServiceBroke {exported}: cannot be written (File too large); free some space\n"
    assert exported.read_bytes() == before
    assert not list(exported.parent.glob(".*.part"))


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def without_last(content: bytes) -> bytes:
    return b"".join(content.splitlines(keepends=True)[:-1])


def last_twice(content: bytes) -> bytes:
    return content + content.splitlines(keepends=True)[-1]


def case_twice(content: bytes) -> bytes:
    return content.replace(b'"case-7"', b'"case-0"')


def other_case(content: bytes) -> bytes:
    return content.replace(b'"case":{"id":"case-7"', b'"case":{"id":"case-8"')


def newer(content: bytes) -> bytes:
    return content.replace(b'"evalgate_run":1', b'"evalgate_run":2')


def unknown_field(content: bytes) -> bytes:
    return content.replace(b'"position":7', b'"position":7,"grade":1')


def other_check(content: bytes) -> bytes:
    header, *lines = content.splitlines(keepends=True)
    return header + b"".join(line.replace(b"1" * 32, b"9" * 32) for line in lines)


def not_a_run(content: bytes) -> bytes:
    return b'{"id": 1, "output": "x"}\n'


def empty(content: bytes) -> bytes:
    return b""


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut, r":\d: .*(EOF|JSON).*; export the run again"),
        (without_last, ": 2 samples where the header says 3; export the run again"),
        (last_twice, ":5: position 7 comes after 7"),
        (case_twice, ": a case stands in it twice"),
        (other_case, ":4: no_pii is of another case or run"),
        (newer, ":1: format 2 is not format 1, which this evalgate reads; upgrade evalgate"),
        (unknown_field, ":4: grade: Extra inputs are not permitted"),
        (other_check, ":2: no_pii is of another case or run"),
        (not_a_run, ":1: this is not an exported run; name a file that `evalgate runs export` wrote"),
        (empty, ":1: this is not an exported run"),
    ],
)
def test_a_damaged_file_is_refused_whole(
    exported: Path, store: Store, damage: Callable[[bytes], bytes], said: str
) -> None:
    exported.write_bytes(damage(exported.read_bytes()))
    with pytest.raises(DataInvalid, match=f"^{exported}{said}") as raised:
        store.runs.import_(exported)
    assert "\n" not in str(raised.value)
    assert store.runs.list() == ()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("cut.gz", gzip.compress(b'{"evalgate_run":1}\n' * 1000)[:40], "the compressed file is cut short or damaged"),
        ("plain.gz", b'{"evalgate_run":1}\n', "the compressed file is cut short or damaged"),
        ("missing.jsonl", None, "cannot be read .No such file or directory."),
    ],
    ids=["cut", "not compressed", "missing"],
)
def test_a_file_that_cannot_be_read_is_named(
    store: Store, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    _ = content is not None and (tmp_path / name).write_bytes(content)
    with pytest.raises(EvalgateError, match=f"^{tmp_path / name}: {said}"):
        store.runs.import_(tmp_path / name)
