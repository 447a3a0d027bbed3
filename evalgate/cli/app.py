"""The commands, and what becomes of their errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from evalgate import __version__
from evalgate.cli import (
    audit,
    baselines,
    catalogue,
    decisions,
    demo,
    gate,
    ingest,
    init,
    label,
    models,
    packs,
    queue,
    runs,
    serve,
    texts,
    traffic,
    worker,
)
from evalgate.core.errors import EvalgateError

INTERRUPTED = 130
"""What a shell expects of a command that was stopped by Ctrl+C."""
BUG = -1

app = typer.Typer(
    name="evalgate",
    help="Evidence and a decision between a new AI release and its users.",
    epilog="Exit codes: 0 pass · 1 fail · 2 wrong as written · 3 inconclusive · 4 something broke. Only 0 is green.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer hands a flag to its callback
    if wanted:
        typer.echo(f"evalgate {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


for part in (
    *(gate, init, baselines, runs, decisions, catalogue, packs, models, texts, label, queue),
    *(serve, worker, ingest, traffic, audit, demo),
):
    part.register(app)


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; every error is one line on standard error."""
    try:
        code = app(args=list(arguments), standalone_mode=False)
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing to say and nobody to say it to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 4
    except (Exception, KeyboardInterrupt) as error:
        line, code = _told(error)
        if code == BUG and os.environ.get("EVALGATE_TRACEBACK"):
            raise
        sys.stdout.flush()
        print(f"evalgate: {' '.join(line.split())}", file=sys.stderr)
        return 4 if code == BUG else code
    return code if isinstance(code, int) else 0


def _told(error: BaseException) -> tuple[str, int]:
    """Return the line an error becomes, and its exit code; BUG for what nobody foresaw."""
    if isinstance(error, EvalgateError):
        return str(error), error.exit_code
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return "stopped; what was answered is kept, the same command finishes the rest", INTERRUPTED
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror or error}", 4
    if usage := _usage(error):
        return usage, 2
    said = f"{type(error).__name__}: {error}"
    return f"this is a bug in evalgate: {said} (EVALGATE_TRACEBACK=1 shows where)", BUG


def _usage(error: BaseException) -> str | None:
    """Return what is wrong with the command line when that is what the error says."""
    # Newer typers carry their own click; what both have in common is this method.
    format_message = getattr(error, "format_message", None)
    if format_message is None:
        return None
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "evalgate"
    return f"{format_message()} See '{command} --help'."
