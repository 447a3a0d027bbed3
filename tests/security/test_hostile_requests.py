"""Requests made to break, fill or mislead the server: forged hosts, split headers, climbing paths, bombs, numbers."""

from __future__ import annotations

import gzip
import re
import zlib
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from evalgate.web import unpacking
from evalgate.web.app import ROUTERS, create_app
from evalgate.web.guard import SAFE
from evalgate.web.pages.rendering import local
from evalgate.web.security import CONTENT_SECURITY_POLICY
from evalgate.web.throttle import Throttle
from tests.security.payloads import PAYLOADS
from tests.web.client import Client
from tests.web.reading import HTML
from tests.web.review_scenes import PLAIN, RUBRIC
from tests.web.scenes import ADDRESS, PASSWORD, House
from tests.web.test_every_route import Held

ROUTES = [
    (route, method)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]
WRITES = [(route, method) for route, method in ROUTES if method not in SAFE]
SAFE_NAME = re.compile(r"attachment; filename\*=UTF-8''[A-Za-z0-9._~%-]+")
JSON = {"Content-Type": "application/json"}
SPLIT = ("a\r\nSet-Cookie: evalgate_session=x", "a\nX-Evil: 1", "a%0d%0aSet-Cookie:%20x=y", "a\u010d\u010aX-Evil:1")


def address(route: APIRoute) -> str:
    return route.path_format.format_map(Held({}))


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example", "", "a b"])
def test_a_forged_host_gets_no_page_and_is_repeated_nowhere(house: House, host: str) -> None:
    for path in ("/sign-in", "/api/v1/session", "/static/evalgate.css", "/nowhere"):
        answer = house.as_("anonymous").get(path, headers={**HTML, "Host": host})
        assert answer.status_code == 400
        assert "evil.example" not in answer.text + str(dict(answer.headers))


def test_links_and_redirects_do_not_follow_forged_headers(house: House) -> None:
    """Password resets once led to the attacker's host, which stood in X-Forwarded-Host."""
    forged = {"X-Forwarded-Host": "evil.example", "X-Original-URL": "/admin", "Forwarded": "host=evil.example", **HTML}
    made = house.as_("everywhere").post("/api/v1/users/reviewer/link", headers=forged)
    assert made.json()["link"].startswith("/join/")
    sent_away = house.as_("anonymous").get("/runs", headers=forged)
    assert sent_away.headers["location"] == "/sign-in?next=/runs"


@pytest.mark.parametrize("value", SPLIT, ids=range(len(SPLIT)))
def test_no_value_that_is_sent_splits_a_header(house: House, value: str) -> None:
    client = house.as_("everywhere")
    token = house.headers["everywhere"]["X-CSRF"]
    answers = [
        client.get("/sign-in", params={"next": value, "done": value}, headers=HTML),
        house.as_("anonymous").get(f"/runs/{quote(value)}", headers=HTML),
        client.post("/account/project", data={"to": value, "csrf": token}, headers=HTML),
        client.post("/account", data={"language": value, "theme": value, "csrf": token}, headers=HTML),
        client.get(f"/api/v1/runs/{quote(value, safe='')}"),
    ]
    for answer in answers:
        assert "x-evil" not in answer.headers
        assert "evalgate_session" not in answer.headers.get("set-cookie", "")
        assert [text for text in answer.headers.values() if "\r" in text or "\n" in text] == []


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_nowhere_but_here_is_somebody_sent_after_signing_in(payload: str) -> None:
    assert local(payload) == "/"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e%2f%2e%2e%2fpyproject.toml",
        "/static//etc/passwd",
        "/static/%00",
        "/static/..%5capp.py",
        "/static/words/en.yaml",
        "/static/",
        "/static",
    ],
)
def test_only_files_that_pages_load_are_handed_out(house: House, path: str) -> None:
    answer = house.as_("anonymous").get(path)
    assert answer.status_code == 404
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_every_answer_whatever_its_status_says_what_a_browser_may_do(house: House) -> None:
    client = house.as_("everywhere")
    asked = [("GET", "/static/evalgate.css"), ("GET", "/nowhere"), ("BREW", "/runs"), ("GET", "/api/v1/runs?limit=x")]
    answers = [client.request(method, path) for method, path in asked]
    answers += [client.request(m, address(r), headers=HTML) for r, m in ROUTES if not r.name.startswith("sign_out")]
    answers += [house.as_("anonymous").request(method, address(route)) for route, method in ROUTES]
    answers += [client.post("/api/v1/keys", content=b"x" * (2**20 + 1))]
    assert {answer.headers["content-security-policy"] for answer in answers} == {CONTENT_SECURITY_POLICY}
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}
    assert {200, 303, 400, 401, 404, 405, 413, 422} <= {answer.status_code for answer in answers}


