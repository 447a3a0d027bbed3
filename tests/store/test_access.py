"""Who may come in: people, projects, sessions, links and keys on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, text

from evalgate.core.errors import WrongAsWritten
from evalgate.store.access import Access, Role, Scope, User
from evalgate.store.engine import Store

HOUR = timedelta(hours=1)


class Now:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


def how_many_may(actions: list[Callable[[], object]]) -> int:
    """Do all of it at the same moment and return how much was not refused."""

    def done(action: Callable[[], object]) -> bool:
        try:
            action()
        except WrongAsWritten:
            return False
        return True

    with ThreadPoolExecutor(len(actions)) as pool:
        return sum(pool.map(done, actions))


def moment(store: Store, column: str, table: str) -> str:
    with store.database.read() as connection:
        return str(connection.execute(text(f"SELECT {column} FROM {table}")).scalar_one())  # noqa: S608 - our own


@pytest.fixture
def now(store: Store) -> Now:
    clock = Now()
    store.database.clock = clock
    return clock


@pytest.fixture
def access(store: Store, now: Now) -> Access:
    return store.access


@pytest.fixture
def ana(access: Access) -> User:
    return access.create_user("Ana@Example.org", "Ana", None, ("es", "pt"), admin=True)


def test_a_login_is_the_same_however_it_is_written(access: Access, ana: User) -> None:
    assert ana.login == "ana@example.org"
    assert access.user(" ANA@example.ORG ") == ana == access.user_by_number(ana.number)
    with pytest.raises(WrongAsWritten, match=r"somebody with the login 'ana@example\.org' already"):
        access.create_user("ANA@EXAMPLE.ORG", "Another", None, ())


def test_letters_of_another_width_or_case_make_no_second_login(access: Access) -> None:
    assert access.create_user(" ＳＴＲＡẞＥ", "S", None, ()).login == "strasse"
    assert access.user("Straße") is not None


def test_of_eight_who_take_a_login_at_once_one_gets_it(access: Access) -> None:
    assert how_many_may([lambda: access.create_user("rui", "Rui", None, ())] * 8) == 1


def test_who_signs_in_elsewhere_is_let_in_once(access: Access) -> None:
    rui = access.create_user("rui", "Rui", None, (), subject="https://id.example.org 17")
    assert access.user_by_subject("https://id.example.org 17") == rui
    with pytest.raises(WrongAsWritten, match="'other' signs in elsewhere under a name that somebody here has"):
        access.create_user("other", "Other", None, (), subject="https://id.example.org 17")


@pytest.mark.parametrize("login", ["", "  ", "a\nb", "a" * 201])
def test_what_is_no_login_is_refused(access: Access, login: str) -> None:
    with pytest.raises(WrongAsWritten, match="a login has 1 to 200 printable characters"):
        access.create_user(login, "Nobody", None, ())


@pytest.mark.parametrize("name", ["", "Sales", "-a", "a_b", "á", "a" * 65])
def test_what_cannot_name_a_project_is_refused(access: Access, name: str) -> None:
    with pytest.raises(WrongAsWritten, match="cannot name a project"):
        access.create_project(name, "Sales")


def test_a_project_is_found_by_name_and_by_number(access: Access) -> None:
    sales = access.create_project("sales", "Sales")
    assert access.project("sales") == access.project(sales.number) == sales
    assert [one.name for one in access.projects()] == ["default", "sales"]
    with pytest.raises(WrongAsWritten, match="there is a project 'sales' already"):
        access.create_project("sales", "Again")
    with pytest.raises(WrongAsWritten, match="there is no project 'salse'"):
        access.project("salse")


def test_a_member_has_one_role_in_a_project(access: Access, ana: User) -> None:
    sales = access.create_project("sales", "Sales").number
    access.set_member(sales, ana.number, "reviewer")
    access.set_member(sales, ana.number, "maintainer")
    assert access.role_of(sales, ana.number) == "maintainer"
    assert access.role_of(1, ana.number) is None
    assert [(member.user.login, member.role) for member in access.members(sales)] == [("ana@example.org", "maintainer")]
    access.remove_member(sales, ana.number)
    assert access.members(sales) == ()


def test_somebody_sees_the_projects_they_are_a_member_of(access: Access, ana: User) -> None:
    sales = access.create_project("sales", "Sales").number
    rui = access.create_user("rui", "Rui", None, ())
    access.set_member(sales, rui.number, "auditor")
    assert [one.name for one in access.projects_of(rui)] == ["sales"]
    assert [one.name for one in access.projects_of(ana)] == ["default", "sales"]


def test_the_last_administrator_stays(access: Access, ana: User) -> None:
    for change in (
        lambda: access.set_active(ana.number, active=False),
        lambda: access.set_admin(ana.number, admin=False),
    ):
        with pytest.raises(WrongAsWritten, match="the last administrator"):
            change()
    other = access.create_user("rui", "Rui", None, (), admin=True)
    access.set_active(ana.number, active=False)
    assert not access.needs_first_admin()
    with pytest.raises(WrongAsWritten, match="the last administrator"):
        access.set_active(other.number, active=False)


def test_an_administrator_shut_out_at_this_moment_is_not_counted_on(access: Access, ana: User, store: Store) -> None:
    rui = access.create_user("rui", "Rui", None, (), admin=True)
    with ThreadPoolExecutor(1) as pool:
        with store.database.write() as other:
            other.execute(text("UPDATE user_account SET admin = false WHERE number = :ana"), {"ana": ana.number})
            second = pool.submit(access.set_active, rui.number, active=False)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        with pytest.raises(WrongAsWritten, match="the last administrator"):
            second.result()
    assert not access.needs_first_admin()


def test_before_there_is_an_administrator_others_can_be_shut_out(access: Access) -> None:
    rui = access.create_user("rui", "Rui", None, ())
    access.set_active(rui.number, active=False)
    assert [user.active for user in access.users()] == [False]
    assert access.needs_first_admin()


def test_what_is_no_role_and_no_scope_is_refused(access: Access, ana: User) -> None:
    role: Role = "boss"  # type: ignore[assignment]
    scope: Scope = "all"  # type: ignore[assignment]
    with pytest.raises(WrongAsWritten, match="'boss' is no role; use one of reviewer, maintainer, admin, auditor"):
        access.set_member(1, ana.number, role)
    with pytest.raises(WrongAsWritten, match="'all' is no scope; use some of gate, ingest, read, review"):
        access.create_key(1, "CI", (scope,), HOUR, "user:ana")
    for scopes, lasts in ((("break_glass", "gate"), HOUR), (("break_glass",), timedelta(days=2))):
        with pytest.raises(WrongAsWritten, match="has no other scope and lasts a day at most"):
            access.create_key(1, "CI", scopes, lasts, "user:ana")  # type: ignore[arg-type]
    with pytest.raises(WrongAsWritten, match="a key without a scope"):
        access.create_key(1, "CI", (), HOUR, "user:ana")
    assert (access.keys(1), access.members(1)) == ((), ())


def test_what_a_person_wants_is_kept(access: Access, ana: User) -> None:
    access.set_password(ana.number, "$argon2id$…")
    access.set_languages(ana.number, ["en"])
    access.set_settings(ana.number, {"theme": "dark"})
    kept = access.user(ana.login)
    assert kept is not None
    assert (kept.password, kept.languages, kept.settings) == ("$argon2id$…", ("en",), {"theme": "dark"})


def test_a_session_is_its_tokens_until_it_ends(access: Access, ana: User) -> None:
    access.set_member(1, ana.number, "reviewer")
    token = access.start_session(ana.number, HOUR)
    signed_in = access.session(token)
    assert signed_in is not None
    assert (signed_in.user, signed_in.project, signed_in.role) == (ana, 1, "reviewer")
    access.end_session(token)
    assert access.session(token) is None


def test_a_session_ends_with_its_lifetime_however_much_it_is_used(access: Access, ana: User, now: Now) -> None:
    token = access.start_session(ana.number, timedelta(hours=12))
    for _ in range(11):
        now.at += HOUR
        assert access.session(token) is not None
    now.at += HOUR
    assert access.session(token) is None


def test_a_session_that_nobody_uses_ends_before(access: Access, ana: User, now: Now) -> None:
    token = access.start_session(ana.number, timedelta(hours=24))
    now.at += timedelta(hours=9)
    assert access.session(token) is None


def test_a_closed_account_has_no_session(access: Access, ana: User) -> None:
    access.create_user("rui", "Rui", None, (), admin=True)
    token = access.start_session(ana.number, HOUR)
    access.set_active(ana.number, active=False)
    assert access.session(token) is None
    access.set_active(ana.number, active=True)
    assert access.session(token) is None


def test_every_session_of_a_person_can_be_ended(access: Access, ana: User) -> None:
    tokens = [access.start_session(ana.number, HOUR) for _ in range(2)]
    access.end_all(ana.number)
    assert [access.session(token) for token in tokens] == [None, None]


def test_a_session_takes_one_query_and_is_noted_once_a_minute(
    access: Access, ana: User, store: Store, now: Now
) -> None:
    token = access.start_session(ana.number, HOUR)
    started = moment(store, "seen_at", "session")
    said: list[str] = []
    event.listen(store.database.engine, "before_cursor_execute", lambda *given: said.append(given[2].split()[0]))
    now.at += timedelta(seconds=59)
    access.session(token)
    assert [word for word in said if word != "BEGIN"] == ["SELECT"]
    assert moment(store, "seen_at", "session") == started
    now.at += timedelta(seconds=1)
    access.session(token)
    assert moment(store, "seen_at", "session") > started


def test_a_session_looks_at_the_project_it_was_turned_to(access: Access, ana: User) -> None:
    sales = access.create_project("sales", "Sales").number
    access.set_member(sales, ana.number, "auditor")
    token = access.start_session(ana.number, HOUR, project=1)
    access.look_at(token, sales)
    signed_in = access.session(token)
    assert signed_in is not None
    assert (signed_in.project, signed_in.role) == (sales, "auditor")


def test_no_token_is_stored(access: Access, ana: User, store: Store) -> None:
    tokens = [access.start_session(ana.number, HOUR), access.make_link("invitation", lifetime=HOUR, user=ana.number)]
    tokens.append(access.create_key(1, "k", ("gate",), HOUR, "user:ana")[1].rpartition("_")[2])
    kept = []
    with store.database.read() as connection:
        for table in ("session", "link", "api_key"):
            kept += [repr(row) for row in connection.execute(text(f"SELECT * FROM {table}"))]  # noqa: S608 - our own
    assert [token for token in tokens if any(token in row for row in kept)] == []


def test_a_link_works_once(access: Access, ana: User, now: Now) -> None:
    token = access.make_link("new_password", lifetime=HOUR, user=ana.number)
    assert access.use_link(token).user == ana.number
    old = access.make_link("new_password", lifetime=HOUR, user=ana.number)
    now.at += timedelta(hours=2)
    for dead in (token, old, "made up"):
        with pytest.raises(WrongAsWritten, match="was used already, or is too old"):
            access.use_link(dead)


def test_of_eight_who_use_a_link_at_once_one_gets_in(access: Access) -> None:
    token = access.make_link("invitation", lifetime=HOUR)

    assert how_many_may([lambda: access.use_link(token)] * 8) == 1


def test_a_key_opens_until_it_expires_or_is_revoked(access: Access, now: Now) -> None:
    made, token = access.create_key(1, "CI", ("gate", "read"), HOUR, "user:ana")
    assert token.startswith(f"eg_{made.id}_")
    assert access.key(token) == made
    assert access.key(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert access.key("eg_nobody_secret") is None
    assert access.key(token.removeprefix("eg_")) is None
    now.at += timedelta(hours=2)
    assert access.key(token) is None


def test_the_last_use_of_a_key_is_noted_once_a_minute(access: Access, now: Now) -> None:
    made, token = access.create_key(1, "CI", ("gate",), HOUR, "user:ana")
    first = now.at
    access.key(token)
    now.at += timedelta(seconds=59)
    access.key(token)
    assert [key.last_used_at for key in access.keys(1)] == [first]
    now.at += timedelta(seconds=1)
    access.key(token)
    assert [(key.id, key.last_used_at) for key in access.keys(1)] == [(made.id, now.at)]


def test_a_revoked_key_is_listed_and_opens_nothing(access: Access) -> None:
    sales = access.create_project("sales", "Sales").number
    made, token = access.create_key(sales, "CI", ("gate",), HOUR, "user:ana")
    with pytest.raises(WrongAsWritten, match="no key"):
        access.revoke_key(1, made.id)
    access.revoke_key(sales, made.id)
    assert access.key(token) is None
    assert [key.revoked_at is not None for key in access.keys(sales)] == [True]
    assert access.keys(1) == ()


def test_a_key_of_another_installation_opens_nothing_here(access: Access, store: Store) -> None:
    _, token = access.create_key(1, "CI", ("gate",), HOUR, "user:ana")
    assert Access(store.database, b"another pepper").key(token) is None
