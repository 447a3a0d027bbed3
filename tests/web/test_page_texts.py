"""Texts of others on the pages: whatever they hold, they are nothing but text."""

from __future__ import annotations

import re
from html import unescape

import pytest

from evalgate.web.security import CONTENT_SECURITY_POLICY
from tests.reports.scenes import HOSTILE, failing, hostile
from tests.web.client import Client
from tests.web.furnished import Furnished, with_scene
from tests.web.reading import PAGES, Read, reader
from tests.web.scenes import HOUR, House


@pytest.fixture
def told(house: House) -> Furnished:
    return with_scene(house.service.store, failing())


@pytest.fixture
def stranger(house: House) -> Client:
    return reader(house, "anonymous")


@pytest.fixture
def poisoned(house: House) -> tuple[House, Furnished]:
    """Hostile texts in every field that somebody else fills."""
    whole = " ".join(HOSTILE)
    store, access = house.service.store, house.service.access
    told = with_scene(store, hostile())
    store.baselines.accept(HOSTILE[0], told.candidate, whole, whole)
    clean = whole.replace("\x00", "")
    user = access.create_user('"><script>alert(1)</script>', clean, None, (HOSTILE[0],))
    access.set_member(1, user.number, "reviewer")
    access.create_project("hostile", clean)
    key, _ = access.create_key(1, clean, ("gate",), HOUR, HOSTILE[1])
    with store.database.write() as connection:
        audit = house.service.audit
        audit.add(connection, 1, f"key:{key.id}", "decision.pushed", f"decision:{told.decision}", suite=whole)
        audit.add(connection, 1, HOSTILE[0], HOSTILE[1], HOSTILE[2], reason=whole)
    return house, told


@pytest.mark.parametrize("path", [path for path in PAGES if not path.startswith(("/first", "/join"))])
def test_every_text_of_others_is_nothing_but_text(poisoned: tuple[House, Furnished], path: str) -> None:
    house, told = poisoned
    answer = reader(house, "everywhere").get(path.format(**told._asdict()))
    read = Read(answer)
    assert (answer.status_code, read.open) == (200, [])
    assert {tag for tag, _ in read.elements} & {"img", "iframe", "object", "embed", "base", "b><", "style"} == set()
    assert [src.get("src", "").partition("?")[0] for src in read.all("script")] == ["/static/evalgate.js"]  # type: ignore[union-attr]
    names = {name for _, attributes in read.elements for name in attributes}
    assert [name for name in names if name.startswith("on") or name == "style"] == []
    links = [str(value) for _, a in read.elements for name, value in a.items() if name in {"href", "src", "action"}]
    assert [link for link in links if not link.startswith(("/", "#")) or link.startswith("//")] == []
    assert re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", unescape(answer.text)) == []


@pytest.mark.parametrize(
    "path", ["/", "/runs", "/runs/{candidate}", "/decisions", "/decisions/{decision}", "/admin", "/audit"]
)
def test_a_hostile_text_can_be_read_as_it_was_written(poisoned: tuple[House, Furnished], path: str) -> None:
    house, told = poisoned
    assert "<script>alert(1)</script>" in Read(reader(house, "everywhere").get(path.format(**told._asdict()))).text


def test_a_hostile_token_or_login_comes_back_as_text(house: House, stranger: Client) -> None:
    answers = [
        stranger.get("/first/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"),
        stranger.post("/sign-in", data={"login": HOSTILE[2], "password": "x"}),
        stranger.get("/sign-in?done=%3Cscript%3E"),
    ]
    assert {len(Read(answer).all("script")) for answer in answers} == {1}


def test_no_page_holds_a_style_or_script_of_its_own_and_each_says_what_it_may_load(house, told) -> None:
    answers = [reader(house, "everywhere").get(path.format(**told._asdict())) for path in PAGES]
    assert {answer.headers["content-security-policy"] for answer in answers} == {CONTENT_SECURITY_POLICY}
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    assert [a for answer in answers for a in re.findall(r"<style|<script>|\son\w+=|\sstyle=", answer.text)] == []


def test_what_pages_load_is_kept_for_long_and_is_all_there(house: House) -> None:
    client = reader(house, "maintainer")
    read = Read(client.get("/runs"))
    loaded = [str(a.get("href") or a.get("src")) for tag in ("link", "script") for a in read.all(tag)]
    answers = [client.get(path) for path in loaded]
    assert {(answer.status_code, answer.headers["cache-control"]) for answer in answers} == {
        (200, "public, max-age=31536000, immutable")
    }
