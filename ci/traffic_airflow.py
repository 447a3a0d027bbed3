"""Score production traffic from Airflow. Copy it into the DAG folder; it needs the standard provider and `evalgate`.

The database, the suites and the judge's key come from the environment of the tasks: EVALGATE_DATABASE_URL,
EVALGATE_TRAFFIC_SUITES, OPENAI_API_KEY and the like. Airflow shows what a task prints, which holds no text of anybody.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param

with DAG(
    dag_id="evalgate_traffic",
    schedule="*/10 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,  # a run takes up whatever is due, however long ago
    max_active_runs=1,
    tags=["evalgate"],
) as scoring:
    # Exit 4 says that a window has to wait: the task fails, and its retry finishes the rest.
    BashOperator(
        task_id="score",
        bash_command="evalgate worker --once",
        append_env=True,
        retries=3,
        retry_delay=timedelta(minutes=2),
    )

with DAG(
    dag_id="evalgate_traffic_range",
    schedule=None,  # by hand: after an outage, or with a new judge
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    params={"since": Param("2026-01-01", type="string"), "until": Param("2026-01-02", type="string")},
    tags=["evalgate"],
) as backfill:
    # The range travels as variables: what somebody types into the form never becomes a part of the command.
    BashOperator(
        task_id="score",
        bash_command='evalgate traffic score --since "$SINCE" --until "$UNTIL"',
        env={"SINCE": "{{ params.since }}", "UNTIL": "{{ params.until }}"},
        append_env=True,
        retries=3,
        retry_delay=timedelta(minutes=2),
    )
