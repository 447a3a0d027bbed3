"""A team's first week, in a browser and at a pipeline's prompt: from the first link to a gate that people corrected."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from evalgate.web.guard import COOKIE
from tests.acceptance.scenes import evalgate, lay
from tests.providers.server import prompt_of, running
from tests.web.scenes import PASSWORD
from tests.web.test_serving import Served, ready

CASES = 140
WRONG = frozenset({7, 20, 33, 46, 59, 72, 85, 98, 111, 124})
"""Cases that the judge marks otherwise than people."""
APART = frozenset({14, 53, 92})
"""Cases that one of two people answers otherwise."""
SUITE = """\
version: 1
name: atencion
owner: owner@acme.example
judge: judge-1
prices: {judge-1: {input: 1.0, output: 1.0}}
data: {candidate: candidate.jsonl, slices: {locale: lang}}
checks:
  answers: {rubric: answers_the_question}
gates:
  answers: {at_least: 0.5, calibrated: {max_age_days: 90, agreement: 0.5}, corrected: true}
"""
RUBRIC = """\
name: atencion
criteria:
  answers:
    check: answers
    title: {en: "Does it answer?", es: "¿Responde?", pt: "Responde?"}
    labels:
      answered: {value: 1, title: {en: Answered, es: Responde, pt: Responde}}
      not_answered: {value: 0, title: {en: Not answered, es: No responde, pt: Não responde}}
"""


def good(number: int) -> bool:
    """Say whether people find that a case was answered."""
    return number % 5 < 3


def given() -> list[dict[str, Any]]:
    """Return answers in Spanish, of which three in five say when the parcel comes."""
    said = {True: "llega el jueves", False: "no lo sé"}
    texts = [(f"¿Cuándo llega el paquete {n:03d}?", f"El {n:03d}: {said[good(n)]}.") for n in range(CASES)]
    return [{"id": asked[-4:-1], "input": asked, "output": answer, "lang": "es"} for asked, answer in texts]


def judged(request: dict[str, Any]) -> dict[str, Any]:
    """Judge as people would, apart from a few cases."""
    found = re.search(r"El (\d{3}):", prompt_of(request))
    assert found is not None
    number = int(found[1])
    return {"label": "answers" if good(number) != (number in WRONG) else "does_not_answer", "model": "judge-1-2026-01"}


@pytest.fixture(scope="module")
def browser(require_service: Callable[[str, str], None]) -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        require_service("chromium", "not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path)
        yield opened
        opened.close()


@contextmanager
def serving(folder: Path, place: str) -> Iterator[Served]:
    folder.mkdir()
    served = Served(folder, "--database", place)
    assert served.process.stderr is not None
    # A pipe that nobody reads holds the server up once its log has filled it.
    reading = threading.Thread(target=served.process.stderr.read)
    reading.start()
    try:
        ready(served).close()
        yield served
    finally:
        served.process.kill()
        served.process.wait()
        reading.join()
        for pipe in (served.process.stdout, served.process.stderr):
            assert pipe is not None
            pipe.close()


def open_page(browser: Browser, address: str) -> Page:
    page = browser.new_context(base_url=address, locale="en-US").new_page()
    page.set_default_timeout(8_000)
    return page


def first_admin(browser: Browser, served: Served) -> Page:
    """Become the first administrator by the link that the server printed."""
    page = open_page(browser, served.address)
    page.goto(served.link())
    page.fill("[name=login]", "ana@acme.example")
    page.fill("[name=name]", "Ana")
    page.fill("[name=password]", PASSWORD)
    page.locator("main button.main").click()
    expect(page.locator("header.site .who")).to_contain_text("Ana")
    return page


def invited(browser: Browser, admin: Page, address: str, name: str) -> Page:
    """Let somebody in as a reviewer who reads Spanish, and give the page that they look at."""
    admin.goto("/admin")
    admin.get_by_text("Invite", exact=False).first.click()
    form = admin.locator("form[action='/admin/users']")
    form.locator("[name=login]").fill(f"{name.lower()}@acme.example")
    form.locator("[name=name]").fill(name)
    form.locator("[name=role]").select_option("reviewer")
    form.locator("button.main").click()
    link = admin.locator("code.secret").inner_text()
    page = open_page(browser, address)
    page.goto(link)
    page.fill("[name=password]", PASSWORD)
    page.locator("main button.main").click()
    page.goto("/account")
    page.locator("[name=reads][value=es]").check()
    page.locator("form[action='/account'] button.main").click()
    return page


def made_key(admin: Page) -> str:
    """Make a key for the pipeline and return it."""
    admin.goto("/admin")
    form = admin.locator("form[action='/admin/keys']")
    form.locator("[name=name]").fill("ci")
    form.locator("button.main").click()
    return admin.locator("code.secret").inner_text()


def made_queue(admin: Page, file: Path) -> None:
    """Import a run, make a queue and fill it with every sample, by forms."""
    admin.goto("/runs")
    admin.set_input_files("[name=file]", file)
    admin.locator("form[enctype] button.main").click()
    admin.goto("/queues/new")
    admin.fill("[name=name]", "atencion")
    admin.fill("[name=rubric]", RUBRIC)
    admin.locator("main details summary").click()
    admin.fill("[name=max_extra]", "0")
    admin.locator("main button.main").click()
    admin.goto("/queues/atencion/fill")
    admin.check("[name=random]")
    admin.fill("[name='random.p']", "1")
    admin.locator("button[value=preview]").click()
    expect(admin.locator("#yield ~ p")).to_contain_text(str(CASES))
    admin.locator("button[value=fill]").click()


def ten_by_keyboard(page: Page) -> None:
    """Answer ten items with the keyboard alone and take the last answer back."""
    page.goto("/queues/atencion/review")
    for done in range(10):
        expect(page.locator("#progress")).to_contain_text(f"{done} done")
        page.locator(".block.current").wait_for()
        page.keyboard.press("1" if "llega" in page.locator(".text[data-side=output]").inner_text() else "2")
        page.keyboard.press("Control+Enter")
    expect(page.locator("#progress")).to_contain_text("10 done")
    page.locator(".block.current").wait_for()
    page.keyboard.press("u")
    expect(page.locator("#progress")).to_contain_text("9 done")


def the_rest(page: Page, apart: frozenset[int]) -> None:
    """Answer what is left as the page's own requests would, otherwise than others where the case is one of `apart`."""
    (session,) = (one for one in page.context.cookies() if one["name"] == COOKIE)
    address = page.url.partition("/queues")[0].partition("/account")[0]
    with httpx.Client(base_url=f"{address}/api/v1", cookies={COOKIE: session["value"]}, trust_env=False) as client:
        client.headers["X-CSRF"] = client.get("/session").json()["csrf"]
        while item := client.post("/queues/atencion/claim").json()["item"]:
            number = int(item["content"]["text"][3:6])
            label = "answered" if good(number) != (number in apart) else "not_answered"
            wanted = {"slot": item["slot"], "token": item["token"], "given": {"answers": {"answers": label}}}
            said = client.post(f"/queues/atencion/items/{item['item']}/answer", json=wanted)
            assert said.status_code == 200, said.text


