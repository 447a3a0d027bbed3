"""One transaction a request: all of it is seen together, or none of it."""

from __future__ import annotations

import pytest

from evalgate.core.errors import WrongAsWritten
from evalgate.store.engine import open_store
from evalgate.web.service import Service
from evalgate.web.transactions import reading, writing
from tests.web.scenes import with_run


def test_what_is_written_in_one_transaction_is_read_in_it_and_then_by_all(service: Service) -> None:
    with writing(service.store) as work:
        run = with_run(work.store)
        work.store.baselines.accept("main", run, "ana", "first")
        assert work.store.runs.get(run).finished
    assert service.store.baselines.current("support", "main") == run


def write_and_fail(service: Service) -> None:
    with writing(service.store) as work:
        with_run(work.store)
        work.access.create_user("ana", "Ana", None, (), admin=False)
        work.store.runs.get("nothing")


def test_an_error_at_the_end_takes_everything_back(service: Service) -> None:
    with pytest.raises(WrongAsWritten, match="nothing"):
        write_and_fail(service)
    assert service.store.runs.list() == ()
    assert service.access.user("ana") is None


def test_a_request_that_only_reads_cannot_lose_a_write(service: Service) -> None:
    with reading(service.store) as work, pytest.raises(RuntimeError, match="only reads"):
        with_run(work.store)


@pytest.mark.parametrize("database", ["sqlite_place", "postgres_place"])
def test_a_reader_sees_one_state_whatever_is_written_meanwhile(database: str, request: pytest.FixtureRequest) -> None:
    with open_store(request.getfixturevalue(database)) as store:
        with reading(store) as work:
            before = work.store.runs.list()
            with_run(store)
            assert work.store.runs.list() == before == ()
        assert len(store.runs.list()) == 1
