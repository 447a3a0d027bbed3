"""Labels as files over the API and by a form: out in four shapes, back in whole or not at all."""

from __future__ import annotations

import gzip

import orjson
import pytest

from tests.web.reading import Read, csrf, reader
from tests.web.review_scenes import GOOD, PLAIN, QUEUE, RUBRIC, answered, let_in
from tests.web.scenes import House

FORMATS = ["jsonl", "csv", "argilla", "label-studio"]
LABELS = f"{QUEUE}/labels"


@pytest.fixture(params=["sqlite", "postgres"])
def desk(request: pytest.FixtureRequest) -> House:
    """A queue that two people have answered."""
    house: House = request.getfixturevalue(f"{request.param}_house")
    let_in(house)
    house.service.store.queues.create("support", RUBRIC, PLAIN, "user:zoe")
    house.as_("maintainer").post(f"{QUEUE}/fill", json={"run": house.run, "rules": ["random:1"]})
    for _ in range(3):
        for who in ("bea", "rui"):
            answered(house.as_(who), GOOD)
    return house


def told(house: House) -> set[tuple[str, str, str]]:
    labels = house.service.store.labels.stream()
    return {(one.metric, one.sample_digest, one.label) for one in labels if one.source.startswith("import:")}


@pytest.mark.parametrize("form", FORMATS)
def test_what_goes_out_comes_back_in(desk: House, form: str) -> None:
    given = {(one.metric, one.sample_digest, one.label) for one in desk.service.store.labels.stream()}
    file = desk.as_("key:read").get(LABELS, params={"format": form})
    assert (file.status_code, len(given)) == (200, 6)
    assert file.headers["content-disposition"].startswith("attachment; filename*=UTF-8''support-labels.")
    kept = [
        desk.as_("maintainer").post(LABELS, params={"format": form}, content=body)
        for body in (file.content, gzip.compress(file.content))
    ]
    assert [(one.status_code, one.json()) for one in kept] == [(201, {"kept": 6})] * 2
    assert told(desk) == given


@pytest.mark.parametrize("form", FORMATS)
def test_the_labels_of_the_project_come_in_each_shape(desk: House, form: str) -> None:
    whole = desk.as_("key:read").get("/api/v1/labels", params={"format": form})
    queue = desk.as_("key:read").get(LABELS, params={"format": form})
    assert (whole.status_code, len(whole.content)) == (200, len(queue.content))


def test_a_bad_row_is_named_and_nothing_of_the_file_is_kept(desk: House) -> None:
    lines = desk.as_("key:read").get(LABELS).content.splitlines()
    wrong = orjson.dumps({**orjson.loads(lines[1]), "label": "splendid"})
    answer = desk.as_("maintainer").post(LABELS, content=b"\n".join([lines[0], wrong]))
    assert (answer.status_code, told(desk)) == (400, set())
    assert answer.json()["error"]["what"].startswith("the file:2: 'splendid' is no label of answers")


def test_a_form_keeps_a_file_and_says_beside_it_which_row_is_wrong(desk: House) -> None:
    file = desk.as_("key:read").get(LABELS, params={"format": "csv"}).content
    client, token = reader(desk, "maintainer"), {"csrf": csrf(desk, "maintainer"), "format": "csv"}
    bad = client.post("/queues/support/labels", data=token, files={"file": ("a.csv", file + b"x,y\n")})
    page = Read(bad)
    assert (bad.status_code, told(desk), page.open) == (422, set(), [])
    assert "the file:8: 2 cells under" in page.text
    [field] = [one for one in page.all("input") if one.get("type") == "file"]
    assert field["aria-describedby"] == "wrong-file"
    good = client.post("/queues/support/labels", data=token, files={"file": ("a.csv", file)})
    assert (good.status_code, len(told(desk))) == (303, 6)


def test_the_page_links_to_each_shape_and_the_links_work(desk: House) -> None:
    client = reader(desk, "maintainer")
    links = [str(one["href"]) for one in Read(client.get("/queues/support/settings")).all("a") if "download" in one]
    assert links == [f"{LABELS}?format={form}" for form in FORMATS]
    assert {client.get(link).status_code for link in links} == {200}


def test_reviewers_read_no_labels_and_auditors_bring_none_in(desk: House) -> None:
    assert desk.as_("reviewer").get(LABELS).status_code == 403
    assert desk.as_("auditor").get(LABELS).status_code == 200
    assert desk.as_("auditor").post(LABELS, content=b"").status_code == 403
