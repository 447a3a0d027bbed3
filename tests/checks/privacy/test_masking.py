"""Masking: nothing that is detected survives, and what is clean stays untouched."""

from __future__ import annotations

import pickle
import re
import time
import timeit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evalgate.checks.privacy.masking import WHOLE, Masker, Style
from evalgate.checks.privacy.personal_data import PersonalData
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.outcomes import Mark, NotApplicable, Span, Unscored, Vote
from evalgate.core.samples import Case, Message, Output, Sample, ToolCall
from tests.checks.scenes import EN, ES, PT, check, result, said, subject
from tests.checks.test_pii import CARDS, CPFS, DNIS

MASKER = Masker()
EMAILS = st.sampled_from(["ana@x.example", "joão.silva@exemplo.com.br", "o'neil+1@a-b.co"])
KEYS = st.sampled_from(["sk-" + "a1B2" * 8, "AKIAIOSFODNN7EXAMPLE", "ghp_" + "x" * 36, "Bearer abc.def-ghi_jkl~mno"])
GLUE = st.sampled_from(["", " ", ".", "-", ",", "_", "/", "1", "a", "Z", " y ", " cpf ", " DNI ", "<", ">", "@", "\n"])
SCRAPS = st.text(alphabet="0123456789.-/ XZLaé@_<>\u2011\u00a0", max_size=14)
TEXTS = st.lists(st.one_of(CPFS, DNIS, CARDS, EMAILS, KEYS, GLUE, SCRAPS), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("O CPF é 529.982.247-25, certo?", "O CPF é <CPF>, certo?"),
        ("bare 52998224725 too", "bare <CPF> too"),
        ("DNI 12345678Z y NIE X1234567L", "DNI <DNI> y NIE <NIE>"),
        ("tarjeta 4539 1488 0343 6467", "tarjeta <CARD>"),
        ("card 4539148803436467", "card <CARD>"),
        ("a ana.niño@correo.es.", "a <EMAIL>."),
        ("key sk-proj-abcDEF123456_7890-xyz!", "key <SECRET>!"),
        ("AKIAIOSFODNN7EXAMPLE", "<SECRET>"),
        ("ghp_" + "a1" * 18, "<SECRET>"),
        ("Authorization: Bearer abcdef1234567890==", "Authorization: <SECRET>"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl fim", "<SECRET> fim"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nfim", "<SECRET>\nfim"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE cut off", "<SECRET>"),
        ("a\ud83db", "a?b"),
    ],
)
def test_each_kind_has_its_mask(text: str, masked: str) -> None:
    assert MASKER.mask(text) == masked


@pytest.mark.parametrize("text", [ES, PT, EN, "", "pedido 12345678, 1.299,00 EUR", "sk-8 skis, task-force", "👍🏽 ñ"])
def test_a_clean_text_is_the_same_object(text: str) -> None:
    assert MASKER.mask(text) is text


@pytest.mark.parametrize("style", ["hash", "last4"])
@given(text=TEXTS)
def test_in_every_style_nothing_survives_and_masking_twice_changes_nothing(style: Style, text: str) -> None:
    masker = Masker(style, b"a key of some length")
    masked = masker.mask(text)
    assert PersonalData().find(masked) == []
    assert masker.mask(masked) is masked


def test_a_keyed_hash_joins_equal_values_and_nothing_else() -> None:
    one, other = Masker("hash", b"a key of some length"), Masker("hash", b"another key as long")
    assert one.mask("CPF 529.982.247-25") == one.mask("CPF 52998224725") != other.mask("CPF 52998224725")
    assert one.mask("Ana@X.example") == one.mask("ana@x.example") != one.mask("eva@x.example")


