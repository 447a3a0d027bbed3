"""What ci/ gives to watch and schedule production scoring: it names only metrics, commands and flags that exist."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from evalgate.store.engine import open_store
from evalgate.web.app import create_app
from evalgate.web.service import service_of
from evalgate.wiring.server import ServerSettings, opened
from tests.production.closed import busy
from tests.web.client import Client
from tests.web.scenes import ADDRESS

CI = Path(__file__).resolve().parents[2] / "ci"
METRIC = re.compile(r"\bevalgate_[a-z_]+\b")
METRIC_LABEL = re.compile(r"`(\w+)`")
SCHEDULES = [
    *("traffic.crontab", "evalgate-traffic.service", "evalgate-traffic.timer"),
    *("traffic_airflow.py", "traffic-kubernetes.yaml"),
]


def rules() -> list[dict[str, Any]]:
    loaded = yaml.safe_load((CI / "prometheus-rules.yaml").read_text(encoding="utf-8"))
    return [rule for group in loaded["groups"] for rule in group["rules"]]


def queries() -> list[str]:
    """Give every expression of the dashboard, those of its variables too."""
    loaded = json.loads((CI / "grafana-traffic.json").read_text(encoding="utf-8"))
    shown = [target["expr"] for panel in loaded["panels"] for target in panel["targets"]]
    return shown + [one["definition"] for one in loaded["templating"]["list"] if "definition" in one]


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a server with traffic behind it tells Prometheus."""
    place = tmp_path_factory.mktemp("scraped") / "evalgate.db"
    with open_store(place) as store:
        busy(store)
    settings = ServerSettings(database=str(place))
    with opened(settings) as parts:
        service = service_of(parts, settings)
        service.metrics.ingested("otlp", {"accepted": 1, "rejected": 1}, 0.01)
        return Client(create_app(service), ADDRESS, {}).get("/metrics").text


@pytest.fixture(scope="module")
def exposed(scraped: str) -> dict[str, set[str]]:
    """The metrics that a server tells, each with the names of its labels."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(scraped):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


@pytest.mark.parametrize("where", ["rules", "dashboard"])
def test_every_metric_that_is_asked_for_is_exposed(where: str, exposed: dict[str, set[str]]) -> None:
    asked = {"rules": [rule["expr"] for rule in rules()], "dashboard": queries()}[where]
    named = {name for one in asked for name in METRIC.findall(one)}
    assert len(named) >= 7
    assert named - set(exposed) == set()


def test_every_label_that_is_asked_for_is_one_of_its_metric(exposed: dict[str, set[str]]) -> None:
    asked = [*queries(), *(rule["expr"] for rule in rules())]
    pairs = [
        (name, label)
        for one in asked
        for name, inside in re.findall(r"\b(evalgate_[a-z_]+)\{([^}]*)\}", one)
        for label in re.findall(r"(\w+)=?[~!=]", inside)
    ]
    assert len(pairs) > 20
    assert [(name, label) for name, label in pairs if label not in exposed[name]] == []


def test_the_page_of_metrics_names_every_metric_and_no_other(scraped: str, exposed: dict[str, set[str]]) -> None:
    page = (CI.parent / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")
    told = {name for name in re.findall(r"^# TYPE (evalgate_\w+)", scraped, re.MULTILINE) if name[-8:] != "_created"}
    rows = [line.split("|")[1:3] for line in page.splitlines() if line.startswith("| `evalgate_")]
    named = {name: set(METRIC_LABEL.findall(labels)) for names, labels in rows for name in METRIC.findall(names)}
    assert set(named) == told
    assert [name for name in named if name in exposed and named[name] != exposed[name]] == []


def test_a_rule_says_what_it_found_and_how_urgent_it_is() -> None:
    assert all(set(rule) <= {"alert", "expr", "for", "labels", "annotations"} for rule in rules())
    assert {rule["labels"]["severity"] for rule in rules()} == {"page", "ticket"}
    assert all(rule["annotations"]["summary"] for rule in rules())
    assert len({rule["alert"] for rule in rules()}) == len(rules())


def test_the_panels_of_the_dashboard_do_not_lie_on_one_another() -> None:
    panels = json.loads((CI / "grafana-traffic.json").read_text(encoding="utf-8"))["panels"]
    cells = [
        (x, y)
        for at in (panel["gridPos"] for panel in panels)
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)


def commands() -> list[list[str]]:
    """Give every evalgate command of the schedules, in words."""
    texts = [(CI / name).read_text(encoding="utf-8") for name in SCHEDULES]
    lines = [
        found
        for text in texts
        for found in re.findall(r"^(?![#\"]).*?\b(evalgate (?:worker|traffic score)[^\n'#]*)", text, re.MULTILINE)
    ]
    listed = [found.replace(",", "") for text in texts for found in re.findall(r"command: \[([^\]]*)\]", text)]
    return [re.sub(r'["$()]', " ", one).split()[1:] for one in (*lines, *listed)]


def test_every_schedule_calls_commands_and_flags_that_there_are() -> None:
    called = commands()
    assert len(called) >= 6
    for words in sorted({tuple(word for word in one if re.fullmatch(r"(?!--)[a-z]+", word)) for one in called}):
        shown = subprocess.run(
            [sys.executable, "-m", "evalgate", *words, "--help"],
            env={**os.environ, "COLUMNS": "200", "TERM": "dumb"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        used = {word for one in called for word in one if word.startswith("--") and tuple(one[: len(words)]) == words}
        assert used <= set(re.findall(r"--[a-z-]+", shown))


def test_the_airflow_file_is_python_that_asks_for_what_airflow_has() -> None:
    tree = ast.parse((CI / "traffic_airflow.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"__future__", "datetime", "airflow.providers.standard.operators.bash", "airflow.sdk"}
    built = [node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert built.count("DAG") == built.count("BashOperator") == 2


def test_the_jobs_of_kubernetes_keep_their_secrets_out_of_the_file() -> None:
    worker, job = yaml.safe_load_all((CI / "traffic-kubernetes.yaml").read_text(encoding="utf-8"))
    pods = [worker["spec"]["template"]["spec"], job["spec"]["jobTemplate"]["spec"]["template"]["spec"]]
    for pod in pods:
        (container,) = pod["containers"]
        said = {one["name"]: one for one in container["env"]}
        assert set(said) == {"EVALGATE_DATABASE_URL", "OPENAI_API_KEY", "EVALGATE_TRAFFIC_SUITES"}
        assert all("secretKeyRef" in said[name]["valueFrom"] for name in ("EVALGATE_DATABASE_URL", "OPENAI_API_KEY"))
        assert container["volumeMounts"][0]["name"] == pod["volumes"][0]["name"]
    assert worker["spec"]["selector"]["matchLabels"] == worker["spec"]["template"]["metadata"]["labels"]
