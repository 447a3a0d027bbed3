"""Where sentences end: abbreviations, decimals, lists and lines in three languages."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.checks.text.sentences import sentences
from tests.checks.scenes import quickest


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["El Sr. Núñez y la Dra. Peña llegaron a las 5 p.m.", "Ud. puede pasar.", "¿De acuerdo?", "¡Perfecto!"],
        ["Cuesta 1.299,00 € en EE.UU. y aprox. 900 € aquí.", "Véase el art. 5, pág. 12."],
        ["Llame al tel. (55) 1234 5678.", "Vive en la Av. Insurgentes, núm. 3.", "Traiga pasaporte, visa, etc.", "Ya."],
        ["«¿Por qué?», preguntó Ana.", "Nadie contestó… hasta hoy.", "La vitamina C.", "El resto no."],
    ],
)
def test_spanish(expected: list[str]) -> None:
    assert split(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["O Sr. João e a Profa. Inês pagaram R$ 3,50.", "A Exma. Dra. Conceição não veio.", "Obrigado!😀", "Até já."],
        ["Mora na Av. Paulista, n. 12, ap. 4.", "Confira, p. ex. na pág. 7, o inc. 2.", "Está certo?"],
        ["O prazo é de 30 dias (ver cap. 3).", "“Não sei.”", "Você decide."],
    ],
)
def test_portuguese(expected: list[str]) -> None:
    assert split(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["Mr. Smith paid $3.50, e.g. by card.", "J. R. R. Tolkien lived in the U.K.", "The U.S. Government did not."],
        ["See fig. 3 and no. 5 on p. 9.", "“Really?” she said.", '"Yes."', "We met at 5 p.m.", "Monday was fine."],
        ["The warranty covers three years.[1]", "Returns take 30 days [2].", "Node.js runs at v1.2.3, ok?"],
    ],
)
def test_english(expected: list[str]) -> None:
    assert split(" ".join(expected)) == expected


def test_an_emoji_after_the_mark_begins_the_next_sentence() -> None:
    assert split("¡Listo! 🎉 Su pedido sale hoy. 👍🏽") == ["¡Listo!", "🎉 Su pedido sale hoy.", "👍🏽"]


def test_lists_and_headings_are_sentences_without_their_signs() -> None:
    text = "## Passos\n1. Abra a conta\n2) Confirme o e-mail.\n- rápido\n* barato\n\n---\n> Citação"
    assert split(text) == ["Passos", "Abra a conta", "Confirme o e-mail.", "rápido", "barato", "Citação"]


def test_a_line_that_goes_on_in_lower_case_is_not_a_new_sentence() -> None:
    assert split("La garantía cubre\r\ntres años.\nEl plazo es:\nuna semana\n\notra cosa") == [
        "La garantía cubre\r\ntres años.",
        "El plazo es:",
        "una semana",
        "otra cosa",
    ]


def test_blanks_and_bullets_alone_hold_no_sentence() -> None:
    assert split("") == split(" \n\t ") == split("- \n* \n") == []


def test_marks_of_chinese_and_japanese_need_no_blank_after_them() -> None:
    assert split("一。二！三") == ["一。", "二！", "三"]


@given(st.text(alphabet=" \n\r.?!…)]\"'1aAáÉ-*#。", max_size=60) | st.text(max_size=60))
def test_sentences_are_in_order_apart_from_one_another_and_leave_out_only_blanks_and_signs(text: str) -> None:
    found = sentences(text)
    borders = list(itertools.chain.from_iterable(found))
    assert borders == sorted(borders)
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in found)
    gaps = zip([0, *[end for _, end in found]], [*[start for start, _ in found], len(text)], strict=True)
    left_out = "".join(text[start:end] for start, end in gaps)
    assert not any(one.isalpha() for one in left_out)


@pytest.mark.parametrize(
    "piece",
    [
        ".",
        ". ",
        ".a",
        "a. B",
        "Sr. ",
        "A. B. ",
        "a\n",
        "A\n",
        "\n \n",
        "\r\n",
        "- ",
        "1. ",
        ".)",
        ".[1]",
        "? ",
        "一。",
        " ",
    ],
)
def test_100_kb_of_anything_cost_less_than_50_ms(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    assert quickest(lambda: sentences(text)) < 0.050