def test_a_hash_has_16_letters_and_keeps_what_means_something_apart() -> None:
    hashed = Masker("hash", b"a key of some length").mask
    assert re.fullmatch(r"<CPF:[a-p]{16}>", hashed("529.982.247-25"))
    apart = [
        ("IP 185.199.10.153", "IP 185.19.910.153"),
        ("IP 185.199.108.15", "IP 185.199.10.815"),
        ("born 1/11/1984", "born 11/1/1984"),
        ("GPS 12.34567, 1.23456", "GPS 12.34567, -1.23456"),
        ("tel +11 234 567 89", "tel 11 2345-6789"),
        ("weiß@x.example", "weiss@x.example"),
        ("ghp_" + "aB3dE5fG7h" * 4, "ghp_" + "Ab3dE5fG7h" * 4),
    ]
    assert [(one, other) for one, other in apart if hashed(one) == hashed(other)] == []
    assert hashed("tarjeta 4539 1488 0343 6467") == hashed("tarjeta 4539\u20111488\u20110343\u20116467")
    assert hashed("born 1-11-1984") == hashed("born 1\u201111\u20111984")


def test_names_in_an_object_are_masked_too_and_none_is_lost() -> None:
    raw = {"ana@x.example": 1, "<EMAIL> 2": 2, "eva@x.example": {"529.982.247-25": "ok"}, "locale": "es"}
    masked = MASKER.mask_json(raw)
    assert masked == {"<EMAIL>": 1, "<EMAIL> 2": 2, "<EMAIL> 3": {"<CPF>": "ok"}, "locale": "es"}
    assert MASKER.mask_json(masked) is masked


def test_the_last_four_stay_where_that_is_customary() -> None:
    masked = Masker("last4").mask("tarjeta 4539 1488 0343 6467, CPF 529.982.247-25, sk-proj-abcDEF123456_7890")
    assert masked == "tarjeta <CARD:…6467>, CPF <CPF>, <SECRET>"


@given(TEXTS)
@example("12345678Z12345678Z12345678Z dni")
@example("ana@x.example52998224725@x.example")
@example("CPF 529.982.247-25529.982.247-25")
def test_nothing_that_is_detected_survives_and_masking_twice_changes_nothing(text: str) -> None:
    masked = MASKER.mask(text)
    assert PersonalData().find(masked) == []
    assert result(check("pii"), masked).value == 1.0
    assert MASKER.mask(masked) is masked


@given(st.text(max_size=200))
def test_no_text_crashes_masking(text: str) -> None:
    assert MASKER.mask(MASKER.mask(text)) == MASKER.mask(text)


def test_a_text_whose_masks_keep_freeing_the_next_is_masked_whole() -> None:
    freeing = (
        "ana@x.example tel 1198765432112345678Zana@x.exampleRUT 12.345.678-5X1234567L1ana@x.example cpf453914880343646"
        "7_12345678Z.4539148803436467a529.982.247-25 dniana@x.examplea tel 11987654321_4539148803436467 cpf12345678ZX1"
        "234567L"
    )
    assert MASKER.mask(freeing) == WHOLE


def sample() -> Sample:
    """Return a sample with something to mask in every text."""
    case = Case(
        id="ana@x.example",
        input=(said("system", "ok"), Message(role="user", content="CPF 529.982.247-25", tool_calls=(call(),))),
        reference="ana@x.example",
        context=("limpo", "DNI 12345678Z"),
        slices={"locale": "es"},
        cluster="c-1",
        metadata={"who": "ana@x.example", "deep": [{"n": 52998224725, "ok": True, "small": 7}], "locale": "es"},
    )
    output = Output(text="Eis: 529.982.247-25", tool_calls=(call(),), recorded={"label": "a@b.es", "score": 0.5})
    return Sample(case=case, output=output, weight=2.0)


def call() -> ToolCall:
    return ToolCall(name="mail", arguments='{"to": "ana@x.example"}')


def test_every_text_of_a_sample_is_masked_and_names_stay() -> None:
    masked = MASKER.mask_sample(sample())
    written = masked.model_dump_json()
    assert PersonalData().find(written.replace('"id":"ana@x.example"', "")) == []
    assert (masked.case.id, masked.case.cluster, masked.weight) == ("ana@x.example", "c-1", 2.0)
    assert masked.output.text == "Eis: <CPF>"
    assert masked.case.metadata == {"who": "<EMAIL>", "deep": [{"n": "<CPF>", "ok": True, "small": 7}], "locale": "es"}
    assert masked.output.recorded == {"label": "<EMAIL>", "score": 0.5}
    assert Sample.model_validate_json(written) == masked


