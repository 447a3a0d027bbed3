"""The audit seals itself while the service runs, whatever else seals or goes wrong at that moment."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from evalgate.store.audit import Audit
from evalgate.web.app import create_app
from evalgate.web.sealing import sealing
from tests.web.reading import Read, reader
from tests.web.scenes import House


def done(house: House, rows: int) -> Audit:
    """Write that somebody did something, and give the audit."""
    audit = house.service.audit
    with house.service.store.database.write() as connection:
        for number in range(rows):
            audit.add(connection, 1, "user:ana", "key.created", f"key:{number}")
    return audit


def soon(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    give_up = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.01)


@pytest.mark.parametrize("where", ["sqlite_house", "postgres_house"])
def test_what_is_done_gets_its_place_in_the_chain_while_the_service_runs(
    where: str, request: pytest.FixtureRequest
) -> None:
    house: House = request.getfixturevalue(where)
    audit = done(house, 3)
    with sealing(audit, every_s=0.02):
        soon(lambda: audit.unsealed() == 0)
        done(house, 2)
        soon(lambda: audit.unsealed() == 0)
    assert audit.verify().model_dump() == {"ok": True, "rows": 5, "first_broken": None, "unsealed": 0}


@pytest.mark.parametrize("where", ["sqlite_house", "postgres_house"])
def test_sealers_of_several_processes_make_one_chain(where: str, request: pytest.FixtureRequest) -> None:
    house: House = request.getfixturevalue(where)
    audit = done(house, 40)
    with ExitStack() as running:
        for _ in range(4):
            running.enter_context(sealing(audit, every_s=0.005))
        for _ in range(10):
            done(house, 4)
        soon(lambda: audit.unsealed() == 0)
    assert audit.verify().model_dump() == {"ok": True, "rows": 80, "first_broken": None, "unsealed": 0}


def test_what_is_done_last_is_sealed_as_the_service_stops(house: House) -> None:
    audit = house.service.audit
    with sealing(audit, every_s=3600):
        done(house, 2_001)
    assert (audit.unsealed(), audit.verify().rows) == (0, 2_001)


def test_a_database_that_is_gone_is_told_in_the_log_and_stops_nothing(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "evalgate.web")
    audit, database = done(house, 1), house.service.store.database
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE audit RENAME TO moved")
    with sealing(audit, every_s=0.02):
        soon(lambda: len(caplog.records) > 1)
        with database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE moved RENAME TO audit")
        soon(lambda: audit.unsealed() == 0)
    assert {record.getMessage() for record in caplog.records} == {"the audit could not be sealed"}


def test_the_application_seals_as_it_runs(house: House) -> None:
    app = create_app(house.service)
    audit = done(house, 1)

    async def lived() -> int:
        async with app.router.lifespan_context(app):
            return audit.unsealed()

    assert asyncio.run(lived()) == 1
    assert audit.unsealed() == 0


def test_the_audit_page_says_how_much_waits_for_the_seal(house: House) -> None:
    done(house, 2)
    before = Read(reader(house, "auditor").get("/audit")).text
    house.service.audit.seal()
    after = Read(reader(house, "auditor").get("/audit")).text
    assert "2 rows are not sealed yet. While the server runs, it seals them every minute." in before
    assert "0 rows are not sealed yet." in after
