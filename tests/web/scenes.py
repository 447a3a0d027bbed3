"""A house to knock at: two projects, somebody of every role, keys of every scope, and a run that passed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from evalgate.core.decisions import Decision
from evalgate.core.gates import Policy, Verdict
from evalgate.core.metrics import Evidence
from evalgate.core.records import decision_name, record_bytes
from evalgate.store.access import Role, Scope
from evalgate.store.engine import Store
from evalgate.web.app import create_app
from evalgate.web.guard import COOKIE, ROLES
from evalgate.web.service import Service
from tests.store.scenes import manifest, marked, summary
from tests.web.client import Client

HOST = "127.0.0.1"
ADDRESS = f"http://{HOST}"
PASSWORD = "four words nobody says"
SCOPES: tuple[Scope, ...] = ("gate", "ingest", "read", "review")
KEYS: tuple[Scope, ...] = (*SCOPES, "break_glass")
"""Each in a key of its own; the last one stands in no key beside others."""
HOUR = timedelta(hours=1)


@dataclass
class House:
    """A furnished service, and how each who knocks shows who they are."""

    service: Service
    run: str = ""
    decision: str = ""
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    """Who: the headers they send, with the token that forms send back."""

    def as_(self, who: str, *, forms: bool = True) -> Client:
        """Give a client that knocks as somebody; without `forms` it sends no token back."""
        sent = {name: value for name, value in self.headers[who].items() if forms or name != "X-CSRF"}
        return Client(create_app(self.service), ADDRESS, sent)


def furnish(service: Service) -> House:
    """Give everybody their role and key."""
    house = House(service, headers={"anonymous": {}, "nonsense": {"Authorization": "Bearer eg_no_thing"}})
    access, project = service.access, service.store.project
    for role in ROLES:
        _let_in(house, role, project, role)
    other = access.create_project("sales", "Sales").number
    _let_in(house, "other", other, "admin")
    _let_in(house, "nobody's member", None, None)
    _let_in(house, "everywhere", None, None, admin=True)
    for scope in KEYS:
        _, token = access.create_key(project, f"key to {scope}", (scope,), HOUR, "user:admin")
        house.headers[f"key:{scope}"] = {"Authorization": f"Bearer {token}"}
    _, token = access.create_key(project, "expired", SCOPES, timedelta(microseconds=1), "user:admin")
    house.headers["key:expired"] = {"Authorization": f"Bearer {token}"}
    revoked, token = access.create_key(project, "revoked", SCOPES, HOUR, "user:admin")
    access.revoke_key(project, revoked.id)
    house.headers["key:revoked"] = {"Authorization": f"Bearer {token}"}
    house.run = with_run(service.store)
    house.decision = with_decision(service.store, house.run)
    service.store.baselines.accept("main", house.run, "admin", "first baseline")
    return house


def _let_in(house: House, login: str, project: int | None, role: Role | None, *, admin: bool = False) -> None:
    access = house.service.access
    user = access.create_user(login, login.title(), None, (), admin=admin)
    if project is not None and role is not None:
        access.set_member(project, user.number, role)
    token = access.start_session(user.number, HOUR)
    signed_in = access.session(token)
    assert signed_in is not None
    house.headers[login] = {"Cookie": f"{COOKIE}={token}", "X-CSRF": signed_in.csrf}


def with_run(store: Store, source: str = "a", suite: str = "support", samples: int = 3) -> str:
    made = manifest(source, suite)
    store.runs.start(made)
    store.runs.writer(made.id).keep([marked(position) for position in range(samples)])
    store.runs.finish(made.id, summary(made, samples))
    return made.id


def with_decision(store: Store, run: str, suite: str = "support", verdict: Verdict = "pass") -> str:
    made = Decision(
        suite=suite,
        suite_digest="a" * 64,
        candidate=run,
        candidate_source="candidate.jsonl",
        verdict=verdict,
        findings=(),
        gates=(),
        policy=Policy(),
        evidence=Evidence(),
        evalgate="0.1.0",
    )
    record = record_bytes(made)
    store.decisions.keep(decision_name(record), made, record)
    return decision_name(record)
