"""Which suites watch production, of which project: what `--suite` says, else the environment.

EVALGATE_TRAFFIC_SUITES  suites with a `traffic:` key, between commas, each `PATH` or `PROJECT=PATH`; PROJECT is a
                         project's name, `default` unless said
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evalgate.core.errors import WrongAsWritten

if TYPE_CHECKING:
    from evalgate.store.people import People
    from evalgate.suites.suite import Suite

VARIABLE = "EVALGATE_TRAFFIC_SUITES"
PROJECT = "default"
_WITH_PROJECT = re.compile(r"([a-z0-9][a-z0-9-]*)=(.*)", re.DOTALL)


@dataclass(frozen=True)
class Watch:
    """A suite, whose `traffic` is there, and the name of the project whose production it watches."""

    project: str
    suite: Suite


def read_watched(environ: Mapping[str, str], given: Sequence[str] = ()) -> tuple[Watch, ...]:
    """Return the suites that watch production, in the order written; none where nobody names one.

    Raises WrongAsWritten for a suite without `traffic:` and for two of one name in one project, SuiteInvalid for one
    that cannot be read.
    """
    flag = "--suite" if given else VARIABLE
    named = given or [part for part in environ.get(VARIABLE, "").split(",") if part.strip()]
    watched = tuple(_watch(one.strip(), flag) for one in named)
    paths: dict[tuple[str, str], Path] = {}
    for watch in watched:
        name = (watch.project, watch.suite.name)
        if name in paths:
            raise WrongAsWritten(
                f"{paths[name]} and {watch.suite.path} are both suite {name[1]!r} of project {name[0]!r};"
                " rename one of them, for results are kept under the name"
            )
        paths[name] = watch.suite.path
    return watched


def by_project(watched: Sequence[Watch], people: People) -> dict[int, tuple[Suite, ...]]:
    """Return the suites of each project by its number. Raises WrongAsWritten for a project that is not there."""
    found: dict[int, tuple[Suite, ...]] = {}
    for watch in watched:
        number = people.project(watch.project).number
        found[number] = (*found.get(number, ()), watch.suite)
    return found


def _watch(written: str, flag: str) -> Watch:
    from evalgate.suites.loading import load_suite
    from evalgate.wiring.catalogue import all_checks

    project, path = _parted(written)
    if not path:
        raise WrongAsWritten(f"{flag}={written}: write PATH or PROJECT=PATH")
    suite = load_suite(Path(path), all_checks(), candidate_given=True, baseline_given=True)
    if suite.traffic is None:
        raise WrongAsWritten(
            f"{path}: the suite has no 'traffic' key, so it watches no production; add `traffic: {{}}`"
        )
    return Watch(project, suite)


def _parted(written: str) -> tuple[str, str]:
    """Return project and path.

    >>> _parted("sales=suites/x.yaml"), _parted("suites/a=b.yaml")
    (('sales', 'suites/x.yaml'), ('default', 'suites/a=b.yaml'))
    """
    found = _WITH_PROJECT.fullmatch(written)
    return (found[1], found[2]) if found else (PROJECT, written)
