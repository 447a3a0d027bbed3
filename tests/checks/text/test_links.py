"""Links: where they stand, what a browser would open, and what opens itself."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.checks.text.hosts import address, is_ip, is_lookalike
from evalgate.checks.text.links import Link, links


def targets(text: str, *, bare: bool = True) -> list[str]:
    return [link.target for link in links(text, 100, bare=bare)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mire https://acme.example/a?b=c#d.", ["https://acme.example/a?b=c#d"]),
        ("(https://acme.example/a_(b)) e **https://b.example**", ["https://acme.example/a_(b)", "https://b.example"]),
        (
            "“https://acme.example”, «https://b.example»; 'https://c.example'",
            ["https://acme.example", "https://b.example", "https://c.example"],
        ),
        (
            "https://a.example,https://b.example/?u=https://c.example",
            ["https://a.example", "https://b.example/?u=https://c.example"],
        ),
        ("| https://acme.example/t | celda |", ["https://acme.example/t"]),
        ("www.acme.example e WWW.ACME.EXAMPLE!", ["www.acme.example", "WWW.ACME.EXAMPLE"]),
        ("acme.com.br/ajuda, evil.click/x, españa.es", ["acme.com.br/ajuda", "evil.click/x", "españa.es"]),
        ("[a](<https://acme.example/x>) [b](//b.example 'título')", ["https://acme.example/x", "//b.example"]),
        ("[1]: https://acme.example/x", ["https://acme.example/x"]),
        ("<https://acme.example> <a href=https://b.example/x>y</a>", ["https://acme.example", "https://b.example/x"]),
        ('<meta http-equiv="refresh" content="0;url=https://acme.example">', ["https://acme.example"]),
        ("https:\\\\acme.example http:b.example", ["https:\\\\acme.example", "http:b.example"]),
        ("https://[::1]:80/x", ["https://[::1]:80/x"]),
        ("https:// http:", []),
    ],
)
def test_links_end_where_the_sentence_around_them_goes_on(text: str, found: list[str]) -> None:
    assert targets(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Fim.Obrigado, p.ej., EE.UU., a.m., S.A.de C.V.",
        "order.id, user.name(), main.py, README.md, node.js, script.sh, ASP.NET",
        "1.299,00 e 3.14.15; 12.05.2025; v1.2.3-rc.1",
        "ana@acme.example, ana.co@acme.example",
        "data: 12/05/2025; Tel:+34 900; javascript: sí",
    ],
)
def test_what_only_has_a_stop_in_it_is_no_link(text: str) -> None:
    assert targets(text) == []


@pytest.mark.parametrize("gap", [" ", "\n", "\u00a0", " No hay más que decir de esto. " * 9])
def test_links_are_found_wherever_they_stand_in_a_long_text(gap: str) -> None:
    written = [
        "https://a.example/x",
        "WWW.b.example",
        "mailto:ana@c.example",
        "d-.example.com",
        "data:,e",
        "f.com.br/g",
    ]
    text = gap.join(["Vea", *written, "Fim"])
    assert targets(text) == written
    assert [text[link.start : link.end] for link in links(text, 100)] == written


def test_bare_domains_are_links_only_where_they_are_wanted() -> None:
    assert targets("acme.example y https://b.example", bare=False) == ["https://b.example"]


def test_an_image_loads_itself_and_its_link_does_not() -> None:
    found = links(
        "[![alt](https://a.example/i.png)](https://b.example) ![x][y] <img src=//c.example>\n\n[y]: //d.example", 9
    )
    assert [(link.target, link.loads) for link in found] == [
        ("https://a.example/i.png", True),
        ("https://b.example", False),
        ("//c.example", True),
        ("//d.example", True),
    ]


def test_what_people_see_of_a_link_is_kept() -> None:
    found = links("[acme](https://b.example) <a class=x href='https://c.example'>d.example</a>", 9)
    assert [link.shown for link in found] == ["acme", "d.example"]


def test_a_disguise_is_taken_off_and_told() -> None:
    text = "https://ac\u200bme.example\u200b, ｈｔｔｐｓ：／／b.example e https://c.example"
    assert links(text, 9) == [
        Link(0, 21, "https://acme.example", disguised=True),
        Link(24, 41, "https://b.example", disguised=True),
        Link(44, 61, "https://c.example"),
    ]


@given(st.text(alphabet="ahtps:/.[]()<>!\"'= \\@?&#;\u200béxco", max_size=60))
def test_links_of_any_text_lie_inside_it_in_order(text: str) -> None:
    found = links(text, 50)
    assert all(0 <= link.start < link.end <= len(text) for link in found)
    assert all(one.start <= other.start for one, other in pairwise(found))
    assert all(address(link.target).host == address(link.target).host.lower() for link in found)


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("https://user:pw@acme.example:8443/x", "acme.example"),
        ("HTTPS:acme.example", "acme.example"),
        ("https:///acme.example", "acme.example"),
        (r"https://acme.example\@evil.example", "acme.example"),
        ("https://%61cme.example./x", "acme.example"),
        ("acme.example:8080/x", "acme.example"),
        ("//acme.example", "acme.example"),
        ("mailto:ana@acme.example?subject=x", "acme.example"),
        ("javascript:alert(1)", ""),
        ("https://[2001:db8::1]/", "2001:db8::1"),
    ],
)
def test_a_host_is_read_as_browsers_read_it(target: str, host: str) -> None:
    assert address(target).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "0177.0.0.1", "0x7f000001", "2130706433", "127.1", "::1"])
def test_a_number_is_an_ip_in_every_spelling(host: str) -> None:
    assert is_ip(host)


@pytest.mark.parametrize(
    ("host", "imitates"),
    [
        ("acmе.example", True),
        ("асме.example", True),
        ("xn--80ak6aa92e.example", True),
        ("ac me.example", False),
        ("i❤.example", True),
        ("españa.example", False),
        ("ação.example", False),
        ("пример.example", False),
        ("метро.example", False),
        ("ελλάδα.example", False),
        ("例え.example", False),
        ("acme.example", False),
        ("é" * 300 + ".example", True),
    ],
)
def test_a_host_imitates_with_mixed_scripts_copies_of_latin_or_letters_no_name_has(host: str, imitates: bool) -> None:
    assert is_lookalike(host) is imitates
