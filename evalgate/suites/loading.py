"""A suite file becomes a Suite, or one line says what is wrong with it, where, and what to do."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import Any

from evalgate.core.errors import WrongAsWritten
from evalgate.core.gates import Gate, Policy
from evalgate.core.models import Price
from evalgate.documents import read_document
from evalgate.suites.demands import read_gates, require_gates
from evalgate.suites.entries import Catalogue, read_checks, refuse_name
from evalgate.suites.places import Place
from evalgate.suites.rows import SUFFIXES
from evalgate.suites.suite import FIELDS, DataSpec, FileSource, NamedSource, RunSource, Source, Suite
from evalgate.suites.watching import read_traffic
from evalgate.suites.words import shown

TOP_KEYS = (
    "version",
    "name",
    "owner",
    "deputy",
    "data",
    "judge",
    "uncalibrated",
    "checks",
    "gates",
    "policy",
    "prices",
    "traffic",
)
DATA_KEYS = ("candidate", "baseline", "cases", "target", "columns", "slices")
POLICY_KEYS = ("on_inconclusive", "advisory_until", "spend_cap_usd")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def load_suite(
    path: Path, catalogue: Catalogue, *, candidate_given: bool = False, baseline_given: bool = False
) -> Suite:
    """Return what the file says; everything in it is known, resolved and able to stop a deploy.

    `candidate_given` and `baseline_given` say that the command names them, so the file need not. Raises
    SuiteInvalid, whose line starts with `file:line`.
    """
    document = read_document(path)
    top = Place(document, (), document.data)
    if top.value is None:
        raise top.refuse("the suite is empty; `evalgate init --from FILE` writes one")
    entries = top.keys(TOP_KEYS)
    for key in ("version", "name", "owner", "data", "checks", "gates"):
        if key not in entries and not (key == "data" and candidate_given):
            raise top.refuse(f"the suite has no {key!r}{_WAYS_OUT[key]}")
    _read_version(entries["version"])
    data = _read_data(entries["data"], path.parent) if "data" in entries else DataSpec()
    judge = entries["judge"].text() if "judge" in entries else None
    checks = read_checks(entries["checks"], catalogue, path.parent, judge)
    gates = read_gates(entries["gates"], checks, data.slices)
    require_gates(entries["checks"], checks, gates)
    if data.candidate is None and not candidate_given:
        raise entries["data"].refuse("data has no candidate; name the file of outputs, or give --candidate FILE")
    if data.baseline is None and not baseline_given:
        _refuse_relative(entries["gates"], gates)
    written: dict[str, Any] = {key: entries[key].text() for key in ("deputy", "judge") if key in entries}
    if "uncalibrated" in entries:
        written["uncalibrated"] = entries["uncalibrated"].choice("allow") == "allow"
    if "policy" in entries:
        written["policy"] = _read_policy(entries["policy"])
    if "prices" in entries:
        written["prices"] = {model: _read_price(place) for model, place in entries["prices"].entries().items()}
    if "traffic" in entries:
        written["traffic"] = read_traffic(entries["traffic"], checks)
    name, owner = entries["name"].text(), entries["owner"].text()
    return Suite(name=name, owner=owner, data=data, checks=checks, gates=gates, path=path, **written)


_WAYS_OUT = {
    "version": "; this evalgate reads version: 1",
    "name": "; name it after what it guards",
    "owner": "; name the one person who answers for it",
    "data": "; add data.candidate, the file of outputs, or give --candidate FILE",
    "checks": "; `evalgate checks list` names what can be checked",
    "gates": ", so nothing could stop a deploy; add a gate",
}


def _read_version(place: Place) -> None:
    if place.value != 1 or isinstance(place.value, bool):
        raise place.refuse(f"this evalgate reads version: 1, not {shown(place.value)}")


def _read_data(place: Place, folder: Path) -> DataSpec:
    entries = place.keys(DATA_KEYS)
    if "target" in entries:
        if "candidate" in entries:
            raise entries["target"].refuse("data has a candidate and a target; keep one of the two")
        raise entries["target"].refuse(
            "target is not available in this version; give data.candidate a file of recorded outputs"
        )
    written: dict[str, Any] = {}
    for key in ("candidate", "cases"):
        if key in entries:
            written[key] = _read_file(entries[key], folder)
    if "baseline" in entries:
        written["baseline"] = _read_baseline(entries["baseline"], folder)
    if "columns" in entries:
        columns = entries["columns"].keys(FIELDS)
        written["columns"] = {field: column.text() for field, column in columns.items()}
    if "slices" in entries:
        slices = entries["slices"].entries()
        for name, column in slices.items():
            refuse_name(column, name, "slice", forbidden="=")
        written["slices"] = {name: column.text() for name, column in slices.items()}
    return DataSpec(**written)


def _read_file(place: Place, folder: Path) -> FileSource:
    name = place.text()
    if not name.isprintable():
        raise place.refuse(f"{place.name}: {shown(name)} cannot be the name of a file")
    origin = f"{place.document.name}:{place.document.line(place.way)}"
    return FileSource(path=folder / name, name=name, origin=origin)


def _read_baseline(place: Place, folder: Path) -> Source:
    if not isinstance(place.value, dict):
        return _read_file(place, folder)
    entries = place.keys(("run", "baseline"))
    if len(entries) != 1:
        raise place.refuse("data.baseline is a path, {run: ID} or {baseline: NAME}")
    if "run" in entries:
        return RunSource(run=entries["run"].text())
    return NamedSource(name=entries["baseline"].text())


def _refuse_relative(place: Place, gates: tuple[Gate, ...]) -> None:
    for gate in gates:
        if gate.relative:
            raise place.at(gate.metric).refuse(
                f"gates.{gate.metric} compares with a baseline, and the suite names none;"
                " add data.baseline or give --baseline"
            )


def _read_policy(place: Place) -> Policy:
    if isinstance(place.value, dict) and "alpha" in place.value:
        raise place.at("alpha").refuse("policy.alpha is fixed at 0.05, one-sided, for every suite; take it out")
    entries = place.keys(POLICY_KEYS)
    written: dict[str, Any] = {}
    if "on_inconclusive" in entries:
        written["on_inconclusive"] = entries["on_inconclusive"].choice("block", "fail")
    if "advisory_until" in entries:
        written["advisory_until"] = _read_day(entries["advisory_until"])
    if "spend_cap_usd" in entries:
        written["spend_cap_usd"] = _read_amount(entries["spend_cap_usd"])
    return Policy(**written)


def _read_day(place: Place) -> date:
    written = place.value if isinstance(place.value, str) else ""
    try:
        return date.fromisoformat(written if _DAY.fullmatch(written) else "")
    except ValueError as problem:
        raise place.refuse(f"{place.name} is a day like 2026-03-31, not {shown(place.value)}") from problem


def _read_amount(place: Place) -> float:
    amount = place.number()
    if amount < 0:
        raise place.refuse(f"{place.name} is at least 0, not {shown(place.value)}")
    return amount


def _read_price(place: Place) -> Price:
    entries = place.keys(("input", "output"))
    if len(entries) != 2:
        raise place.refuse(f"{place.name} is {{input: X, output: Y}}, US dollars per million tokens")
    return Price(input=_read_amount(entries["input"]), output=_read_amount(entries["output"]))


def with_overrides(suite: Suite, *, candidate: str | None = None, baseline: str | None = None) -> Suite:
    """Return the suite with what the command line names instead; relative paths are relative to the command.

    `baseline` is `run:ID`, a path when it holds a / or ends in a known suffix, else the name of a baseline.
    """
    changes: dict[str, Source] = {}
    if candidate is not None:
        changes["candidate"] = _file_given(candidate, "--candidate")
    if baseline is not None:
        changes["baseline"] = parse_baseline(baseline)
    return suite.model_copy(update={"data": suite.data.model_copy(update=changes)})


def parse_baseline(text: str) -> Source:
    """Return what `--baseline` names.

    >>> parse_baseline("main").kind, parse_baseline("run:4e9d").kind, parse_baseline("main.jsonl").kind
    ('name', 'run', 'file')
    """
    if text.startswith("run:"):
        if not text.removeprefix("run:"):
            raise WrongAsWritten("--baseline run: names no run; `evalgate runs list` shows their ids")
        return RunSource(run=text.removeprefix("run:"))
    if "/" in text or os.sep in text or text.lower().endswith(SUFFIXES):
        return _file_given(text, "--baseline")
    if not text.strip():
        raise WrongAsWritten("--baseline is empty; give a file, run:ID or the name of a baseline")
    return NamedSource(name=text)


def _file_given(text: str, flag: str) -> FileSource:
    if not text.strip():
        raise WrongAsWritten(f"{flag} is empty; give a file")
    return FileSource(path=Path(text), name=text, origin=flag)
