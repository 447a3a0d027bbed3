"""The review pages by plain forms: what scripts add is not needed, and texts of others stay texts."""

from __future__ import annotations

import re

import pytest

from evalgate.core.review import QueueSettings
from evalgate.web.pages.queues import pieces
from tests.web.client import Client
from tests.web.review_scenes import BAD, GOOD, PLAIN, QUEUE, SAID, answered, filled, let_in
from tests.web.scenes import House

PATH = "/queues/support"
HTML = {"Accept": "text/html"}
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "</textarea><svg onload=alert(1)>",
    "{{ 7 * 7 }}",
    "![x](https://evil.example/x.png)",
)


@pytest.fixture
def desk(house: House) -> House:
    let_in(house)
    filled(house, ("Tres días.", "Una semana.", "No sé."))
    return house


def hidden(page: str) -> dict[str, str]:
    """Give the hidden fields of the answer form, as a browser sends them."""
    form = page.partition('id="answer"')[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))


def read(client: Client, path: str) -> str:
    page = client.get(path, headers=HTML)
    assert page.status_code == 200, page.text
    return page.text


def send(client: Client, path: str, **sent: str) -> str:
    """Send a form and give where the redirect after it leads."""
    answer = client.post(path, data=sent, headers=HTML)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def answer_by_form(client: Client, given: dict, **more: str) -> str:
    fields = hidden(read(client, f"{PATH}/review"))
    labels = {f"answer.{name}": label for name, label in given["answers"].items()}
    fields["spans"] = "[]"
    return send(client, f"{PATH}/review", **fields, **labels, **more)


def test_two_people_answer_by_forms_and_a_third_decides(desk: House) -> None:
    assert answer_by_form(desk.as_("bea"), GOOD).startswith(f"{PATH}/review?done=answered")
    answer_by_form(desk.as_("rui"), BAD, comment="no contesta", flagged="1")
    page = read(desk.as_("zoe"), f"{PATH}/adjudication")
    assert "no contesta" in page
    assert "Rui" not in page
    item = re.search(rf'action="{PATH}/adjudication/(\d+)"', page)
    assert item is not None
    csrf = desk.headers["zoe"]["X-CSRF"]
    sent = {"csrf": csrf, "answer.answers": "answered", "answer.tone": "kind", "comment": ""}
    assert send(desk.as_("zoe"), item.group(0)[8:-1], **sent).endswith("done=decided")
    assert desk.as_("zoe").get(f"{QUEUE}/progress").json()["closed"] == 1


def test_the_page_of_a_reviewer_holds_nothing_that_unblinds(desk: House) -> None:
    answered(desk.as_("rui"), {**GOOD, "comment": "peer's words"})
    page = read(desk.as_("bea"), f"{PATH}/review")
    assert "Tres días." in page
    assert [word for word in (SAID, "peer's words", "gold", "expected", "chosen") if word in page] == []


def test_an_answer_that_misses_a_question_comes_back_filled_in(desk: House) -> None:
    bea = desk.as_("bea")
    fields = hidden(read(bea, f"{PATH}/review")) | {"spans": "[]", "answer.tone": "rude", "comment": "a thought"}
    again = bea.post(f"{PATH}/review", data=fields, headers=HTML)
    assert again.status_code == 422
    assert "Choose an answer to every question" in again.text
    assert "a thought" in again.text
    assert re.search(r'value="rude" required checked', again.text)


def test_an_answer_that_comes_too_late_is_shown_again(desk: House) -> None:
    bea = desk.as_("bea")
    fields = hidden(read(bea, f"{PATH}/review")) | {"spans": "[]", "comment": "long thought"}
    held = {"slot": int(fields["slot"]), "token": int(fields["token"])}
    bea.post(f"{QUEUE}/items/{fields['item']}/release", json=held)
    answered(desk.as_("rui"), GOOD)
    answered(desk.as_("zoe"), GOOD)
    labels = {"answer.answers": "answered", "answer.tone": "kind"}
    late = bea.post(f"{PATH}/review", data=fields | labels, headers=HTML)
    assert (late.status_code, "long thought" in late.text) == (409, True)


def test_the_last_answer_is_taken_back_and_its_item_shown_again(desk: House) -> None:
    bea = desk.as_("bea")
    first = hidden(read(bea, f"{PATH}/review"))["item"]
    answer_by_form(bea, GOOD)
    fields = hidden(read(bea, f"{PATH}/review"))
    assert fields["item"] != first
    assert send(bea, f"{PATH}/review/undo", **fields).endswith("done=undone")
    assert hidden(read(bea, f"{PATH}/review"))["item"] == first


def test_a_skip_says_why_and_brings_the_next_item(desk: House) -> None:
    bea = desk.as_("bea")
    fields = hidden(read(bea, f"{PATH}/review"))
    assert send(bea, f"{PATH}/review/skip", reason="dont_know", **fields).endswith("done=skipped")
    assert hidden(read(bea, f"{PATH}/review"))["item"] != fields["item"]