DEEP = b"[" * 100_000 + b"]" * 100_000
BODIES = {
    "deep lists": DEEP,
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "a huge number": b'{"days": ' + b"9" * 5_000 + b"}",
    "a huge exponent": b'{"days": 1e999999, "priority": -1e999999, "limit": 1e400}',
    "no number": b'{"days": NaN, "priority": Infinity}',
    "half a surrogate": b'{"login": "\\ud800", "name": "\\udfff", "password": "\\ud83d"}',
    "no utf-8": b'{"login": "\xff\xfe"}',
    "nul": b'{"login": "a\\u0000b", "name": "\\u0000", "role": "\\u0000"}',
    "a key twice": b'{"login": "a", "login": "b"}',
    "a prototype": b'{"__proto__": {"admin": true}, "constructor": {"prototype": {"admin": true}}}',
    "nothing": b"",
    "null": b"null",
    "many keys": b"{" + b",".join(b'"k%d":1' % n for n in range(2_000)) + b"}",
}


@pytest.mark.parametrize("kind", BODIES)
def test_no_body_breaks_a_route(house: House, kind: str) -> None:
    statuses = {
        (who, method, route.path): house.as_(who)
        .request(method, address(route), content=BODIES[kind], headers={**JSON})
        .status_code
        for route, method in WRITES
        if not route.name.startswith("sign_out")
        for who in ("everywhere", "key:gate")
    }
    assert {where: status for where, status in statuses.items() if status >= 500} == {}
    assert house.service.access.user("b") is None


@pytest.mark.parametrize("number", ["9" * 400, "-1", "0", str(2**63), "1e9", "\u0661", "NaN", "0x10", "1;DROP TABLE x"])
def test_no_number_in_an_address_breaks_a_route(house: House, number: str) -> None:
    named = quote(number, safe="")
    client = house.as_("everywhere")
    asked = [
        (method, route.path_format.format_map(dict.fromkeys(route.param_convertors, named)), query)
        for route, method in ROUTES
        if not route.name.startswith(("sign_out", "make_first", "choose_password"))
        for query in ({}, {one.name: number for one in route.dependant.query_params})
    ]
    statuses = {(m, path, str(query)): client.request(m, path, params=query).status_code for m, path, query in asked}
    assert {where: status for where, status in statuses.items() if status >= 500} == {}


def test_a_body_that_says_it_is_compressed_is_not_unpacked_where_nobody_expects_it(house: House) -> None:
    bomb = gzip.compress(b'{"login": "' + b"a" * 2**24 + b'"}')
    said = {**JSON, "Content-Encoding": "gzip"}
    assert house.as_("anonymous").post("/api/v1/session", content=bomb, headers=said).status_code in {400, 422}


@pytest.mark.parametrize("layers", [1, 2])
def test_a_pushed_bomb_is_refused_before_it_is_whole(
    house: House, monkeypatch: pytest.MonkeyPatch, layers: int
) -> None:
    monkeypatch.setattr(unpacking, "MOST_UNPACKED", 2**20)
    bomb = gzip.compress(bytes(2**25))
    for _ in range(layers - 1):
        bomb = gzip.compress(bomb)
    answer = house.as_("key:gate").put("/api/v1/door/runs", content=bomb)
    assert answer.status_code in {400, 413, 422}


def test_a_raw_stream_that_only_looks_like_gzip_is_refused(house: House) -> None:
    answer = house.as_("key:gate").put("/api/v1/door/runs", content=zlib.compress(b"x" * 1000))
    assert (answer.status_code, answer.json()["error"]["what"]) == (400, "the body is not gzip")


def test_whoever_knocks_too_often_waits_whatever_they_knock_with(house: House) -> None:
    """Rate limits that are for the vendor's own cloud leave those who host it themselves without."""
    object.__setattr__(house.service.throttles, "callers", Throttle(burst=2, every_s=1000))
    object.__setattr__(house.service.throttles, "addresses", Throttle(burst=2, every_s=1000))
    app = create_app(house.service)
    by_key = [house.as_("key:read").get("/api/v1/suites").status_code for _ in range(3)]
    by_person = [house.as_("maintainer").get("/runs", headers=HTML).status_code for _ in range(3)]
    sent = {"login": "eve", "password": PASSWORD, "token": "x", "name": "Eve"}
    doors = {
        path: [Client(app, ADDRESS, at=f"10.1.{n}.1").post(path, data=sent).status_code for _ in range(3)][-1]
        for n, path in enumerate(("/sign-in", "/first/x", "/join/x"))
    }
    assert (by_key, by_person) == ([200, 200, 429], [200, 200, 429])
    assert doors == {"/sign-in": 429, "/first/x": 429, "/join/x": 429}


@pytest.mark.parametrize("name", ['a"; filename="x.exe', "a\r\nX-Evil: 1", "../../etc/passwd", "\u202egnp", "x;y\\z"])
def test_a_downloads_name_is_a_name_whatever_it_is_called(house: House, name: str) -> None:
    """Reflected file downloads and split headers begin in Content-Disposition."""
    house.service.store.queues.create(name, RUBRIC, PLAIN, "user:zoe")
    client = house.as_("maintainer")
    answers = [
        client.get(f"/api/v1/queues/{quote(name, safe='')}/labels"),
        client.get("/api/v1/gold-cases/file", params={"suite": name}),
    ]
    told = [answer.headers["content-disposition"] for answer in answers if answer.status_code == 200]
    assert told
    assert [one for one in told if not SAFE_NAME.fullmatch(one)] == []
    assert [answer for answer in answers if "x-evil" in answer.headers] == []
