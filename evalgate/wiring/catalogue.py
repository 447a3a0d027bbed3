"""The catalogue of checks: what ships, what other packages add by entry point; a name stands for one check."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from evalgate.core.errors import WrongAsWritten

if TYPE_CHECKING:
    from evalgate.core.checks import Check

ENTRY_POINTS = "evalgate.checks"


def all_checks() -> Mapping[str, type[Check]]:
    """Return every check by name; raise WrongAsWritten naming the package whose check cannot be used."""
    from importlib.metadata import entry_points

    from evalgate.checks.catalogue import builtin_checks
    from evalgate.core.checks import Check
    from evalgate.judges.check import RubricCheck

    found: dict[str, type[Check]] = {**builtin_checks(), RubricCheck.kind: RubricCheck}
    for point in entry_points(group=ENTRY_POINTS):
        package = point.dist.name if point.dist else "an unknown package"
        try:
            check = point.load()
        except Exception as error:
            message = f"{package}: its check {point.name!r} cannot be loaded ({type(error).__name__}: {error})"
            raise WrongAsWritten(message) from error
        if not (isinstance(check, type) and issubclass(check, Check)):
            message = f"{package}: its check {point.name!r} is not a subclass of evalgate.core.checks.Check"
            raise WrongAsWritten(message)
        if point.name in found:
            message = f"{package}: there is a check called {point.name!r} already; rename one of them"
            raise WrongAsWritten(message)
        found[point.name] = check
    return MappingProxyType(found)


class Parameter(NamedTuple):
    """One parameter of a check, as people write it."""

    name: str
    type: str
    default: str
    description: str


def parameters_of(check: type[Check]) -> Iterator[Parameter]:
    """Yield a check's parameters, its own first."""
    schema = check.model_json_schema()
    required = set(schema.get("required", ()))
    properties: dict[str, dict[str, object]] = schema.get("properties", {})
    shared = ("where", "advisory")
    said = _said_of(check)
    for name in sorted(properties, key=lambda name: name in shared):
        given = properties[name]
        default = "required" if name in required else f"= {given.get('default', '')!r}"
        yield Parameter(name, _type(given), default, " ".join(said.get(_field(check, name), "").split()))


def _field(check: type[Check], written: str) -> str:
    """Return the attribute behind a name people write, which may be an alias."""
    return next((name for name, field in check.model_fields.items() if field.alias == written), written)


def _said_of(check: type[Check]) -> dict[str, str]:
    """Return the docstring under each field, read from the source: pydantic would read it at every start."""
    found: dict[str, str] = {}
    for one in reversed(check.__mro__):
        if not one.__module__.startswith("pydantic") and one is not object:
            body = _class_body(one)
            for node, after in pairwise(body):
                if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)):
                    continue
                if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                    found[node.target.id] = str(after.value.value)
    return found


def _class_body(one: type) -> list[ast.stmt]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(one)))
    except (OSError, TypeError):
        return []
    return tree.body[0].body if tree.body and isinstance(tree.body[0], ast.ClassDef) else []


def _type(given: Mapping[str, object]) -> str:
    choices = given.get("enum")
    if isinstance(choices, list):
        return " | ".join(map(str, choices))
    several = given.get("anyOf")
    if isinstance(several, list):
        return " or ".join(_type(one) for one in several if one.get("type") != "null")
    reference = given.get("$ref")
    if isinstance(reference, str):
        return reference.rpartition("/")[2]
    return str(given.get("type", given.get("const", "any")))


def rubric_questions() -> Iterable[tuple[str, str]]:
    """Yield every shipped rubric with the question it asks, in English."""
    from evalgate.core.checks import Loading
    from evalgate.judges.rubrics import Rubric
    from evalgate.judges.shipped import shipped_rubrics

    loading = Loading(read=lambda name: shipped_rubrics()[name].read_bytes())
    for name in shipped_rubrics():
        yield name, Rubric.load(name, loading).question_in("en")
