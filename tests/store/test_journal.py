"""No answered call is paid twice: the reply journal on both databases."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from evalgate.core.models import ModelRequest
from evalgate.store.engine import Store, open_store
from evalgate.store.tables.replies import pack, unpack
from tests.store.scenes import answer, at_once, python


def test_what_was_kept_is_recalled_byte_for_byte(store: Store) -> None:
    bodies = [b"{}", b"not JSON \x00\xff", b"", b'{"a": "' + b"x" * 100_000 + b'"}']
    answers = [answer(number, body) for number, body in enumerate(bodies)]
    store.journal.keep(answers)
    assert store.journal.recall([a.key for a in answers]) == {a.key: a.body for a in answers}


def test_answers_come_back_with_the_requests_that_they_answer(store: Store) -> None:
    kept = [answer(number) for number in range(1_001)]
    store.journal.keep(kept)
    found = store.journal.answers([one.key for one in kept[:-1]] + ["unknown"])
    assert {one.key: one for one in found} == {one.key: one for one in kept[:-1]}
    assert all(one.request.key == one.key for one in found)


def test_a_key_that_was_never_answered_is_not_recalled(store: Store) -> None:
    store.journal.keep([answer(1)])
    assert store.journal.recall([answer(2).key]) == {}


def test_the_first_answer_stays(store: Store) -> None:
    store.journal.keep([answer(1, b"first"), answer(1, b"second")])
    store.journal.keep([answer(1, b"third")])
    assert store.journal.recall([answer(1).key]) == {answer(1).key: b"first"}


def test_many_keys_are_recalled_in_one_call(store: Store) -> None:
    answers = [answer(number) for number in range(1200)]
    store.journal.keep(answers)
    assert len(store.journal.recall([a.key for a in answers])) == 1200


def test_nothing_is_asked_for_nothing(store: Store) -> None:
    store.journal.keep([])
    assert store.journal.recall([]) == {}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"model": "gpt-x-1", "usage": {"prompt_tokens": 7, "completion_tokens": 2}}', ("gpt-x-1", 7, 2)),
        (b'{"model": "nul \\u0000", "usage": {"prompt_tokens": 1e99}}', (None, None, None)),
        (b'{"model": 3, "usage": [1], "choices": {}}', (None, None, None)),
        (b'{"usage": {"prompt_tokens": -1, "completion_tokens": 99999999999}}', (None, None, None)),
        (b"[]", (None, None, None)),
    ],
    ids=["as promised", "unfit for a column", "of other types", "out of range", "no object"],
)
def test_what_a_body_says_of_itself_can_be_queried(store: Store, body: bytes, expected: tuple[object, ...]) -> None:
    store.journal.keep([answer(1, body)])
    with store.database.read() as connection:
        row = connection.execute(text("SELECT answered_by, input_tokens, output_tokens FROM reply")).one()
    assert tuple(row) == expected


def test_the_request_is_kept_as_it_was_asked(store: Store) -> None:
    store.journal.keep([answer(1)])
    with store.database.read() as connection:
        request = connection.execute(text("SELECT request FROM reply")).scalar_one()
    assert ModelRequest.model_validate_json(unpack(request)) == answer(1).request


def test_threads_may_keep_at_the_same_time(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: store.journal.keep([answer(number), answer(number + 1)]), range(40)))
    assert len(store.journal.recall([answer(number).key for number in range(41)])) == 41


SAME_KEYS = """
from evalgate.store.engine import open_store
from tests.store.scenes import answer
place, number = sys.argv[1:]
with open_store(place) as store:
    wait()
    for first in range(0, 60, 3):
        store.journal.keep([answer(n, number.encode()) for n in (first + 2, first, first + 1)])
    known = store.journal.recall([answer(n).key for n in range(60)])
    print(*(known[answer(n).key].decode() for n in range(60)))
"""


def test_two_processes_that_keep_the_same_keys_agree_on_the_answer(place: str) -> None:
    seen = at_once(SAME_KEYS, place)
    assert len(set(seen)) == 1
    assert len(seen[0].split()) == 60


UNTIL_KILLED = """
import itertools, sys
from evalgate.store.engine import open_store
from tests.store.scenes import answer
store = open_store(sys.argv[1])
for number in itertools.count():
    store.journal.keep([answer(number)])
    print(number, flush=True)
"""


def test_a_kill_loses_no_answer_that_was_kept(place: str) -> None:
    process = python(UNTIL_KILLED, place)
    assert process.stdout is not None
    while process.stdout.readline() != "100\n":
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    told = [101 + number for number, _ in enumerate(process.communicate()[0].splitlines())]
    with open_store(place) as store:
        recalled = store.journal.recall([answer(number).key for number in [*range(101), *told]])
    assert len(recalled) == 101 + len(told)


def test_a_long_text_is_deflated_and_a_short_one_is_not() -> None:
    assert len(pack(b"a" * 5000)) < 100
    assert pack(b"short").endswith(b"short")


@pytest.mark.parametrize("size", [0, 1, 4096, 4097, 70_000])
def test_packing_loses_nothing(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    assert unpack(pack(content)) == content
