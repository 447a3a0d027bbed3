"""The pages: in three languages, to whom they belong, without scripts, with every text of others as text."""

from __future__ import annotations

import re

import httpx
import pytest

from evalgate.core.decisions import Beside, Decision
from evalgate.reports.inert import visible
from evalgate.reports.messages import LANGUAGES
from evalgate.web import passwords
from evalgate.web.app import create_app
from evalgate.web.first import first_link
from evalgate.web.guard import COOKIE
from evalgate.web.pages.rendering import NAV, texts
from tests.reports.scenes import failing
from tests.web.client import Client
from tests.web.furnished import Furnished, keep, with_scene
from tests.web.reading import HTML, PAGES, Read, csrf, reader
from tests.web.scenes import ADDRESS, PASSWORD, House


@pytest.fixture
def told(house: House) -> Furnished:
    """A failing decision with both its runs."""
    return with_scene(house.service.store, failing())


@pytest.fixture
def stranger(house: House) -> Client:
    return reader(house, "anonymous")


# ── languages ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_three_languages_have_the_same_texts_with_the_same_places() -> None:
    places = [{key: sorted(re.findall(r"{\w+}", text)) for key, text in texts(lang).items()} for lang in LANGUAGES]
    assert places[0] == places[1] == places[2]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_speaks_the_browsers_language(house: House, told: Furnished, path: str, language: str) -> None:
    answer = reader(house, "everywhere", f"{language};q=0.9, xx").get(path.format(**told._asdict()))
    read = Read(answer)
    assert (answer.status_code, read.open) == (200, [])
    assert read.all("html")[0]["lang"] == {"pt": "pt-BR"}.get(language, language)
    assert visible(texts(language)[PAGES[path]]) in read.text


