"""The first start: with nobody who could sign in, a link that works once makes the first administrator."""

from __future__ import annotations

from evalgate.web.service import Service

PAGE = "/first/"


def first_link(service: Service) -> str | None:
    """Return the path of a new link for the first administrator; None when there is one already."""
    if not service.access.needs_first_admin():
        return None
    return PAGE + service.access.make_link("first_admin", lifetime=service.settings.link_lifetime)
