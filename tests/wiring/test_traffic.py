"""Which suites watch production: from flags, else from the environment, each of a project."""

from __future__ import annotations

import pytest

from evalgate.core.errors import SuiteInvalid, WrongAsWritten
from evalgate.store.access import Access
from evalgate.store.engine import open_store
from evalgate.wiring.traffic import by_project, read_watched

SUITE = """\
version: 1
name: {name}
owner: owner@acme.example
data: {{}}
checks: {{brief: {{check: length, max_characters: 500}}}}
gates: {{brief: {{never: any}}}}
traffic: {{every: 5m}}
"""


@pytest.fixture
def suites(tmp_path):
    for name in ("chat", "voice"):
        (tmp_path / f"{name}.yaml").write_text(SUITE.format(name=name), encoding="utf-8")
    return tmp_path


def test_flags_go_before_the_environment_and_name_projects(suites):
    environ = {"EVALGATE_TRAFFIC_SUITES": f"{suites}/chat.yaml, sales={suites}/voice.yaml"}
    by_environment = [(watch.project, watch.suite.name) for watch in read_watched(environ)]
    by_flags = [(watch.project, watch.suite.name) for watch in read_watched(environ, [f"{suites}/voice.yaml"])]
    assert by_environment == [("default", "chat"), ("sales", "voice")]
    assert by_flags == [("default", "voice")]
    assert read_watched({}) == ()


def test_suites_are_found_by_the_number_of_their_project(suites):
    with open_store(suites / "store.db") as store:
        access = Access(store.database, store.secret)
        sales = access.create_project("sales", "Sales").number
        watched = read_watched({}, [f"sales={suites}/chat.yaml", f"sales={suites}/voice.yaml"])
        found = by_project(watched, access)
        assert {number: [suite.name for suite in each] for number, each in found.items()} == {sales: ["chat", "voice"]}
        with pytest.raises(WrongAsWritten, match="there is no project 'nowhere'"):
            by_project(read_watched({}, [f"nowhere={suites}/chat.yaml"]), access)


def test_a_suite_that_watches_nothing_is_refused(suites):
    path = suites / "chat.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("traffic: {every: 5m}\n", ""), encoding="utf-8")
    with pytest.raises(WrongAsWritten, match="the suite has no 'traffic' key"):
        read_watched({}, [str(path)])


def test_two_suites_of_one_name_in_one_project_are_refused(suites):
    with pytest.raises(WrongAsWritten, match="are both suite 'chat' of project 'default'"):
        read_watched({}, [f"{suites}/chat.yaml", f"default={suites}/chat.yaml"])


def test_a_suite_that_is_not_there_is_one_line(suites):
    with pytest.raises(SuiteInvalid, match=r"chats\.yaml"):
        read_watched({}, [f"{suites}/chats.yaml"])