def test_the_language_and_theme_that_somebody_chose_win_over_the_browsers(house: House) -> None:
    client = reader(house, "maintainer", "en")
    form = {
        "language": "pt",
        "theme": "dark",
        "reads": ["es", "pt"],
        "others": "fr, de",
        "csrf": csrf(house, "maintainer"),
    }
    answer = client.post("/account", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=account_kept")
    read = Read(client.get(answer.headers["location"]))
    assert (read.all("html")[0]["lang"], read.all("html")[0]["data-theme"]) == ("pt-BR", "dark")
    assert texts("pt")["done.account_kept"] in read.text
    user = house.service.access.user("maintainer")
    assert user is not None
    assert user.languages == ("es", "pt", "fr", "de")


def test_a_language_tag_that_is_none_is_refused_and_nothing_is_kept(house: House) -> None:
    form = {"theme": "dark", "others": "<script>", "csrf": csrf(house, "reviewer")}
    answer = reader(house, "reviewer").post("/account", data=form)
    assert (answer.status_code, texts("en")["problem.reads.422"] in Read(answer).text) == (422, True)
    user = house.service.access.user("reviewer")
    assert user is not None
    assert (user.languages, user.settings) == ((), {})


# ── who sees what ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/runs?suite=a", "/decisions", "/admin"])
def test_a_page_sends_who_is_not_signed_in_to_sign_in_and_back(stranger: Client, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 303
    assert httpx.URL(answer.headers["location"]).params["next"] == path


@pytest.mark.parametrize(
    "next_page", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb", "\\\\e"]
)
def test_signing_in_never_leads_to_another_site_as_open_redirects_did_elsewhere(
    house: House, stranger: Client, next_page: str
) -> None:
    house.service.access.set_password(_number(house, "reviewer"), passwords.hashed(PASSWORD, "reviewer"))
    form = {"login": "reviewer", "password": PASSWORD, "next": next_page}
    assert stranger.post("/sign-in", data=form).headers["location"] == "/"
    assert Read(stranger.get("/sign-in", params={"next": next_page})).all("input")[0]["value"] == "/"


def test_a_reviewer_sees_no_results_and_no_way_to_them(house: House, told: Furnished) -> None:
    client = reader(house, "reviewer")
    assert client.get("/").status_code == 303
    refused = {client.get(path.format(**told._asdict())).status_code for path in PAGES if path.startswith(("/r", "/d"))}
    assert refused == {403}
    links = {link["href"] for link in Read(client.get("/account")).all("a")}
    assert links & {"/runs", "/decisions", "/admin", "/audit"} == set()


@pytest.mark.parametrize("who", ["maintainer", "admin", "auditor", "reviewer"])
def test_the_navigation_leads_nowhere_that_is_closed(house: House, who: str) -> None:
    client = reader(house, who)
    read = Read(client.get("/account"))
    shown = {link["href"] for link in read.all("a")} & {place.path for place in NAV[1:]}
    assert {client.get(str(path)).status_code for path in shown} <= {200}


def test_an_auditor_sees_who_may_come_in_and_no_form_that_changes_it(house: House) -> None:
    read = Read(reader(house, "auditor").get("/admin"))
    assert [form["action"] for form in read.all("form")] == ["/sign-out"]
    assert "reviewer" in read.text


def test_a_page_that_is_not_there_says_so_in_the_readers_language(house: House) -> None:
    answer = reader(house, "maintainer", "es").get("/decisions/D-00000000")
    assert (answer.status_code, texts("es")["problem.decision.404"] in Read(answer).text) == (404, True)


def test_the_api_says_what_is_wrong_as_data_even_where_a_page_would_redirect(house: House) -> None:
    answer = house.as_("anonymous").get("/runs")
    assert (answer.status_code, answer.json()["error"]["what"]) == (401, "nobody is signed in")


def test_another_projects_pages_show_nothing_of_this_one(house: House, told: Furnished) -> None:
    client = reader(house, "other")
    paths = [path.format(**told._asdict()) for path in PAGES if not path.startswith(("/sign", "/first", "/join"))]
    found = {path: client.get(path) for path in paths}
    assert {path for path, answer in found.items() if "c-200" in answer.text or "support" in answer.text} == set()
    assert found[f"/runs/{told.candidate}"].status_code == 404


# ── coming in ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_link_is_looked_at_used_once_and_then_dead(service) -> None:
    path = first_link(service)
    assert path is not None
    client = Client(create_app(service), ADDRESS, HTML)
    form = {"login": "ana@example.org", "name": "Ana", "password": PASSWORD}
    assert [client.get(path).status_code for _ in range(2)] == [200, 200]
    assert client.post(path, data=form).headers["location"] == "/"
    assert "Ana" in Read(client.get("/")).text
    again = client.post(path, data=form)
    assert (again.status_code, texts("en")["problem.token.400"] in Read(again).text) == (400, True)


def test_an_invitation_is_shown_once_and_lets_its_owner_in(house: House) -> None:
    admin = reader(house, "everywhere")
    form = {"login": "Rui@example.org", "name": "Rui", "role": "reviewer", "csrf": csrf(house, "everywhere")}
    answer = admin.post("/admin/users", data=form)
    link = str(re.search(r"http://127\.0\.0\.1(/join/[\w-]+)", answer.text)[1])  # type: ignore[index]
    assert link not in admin.get("/admin").text
    client = Client(create_app(house.service), ADDRESS, HTML)
    assert client.post(link, data={"password": "short"}).status_code == 400
    assert client.post(link, data={"password": PASSWORD}).status_code == 303
    assert "rui@example.org" in Read(client.get("/account")).text


def test_a_wrong_password_is_told_with_the_login_kept_and_the_password_not(house: House, stranger: Client) -> None:
    answer = stranger.post("/sign-in", data={"login": "reviewer", "password": "not the right words"})
    assert answer.status_code == 401
    assert [field.get("value") for field in Read(answer).all("input")] == ["/", "reviewer", None]
    assert texts("en")["problem.login.401"] in Read(answer).text


def test_signing_out_ends_the_session_not_only_the_cookie(house: House) -> None:
    client = reader(house, "maintainer")
    token = house.headers["maintainer"]["Cookie"].removeprefix(f"{COOKIE}=")
    assert client.post("/sign-out", data={"csrf": csrf(house, "maintainer")}).status_code == 303
    assert house.service.access.session(token) is None


def test_a_form_without_its_token_changes_nothing(house: House) -> None:
    answer = reader(house, "admin").post("/admin/members", data={"login": "reviewer", "role": "admin"})
    assert (answer.status_code, texts("en")["problem.X-CSRF.403"] in Read(answer).text) == (403, True)
    assert house.service.access.role_of(1, _number(house, "reviewer")) == "reviewer"


# ── admin ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_role_is_changed_and_a_member_removed_and_the_audit_says_so(house: House) -> None:
    client, token = reader(house, "admin"), csrf(house, "admin")
    number = _number(house, "reviewer")
    client.post("/admin/members", data={"login": "reviewer", "role": "maintainer", "csrf": token})
    assert house.service.access.role_of(1, number) == "maintainer"
    answer = client.post("/admin/members/reviewer/remove", data={"csrf": token})
    assert answer.headers["location"] == "/admin?done=member_removed"
    assert house.service.access.role_of(1, number) is None
    entries = Read(client.get("/audit")).text
    assert "member.set" in entries
    assert "member.removed" in entries


def test_a_keys_token_is_shown_once_works_and_is_revoked(house: House) -> None:
    client, token = reader(house, "admin"), csrf(house, "admin")
    form = {"name": "the shop's pipeline", "scopes": ["read", "gate"], "days": "30", "csrf": token}
    answer = client.post("/admin/keys", data=form)
    secret = str(re.search(r"eg_[0-9a-f]+_[\w-]+", answer.text)[0])  # type: ignore[index]
    assert secret not in client.get("/admin").text
    key = house.service.access.key(secret)
    assert key is not None
    assert (key.name, key.scopes) == ("the shop's pipeline", ("gate", "read"))
    client.post(f"/admin/keys/{key.id}/revoke", data={"csrf": token})
    assert house.service.access.key(secret) is None


@pytest.mark.parametrize(
    ("path", "form", "status", "told"),
    [
        ("/admin/members", {"login": "nobody", "role": "reviewer"}, 404, "problem.login.404"),
        ("/admin/members", {"login": "reviewer", "role": "king"}, 422, "problem.role.422"),
        ("/admin/users", {"login": "reviewer", "name": "R"}, 409, "problem.login.409"),
        ("/admin/users", {"login": "two words", "name": "R"}, 422, "problem.login.422"),
        ("/admin/users", {"login": "x", "name": ""}, 422, "problem.name.422"),
        ("/admin/users/everywhere/active", {"active": "0"}, 409, "problem.active.409"),
        ("/admin/users/nobody/link", {}, 404, "problem.login.404"),
        ("/admin/keys", {"name": "x"}, 422, "problem.scopes.422"),
        ("/admin/keys", {"name": "x", "scopes": "gate", "days": "0"}, 422, "problem.days.422"),
        ("/admin/keys/k3y/revoke", {}, 404, "problem.key.404"),
        ("/admin/projects", {"name": "sales"}, 409, "problem.project.409"),
        ("/admin/projects", {"name": "No Name"}, 409, "problem.project.409"),
        ("/account/project", {"to": "nowhere"}, 404, "problem.project.404"),
    ],
)
def test_a_form_that_cannot_be_used_is_told_on_its_page(house, path, form, status, told) -> None:
    answer = reader(house, "everywhere", "es").post(path, data={**form, "csrf": csrf(house, "everywhere")})
    assert (answer.status_code, texts("es")[told] in Read(answer).text) == (status, True)


def test_a_closed_account_is_out_at_once_and_opens_again(house: House) -> None:
    client, token = reader(house, "everywhere"), csrf(house, "everywhere")
    maintainer = reader(house, "maintainer")
    client.post("/admin/users/maintainer/active", data={"active": "0", "csrf": token})
    assert maintainer.get("/runs").headers["location"] == "/sign-in?next=/runs"
    client.post("/admin/users/maintainer/active", data={"active": "1", "csrf": token})
    user = house.service.access.user("maintainer")
    assert (user is not None and user.active, maintainer.get("/runs").status_code) == (True, 303)


def test_a_project_is_made_and_looked_at_and_holds_nothing_of_the_other(house: House, told: Furnished) -> None:
    client, token = reader(house, "everywhere"), csrf(house, "everywhere")
    client.post("/admin/projects", data={"name": "shop", "title": "The shop", "csrf": token})
    client.post("/account/project", data={"to": "shop", "csrf": token})
    assert "The shop" in Read(client.get("/account")).text
    assert client.get(f"/runs/{told.candidate}").status_code == 404


def test_nobody_looks_at_a_project_that_they_are_no_member_of(house: House) -> None:
    client = reader(house, "maintainer")
    answer = client.post("/account/project", data={"to": "sales", "csrf": csrf(house, "maintainer")})
    assert (answer.status_code, client.get("/runs").status_code) == (404, 200)


# ── results ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_overview_shows_verdicts_metrics_when_and_by_which_key(house: House, told: Furnished) -> None:
    _pushed(house, told.decision)
    answer = reader(house, "maintainer").get("/")
    read = Read(answer)
    assert "pushed by key to gate" in read.text
    assert [(li["class"]) for li in read.all("li") if "class" in li] == ["pass", "fail"]
    trends = [svg["aria-label"] for svg in read.all("svg") if svg["class"] == "trend"]
    assert trends == [
        "no_pii: 1 → 1",
        "answers: −7.5\u00a0pts → −7.5\u00a0pts",
        "answers: 92.1\u00a0% → 92.1\u00a0%",
        "on_brand: 0 → 0",
    ]


def test_a_run_shows_how_often_each_check_spoke(house: House, told: Furnished) -> None:
    text = " ".join(Read(reader(house, "auditor").get(f"/runs/{told.candidate}")).text.split())
    assert "answers judge Mean 92.1 % Violations 19 Scored 240 Not applicable 0 Unscored 0" in text


def test_a_decision_shows_its_findings_and_the_worst_cases_of_both_arms(house: House, told: Furnished) -> None:
    read = Read(reader(house, "maintainer").get(f"/decisions/{told.decision}"))
    cases = [article["id"] for article in read.all("article")]
    assert (cases[0], len(cases)) == ("case-0", 20)
    flat = " ".join(read.text.split())
    assert flat.index("Isso não posso mostrar.") < flat.index("The CPF on file is <CPF>.") < flat.index("c-003")
    assert flat.count("Que tal conhecer o plano Premium?") == 16
    labels = [svg["aria-label"] for svg in read.all("svg") if svg.get("role") == "img"]
    assert "−7.5 [−10.9, −3.8]; no worse than −6\u00a0pts" in labels


def test_raw_and_corrected_are_drawn_side_by_side_on_one_scale(house: House, told: Furnished) -> None:
    store = house.service.store
    decision = Decision.model_validate_json(store.decisions.get(told.decision).record)
    beside = Beside(kind="corrected", value=-0.05, low=-0.09, high=-0.01, labels=120)
    findings = [f.model_copy(update={"beside": beside if f.low is not None else None}) for f in decision.findings]
    name = keep(store, decision.model_copy(update={"findings": tuple(findings)}))
    read = Read(reader(house, "maintainer").get(f"/decisions/{name}"))
    drawn = [svg["class"] for svg in read.all("svg") if str(svg["class"]).startswith("interval")]
    assert drawn.count("interval beside") * 2 == len(drawn)
    assert read.text.count("corrected with people's labels") == read.text.count("the judge alone") == len(drawn) // 2


def test_a_decision_whose_runs_are_gone_is_still_shown(house: House) -> None:
    name = keep(house.service.store, failing().report().decision)
    answer = reader(house, "maintainer").get(f"/decisions/{name}")
    assert (answer.status_code, texts("en")["decision.no_run"] in Read(answer).text) == (200, True)


def test_samples_and_lists_are_paged_to_their_end(house: House, told: Furnished) -> None:
    client, seen, path = reader(house, "maintainer"), 0, f"/runs/{told.candidate}/samples"
    for _ in range(12):
        read = Read(client.get(path))
        seen += len(read.all("article"))
        path += f"?after={seen - 1}" if "?" not in path else ""
        path = next((str(link["href"]) for link in read.all("a") if link.get("rel") == "next"), path)
    assert seen == 240
    assert [link for link in read.all("a") if link.get("rel") == "next"] == []


def _pushed(house: House, decision: str) -> None:
    key = next(key for key in house.service.access.keys(1) if key.name == "key to gate")
    with house.service.store.database.write() as connection:
        house.service.audit.add(connection, 1, f"key:{key.id}", "decision.pushed", f"decision:{decision}")


def _number(house: House, login: str) -> int:
    user = house.service.access.user(login)
    assert user is not None
    return user.number
