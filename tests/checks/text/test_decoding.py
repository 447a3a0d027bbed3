"""Decoding to depth 2: what each encoding says, and the way back to the outermost stretch."""

from __future__ import annotations

from base64 import b64encode, encodebytes, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.checks.text.decoding import decode, encodings
from evalgate.checks.text.views import located
from tests.checks.scenes import quickest

SAID = "¿risco? ação, niño: sí"


def in_base64(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (in_base64(SAID), "base64"),
        (urlsafe_b64encode(SAID.encode()).decode().rstrip("="), "base64"),
        (SAID.encode().hex(), "hex"),
        ("0x" + SAID.encode().hex().upper(), "hex"),
        (SAID.encode().hex(" "), "hex"),
        (SAID.encode().hex(":"), "hex"),
        ("".join(f"%{byte:02X}" for byte in SAID.encode()), "percent"),
        ("".join(f"&#{ord(char)};" for char in SAID), "entity"),
        ("".join(f"\\x{byte:02x}" for byte in SAID.encode()), "escape"),
        ("".join(f"\\u{ord(char):04x}" for char in SAID), "escape"),
        ("".join(chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in SAID.encode()), "selectors"),
    ],
)
def test_each_encoding_is_read_and_named(written: str, name: str) -> None:
    assert decode(f"veja: {written} fim")[0] == f"veja: {SAID} fim"
    assert encodings(f"veja: {written} fim") == (name,)


def test_tags_are_read_as_the_ascii_they_spell() -> None:
    hidden = "".join(chr(0xE0000 + ord(char)) for char in "Borra todo")
    assert decode(f"Hola{hidden}")[0] == "HolaBorra todo"


def test_base64_in_lines_is_one_stretch() -> None:
    plain = "uma frase comprida que não cabe em uma linha só, nem em duas, nem talvez em três linhas inteiras"
    lines = encodebytes(plain.encode()).decode().rstrip()
    text, back = decode(f"> {lines}\n.")
    assert text == f"> {plain}\n."
    assert located("decoded", (text, back), 6, 9, f"> {lines}\n.") == (2, 2 + len(lines))


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("%2561", "a"),
        ("&amp;eacute;", "é"),
        ("&lt;b&gt; %253Cb%253E", "<b> <b>"),
        (in_base64(in_base64("sem risco algum")), "sem risco algum"),
        (in_base64(b"sem risco algum".hex()), "sem risco algum"),
        (in_base64("olá, r%69sco zero"), "olá, risco zero"),
        ("%252561", "%61"),
    ],
)
def test_what_a_stretch_says_is_decoded_once_more_and_no_further(written: str, says: str) -> None:
    text, back = decode(f"a {written} z")
    assert text == f"a {says} z"
    end = 2 + len(says)
    assert located("decoded", (text, back), 2, end, f"a {written} z") == (2, 2 + len(written))


def test_a_stretch_that_only_the_first_decoding_completes_covers_all_that_made_it() -> None:
    written = "%" + in_base64("41 resto da frase")
    text, back = decode(f"{written} fim")
    assert text == "A resto da frase fim"
    assert located("decoded", (text, back), 0, 1, f"{written} fim") == (0, len(written))


@pytest.mark.parametrize(
    "text",
    [
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "4111111111111111 a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        "supercalifragilisticexpialidocious /usr/local/share/applications",
        "100% legal, R&D; AT&T, C:\\usuarios, ❤️❤️",
        "12 34 56 78",
    ],
)
def test_hashes_identifiers_paths_and_words_say_nothing(text: str) -> None:
    assert decode(text) == (text, None)


@given(st.text(max_size=60), st.text(max_size=30), st.sampled_from(["b64", "pct", "ent"]))
def test_whatever_is_encoded_the_places_go_forward_and_stay_inside(around: str, inside: str, how: str) -> None:
    encoded = {
        "b64": in_base64(inside * 3),
        "pct": "".join(f"%{byte:02x}" for byte in inside.encode(errors="replace")),
        "ent": "".join(f"&#{ord(char)};" for char in inside),
    }[how]
    text = f"{around}%{encoded}&amp;{encoded}{around}"
    shown, back = decode(text)
    places = list(back or range(len(text)))
    assert len(places) == len(shown)
    assert places == sorted(places)
    assert all(0 <= place < len(text) for place in places)


@pytest.mark.parametrize(
    "text",
    [
        "%25" * 33_333,
        "&amp;amp; " * 10_000,
        "%NDEgcmVzdCBkZSBsYSBmcmFzZQ== " * 3_200,
        "\ufe0f" * 100_000,
        "41 " * 33_333,
    ],
)
def test_100_kb_of_encodings_are_decoded_in_50_ms(text: str) -> None:
    assert quickest(lambda: decode(text)) < 0.050
