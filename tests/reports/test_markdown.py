"""The pull request's comment: found again by its first line, short enough to post, and inert."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from evalgate.core.outcomes import held, violated
from evalgate.reports.formats import render
from evalgate.reports.markdown import LONGEST, units
from tests.reports.scenes import HOSTILE, Scene, failing, hostile, passing, undecided
from tests.reports.written import same_as_written

OURS = re.compile(r"<!-- evalgate:[\w.]+ -->|<details><summary>[^<>]*</summary>|</?(?:sub|details)>")


def tokens(text: str) -> list[Token]:
    return list(_flat(MarkdownIt("commonmark").enable("table").parse(text)))


def _flat(found):
    for token in found:
        yield token
        yield from _flat(token.children or ())


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_a_failing_comment_is_as_written(language):
    same_as_written(f"failing-{language}.md", render("markdown", failing().report(), language))


def test_an_undecided_comment_is_as_written():
    same_as_written("undecided-en.md", render("markdown", undecided().report(), "en"))


def test_the_first_line_is_the_mark_by_which_the_comment_is_found_again():
    assert render("markdown", passing().report(), "en").splitlines()[0] == "<!-- evalgate:support -->"


def test_the_verdict_comes_first_then_why():
    lines = render("markdown", failing().report(), "en").splitlines()
    assert lines[1] == "## ❌ Do not deploy: `support` fails"
    assert lines[5].startswith("- 1 answer violates `no_pii`")


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_no_text_of_others_is_anything_but_code(language):
    found = tokens(render("markdown", hostile().report(), language))
    kinds = {token.type for token in found}
    assert kinds & {"link_open", "image", "fence", "code_block", "s_open"} == set()
    markup = "".join(token.content for token in found if token.type in {"html_block", "html_inline"})
    assert OURS.sub("", markup).strip() == ""
    plain = "\n".join(token.content for token in found if token.type == "text")
    assert re.findall(r"@(?! )|[#<>]|evil|alert|http|rm -rf|/close|\[x\]|\[ \]", plain) == []
    assert len([token for token in found if token.type == "heading_open"]) == 1


def test_every_hostile_text_is_still_there_to_be_read():
    code = "\n".join(t.content for t in tokens(render("markdown", hostile().report(), "en")) if t.type == "code_inline")
    assert "<script>alert(1)</script>" in code
    assert "![x](http://evil.example/p.png)" in code
    assert "‹U+202E›" in code
    assert "@acme/everyone" in code


def test_a_cell_that_holds_a_pipe_stays_one_cell():
    rows = [line for line in render("markdown", hostile().report(), "en").splitlines() if line.startswith("| ")]
    assert {line.count("|") for line in rows} == {6, 7}


@pytest.mark.parametrize("letter", ["x", "ñ", "🎉", "`", "|", "<", "\u202e", "$"])
def test_a_comment_is_always_short_enough_to_post(letter):
    text = letter * 5_000
    lines = [
        replace(line, id=f"{number}{text}", question=text, now=f"{text}{number}", before=text)
        for number, line in enumerate(hostile().lines)
    ]
    many = [replace(line, slices={"locale": f"{number % 40} {text}"}) for number, line in enumerate(lines * 3)]
    many = [replace(line, id=f"{number} {line.id}") for number, line in enumerate(many)]
    whole = hostile()
    scene = Scene(
        many,
        whole.gates,
        whole.annotators,
        suite=text,
        candidate=text,
        baseline=text,
        revision=text,
        judges=(text,) * 30,
        notes=(text, text),
    )
    comment = render("markdown", scene.report(), "en")
    assert units(comment) < LONGEST
    assert "more findings are left out here" in comment


def test_cases_that_are_left_out_are_counted():
    comment = render("markdown", failing().report(), "en")
    told = len(re.findall(r"^\| `c-\d+`", comment, re.MULTILINE))
    assert told == 17
    many = failing(lines=[replace(line, id=f"{copy}-{line.id}") for copy in range(4) for line in failing().lines])
    longer = render("markdown", many.report(), "en")
    (left_out,) = map(int, re.findall(r"(\d+) more cases are left out here", longer))
    assert left_out == 4 * 17 - len(re.findall(r"^\| `\d-c-\d+`", longer, re.MULTILINE))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_suite_does_not_break_out_of_the_first_line(text):
    first, second = render("markdown", failing(suite=text).report(), "en").splitlines()[:2]
    assert re.fullmatch(r"<!-- evalgate:[A-Za-z0-9_.]+ -->", first)
    assert second.startswith("## ")


def test_a_case_behind_two_reasons_is_told_once_and_the_worst_of_each_come_first():
    both = [
        replace(line, marks={**line.marks, "no_pii": (held(), violated("leak"))}) for line in failing().lines[141:144]
    ]
    scene = failing(lines=[*failing().lines[:141], *both, *failing().lines[144:]])
    comment = render("markdown", scene.report(), "en")
    told = re.findall(r"^\| `(c-\d+)` `locale=\w+` \| `(\w+)`", comment, re.MULTILINE)
    assert [check for _, check in told[:2]] == ["no_pii", "answers"]
    assert len({case for case, _ in told}) == len(told)


def test_an_open_finding_of_two_gates_is_named_once():
    comment = render("markdown", undecided().report(), "en")
    assert comment.count("- `answers.coverage`:") == 1
