"""`serve`: the service over HTTP."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

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
) -> int:
    """Serve the API and the reviewers' pages until Ctrl+C or SIGTERM.

    On the first start it prints a link that works once and makes the first administrator. To be reached from elsewhere,
    give --host and say in EVALGATE_ALLOWED_HOSTS which names people use.
    """
    import os
    import sys

    from evalgate.core.errors import ServiceBroke, WrongAsWritten
    from evalgate.wiring.server import opened, read_server_settings

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
    with bound(host, port) as listening, opened(settings) as parts:
        service = service_of(parts, settings)
        name = settings.allowed_hosts[0] if host not in LOOPBACK else f"[{host}]" if ":" in host else host
        address = f"http://{name}:{listening.getsockname()[1]}"
        typer.echo(f"evalgate serves {parts.store.place} at {address}")
        if (link := first_link(service)) is not None:
            typer.echo(f"Nobody can sign in yet. Make the first administrator: {address}{link}")
        sys.stdout.flush()
        log_to(sys.stderr)
        serve_until_stopped(service, listening)
    return 0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)
