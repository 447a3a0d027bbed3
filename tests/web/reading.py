"""A page read as a browser takes it apart, by somebody who is signed in."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx

from tests.web.client import Client
from tests.web.scenes import House

HTML = {"Accept": "text/html,application/xhtml+xml"}
PAGES = {
    "/": "nav.overview",
    "/runs": "nav.runs",
    "/runs/{candidate}": "metrics",
    "/runs/{candidate}/samples": "run.samples",
    "/decisions": "nav.decisions",
    "/judges": "nav.judges",
    "/traffic": "traffic.in",
    "/alerts": "nav.alerts",
    "/decisions/{decision}": "decision.worst",
    "/admin": "admin.members",
    "/audit": "audit.entries",
    "/audit/verify": "audit.whole",
    "/account": "account.settings",
    "/sign-in": "sign_in.help",
    "/first/t": "first.lead",
    "/join/t": "join.lead",
}
VOID = {"meta", "link", "input", "br", "hr", "img", "rect", "line", "path", "circle"}


class Read(HTMLParser):
    """A page as a browser takes it apart: its elements, its attributes, its text."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(response.text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag):
        assert tag in VOID or self.open.pop() == tag, f"{tag} does not close what is open"

    def handle_data(self, data):
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def reader(house: House, who: str, language: str = "en") -> Client:
    """Give a browser that somebody is signed in with: what it sends back comes from forms alone."""
    client = house.as_(who, forms=False)
    client.headers.update({**HTML, "Accept-Language": language})
    return client


def csrf(house: House, who: str) -> str:
    return house.headers[who]["X-CSRF"]
