"""`traffic plan`: what a monthly budget buys of production, before any of it is spent."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

REVIEW_S = 60.0
"""A review's seconds unless said."""


def plan(
    suite: Annotated[
        str, typer.Argument(help="A suite file with a `traffic:` key.", metavar="[PROJECT=]SUITE", show_default=False)
    ],
    usd_a_month: Annotated[
        float, typer.Option(help="What judges may cost in a month.", metavar="USD", min=0, show_default=False)
    ],
    minutes_a_month: Annotated[
        float, typer.Option(help="People's time for reviews in a month.", metavar="MINUTES", min=0)
    ] = 0,
    seconds_per_review: Annotated[
        float, typer.Option(help="What one person takes for one interaction.", metavar="SECONDS", min=1)
    ] = REVIEW_S,
    days: Annotated[
        int, typer.Option(help="How many days of stored traffic the plan is made from.", metavar="N", min=1, max=3650)
    ] = 28,
    items_a_month: Annotated[
        Optional[float],
        typer.Option(
            help="Interactions a month, instead of as many as came in; needed while none are stored.",
            metavar="N",
            min=1,
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON instead of the page.")] = False,
) -> int:
    """Say what a monthly budget buys of production traffic; calls no model and stores nothing.

    Prints for all traffic and each slice of `by` how many interactions are judged and reviewed, how wide the intervals
    are and how soon a drop of 10 points is found; the same for half and twice the budget; and the `strata:` that
    spend it best, ready to paste into the suite.
    """
    from evalgate.production.plans import Budget
    from evalgate.reports.sampling import print_sampling, sampling_json
    from evalgate.wiring.app import App
    from evalgate.wiring.traffic_planning import plan_traffic_of

    app = App.from_environment()
    budget = Budget(usd=usd_a_month, minutes=minutes_a_month)
    planned = plan_traffic_of(app, suite, budget, seconds_per_review, days, items_a_month)
    if as_json:
        typer.echo(sampling_json(planned))
    else:
        print_sampling(planned, app.settings.language)
    return 0
