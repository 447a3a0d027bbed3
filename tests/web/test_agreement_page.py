"""The agreement page of a queue: sentences and intervals for who is no statistician, and where people differ."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from evalgate.web.service import service_of
from evalgate.wiring.server import ServerSettings, opened
from tests.web.judge_scenes import answer, good, judged, queued
from tests.web.reading import Read, reader
from tests.web.scenes import House, furnish

PATH = "/queues/weekly/agreement"
API = f"/api/v1{PATH}"


def sometimes(number: int) -> bool:
    """Say the truth but about one answer in eight."""
    return good(number) != (number % 8 == 0)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[House]:
    """A queue that two people have answered, which every test only reads: four hundred answers are made once."""
    place = shutil.copy(sqlite_template, tmp_path_factory.mktemp("desk") / "evalgate.db")
    settings = ServerSettings(database=str(place))
    with opened(settings) as parts:
        house = furnish(service_of(parts, settings))
        queue = queued(house, judged(house, 200))
        answer(house, queue, "ana", good)
        answer(house, queue, "rui", sometimes)
        yield house


def seen(house: House, who: str = "maintainer", language: str = "en") -> Read:
    page = reader(house, who, language).get(PATH)
    assert page.status_code == 200, page.text
    read = Read(page)
    read.text = re.sub(r"\s+", " ", read.text)
    return read


def test_agreement_is_said_in_a_sentence_and_in_figures_with_intervals(desk: House) -> None:
    read = seen(desk)
    assert "Two people chose the same in 88 of 100 (200 items that two or more answered)" in read.text
    assert "ana · rui" in read.text
    assert {"Language: es", "Stratum: refunds"} <= set(re.findall(r"(?:Language|Stratum): \w+", read.text))
    drawn = [svg["aria-label"] for svg in read.all("svg") if svg.get("class") == "measure"]
    assert "87.5\xa0% (82.0\xa0% to 91.4\xa0%)" in drawn
    assert len(drawn) > 20


def test_items_on_which_people_differ_lead_to_their_text_and_to_who_decides(desk: House) -> None:
    read = seen(desk)
    links = {str(link["href"]) for link in read.all("a")}
    decide = sorted(link for link in links if link.startswith("/queues/weekly/adjudication?after="))
    assert len(decide) == 20
    assert "25 items have different answers." in read.text
    assert "yes 1 · no 1" in read.text or "no 1 · yes 1" in read.text
    texts = sorted(link for link in links if link.startswith("/runs/") and "/samples?after=" in link)
    assert len(texts) == 20
    assert "case-0" in reader(desk, "maintainer").get(next(one for one in texts if one.endswith("=-1"))).text
    page = reader(desk, "maintainer").get(decide[0])
    assert page.status_code == 200
    assert f"Item {int(decide[0].rpartition('=')[2]) + 1}" in page.text


def test_an_auditor_reads_it_and_is_sent_nowhere_to_decide(desk: House) -> None:
    assert [link for link in seen(desk, "auditor").all("a") if "adjudication" in str(link["href"])] == []


def test_items_still_open_are_not_told_apart_by_what_others_said(house: House) -> None:
    queue = queued(house, judged(house, 60))
    answer(house, queue, "ana", good)
    answer(house, queue, "rui", lambda number: not good(number), most=5)
    found = house.as_("key:read").get(API).json()
    assert (found["disputed"], {one["state"] for one in found["disputes"]}) == (5, {"adjudicating"})
    assert "Too few items to say anything yet: 5" in seen(house).text


def test_the_api_gives_each_pair_group_and_method_with_intervals(desk: House) -> None:
    found = desk.as_("key:read").get(API).json()
    assert {part["group"] for part in found["agreeing"]} == {
        "all",
        "language=en",
        "language=es",
        "stratum=other",
        "stratum=refunds",
    }
    whole = next(part for part in found["agreeing"] if part["group"] == "all")
    pair, everybody = whole["rows"]
    assert [one["method"] for one in pair["by"]] == ["percent", "cohen", "ac1", "alpha"]
    assert [one["method"] for one in everybody["by"]] == ["percent", "fleiss", "ac1", "alpha"]
    assert pair["by"][0]["point"] == 0.875
    assert [one for one in (*pair["by"], *everybody["by"]) if not one["low"] < one["point"] < one["high"]] == []
    assert found == desk.as_("auditor").get(API).json()


def test_a_queue_nobody_answered_says_so(house: House) -> None:
    queued(house, judged(house, 3))
    text = seen(house).text
    assert "Fewer than two people have answered" in text
    assert "No finished item has different answers." in text


def test_the_queues_page_leads_there_for_who_reads_results_alone(desk: House) -> None:
    def ways(who: str) -> set[str]:
        return {str(link["href"]) for link in Read(reader(desk, who).get("/queues")).all("a")}

    assert PATH in ways("maintainer") & ways("auditor")
    assert PATH not in ways("reviewer")
    assert desk.as_("reviewer").get(PATH).status_code == 403


@pytest.mark.parametrize("language", ["en", "es", "pt-BR"])
def test_the_page_speaks_the_readers_language(desk: House, language: str) -> None:
    said = {"en": "Two people chose", "es": "Dos personas eligieron", "pt-BR": "Duas pessoas escolheram"}
    assert said[language] in seen(desk, language=language).text
