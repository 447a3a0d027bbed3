"""Signing in through the issuer: the way there, and back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse

from evalgate.core.errors import ServiceBroke
from evalgate.store.access import User
from evalgate.web.api.session import hold_back
from evalgate.web.guard import public
from evalgate.web.journeys import RETURN, depart, end_journey, new_journey, returned
from evalgate.web.oidc import Identity, Issuer, Journey
from evalgate.web.pages.rendering import go, local, page_router
from evalgate.web.pages.sign_in import sign_in_page
from evalgate.web.problems import Problem, one_line
from evalgate.web.service import Service
from evalgate.web.sessions import begin_session
from evalgate.web.transactions import Work, writing

router = page_router()

Sent = Annotated[str, Query(max_length=4000)]


@router.get("/sign-in/oidc")
def leave_for_issuer(
    service: Annotated[Service, public],
    request: Request,
    next: Annotated[str, Query(max_length=2000)] = "/",  # noqa: A002 the field's name
) -> Response:
    """Send somebody to the issuer's page."""
    issuer = _issuer(service)
    try:
        hold_back(service, request)
        journey = new_journey(service, request, local(next))
        answer = RedirectResponse(issuer.way(journey), 303)
        depart(service, request, answer, journey)
    except (Problem, ServiceBroke) as error:
        return sign_in_page(service, request, _told(request, error), next=local(next))
    return answer


@router.get(RETURN)
def come_back_from_issuer(
    service: Annotated[Service, public],
    request: Request,
    state: Sent = "",
    code: Sent = "",
    error: Sent = "",
    iss: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """Let in whom the issuer vouches for, if somebody let them in here before."""
    issuer, journey = _issuer(service), None
    try:
        hold_back(service, request)
        journey = returned(service, request, state)
        issuer.check_answer(iss, error, code)
        answer: Response = _let_in(service, request, journey, issuer.identity(journey, code))
    except (Problem, ServiceBroke) as refusal:
        service.metrics.sign_ins.labels("refused").inc()
        answer = sign_in_page(service, request, _told(request, refusal), next=journey.next if journey else "/")
    end_journey(service, request, answer)
    return answer


def _let_in(service: Service, request: Request, journey: Journey, identity: Identity) -> Response:
    answer = go(local(journey.next))
    with writing(service.store) as work:
        begin_session(service, work, request, answer, _person(work, identity), by="oidc")
    service.metrics.sign_ins.labels("known").inc()
    return answer


def _person(work: Work, identity: Identity) -> User:
    """Return whose account an identity is; raise Problem 403 when it is nobody's.

    The first time, it becomes that of the login that is the person's e-mail, if the issuer verified it and nobody
    vouches for that account yet. From then on the e-mail is not looked at: whoever gets the address later is another.
    """
    if user := work.access.user_by_subject(identity.name):
        return user
    user = work.access.user(identity.email) if identity.email else None
    # To the letter: the form in which logins are compared takes for one what two mailboxes may be.
    same = user is not None and identity.email is not None and identity.email.lower() == user.login
    if user is None or not same or not work.access.link_subject(user.number, identity.name):
        raise Problem(403, "nobody let you in here yet", "oidc", "ask an administrator to let your e-mail address in")
    work.audit.add(
        work.connection, None, f"user:{user.login}", "user.linked", f"user:{user.login}", issuer=identity.issuer
    )
    return user


def _issuer(service: Service) -> Issuer:
    if service.issuer is None:
        raise Problem(404, "nobody vouches for people here", "address", "sign in with a password")
    return service.issuer


def _told(request: Request, error: Problem | ServiceBroke) -> Problem:
    """Return what the page says of an error; the log says all of it."""
    request.state.trouble = one_line(str(error.detail if isinstance(error, Problem) else error))
    if isinstance(error, Problem):
        return error
    return Problem(503, "the issuer does not do its part right now", "issuer", "try again later", after_s=30)
