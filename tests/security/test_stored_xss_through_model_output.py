"""Helicone, February 2026: what a model answered ran as a script in a colleague's browser, and took their account.

Its viewer let raw HTML through, and scripts could read the tokens. Here every text is escaped by the template engine,
what is hidden in it is shown, no page runs a script of its own, and the session is out of a script's reach.
"""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest
from fastapi.routing import APIRoute
from markdown_it import MarkdownIt

from evalgate.reports.formats import render
from evalgate.reports.messages import Language
from evalgate.web.guard import need_of
from tests.reports.scenes import hostile
from tests.reports.test_html import Page
from tests.security.payloads import PAYLOADS, RUN, WHOLE
from tests.security.poisoned import LEAD_ELSEWHERE, PAGES, Poisoned
from tests.web.reading import Read, reader

SCRIPTS = {"/static/evalgate.js", "/static/review.js", "/static/htmx.min.js"}
OURS = {
    *("html", "head", "meta", "title", "link", "script", "body", "header", "main", "footer", "nav", "section"),
    *(
        "a",
        "p",
        "span",
        "strong",
        "b",
        "small",
        "h1",
        "h2",
        "h3",
        "h4",
        "ul",
        "ol",
        "li",
        "div",
        "code",
        "mark",
        "time",
    ),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "dl", "dt", "dd", "kbd", "pre", "article"),
    *("form", "fieldset", "legend", "label", "input", "button", "select", "option", "textarea", "details", "summary"),
    *(
        "svg",
        "g",
        "rect",
        "line",
        "path",
        "circle",
        "text",
        "desc",
        "polyline",
        "br",
        "hr",
        "progress",
        "output",
        "time",
    ),
}
ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "poster", "data", "srcset", "ping", "background"}
ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2028\u2029\u2066-\u2069\U000e0000-\U000e0fff]")
SHOWS_NOTHING_OF_OTHERS = {"/sign-in"}
"""Pages that hold no text of anybody."""


def looked_at(poisoned: Poisoned, page: APIRoute) -> httpx.Response:
    """Give a page as somebody sees it who may."""
    need = need_of(page)
    assert need is not None
    who = "anonymous" if need.open else "zoe" if "reviewer" in need.roles else "everywhere"
    who = "bea" if page.path.endswith("/answers/{item}") or page.path.endswith("/answers") else who
    return reader(poisoned.house, who).get(poisoned.addresses[page.path])


def wrong_in(read: Read) -> list[str]:
    """Give what in a page is not of our own making."""
    wrong = [f"<{tag}>" for tag, _ in read.elements if tag not in OURS]
    for tag, attributes in read.elements:
        for name, value in attributes.items():
            if name.startswith(("on", "hx-on")) or name in {"style", "srcdoc"}:
                wrong.append(f"<{tag} {name}>")
            elif name in ADDRESSES and (not str(value).startswith(("/", "#")) or str(value)[1:2] in {"/", "\\"}):
                wrong.append(f"<{tag} {name}={value}>")
    wrong += [str(s.get("src")) for s in read.all("script") if str(s.get("src")).partition("?")[0] not in SCRIPTS]
    return wrong


def test_there_is_a_corpus() -> None:
    assert len(set(PAYLOADS)) >= 100


def test_no_text_of_others_is_more_than_text_on_any_page(poisoned: Poisoned) -> None:
    wrong, blank = {}, set()
    for page in PAGES:
        answer = looked_at(poisoned, page)
        read = Read(answer)
        assert (page.path, answer.status_code, read.open) == (page.path, 200, [])
        wrong[page.path] = wrong_in(read) + ACTS.findall(unescape(answer.text))
        shown = read.text + str([attributes for _, attributes in read.elements])
        blank |= set() if "__xss" in shown else {page.path}
    assert {path: found for path, found in wrong.items() if found} == {}
    # A page without any would be looked at for nothing: a new one gets its hostile texts in `poisoned`.
    assert blank == SHOWS_NOTHING_OF_OTHERS


def test_a_page_that_refuses_repeats_what_was_sent_as_text(poisoned: Poisoned) -> None:
    client = reader(poisoned.house, "everywhere")
    sent = {"csrf": poisoned.house.headers["everywhere"]["X-CSRF"]}
    for payload in (WHOLE[:300], *PAYLOADS[::9]):
        fields = dict.fromkeys(("login", "name", "role", "to", "title", "password", "reads", "others", "next"), payload)
        answers = [
            client.post("/admin/members", data={**fields, **sent}),
            client.post("/admin/projects", data={**fields, **sent}),
            client.post("/account/project", data={**fields, **sent}),
        ]
        assert [wrong_in(Read(answer)) for answer in answers] == [[], [], []]
        assert {answer.status_code // 100 for answer in answers} == {4}


def test_signing_in_repeats_a_login_as_text_and_leads_nowhere_else(poisoned: Poisoned) -> None:
    client = reader(poisoned.house, "anonymous")
    for payload in PAYLOADS[:25]:
        answer = client.post("/sign-in", data={"login": payload, "password": payload, "next": payload})
        assert wrong_in(Read(answer)) == []
        assert wrong_in(Read(client.get("/sign-in", params={"next": payload, "done": payload}))) == []


def test_the_way_back_from_an_issuer_repeats_what_it_is_sent_as_text(poisoned: Poisoned) -> None:
    client = reader(poisoned.house, "anonymous")
    sent = dict.fromkeys(("error", "error_description", "state", "code", "iss", "next"), WHOLE[:300])
    answers = [client.get(path, params=sent) for path in sorted(LEAD_ELSEWHERE)]
    assert [wrong_in(Read(answer)) for answer in answers] == [[], []]


def test_no_answer_of_the_api_can_be_taken_for_a_page(poisoned: Poisoned) -> None:
    client = poisoned.house.as_("everywhere")
    paths = ("runs", "decisions", "baselines", "suites", "members", "keys", "audit", "queues", "labels", "cards")
    answers = [client.get(f"/api/v1/{path}") for path in paths]
    answers += [client.get("/api/v1/<script>"), client.get("/api/v1/runs?limit=<svg>"), client.get("/<script>")]
    assert {answer.headers["content-type"] for answer in answers} <= {"application/json", "application/x-ndjson"}
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_the_report_as_a_page_holds_texts_alone(language: Language) -> None:
    page = Page(render("html", hostile(PAYLOADS).report(), language))
    assert {tag for tag, _ in page.tags} - OURS - {"style"} == set()
    assert [name for _, a in page.tags for name in a if name.startswith("on") or name in {"style", "srcdoc"}] == []
    links = [a[name] for _, a in page.tags for name in ADDRESSES & set(a)]
    assert [link for link in links if not link.startswith(("#", "data:image/svg+xml"))] == []
    assert [said for said in page.scripts["script"] + page.scripts["style"] if RUN in said] == []
    assert RUN in " ".join(page.words)


def test_the_report_as_markdown_holds_code_alone() -> None:
    parsed = MarkdownIt("commonmark").enable("table").parse(render("markdown", hostile(PAYLOADS).report(), "en"))
    found = [token for one in parsed for token in (one, *(one.children or ()))]
    assert {token.type for token in found} & {"link_open", "image", "fence", "code_block"} == set()
    markup = "".join(token.content for token in found if token.type in {"html_block", "html_inline"})
    assert RUN not in markup
    assert "evil.example" not in "".join(token.content for token in found if token.type == "text")