def test_a_masked_sample_has_a_digest_of_its_own_and_the_raw_one_keeps_its() -> None:
    raw = sample()
    before = raw.digest
    masked = MASKER.mask_sample(raw)
    assert raw.digest == before
    assert masked.digest == Sample.model_validate(masked.model_dump()).digest != before


def test_a_clean_sample_is_the_same_object() -> None:
    clean = Sample(case=Case(id="1", input="hola", metadata={"n": 1}, context=("x",)), output=Output(text=ES))
    assert MASKER.mask_sample(clean) is clean
    assert MASKER.mask_sample(MASKER.mask_sample(sample())) == MASKER.mask_sample(sample())


def test_spans_move_with_the_text_they_show() -> None:
    about = subject("Ana: ana@x.example, CPF 529.982.247-25. Garantizado, sí.")
    texts = SubjectTexts(about)
    checks = (check("pii"), check("banned_terms", terms=["garantizado"]))
    marks = {str(n): made.mark(about, texts)[""] for n, made in enumerate(checks)}
    after = MASKER.mask_sample(about.sample).output.text
    moved = MASKER.mask_marks(about.sample, marks)
    assert after == "Ana: <EMAIL>, CPF <CPF>. Garantizado, sí."
    stretches = [[after[s.start : s.end] for s in getattr(mark, "spans", ())] for mark in moved.values()]
    assert stretches == [["<EMAIL>", "<CPF>"], ["Garantizado"]]


def test_spans_in_messages_and_tool_arguments_move_too() -> None:
    raw = sample()
    spans = (Span(side="input", start=4, end=18, message=1), Span(side="tool_args", start=24, end=25, message=0))
    moved = MASKER.mask_marks(raw, {"": Mark(value=0, spans=spans)})[""]
    assert isinstance(moved, Mark)
    assert [(span.start, span.end) for span in moved.spans] == [(4, 9), (18, 19)]


def test_what_was_said_of_a_sample_is_masked_too() -> None:
    vote = Vote(judge="j", model="m", explanation="cita a@b.es")
    marks = MASKER.mask_marks(
        sample(),
        {
            "mark": Mark(value=1, explanation="diz 529.982.247-25", fix="apague a@b.es", votes=(vote,)),
            "unscored": Unscored(reason="invalid", detail="column 'x': 'a@b.es' is not among the labels"),
            "none": NotApplicable(why="the case has no context"),
        },
    )
    assert PersonalData().find(str(marks)) == []
    assert "diz <CPF>" in str(marks["mark"])


def test_results_with_nothing_to_mask_are_the_same_objects() -> None:
    held = Mark(value=1, label="holds")
    assert MASKER.mask_marks(sample(), {"": held})[""] is held


def test_a_masker_can_be_sent_to_another_process() -> None:
    sent = pickle.loads(pickle.dumps(MASKER))  # noqa: S301 - our own bytes
    assert sent.mask("a@b.es") == "<EMAIL>"


def test_a_clean_text_of_600_characters_costs_less_than_25_microseconds() -> None:
    text = (PT * 6)[:600]
    assert min(timeit.repeat(lambda: MASKER.mask(text), number=500, repeat=9)) / 500 < 25e-6


@pytest.mark.parametrize(
    "text",
    [
        "12345678Z" * 11_000 + " dni",
        "a@b.co " * 14_000,
        "@b.co " * 16_000,
        "4111111111111111 " * 5_800,
        "529.982.247-25 " * 6_666,
        "nif 123456789 " * 7_000,
        "20-12345678-6 " * 7_000,
        "ab:cd:ef:" * 11_000,
    ],
)
def test_a_hostile_text_is_masked_to_its_end_in_less_than_a_second(text: str) -> None:
    assert min(timeit.repeat(lambda: MASKER.mask(text), timer=time.process_time, number=1, repeat=3)) < 1.0


def test_masking_has_no_limit_of_numbers_as_the_check_has() -> None:
    assert MASKER.mask("123.456.789-00 " * 5_000 + "529.982.247-25").endswith(" <CPF>")
