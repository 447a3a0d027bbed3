"""CVE-2026-41487: a member changed where an LLM connection points, and the server sent its stored key to that place.

The secret was bound to a row that members edit. Here the service stores no key of any judge or target, no route takes
an address to call, and what it does keep secret (its own, tokens, hashes) is in no page, answer, export, error or log.
"""

from __future__ import annotations

import ast
import base64
import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from evalgate.store.tables import metadata
from evalgate.web import passwords
from evalgate.web.app import ROUTERS
from evalgate.web.guard import SAFE
from evalgate.web.logs import JsonLine
from tests.security.poisoned import Poisoned
from tests.web.reading import HTML
from tests.web.scenes import PASSWORD, House
from tests.web.test_every_route import Held

ROOT = Path(__file__).resolve().parents[2]
CANARY = "sk-canary-0123456789abcdef"
VARIABLES = (
    *("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "AZURE_API_KEY"),
    *("EVALGATE_KEY", "EVALGATE_BREAK_GLASS_KEY", "EVALGATE_OIDC_CLIENT_SECRET"),
)
ADDRESS_LIKE = re.compile(r"url|uri|endpoint|host|base|webhook|api_?key|credential|secret", re.IGNORECASE)
KNOWN_SECRETS = {("meta", "secret"), ("api_key", "secret"), ("user_account", "password")}
"""Columns: the store's own key, an HMAC under it, an Argon2id hash."""
CALLS_OUT = {"httpx", "requests", "aiohttp", "urllib.request", "urllib3", "litellm", "socket"}
LISTENS = {"evalgate/web/serving.py"}
SIGNS_IN_ELSEWHERE = {"evalgate/web/oidc.py", "evalgate/web/api/oidc.py", "evalgate/wiring/oidc.py"}
"""May call the issuer that the server's environment names, and nobody else."""


def secrets_of(house: House) -> dict[str, str]:
    """Give everything that must stay where it is, by what it is."""
    secret, user = house.service.store.secret, house.service.access.user("maintainer")
    assert user is not None
    found = {
        "the store's key": secret.hex(),
        "the store's key in base64": base64.b64encode(secret).decode(),
        "the key of judges' nonces": house.service.store.nonce_key.hex(),
        "a password's hash": str(user.password),
        "a judge's key": CANARY,
    }
    for who, headers in house.headers.items():
        token = headers.get("Cookie", headers.get("Authorization", "")).rpartition("_")[2]
        found |= {f"the token of {who}": token.rpartition("=")[2]} if len(token) > 20 else {}
    return found


@pytest.fixture
def home(poisoned: Poisoned, monkeypatch: pytest.MonkeyPatch) -> Poisoned:
    """A house with a password, in an environment with keys."""
    for name in VARIABLES:
        monkeypatch.setenv(name, CANARY)
    access = poisoned.house.service.access
    user = access.user("maintainer")
    assert user is not None
    access.set_password(user.number, passwords.hashed(PASSWORD, "maintainer"))
    return poisoned


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the server's log would hold."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    logger = logging.getLogger("evalgate")
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.setLevel(before)
    logger.removeHandler(handler)


def answers(home: Poisoned) -> dict[str, str]:
    """Give what each route says, headers included, to who may do everything: asked well, asked badly, and not asked."""
    said = {}
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    for who in ("everywhere", "key:gate", "key:read"):
        client = home.house.as_(who)
        for route in routes:
            path = home.addresses.get(route.path) or route.path_format.format_map(Held({"run_id": home.house.run}))
            for method in sorted(route.methods or ()):
                # Signing out would end the session that the others need.
                kept = method not in SAFE and route.name in {"sign_out", "sign_out_by_form", "revoke_key"}
                answer = client.request("OPTIONS" if kept else method, path, headers=HTML, json={"x": "y"})
                said[f"{who} {method} {route.path}"] = answer.text + str(dict(answer.headers))
    return said


def test_no_secret_of_the_service_is_in_any_answer_or_in_the_log(home: Poisoned, log: io.StringIO) -> None:
    secret = secrets_of(home.house)
    said = answers(home)
    door = "GET /api/v1/door"
    assert len(said) > 200
    leaks = {(where, what) for where, text in said.items() for what, value in secret.items() if value in text}
    # Pipelines ask judges with the same nonces; CI's door tells it to their keys alone.
    assert {(where, what) for where, what in leaks if not where.endswith(door)} == set()
    assert [what for what, value in secret.items() if value in log.getvalue()] == []
    assert log.getvalue().count("\n") > 200


def test_no_export_holds_a_secret(home: Poisoned, tmp_path: Path) -> None:
    store = home.house.service.store
    store.runs.export(home.house.run, tmp_path / "run.jsonl")
    text = (tmp_path / "run.jsonl").read_text(encoding="utf-8")
    assert [what for what, value in secrets_of(home.house).items() if value in text] == []


def test_no_body_and_no_parameter_takes_an_address_or_a_key_to_call_with(house: House) -> None:
    described = house.as_("anonymous").get("/api/v1/openapi.json").json()
    fields = {
        f"{name}.{field}"
        for name, schema in described["components"]["schemas"].items()
        for field in schema.get("properties", {})
        if ADDRESS_LIKE.search(field)
    }
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    parameters = {
        (route.path, one.name)
        for route in routes
        for one in (*route.dependant.query_params, *route.dependant.path_params, *route.dependant.body_params)
        if ADDRESS_LIKE.search(one.name)
    }
    # What a store calls its baseline, and which of its keys to revoke, leads nowhere outside.
    mine = {one for one in fields if not re.search(r"baseline|based_on|database|key_id|key_seen", one, re.IGNORECASE)}
    assert (mine, parameters) == (set(), set())


def test_no_table_keeps_a_key_of_somebody_else() -> None:
    named = re.compile(r"secret|password|token|api_?key|credential|url|endpoint", re.IGNORECASE)
    columns = {(name, one.name) for name, table in metadata.tables.items() for one in table.c if named.search(one.name)}
    counters = {("assignment", "token")}
    assert {one for one in columns - counters if "tokens" not in one[1]} == KNOWN_SECRETS


def test_the_service_calls_nobody() -> None:
    """What does not call out cannot be made to (MLflow's webhooks, Label Studio's imports: SSRF)."""
    found = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in sorted((ROOT / "evalgate" / "web").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
        if name in CALLS_OUT
    }
    assert {file for file, _ in found} - LISTENS - SIGNS_IN_ELSEWHERE == set()


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [one.name for one in node.names]
    return [str(node.module)] if isinstance(node, ast.ImportFrom) else []


def test_an_address_of_a_new_person_or_key_is_shown_once_to_who_made_it(house: House) -> None:
    made = house.as_("admin").post("/api/v1/keys", json={"name": "k", "scopes": ["read"]}).json()["token"]
    listed = house.as_("admin").get("/api/v1/keys").text + house.as_("admin").get("/admin", headers=HTML).text
    audit = json.dumps(house.as_("admin").get("/api/v1/audit").json())
    assert made.rpartition("_")[2] not in listed + audit