def decided(admin: Page) -> None:
    """Decide what two people answered differently."""
    for left in range(len(APART), 0, -1):
        admin.goto("/queues")
        admin.get_by_role("link", name=f"Decide ({left})").click()
        article = admin.locator("article").first
        right = "answered" if "llega" in article.locator(".text[data-side=output]").inner_text() else "not_answered"
        article.locator(f"[value={right}]").check()
        article.get_by_role("button", name="Decide").click()
        expect(admin.locator("#said")).to_contain_text("Decided")


def test_from_the_first_link_to_a_gate_that_people_corrected(
    browser: Browser, tmp_path: Path, empty_place: str
) -> None:
    suite = lay(tmp_path, SUITE, candidate=given())
    with running() as far, serving(tmp_path / "server", empty_place) as served:
        far.script(judged)
        judge = {"EVALGATE_JUDGE_BASE_URL": far.url, "EVALGATE_JUDGE_API_KEY": "sk-x"}
        admin = first_admin(browser, served)
        bea, rui = (invited(browser, admin, served.address, name) for name in ("Bea", "Rui"))
        pipeline = {**judge, "EVALGATE_SERVER": served.address, "EVALGATE_KEY": made_key(admin)}

        before = evalgate(tmp_path, "gate", str(suite), env=pipeline)
        assert before.returncode == 3, before.stdout + before.stderr
        assert "answers.agreement: have people label more cases" in before.stdout

        assert evalgate(tmp_path, "run", str(suite), env=judge).returncode == 0
        run = re.findall(r"\b[0-9a-f]{12}\b", evalgate(tmp_path, "runs", "list").stdout)[0]
        assert evalgate(tmp_path, "runs", "export", run, "run.jsonl.gz").returncode == 0
        made_queue(admin, tmp_path / "run.jsonl.gz")

        ten_by_keyboard(bea)
        the_rest(bea, frozenset())
        the_rest(rui, APART)
        decided(admin)

        admin.goto("/queues/atencion/agreement")
        expect(admin.locator("main")).to_contain_text("98 of 100")
        admin.goto("/judges")
        admin.get_by_role("link", name="answers").click()
        expect(admin.locator("#card ~ p").first).to_have_text("No card is kept yet.")
        admin.get_by_role("button", name="Make the card").click()
        expect(admin.locator("#card ~ p").first).to_contain_text("labels")

        after = evalgate(tmp_path, "gate", str(suite), "--json", env=pipeline)
        assert after.returncode == 0, after.stdout + after.stderr
        record = json.loads(after.stdout)
        floor, corrected = record["findings"][0], record["evidence"]["metrics"][0]["corrected"]
        assert (floor["state"], floor["beside"]["kind"]) == ("above_floor", "raw")
        assert floor["beside"]["value"] == corrected["raw"]
        # Three in five answers are good; the judge alone is farther from that.
        assert abs(corrected["point"] - 0.6) < abs(corrected["raw"] - 0.6)
        assert record["evidence"]["calibrations"][0]["holds"] == "yes"

        admin.goto("/decisions")
        admin.locator("main table a[href^='/decisions/']").first.click()
        expect(admin.locator("main")).to_contain_text("corrected")
