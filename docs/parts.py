"""The parts of pages that are made from the code: commands, the record's fields, the providers' keys."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from enum import Enum
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from pydantic import BaseModel

from docs.sessions import Session, Unplayable


def commands() -> str:
    """Return every command with its arguments, flags and defaults, as the command line itself knows them."""
    import typer

    from evalgate.cli.app import app

    return "\n".join(_commands("evalgate", typer.main.get_command(app))).strip()


def _commands(path: str, command: Any) -> Iterator[str]:
    inside = getattr(command, "commands", {})
    if inside:
        for name in inside:
            yield from _commands(f"{path} {name}", inside[name])
        return
    arguments = [one for one in command.params if not one.opts[0].startswith("-")]
    options = [one for one in command.params if one.opts[0].startswith("-")]
    usage = " ".join([path, *map(_argument, arguments), *(["[OPTIONS]"] if options else [])])
    yield f"## {path}\n"
    yield f"`{usage}`\n"
    yield f"{_paragraphs(command.help)}\n"
    if command.params:
        yield "| argument or flag | default | |"
        yield "|---|---|---|"
        for one in [*arguments, *options]:
            yield f"| {_name(one)} | {_default(one)} | {_cell(one.help)} |"
        yield ""


def _argument(one: Any) -> str:
    return one.metavar if one.required else f"[{one.metavar}]"


def _name(one: Any) -> str:
    if not one.opts[0].startswith("-"):
        return f"`{one.metavar}`"
    taken = "" if one.is_flag else f" {one.metavar or _taken(one)}"
    return ", ".join(f"`{name}{taken}`" for name in sorted(one.opts, key=len, reverse=True))


def _taken(one: Any) -> str:
    return "N" if isinstance(one.default, int) else "TEXT"


def _default(one: Any) -> str:
    default = one.default.value if isinstance(one.default, Enum) else one.default
    if one.required:
        return "required"
    if one.multiple:
        return "may be repeated"
    return "" if default in {None, False, ""} else f"`{default}`"


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def _paragraphs(text: str | None) -> str:
    return "\n\n".join(" ".join(part.split()) for part in (text or "").split("\n\n"))


def decision_record() -> str:
    """Return the fields of the decision record, type by type, with the sentences that stand beside them in the code."""
    from evalgate.core import decisions, estimates, gates, metrics
    from evalgate.core.statistics import means, sampled

    tables = [_fields(decisions, name) for name in ("Decision", "Finding", "MoreCases")]
    rules = ("Never", "AtLeast", "AtMost", "NoWorseThan", "BetterThanBaseline", "Production")
    tables += [_fields(gates, name) for name in ("Gate", *rules, "Policy")]
    tables += [_fields(metrics, name) for name in ("Evidence", "Metric", "Tripwire", "Fact")]
    tables += [_fields(metrics, name) for name in ("InProduction", "BrokenGlass")]
    names = ("Mean", "Proportion", "PairedMean", "PairedBinary", "Resampled", "Sequence", "Corrected")
    tables += [_fields(estimates, name) for name in names]
    return "\n\n".join([*tables, _fields(sampled, "SampledMean"), _fields(means, "ClusterSums")])


def _fields(module: ModuleType, name: str) -> str:
    model: type[BaseModel] = getattr(module, name)
    said = _said(module, name)
    properties = model.model_json_schema(mode="serialization")["properties"]
    rows = [f"| `{field}` | {_type(properties[field])} | {_cell(said.get(field))} |" for field in model.model_fields]
    return "\n".join(
        [f"### {name}\n", f"{_paragraphs(inspect.getdoc(model))}\n", "| field | type | |", "|---|---|---|", *rows]
    )


def _said(module: ModuleType, name: str) -> dict[str, str]:
    """Return the docstring under each field of a class, its bases in the same module included."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    found: dict[str, str] = {}
    for base in classes[name].bases:
        if isinstance(base, ast.Name) and base.id in classes:
            found |= _said(module, base.id)
    for node, after in pairwise(classes[name].body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(after, ast.Expr):
            found[node.target.id] = str(ast.literal_eval(after.value))
    return found


def _type(given: dict[str, Any]) -> str:
    """Return a field's type as a reader of JSON says it.

    >>> _type({"anyOf": [{"type": "number"}, {"type": "null"}]}), _type({"enum": ["a", "b"]})
    ('number or null', '`a` · `b`')
    """
    if "enum" in given:
        return " · ".join(f"`{value}`" for value in given["enum"])
    if "const" in given:
        return f"`{given['const']}`"
    several = given.get("anyOf") or given.get("oneOf")
    if several:
        return " or ".join(dict.fromkeys(map(_type, several)))
    if "$ref" in given:
        return re.sub(r".*/", "", str(given["$ref"]))
    if given.get("type") == "array":
        return f"list of {_type(given['items'])}" if "items" in given else "list"
    return str(given.get("type", "any"))


def providers() -> str:
    """Return every provider a model's prefix may name, with the variables of its key."""
    from evalgate.providers.catalogue import PROVIDERS

    rows = ["| prefix | key, the first that is set |", "|---|---|"]
    for one in PROVIDERS.values():
        keys = ", ".join(f"`{key}`" for key in one.keys) or "found by litellm, or none needed"
        rows.append(f"| `{one.prefix}/` | {keys} |")
    return "\n".join(rows)


@cache
def _demo() -> dict[str, str]:
    """Return what `evalgate demo` says, by its chapters."""
    with TemporaryDirectory(prefix="docs-") as folder:
        session = Session("the demo", Path(folder).resolve())
        said = session.run("evalgate demo")
    if session.last:
        raise Unplayable(f"evalgate demo ended with {session.last}: {said.splitlines()[-1]}")
    _, red, repair, green, _ = re.split(r"^(?=\d\. |That is )", said, flags=re.MULTILINE)
    red, mark, why = red.partition("Why it fails")
    return {"demo-red": red, "demo-why": _first_cases(mark + why), "demo-repair": repair, "demo-green": green}


def _first_cases(why: str) -> str:
    r"""Return a page's reasons with the first case of each; `…` stands for the others.

    >>> _first_cases(" 1  Two.\n    a-1 (locale=es)\n      now\n    a-2 (locale=es)\n      now\n\nNext\n")
    ' 1  Two.\n    a-1 (locale=es)\n      now\n    …\n\nNext\n'
    """
    case = r"    \S+ \(locale=.*\n(?: {6}.*\n)+"
    return re.sub(rf"^({case})(?:{case})+(?:    and .*\n)?", r"\1    …\n", why, flags=re.MULTILINE)


def _chapter(name: str) -> str:
    return f"```text\n{_demo()[name].strip()}\n```"


def watched() -> str:
    """Return the checks that `scan` runs without a suite."""
    import json

    from evalgate.checks.catalogue import WATCHED, builtin_checks

    known = builtin_checks()
    rows = [
        f"| `{name}` | `{kind}` | {json.dumps(given) if given else ''} | {known[kind].summary} |"
        for name, (kind, given) in WATCHED.items()
    ]
    return "\n".join(["| name | check | parameters | a mark of 1 says |", "|---|---|---|---|", *rows])


MEASURED = ("gold", "pii", "refusal", "hatecheck", "moderation", "student")
"""The tables of `python -m benchmarks.quality`, which keeps them."""


def _measured(name: str) -> str:
    from benchmarks.quality import kept

    return kept()[name].markdown()


PARTS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "decision-record": decision_record,
    "providers": providers,
    "watched": watched,
    **{f"measured-{name}": partial(_measured, name) for name in MEASURED},
    **{chapter: partial(_chapter, chapter) for chapter in ("demo-red", "demo-why", "demo-repair", "demo-green")},
}
"""Name to what writes it: between `<!-- generated: NAME -->` and `<!-- end -->` of any page."""