def test_a_reveal_shows_the_judge_and_keeps_what_was_filled_in(desk: House) -> None:
    bea = desk.as_("bea")
    fields = hidden(read(bea, f"{PATH}/review")) | {"spans": "[]", "answer.tone": "rude", "comment": "so far"}
    page = bea.post(f"{PATH}/review/reveal", data=fields, headers=HTML)
    assert page.status_code == 200
    assert SAID in page.text
    assert "so far" in page.text


def test_my_answers_can_be_changed_and_contested_while_open(desk: House) -> None:
    bea = desk.as_("bea")
    item, _ = answered(bea, GOOD)
    page = read(bea, f"{PATH}/answers/{item}")
    assert 'name="contested"' in page
    sent = {"csrf": desk.headers["bea"]["X-CSRF"], "spans": "[]", "answer.answers": "not_answered"}
    assert send(bea, f"{PATH}/answers/{item}", contested="1", **sent, **{"answer.tone": "kind"}).endswith("changed")
    mine = bea.get(f"{QUEUE}/answers").json()["answers"][0]["given"]
    assert (mine["answers"]["answers"], mine["contested"]) == ("not_answered", True)
    assert f"{PATH}/answers/{item}" in read(bea, f"{PATH}/answers")


def test_practice_explains_itself_before_the_next_item(house: House) -> None:
    let_in(house)
    filled(house, ("Tres días.",), QueueSettings(practice=1, gold_rate=0), reason="practice")
    bea = house.as_("bea")
    before = read(bea, f"{PATH}/review")
    assert "It names the days." not in before
    way = answer_by_form(bea, BAD)
    assert "/answers/" in way
    after = read(bea, way)
    assert "It names the days." in after
    assert 'name="contested"' in after


def test_what_may_harm_is_announced_blurred_and_avoidable(house: House) -> None:
    let_in(house)
    filled(house, ("Texto.",), harm="violence")
    bea = house.as_("bea")
    page = read(bea, f"{PATH}/review")
    assert 'class="reading harmful"' in page
    assert "This text may disturb: violence." in page
    fields = hidden(page)
    send(bea, f"{PATH}/review/avoid", category="violence", **fields)
    assert "Nothing is left for you here" in read(bea, f"{PATH}/review")
    assert "violence" in read(bea, "/queues")
    send(bea, "/queues-avoided", csrf=fields["csrf"], category="violence")
    assert "violence" not in read(bea, "/queues")


@pytest.mark.parametrize(
    ("warns", "harm"), [(False, "violence"), (True, None)], ids=["switched off", "without a category"]
)
def test_nothing_is_announced_of_other_texts_nor_where_it_is_switched_off(
    house: House, warns: bool, harm: str | None
) -> None:
    let_in(house)
    filled(house, ("Texto.",), PLAIN.model_copy(update={"harm_warning": warns}), harm=harm)
    page = read(house.as_("bea"), f"{PATH}/review")
    assert "Texto." in page
    assert "harmful" not in page
    assert "may disturb" not in page


def test_titles_are_in_the_readers_language_and_english_says_that_it_is(desk: House) -> None:
    page = desk.as_("bea").get(f"{PATH}/review", headers={**HTML, "Accept-Language": "es"}).text
    assert "¿Responde a lo que se pregunta?" in page
    assert '<span lang="en">Is it kind?</span>' in page
    assert "No sabría decirlo" in page


def test_progress_counts_what_is_left_without_a_clock(desk: House) -> None:
    answer_by_form(desk.as_("bea"), GOOD)
    page = read(desk.as_("bea"), f"{PATH}/review")
    assert "1 done · 2 left" in page
    assert "<time" not in page


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize("path", ["/queues", f"{PATH}/review", f"{PATH}/answers", f"{PATH}/adjudication"])
def test_every_page_is_there_in_every_language(desk: House, path: str, language: str) -> None:
    page = desk.as_("zoe").get(path, headers={**HTML, "Accept-Language": language})
    assert page.status_code == 200
    assert not re.search(r"<style|<script>|\son[a-z]+=|style=", page.text)


def test_an_auditor_sees_the_queues_and_reviews_nothing(desk: House) -> None:
    auditor = desk.as_("auditor")
    assert f"{PATH}/review" not in read(auditor, "/queues")
    assert auditor.get(f"{PATH}/review", headers=HTML).status_code == 403


def test_what_is_hidden_in_a_text_is_shown_and_counted_as_it_is_stored() -> None:
    found = pieces("a\u202e\u202eb\r\nñ🙂")
    assert [piece.text for piece in found] == ["a", "‹U+202E ×2›", "b", "\n", "ñ🙂"]
    assert [piece.n for piece in found] == [None, 2, None, 2, None]
