"""The flag with which a command is told which suites watch production."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

SUITES = Annotated[
    Optional[list[str]],
    typer.Option(
        "--suite",
        help="A suite whose `traffic` watches production; PROJECT is `default` unless said. May be repeated. Without "
        "it EVALGATE_TRAFFIC_SUITES.",
        metavar="[PROJECT=]PATH",
    ),
]
