"""`serve`: the service over HTTP."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from evalgate.cli.watched import SUITES

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen at; others than this machine's own need a name.", metavar="HOST")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="The port to listen at; 0 is a free one.", metavar="PORT", min=0, max=65535)
    ] = 8321,
    database: Annotated[
        Optional[str],
        typer.Option(
            help="A path or URL of the store; without it EVALGATE_DATABASE_URL, or .evalgate/evalgate.db.",
            metavar="PLACE",
        ),
    ] = None,
    suite: SUITES = None,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Run a worker for the same suites, started again when it dies.")
    ] = False,
) -> int:
    """Serve the API and the reviewers' pages until Ctrl+C or SIGTERM.

    On the first start it prints a link that works once and makes the first administrator. To be reached from elsewhere,
    give --host and say in EVALGATE_ALLOWED_HOSTS which names people use.
    """
    import os
    import sys
    from contextlib import nullcontext

    from evalgate.core.errors import ServiceBroke, WrongAsWritten
    from evalgate.wiring.server import opened, read_server_settings, worker_environ
    from evalgate.wiring.traffic import VARIABLE, by_project, read_watched
    from evalgate.worker.child import worker_beside

    settings = read_server_settings(os.environ, database)
    if host not in LOOPBACK and not settings.allowed_hosts:
        message = f"--host {host}: others could reach the server; set EVALGATE_ALLOWED_HOSTS to the names they use"
        raise WrongAsWritten(message)
    try:
        from evalgate.web.first import first_link
        from evalgate.web.logs import log_to
        from evalgate.web.service import service_of
        from evalgate.web.serving import bound
        from evalgate.web.serving import serve as serve_until_stopped
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("evalgate"):
            raise
        message = f"{error.name} is not installed; run: pip install 'evalgate-service[server]'"
        raise ServiceBroke(message) from error
    watched = read_watched(os.environ, suite or ())
    if with_worker and not watched:
        raise WrongAsWritten(f"--with-worker has nothing to work on; name a suite with --suite, or in {VARIABLE}")
    with bound(host, port) as listening, opened(settings) as parts:
        service = service_of(parts, settings, by_project(watched, parts.access))
        service.intake.warm()
        name = settings.allowed_hosts[0] if host not in LOOPBACK else f"[{host}]" if ":" in host else host
        address = f"http://{name}:{listening.getsockname()[1]}"
        typer.echo(f"evalgate serves {parts.store.place} at {address}")
        if (link := first_link(service)) is not None:
            typer.echo(f"Nobody can sign in yet. Make the first administrator: {address}{link}")
        sys.stdout.flush()
        log_to(sys.stderr)
        with worker_beside(suite or (), worker_environ(os.environ, settings)) if with_worker else nullcontext():
            serve_until_stopped(service, listening)
    return 0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)
