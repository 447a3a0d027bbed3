"""`demo`: the whole story offline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer


def demo(
    to: Annotated[Path, typer.Option("--to", help="The folder to work in.", metavar="DIR")] = Path("evalgate-demo"),
    live: Annotated[
        Optional[str],
        typer.Option(help="Ask this model, as your environment reaches it, not the written replies.", metavar="MODEL"),
    ] = None,
    port: Annotated[
        int, typer.Option(help="The port of the local server; 0 is a free one.", metavar="PORT", min=0, max=65535)
    ] = 0,
) -> int:
    """Show a red gate, why it is red, a repair, and a green gate.

    Everything is real but the judge: its replies were written by hand and come from a small local server. Exit 0 when
    the story came out (FAIL, then PASS), else 4.
    """
    import os

    from evalgate.demo.story import tell

    tell(to, os.environ, live=live, port=port)
    return 0


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)
