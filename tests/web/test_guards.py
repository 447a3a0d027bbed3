"""What holds for every request: headers, hosts, sizes, forged forms, problems in one shape, a line in the log."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.types import Message

from evalgate.web.app import create_app
from evalgate.web.guard import csrf_sent
from evalgate.web.logs import JsonLine
from evalgate.web.service import Service
from evalgate.web.throttle import Throttle
from tests.web.client import Client
from tests.web.scenes import ADDRESS, HOST, House

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize(
    ("path", "status"), [("/healthz", 200), ("/api/v1/runs", 401), ("/nowhere", 404)], ids=["200", "401", "404"]
)
def test_every_response_tells_the_browser_what_it_may_do(anybody: Client, path: str, status: int) -> None:
    answer = anybody.get(path)
    assert answer.status_code == status
    assert {
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cache-control": "no-store",
    }.items() <= dict(answer.headers).items()
    assert answer.headers["x-request-id"]


def test_a_host_nobody_named_is_refused_and_the_probes_are_not(anybody: Client) -> None:
    forged = {"Host": "evil.example"}
    refused = anybody.get("/api/v1/openapi.json", headers=forged)
    assert (refused.status_code, refused.json()["error"]["where"]) == (400, "Host")
    assert anybody.get("/healthz", headers=forged).status_code == 200
    assert anybody.get("/api/v1/openapi.json", headers={"Host": "LOCALHOST:8321"}).status_code == 200


def test_a_body_over_the_limit_is_413_whether_or_not_it_says_its_size(anybody: Client) -> None:
    said = anybody.post("/api/v1/session", content=b"x" * (2**20 + 1))
    streamed = anybody.post(
        "/api/v1/session", content=(b"x" * 2**16 for _ in range(17)), headers={"Content-Type": "application/json"}
    )
    assert (said.status_code, streamed.status_code) == (413, 413)
    assert said.json()["error"]["what"] == "the body is larger than 1 MB"


def test_a_pipeline_may_push_more_once_its_key_opens_something(house: House) -> None:
    pushed = b"x" * (2**20 + 1)
    statuses = {
        who: house.as_(who).post("/api/v1/door/nothing", content=pushed).status_code
        for who in ("anonymous", "nonsense", "key:expired", "key:revoked", "key:gate")
    }
    assert statuses == {"anonymous": 413, "nonsense": 413, "key:expired": 413, "key:revoked": 413, "key:gate": 404}


def test_broken_json_is_one_problem_without_an_echo(anybody: Client) -> None:
    answer = anybody.post(
        "/api/v1/session", content=b'{"password": "hunter2secret', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert set(answer.json()["error"]) == {"what", "where", "do"}
    assert "hunter2secret" not in answer.text


def test_a_field_nobody_knows_is_named_and_its_value_is_not_repeated(anybody: Client) -> None:
    answer = anybody.post("/api/v1/session", json={"login": "ana", "password": "hunter2secret", "projet": "x9x9"})
    assert (answer.status_code, answer.json()["error"]["where"]) == (422, "body.projet")
    assert "hunter2secret" not in answer.text
    assert "x9x9" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"X-CSRF": "guessed"},
        {"X-CSRF": ""},
        {"X-CSRF": "señal"},
    ],
    ids=str,
)
def test_a_forged_form_changes_nothing(house: House, headers: dict[str, str]) -> None:
    encoded = httpx.Headers(headers, encoding="utf-8")
    before = house.service.access.keys(1)
    answer = house.as_("admin").post("/api/v1/keys", json={"name": "k", "scopes": ["read"]}, headers=encoded)
    assert answer.status_code == 403
    assert house.service.access.keys(1) == before


def test_a_form_of_our_own_page_passes(house: House) -> None:
    answer = house.as_("admin").post(
        "/api/v1/keys",
        json={"name": "k", "scopes": ["read"]},
        headers={"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 201


def test_a_token_in_a_form_field_is_as_good_as_in_the_header(house: House) -> None:
    client = house.as_("admin", forms=False)
    token = house.headers["admin"]["X-CSRF"]
    assert client.request("DELETE", "/api/v1/keys/none", data={"csrf": token}).status_code == 404
    assert client.request("DELETE", "/api/v1/keys/none", data={"csrf": "guessed"}).status_code == 403
    assert client.request("DELETE", "/api/v1/keys/none", files={"csrf": b"a file"}).status_code == 403


def test_another_sites_page_cannot_even_sign_somebody_in(anybody: Client) -> None:
    answer = anybody.post(
        "/api/v1/session", json={"login": "a", "password": "b"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


def test_too_many_requests_of_one_key_are_429_and_say_when_to_come_back(house: House) -> None:
    client = house.as_("key:read")
    object.__setattr__(house.service.throttles, "callers", Throttle(burst=2, every_s=1000))
    answers = [client.get("/api/v1/suites") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 900 < int(answers[2].headers["retry-after"]) <= 1000
    assert house.as_("key:gate").get("/api/v1/suites").status_code == 200


class Lines(logging.Handler):
    """Keeps what the log would print."""

    def __init__(self) -> None:
        super().__init__()
        self.printed: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.printed.append(json.loads(JsonLine().format(record)))


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    caplog.set_level(logging.INFO, "evalgate.web")
    handler = Lines()
    logging.getLogger("evalgate.web").addHandler(handler)
    return handler


def test_a_request_is_one_line_in_the_log_without_what_it_asked_for(house: House, lines: Lines) -> None:
    house.as_("key:read").get(f"/api/v1/runs/{house.run}/samples?limit=2&who=ana%40example.org")
    [line] = lines.printed
    assert {
        "event": "request",
        "method": "GET",
        "route": "/api/v1/runs/{run_id}/samples",
        "query": "limit=2&who=***",
        "status": 200,
        "project": 1,
    }.items() <= line.items()
    assert line["actor"].startswith("key:")
    assert "ana" not in json.dumps(line)


def test_a_bug_is_an_id_for_the_caller_and_a_place_for_the_log(service: Service, lines: Lines) -> None:
    app = create_app(service)

    def broken() -> None:
        raise RuntimeError("the text of somebody")

    app.router.routes.append(APIRoute("/broken", broken))
    answer = Client(app, ADDRESS).get("/broken")
    assert answer.status_code == 500
    assert answer.headers["content-security-policy"] == POLICY
    bug = lines.printed[0]
    assert bug["id"] in answer.json()["error"]["do"]
    assert (bug["error"]["kind"], bug["error"]["said"]) == ("RuntimeError", None)
    assert "broken" in bug["error"]["at"][-1]
    assert "somebody" not in answer.text + json.dumps(lines.printed)


def test_metrics_count_by_the_routes_template_and_never_by_its_path(house: House) -> None:
    client = house.as_("key:read")
    client.get(f"/api/v1/runs/{house.run}")
    client.get("/nowhere/at/all")
    client.request("BREW", "/healthz")
    text = client.get("/metrics").text
    assert 'evalgate_http_requests_total{method="GET",route="/api/v1/runs/{run_id}",status="200"} 1.0' in text
    assert 'evalgate_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in text
    assert 'method="other",route="/healthz",status="405"' in text
    assert house.run not in text


def test_a_form_that_comes_with_a_key_is_not_read_before_the_key_is_looked_at() -> None:
    headers = [(b"content-type", b"multipart/form-data; boundary=b"), (b"authorization", b"Bearer eg_no_thing")]

    async def nothing_may_be_read() -> Message:
        raise AssertionError("the form was read")

    async def token(sent: list[tuple[bytes, bytes]]) -> str | None:
        request = Request({"type": "http", "method": "POST", "headers": sent}, nothing_may_be_read)
        return await anext(csrf_sent(request))

    assert asyncio.run(token(headers)) is None
    with pytest.raises(AssertionError, match="the form was read"):
        asyncio.run(token(headers[:1]))
