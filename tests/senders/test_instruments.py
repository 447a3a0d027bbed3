"""Instruments as their makers ship them, set up as the pages say: the page's own program runs and its call arrives."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.senders.conftest import ANSWER, Evalgate, block, sending, wait_for

QUESTION = "¿Cuándo llega mi pedido?"


@pytest.mark.parametrize("page", ["openllmetry.md", "openinference.md"])
def test_the_program_on_the_page_sends_its_call(page: str, theirs: Path, evalgate: Evalgate, model: str) -> None:
    evalgate.start()
    ran = subprocess.run(
        [theirs / "python", "-c", block(page, "python")],
        env=sending(page, evalgate, model),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    (sent,) = wait_for(evalgate.interactions)
    assert (sent.source, sent.state, sent.service, sent.release) == ("otlp", "complete", "shop", "2026.11.3")
    assert (sent.input[-1].content, sent.output[0].content) == (QUESTION, ANSWER)
    assert (sent.input_tokens, sent.output_tokens) == (12, 7)


APP = f"""
from openai import OpenAI
OpenAI().chat.completions.create(model="gpt-4o-mini", messages=[{{"role": "user", "content": "{QUESTION}"}}])
"""


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "EVENT_ONLY"},
        {"OTEL_SEMCONV_STABILITY_OPT_IN": "", "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "true"},
    ],
    ids=["as on the page", "texts as events", "names of 1.36"],
)
def test_an_application_that_knows_nothing_of_it_is_instrumented(
    changed: dict[str, str], theirs: Path, tmp_path: Path, evalgate: Evalgate, model: str
) -> None:
    evalgate.start()
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    page = "opentelemetry-sdk.md"
    # OpenTelemetry's own instruments live apart: those of OpenLLMetry have the same name.
    own = theirs.parent / "otel" / "bin"
    runner, python, *rest = block(page, "sh").strip().splitlines()[-1].split()
    ran = subprocess.run(
        [own / runner, own / python, *rest],
        cwd=tmp_path,
        env=sending(page, evalgate, model) | changed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    (sent,) = wait_for(lambda: [one for one in evalgate.interactions() if one.state == "complete"])
    assert (sent.service, sent.release) == ("shop", "2026.11.3")
    assert (sent.input[-1].content, sent.output[0].content) == (QUESTION, ANSWER)
