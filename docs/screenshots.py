#!/usr/bin/env python3
"""Take every picture of docs/images from the demo and a real server; needs chromium and `make check`'s environment.

The demo's gates decide, `evalgate serve` shows what its store holds, and people review the demo's own answers. The
production traffic is a scene of the tests.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from evalgate.store.engine import open_store  # noqa: E402 - a script finds its neighbours from here
from tests.web.traffic_scene import Scene, with_traffic  # noqa: E402

IMAGES = ROOT / "docs" / "images"
LARGEST = 150_000
"""Bytes; a picture above it makes the page slow to open."""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PASSWORD = "four words nobody says"  # noqa: S105 - of people who live as long as this script
QUEUE = "support"
SUITE = "support"
LANGUAGES = {"es": 20, "pt": 100, "en": 180}
"""Language to the first sample in it that is reviewed; the demo's samples stand in that order."""
PEOPLE = {"es": ("lucia", "Lucía Ortega"), "pt": ("rui", "Rui Andrade"), "en": ("grace", "Grace Miller")}
"""Who reviews in which language."""
ANSWERED = {"es": "1", "pt": "2", "en": "1"}
"""The key that answers the first question about the item that is open: the Portuguese one sells a plan instead."""
RUBRIC: dict[str, Any] = {
    "name": "Acme",
    "instructions": {
        "en": "Judge the answer by what Acme's policy says, not by its style.",
        "es": "Juzga la respuesta por lo que dice la política de Acme, no por su estilo.",
        "pt": "Julgue a resposta pelo que diz a política da Acme, não pelo estilo.",
    },
    "criteria": {
        "answers": {
            "check": "answers",
            "title": {
                "en": "Does it answer the question?",
                "es": "¿Responde a lo que se pregunta?",
                "pt": "Responde ao que se pergunta?",
            },
            "labels": {
                "answers": {"value": 1.0, "title": {"en": "Yes", "es": "Sí", "pt": "Sim"}},
                "does_not_answer": {"value": 0.0, "title": {"en": "No", "es": "No", "pt": "Não"}},
            },
        },
        "faithful": {
            "check": "faithful",
            "title": {
                "en": "Does it stay with the policy?",
                "es": "¿Se atiene a la política?",
                "pt": "Segue a política?",
            },
            "labels": {
                "faithful": {"value": 1.0, "title": {"en": "Yes", "es": "Sí", "pt": "Sim"}},
                "invents": {
                    "value": 0.0,
                    "title": {"en": "No, it invents something", "es": "No, inventa algo", "pt": "Não, inventa algo"},
                },
            },
        },
    },
}
WORDS = """() => {
  const text = document.querySelector('.text[data-side=output]').firstChild;
  const range = document.createRange();
  range.setStart(text, 0);
  range.setEnd(text, text.data.split(' ', 3).join(' ').length);
  const box = range.getClientRects()[0];
  return [box.left, box.right, box.top + box.height / 2];
}"""
"""Where the first three words of the answer stand."""
GOOD, BAD = {"answers": "answers", "faithful": "faithful"}, {"answers": "does_not_answer", "faithful": "faithful"}


@dataclass(frozen=True)
class Server:
    """A running `evalgate serve`, and people who are signed in to it."""

    base: str
    people: dict[str, httpx.Client]
    """Login: their client."""


def main() -> None:
    """Write every picture; raise SystemExit for one that is too large."""
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder:
        demo = Path(folder) / "demo"
        _evalgate(folder, "demo", "--to", "demo")
        with open_store(demo / ".evalgate/evalgate.db") as store:
            scene = with_traffic(store, SUITE)
        with _served(demo) as server:
            _people(server)
            _queue(server)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
                _report(browser, demo / "candidate.html")
                _pages(browser, server)
                _traffic(browser, server, scene)
                _reviewing(browser, server)
                browser.close()
    large = [path.name for path in IMAGES.glob("*.png") if path.stat().st_size > LARGEST]
    if large:
        raise SystemExit(f"larger than {LARGEST} bytes: {', '.join(sorted(large))}")


def _evalgate(folder: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "evalgate", *arguments]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command


