"""Members and projects over the API: who is removed is out at once, and a session looks at one project at a time."""

from __future__ import annotations

from tests.web.scenes import House

PROJECT = "/api/v1/session/project"


def names(house: House, who: str) -> list[tuple[str, bool]]:
    listed = house.as_(who).get("/api/v1/projects").json()["projects"]
    return [(one["name"], one["current"]) for one in listed]


def test_who_is_removed_reads_nothing_any_more_and_it_is_written_down(house: House) -> None:
    admin = house.as_("admin")
    assert house.as_("maintainer").get("/api/v1/runs").status_code == 200
    assert admin.delete("/api/v1/members/Maintainer").status_code == 204
    assert house.as_("maintainer").get("/api/v1/runs").status_code == 403
    assert "maintainer" not in [one["login"] for one in admin.get("/api/v1/members").json()["members"]]
    entry = house.service.audit.list(1)[0]
    assert (entry.actor, entry.action, entry.subject) == ("user:admin", "member.removed", "user:maintainer")
    assert admin.delete("/api/v1/members/maintainer").status_code == 404


def test_who_is_no_member_here_cannot_be_removed_from_elsewhere(house: House) -> None:
    assert house.as_("admin").delete("/api/v1/members/other").status_code == 404
    assert house.as_("other").delete("/api/v1/members/reviewer").status_code == 404
    assert house.as_("admin").delete("/api/v1/members/nobody").status_code == 404
    assert house.as_("other").get("/api/v1/members").json()["members"][0]["login"] == "other"


def test_everybody_lists_their_own_projects(house: House) -> None:
    assert names(house, "reviewer") == [("default", True)]
    assert names(house, "other") == [("sales", True)]
    assert names(house, "everywhere") == [("default", True), ("sales", False)]
    assert names(house, "nobody's member") == []


def test_a_session_looks_at_another_project_of_its_person(house: House) -> None:
    client = house.as_("everywhere")
    assert client.put(PROJECT, json={"name": "sales"}).status_code == 204
    assert names(house, "everywhere") == [("default", False), ("sales", True)]
    assert client.get("/api/v1/runs").json()["runs"] == []
    assert client.put(PROJECT, json={"name": "default"}).status_code == 204
    assert len(client.get("/api/v1/runs").json()["runs"]) == 1


def test_a_project_of_others_is_not_there(house: House) -> None:
    answers = [house.as_("other").put(PROJECT, json={"name": name}) for name in ("default", "Default", "1", "nowhere")]
    assert {answer.status_code for answer in answers} == {404}
    assert names(house, "other") == [("sales", True)]


def test_a_key_is_of_its_project_for_good(house: House) -> None:
    assert house.as_("key:read").put(PROJECT, json={"name": "sales"}).status_code == 403
    assert house.as_("key:read").get("/api/v1/projects").status_code == 403
