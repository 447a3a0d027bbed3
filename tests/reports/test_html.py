"""The HTML page as a file: nothing in it reaches out, nothing that others wrote is anything but text."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from evalgate.core.records import record_bytes
from evalgate.reports.formats import render
from evalgate.reports.html import html
from evalgate.reports.masked import masked
from tests.reports.scenes import HOSTILE, advisory, failing, hostile, passing, undecided

SCENES = {"failing": failing, "undecided": undecided, "passing": passing, "hostile": hostile, "advisory": advisory}
PLACES = {"html", "head", "meta", "title", "style", "script", "body", "header", "main", "section", "footer", "article"}
TEXTS = {
    "a",
    "div",
    "p",
    "b",
    "span",
    "strong",
    "h1",
    "h2",
    "h3",
    "h4",
    "ul",
    "ol",
    "li",
    "mark",
    "code",
    "dl",
    "dt",
    "dd",
}
TABLES = {"table", "thead", "tbody", "tr", "th", "td", "svg", "circle", "path", "line", "rect"}
CONTROLS = {"button", "form", "label", "select", "option", "output", "details", "summary"}


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.scripts: dict[str, list[str]] = {"script": [], "style": []}
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        self.scripts.get(self._inside, self.words).append(data)

    def attributes(self, name: str) -> list[str]:
        return [attrs[name] for _, attrs in self.tags if name in attrs]


@pytest.fixture(scope="module", params=SCENES)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(render("html", SCENES[request.param]().report(), "en"))


def test_only_elements_of_the_template_are_there(page):
    assert {tag for tag, _ in page.tags} - (PLACES | TEXTS | TABLES | CONTROLS) == set()


def test_no_attribute_runs_a_script_or_sets_a_style(page):
    names = {name for _, attrs in page.tags for name in attrs}
    assert {name for name in names if name.startswith("on") or name in {"style", "src", "action", "srcdoc"}} == set()


def test_every_link_stays_on_the_page(page):
    anchors = set(page.attributes("id"))
    assert {link for link in page.attributes("href") if link[0] != "#" or link[1:] not in anchors} == set()


def test_no_id_is_given_twice(page):
    ids = page.attributes("id")
    assert len(set(ids)) == len(ids)


def test_the_policy_lets_only_this_very_script_and_style_act(page):
    (policy,) = [attrs["content"] for _, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    for kind, texts in page.scripts.items():
        digest = base64.b64encode(hashlib.sha256("".join(texts).encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "unsafe" not in policy


def test_style_and_script_load_nothing(page):
    assert (
        re.findall(r"url\(|@import|https?:|fetch|XMLHttp|import\(|eval", "".join(map("".join, page.scripts.values())))
        == []
    )


def test_every_hostile_text_can_be_read_as_what_it_is():
    words = "".join(Page(render("html", hostile().report(), "en")).words)
    assert "<script>alert(1)</script>" in words
    assert "{{ 7*7 }} {% raw %}" in words
    assert "]]> &amp; &#60;b&#62; <![CDATA[x]]>" in words
    assert "‹U+202E›" in words
    assert re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]", words) == []


@pytest.mark.parametrize(
    ("language", "code", "heading"),
    [("en", "en", "Do not deploy"), ("es", "es", "No desplegar"), ("pt", "pt-BR", "Não implantar")],
)
def test_the_page_speaks_the_readers_language_and_says_so(language, code, heading):
    page = Page(render("html", failing().report(), language))
    assert page.attributes("lang") == [code]
    assert heading in "".join(page.words)


def test_verdicts_do_not_depend_on_colour():
    words = "".join(Page(render("html", failing().report(), "en")).words)
    assert {"PASS", "FAIL", "INCONCLUSIVE", "inconclusive"} <= set(words.split())


def test_every_interval_is_told_to_those_who_do_not_see_it():
    page = Page(render("html", failing().report(), "en"))
    drawn = [attrs for tag, attrs in page.tags if tag == "svg" and "interval" in attrs.get("class", "")]
    assert len(drawn) == 6
    assert [attrs for attrs in drawn if attrs.get("role") != "img" or "[" not in attrs.get("aria-label", "")] == []


def test_a_span_is_marked_where_the_check_found_it():
    text = render("html", failing().report(), "en")
    assert '<mark title="no_pii">&lt;CPF&gt;</mark>' in text


def test_a_span_that_lies_outside_of_what_is_shown_is_left_aside():
    report = failing().report()
    long = replace(failing(), lines=[replace(line, now=("x" * 9000) + line.now) for line in failing().lines])
    assert html(masked(report), "en").count("<mark") == 1
    assert "more characters" in html(masked(long.report()), "en")


def test_the_digest_is_that_of_the_record():
    report = failing().report()
    assert hashlib.sha256(record_bytes(report.decision)).hexdigest() in render("html", report, "en")


@pytest.mark.parametrize("text", ["x", "<", "ñ", "🎉 ", *HOSTILE[:2]])
def test_three_hundred_long_cases_stay_below_three_megabytes_and_are_quick(text):
    long = (text * 9000)[:9000]
    told = failing().report()
    heavy = [
        case.model_copy(update={"question": long, "before": long, "now": long, "context": (long, long)})
        for case in told.cases
    ]
    report = told.model_copy(update={"cases": tuple((heavy * 20)[:300])})
    started = time.perf_counter()
    size = len(html(report, "en").encode())
    assert 500_000 < size < 3_000_000
    assert time.perf_counter() - started < 5


def test_cases_that_are_not_on_the_page_are_counted():
    many = failing(lines=[replace(line, id=f"{copy}-{line.id}") for copy in range(20) for line in failing().lines])
    report = many.report()
    assert report.cases_left_out > 0
    assert f"{report.cases_left_out} more cases are not on this page" in render("html", report, "en")


def test_a_page_without_cases_says_so():
    assert "No case was marked down, changed or left unscored." in render("html", passing().report(), "en")
