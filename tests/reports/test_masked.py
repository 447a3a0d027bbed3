"""Whatever leaves a report is masked, even when what came in was not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evalgate.core.metrics import Fact
from evalgate.core.outcomes import Mark, Span, Unscored
from evalgate.reports.cases_page import print_cases
from evalgate.reports.explain import print_explanation
from evalgate.reports.formats import FORMATS, render
from evalgate.reports.masked import masked
from evalgate.reports.page import page_text
from tests.reports.scenes import Line, Scene, failing

SECRETS = ("529.982.247-25", "ana@acme.example", "sk-a1B2c3D4e5F6g7H8i9J0k1L2")
RAW = f"CPF {SECRETS[0]}, {SECRETS[1]}, key {SECRETS[2]} end"


def raw() -> Scene:
    """Return a scene whose every text holds what people must not see."""
    bad = Mark(value=0.0, label=RAW, explanation=RAW, fix=RAW, spans=(Span(side="output", start=0, end=3, label=RAW),))
    lines = [
        Line(
            f"c-{number}",
            {"no_pii": (Mark(value=1.0), bad), "answers": (Mark(value=1.0), Unscored(reason="unreadable", detail=RAW))},
            question=RAW,
            before=RAW,
            now=f"{RAW} {number}",
            context=(RAW,),
            slices={"locale": "pt"},
        )
        for number in range(6)
    ]
    fact = Fact(name="outputs_current", holds="no", detail=RAW)
    return replace(failing(), lines=lines, gates=failing().gates[:2], facts=(fact,), notes=(RAW,))


@pytest.mark.parametrize("format", [name for name in FORMATS if name != "json"])
def test_no_format_lets_a_raw_text_out(format):
    text = render(format, raw().report(), "en")
    assert [secret for secret in SECRETS if secret in text] == []


def test_no_page_lets_a_raw_text_out(capsys):
    report = raw().report()
    print_cases(report.cases, "en")
    print_explanation(report.decision, "fact.outputs_current", "en")
    out = capsys.readouterr().out + page_text(report, "en", 120)
    assert "<CPF>" in out
    assert [secret for secret in SECRETS if secret in out] == []


def test_a_span_into_a_text_that_had_to_be_masked_again_is_dropped():
    case = masked(raw().report()).cases[0]
    assert [span for mark in case.marks for span in getattr(mark.now, "spans", ())] == []


def test_a_report_that_is_masked_already_keeps_its_spans():
    report = failing().report()
    assert masked(report).cases == report.cases


def test_the_record_keeps_its_bytes_whatever_is_masked_around_it():
    report = failing().report()
    assert render("json", report, "en") == render("json", masked(report), "es")