@contextmanager
def _served(demo: Path) -> Iterator[Server]:
    """Serve the demo's store on a free port and make its first administrator."""
    command = [
        sys.executable,
        "-m",
        "evalgate",
        "serve",
        "--port",
        "0",
        "--database",
        str(demo / ".evalgate/evalgate.db"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)  # noqa: S603
    try:
        said = ""
        while not (link := re.search(r"(http://\S+)/first/(\S+)", said)):
            said += _line(process)
        server = Server(link[1], {})
        entered = {"token": link[2], "login": "ana", "name": "Ana Sousa", "password": PASSWORD}
        _enter(server, "ana", "first", entered)
        yield server
    finally:
        process.terminate()
        process.wait(10)


def _line(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise SystemExit("the server stopped before it said where it is")
    return line


def _enter(server: Server, login: str, way: str, sent: Mapping[str, object]) -> None:
    """Let somebody in by their link and keep their client."""
    import httpx

    client = httpx.Client(base_url=f"{server.base}/api/v1", trust_env=False, headers={"Origin": server.base})
    client.post(f"/{way}", json=sent).raise_for_status()
    client.headers["X-CSRF"] = client.get("/session").raise_for_status().json()["csrf"]
    server.people[login] = client


def _people(server: Server) -> None:
    """Invite a reviewer and a maintainer of each language, who all choose a password."""
    for language, (login, name) in PEOPLE.items():
        _invite(server, login, name, "reviewer", language)
        _invite(server, f"{login}.2", f"{name.split()[0]} Prado", "reviewer", language)
    _invite(server, "zoe", "Zoe Lima", "maintainer", *PEOPLE)


def _invite(server: Server, login: str, name: str, role: str, *languages: str) -> None:
    wanted = {"login": login, "name": name, "role": role, "languages": languages}
    made = server.people["ana"].post("/users", json=wanted).raise_for_status().json()
    token = made["link"].rpartition("/")[2]
    _enter(server, login, "join", {"token": token, "password": PASSWORD})


def _queue(server: Server) -> None:
    """Fill a queue with answers of the version that failed; two people of each language disagree on the first."""
    admin = server.people["ana"]
    runs = admin.get("/runs").raise_for_status().json()["runs"]
    run = next(one["id"] for one in runs if "candidate" in str(one))
    settings = {"practice": 0, "gold_rate": 0, "max_extra": 0}
    admin.post("/queues", json={"name": QUEUE, "rubric": RUBRIC, "settings": settings}).raise_for_status()
    places = [first + step for first in LANGUAGES.values() for step in range(12)]
    items = {"items": [{"run": run, "position": place} for place in places]}
    admin.post(f"/queues/{QUEUE}/items", json=items).raise_for_status()
    for login, _ in PEOPLE.values():
        for place in range(7):
            said = BAD if place % 3 == 2 else GOOD
            _answer(server.people[login], said)
            _answer(server.people[f"{login}.2"], said if place else BAD)
        _answer(server.people[login], GOOD)


def _answer(client: httpx.Client, answers: Mapping[str, str]) -> None:
    place = f"/queues/{QUEUE}"
    item = client.post(f"{place}/claim").raise_for_status().json()["item"]
    sent = {"slot": item["slot"], "token": item["token"], "given": {"answers": answers}}
    client.post(f"{place}/items/{item['item']}/answer", json=sent).raise_for_status()


def _report(browser: Browser, place: Path) -> None:
    for scheme in SCHEMES:
        page = browser.new_page(viewport={"width": 1000, "height": 720}, color_scheme=scheme, locale="en")
        page.goto(place.as_uri())
        page.screenshot(path=IMAGES / f"report-{scheme}.png")
        page.close()


@contextmanager
def _signed_in(browser: Browser, server: Server, login: str, language: str = "en", height: int = 720) -> Iterator[Page]:
    """Yield a page of a browser in which somebody is signed in."""
    locale = {"en": "en-GB", "es": "es-ES", "pt": "pt-BR"}[language]
    size: Any = {"width": 1000, "height": height}
    with browser.new_context(base_url=server.base, viewport=size, locale=locale, color_scheme="light") as context:
        jar = server.people[login].cookies.jar
        context.add_cookies([{"name": one.name, "value": one.value or "", "url": server.base} for one in jar])
        yield context.new_page()


def _pages(browser: Browser, server: Server) -> None:
    """Take what those see who answer for a release."""
    with _signed_in(browser, server, "ana") as page:
        page.goto("/")
        page.screenshot(path=IMAGES / "overview.png")
        page.goto("/runs")
        page.locator("tr", has_text="candidate.jsonl").locator("th a").click()
        page.locator("#metrics").wait_for()
        page.screenshot(path=IMAGES / "run.png")
        page.goto("/decisions")
        page.locator("tr", has_text="Fail").get_by_role("link").first.click()
        page.locator("#title").wait_for()
        page.screenshot(path=IMAGES / "decision.png")
    with _signed_in(browser, server, "zoe") as page:
        for name in ("adjudication", "agreement"):
            page.goto(f"/queues/{QUEUE}/{name}")
            page.screenshot(path=IMAGES / f"{name}.png")
        for name in ("queues", "judges"):
            page.goto(f"/{name}")
            page.screenshot(path=IMAGES / f"{name}.png")


def _traffic(browser: Browser, server: Server, scene: Scene) -> None:
    """Take what those see who watch production: sixty hours of it, laid into the demo's store."""
    pages = {
        "traffic": "/traffic",
        "trend": f"/traffic/{SUITE}/answers?range=7d",
        "interaction": f"/traffic/interactions/{scene.interaction}",
        "alert": f"/alerts/{scene.alert}",
    }
    with _signed_in(browser, server, "zoe", height=860) as page:
        for name, path in pages.items():
            page.goto(path)
            page.screenshot(path=IMAGES / f"{name}.png")


def _reviewing(browser: Browser, server: Server) -> None:
    """Take the page on which each language's items are reviewed, with a stretch marked, and somebody's answers."""
    for language, (login, _) in PEOPLE.items():
        with _signed_in(browser, server, login, language, 900) as page:
            page.goto(f"/queues/{QUEUE}/review")
            page.locator(".block.current").wait_for()
            page.locator("input[type=radio]").nth(0).focus()
            page.keyboard.press(ANSWERED[language])
            left, right, middle = page.evaluate(WORDS)
            page.mouse.move(left + 1, middle)
            page.mouse.down()
            page.mouse.move(right, middle, steps=4)
            page.mouse.up()
            page.locator(".spans q").first.wait_for()
            page.screenshot(path=IMAGES / f"review-{language}.png")
            page.goto(f"/queues/{QUEUE}/answers")
            page.screenshot(path=IMAGES / f"answers-{language}.png")


if __name__ == "__main__":
    main()
