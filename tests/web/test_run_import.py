"""A run brought in as a file, over the API and by a form: whole or not at all, by who may, within limits."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from evalgate.web import unpacking
from tests.web.reading import Read, csrf, reader
from tests.web.scenes import House, with_run

RUNS = "/api/v1/runs"


@pytest.fixture(params=["sqlite", "postgres"])
def home(request: pytest.FixtureRequest) -> House:
    """The furnished house, on either database."""
    found: House = request.getfixturevalue(f"{request.param}_house")
    return found


@pytest.fixture
def packed(home: House, tmp_path: Path) -> bytes:
    """A run of the other project as a file, gzipped."""
    return exported(home, tmp_path)


def exported(home: House, folder: Path, samples: int = 3) -> bytes:
    elsewhere = home.service.store.within(2)
    path = folder / "run.jsonl.gz"
    elsewhere.runs.export(with_run(elsewhere, "e", samples=samples), path)
    return path.read_bytes()


@pytest.mark.parametrize("who", ["maintainer", "key:gate"])
def test_a_run_is_imported_once_packed_or_not(home: House, packed: bytes, who: str) -> None:
    client = home.as_(who)
    kept = [client.post(RUNS, content=body).json() for body in (packed, gzip.decompress(packed), packed)]
    assert [one["new"] for one in kept] == [True, False, False]
    samples = home.as_("key:read").get(f"{RUNS}/{kept[0]['run']}/samples").json()["samples"]
    assert len(samples) == 3
    actions = [one["action"] for one in home.as_("admin").get("/api/v1/audit").json()["entries"]]
    assert actions.count("run.imported") == 1


@pytest.mark.parametrize(
    ("broken", "status", "told"),
    [
        (lambda lines: [lines[0], b"{broken", *lines[2:]], 400, "the run:2: "),
        (lambda lines: lines[:-1], 400, "2 samples where the header says 3"),
        (lambda _: [b"id,input"], 400, "the run:1: this is not an exported run"),
        (lambda _: [], 400, "the run:1: this is not an exported run"),
    ],
)
def test_a_bad_file_is_refused_with_its_line_and_nothing_stays(home, packed, broken, status, told) -> None:
    lines = gzip.decompress(packed).splitlines()
    answer = home.as_("maintainer").post(RUNS, content=b"\n".join(broken(lines)))
    assert answer.status_code == status
    assert told in answer.json()["error"]["what"]
    assert len(home.as_("key:read").get(RUNS).json()["runs"]) == 1


def test_what_is_too_large_once_unpacked_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MOST_UNPACKED", 2**20)
    answer = house.as_("maintainer").post(RUNS, content=gzip.compress(b" " * 2**21))
    assert answer.status_code == 413


def test_a_large_body_is_taken_from_who_is_signed_in_and_from_nobody_else(house: House) -> None:
    large = b" " * (3 * 2**20)
    assert house.as_("maintainer").post(RUNS, content=large).status_code == 400
    assert house.as_("anonymous").post(RUNS, content=large).status_code == 413
    assert house.as_("nonsense").post(RUNS, content=large).status_code == 413


def test_a_form_imports_a_run_and_leads_to_it(house: House, tmp_path: Path) -> None:
    client, packed = reader(house, "maintainer"), exported(house, tmp_path)
    token, files = {"csrf": csrf(house, "maintainer")}, {"file": ("x.jsonl.gz", packed)}
    first, again = (client.post("/runs", data=token, files=files) for _ in range(2))
    assert first.headers["location"].endswith("?done=run_imported")
    assert again.headers["location"].endswith("?done=run_known")
    assert client.get(first.headers["location"]).status_code == 200


def test_a_form_says_beside_the_field_which_line_is_wrong(house: House, tmp_path: Path) -> None:
    lines = gzip.decompress(exported(house, tmp_path)).splitlines()
    files = {"file": ("x.jsonl", b"\n".join([lines[0], b"[]"]))}
    answer = reader(house, "maintainer").post("/runs", data={"csrf": csrf(house, "maintainer")}, files=files)
    page = Read(answer)
    assert (answer.status_code, page.open) == (400, [])
    assert "the run:2: " in page.text
    [field] = [one for one in page.all("input") if one.get("type") == "file"]
    assert field["aria-describedby"] == "wrong-file"


def test_a_form_without_a_file_asks_for_one(house: House) -> None:
    answer = reader(house, "maintainer", "es").post("/runs", data={"csrf": csrf(house, "maintainer")})
    assert (answer.status_code, "Elige un archivo." in answer.text) == (422, True)


def test_who_only_reads_is_offered_no_import(house: House) -> None:
    assert "Import a run" not in reader(house, "auditor").get("/runs").text
    assert "Import a run" in reader(house, "maintainer").get("/runs").text
