"""A folder with a suite and its outputs, and a store in which production was scored, as a worker leaves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from evalgate.core.decisions import Finding
from evalgate.core.reporting import Report
from evalgate.gate.facts import Change
from evalgate.runner.marking import Named
from evalgate.store.engine import Store
from evalgate.store.tables import metadata
from evalgate.suites.loading import load_suite
from evalgate.wiring.app import App
from evalgate.wiring.catalogue import all_checks
from evalgate.wiring.settings import read_settings
from tests.acceptance.scenes import lay, rows
from tests.production.closed import write

DAY = timedelta(days=1)
TODAY = date(2025, 3, 10)
END = datetime(2025, 3, 11, tzinfo=UTC)
"""The end of today: decided as then."""
NOW, BEFORE = "7c1f2ab90d11", "0a1b2c3d4e5f"
SUITE = """\
version: 1
name: support
owner: owner@acme.example
data:
  candidate: candidate.jsonl
  baseline: baseline.jsonl
checks:
  polite: {check: required_text, any: [gracias, obrigado, thank you]}
gates:
  polite: {at_least: 0.8, production: {at_least: 0.8}}
"""


class Home:
    """The folder of one pipeline, with a store beside it."""

    def __init__(self, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.path = lay(folder, SUITE, candidate=rows(revision=NOW), baseline=rows(revision=BEFORE))
        settings = read_settings({"EVALGATE_LANG": "en", **(environ or {})})
        self.settings = settings.model_copy(update={"database": str(folder / "evalgate.db")})
        self.environ = dict(environ or {})

    @contextmanager
    def app(self) -> Iterator[App]:
        """Give the application, its store open."""
        app = App(self.settings, self.environ)
        with app.sharing():
            yield app

    def gate(self, *, revision: str = NOW, break_glass: str | None = None, today: date = TODAY) -> Report:
        """Decide."""
        with self.app() as app:
            suite = app.load(self.path)
            return app.decide(suite, change=Change(revision), today=today, break_glass=break_glass)

    def watched(self, shares: Sequence[float | None], **said: Any) -> None:
        """Close one window a day in the store beside the folder, the last of them today."""
        with self.app() as app:
            watched(app.store, self.path, shares, **said)


def watched(
    store: Store, path: Path, shares: Sequence[float | None], *, many: int = 60, shed: int = 0, digest: str = ""
) -> None:
    """Close one window a day, of so many interactions of which a share is polite; None leaves the day out.

    shed: so many more in each were to be scored, and the money was gone.
    """
    named = next(one for one in Named.all_of(load_suite(path, all_checks()).checks) if one.name == "polite")
    check = write(
        store,
        "traffic_check",
        project=store.project,
        suite="support",
        name="polite",
        criterion="",
        annotator="code",
        digest=digest or named.ref.digest,
        since=END,
    )
    for days, share in enumerate(reversed(shares)):
        if share is not None:
            good = round(share * many)
            marks: list[tuple[float | None, str]] = [(1.0, "scored")] * good
            window(
                store, check, END - days * DAY, [*marks, *[(0.0, "scored")] * (many - good), *[(None, "shed")] * shed]
            )


def window(store: Store, check: int, end: datetime, marks: Sequence[tuple[float | None, str]]) -> None:
    """Close a window of a day with one conversation a mark."""
    write(
        store,
        "traffic_window",
        project=store.project,
        suite="support",
        starts_at=end - DAY,
        ends_at=end,
        version=1,
        state="closed",
        attempt=1,
        spent_usd=0.0,
    )
    items = [
        {
            "project": store.project,
            "source": "api",
            "external_id": f"{end:%Y%m%d}-{place}",
            "state": "complete",
            "version": 1,
            "received_at": end - DAY / 2,
            "completed_at": end - DAY / 2,
            "conversation": f"{end:%Y%m%d}-{place}",
            "draw": (place + 0.5) / len(marks),
            "sample_digest": f"{place:032x}",
            "facts": "{}",
        }
        for place in range(len(marks))
    ]
    if not items:
        return
    item, score = metadata.tables["interaction"], metadata.tables["traffic_score"]
    with store.database.write() as connection:
        made = insert(item).returning(item.c.number, sort_by_parameter_order=True)
        numbers = connection.execute(made, items).scalars().all()
        scores = [
            {"interaction": number, "traffic_check": check, "state": state, "value": value, "chance": 1.0}
            for number, (value, state) in zip(numbers, marks, strict=True)
        ]
        connection.execute(insert(score), scores)


def production(report: Report) -> Finding:
    """Return what the rule says."""
    (found,) = (finding for finding in report.decision.findings if finding.rule == "production")
    return found
