"""Addresses that lead nowhere: a page to read for a browser, the JSON problem for programs."""

from __future__ import annotations

import pytest

from tests.web.reading import Read, reader
from tests.web.scenes import House

TOLD = {
    "en": "There is nothing at this address.",
    "es": "En esta dirección no hay nada.",
    "pt": "Não há nada neste endereço.",
}


@pytest.mark.parametrize("language", TOLD)
@pytest.mark.parametrize("who", ["anonymous", "reviewer"])
def test_a_browser_reads_a_page_in_its_language(house: House, who: str, language: str) -> None:
    answer = reader(house, who, language).get("/no/such/page?q=%3Cscript%3E")
    read = Read(answer)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert TOLD[language] in read.text
    assert read.open == []
    assert "/no/such/page" not in read.text


def test_who_is_signed_in_keeps_their_navigation_there(house: House) -> None:
    links = {link.get("href") for link in Read(reader(house, "maintainer").get("/nowhere")).all("a")}
    assert {"/runs", "/decisions", "/account"} <= links


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nowhere", "/static/nowhere.css"])
@pytest.mark.parametrize("accept", ["*/*", "application/json"])
def test_a_program_reads_the_json_problem(house: House, path: str, accept: str) -> None:
    answer = house.as_("anonymous").get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.json()["error"]["what"]) == (404, "not found")


def test_a_method_that_an_address_does_not_know_is_told_in_both_forms(house: House) -> None:
    page = reader(house, "anonymous").put("/sign-in")
    plain = house.as_("anonymous").put("/sign-in")
    assert (page.status_code, plain.status_code) == (405, 405)
    assert "This address is not for that." in Read(page).text
    assert plain.json()["error"]["do"] == "use another method"
    assert page.headers["allow"] == plain.headers["allow"]


def test_what_a_route_of_the_api_refuses_stays_json_whoever_asks(house: House) -> None:
    answer = reader(house, "maintainer").get("/api/v1/runs/not-here")
    assert (answer.status_code, answer.json()["error"]["where"]) == (404, "run")
