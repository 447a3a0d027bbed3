"""Addresses that lead nowhere, and methods they do not know: a page for a browser, the JSON problem for others."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from evalgate.web.pages.rendering import refusal_page, wants_page
from evalgate.web.problems import Problem, refused_http


def answer_nowhere(app: FastAPI) -> None:
    """Let browsers read in their reader's language that there is nothing here; call it after `answer_problems`."""
    app.add_exception_handler(404, _nowhere)
    app.add_exception_handler(405, _nowhere)


async def _nowhere(request: Request, error: Exception) -> Response:
    # A Problem is a route's own answer, and what it refuses to a browser its PageRoute has told already.
    if isinstance(error, Problem) or not wants_page(request):
        return refused_http(request, error)
    return await refusal_page(request, error)
