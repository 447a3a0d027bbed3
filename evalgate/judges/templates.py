"""The language of prompts: Jinja2 in a sandbox, cut down to `{{ name }}` and `{% if name %}`.

Loops, calls, attributes, filters, arithmetic and includes are refused when the rubric is read, so a prompt written by a
stranger can neither run long nor reach anything. What a slot holds is never parsed: `{{ … }}` in an answer stays text.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from evalgate.core.errors import did_you_mean

if TYPE_CHECKING:
    from jinja2 import Template

MATERIAL = ("input", "output", "context", "reference")
"""What others wrote; fenced off with a nonce and allowed in user messages only."""
GIVEN = ("question", "labels", "examples", "caution", "reply_format")
"""What the rubric and evalgate say; the same for every sample."""
VARIABLES = (*GIVEN, *MATERIAL, "nonce")
LONGEST = 20_000


class TemplateWrong(ValueError):
    """A template that is refused, with the line (from 1) inside it."""

    def __init__(self, problem: str, line: int = 1) -> None:
        super().__init__(problem)
        self.line = line


class Use(NamedTuple):
    """One place where a template writes a variable; `guarded` when an `{% if … %}` around it asks for the variable."""

    name: str
    line: int
    guarded: bool


@lru_cache(maxsize=256)
def uses(source: str) -> tuple[Use, ...]:
    """Return every variable a template writes; raise TemplateWrong for anything but known names and conditions.

    >>> [(use.name, use.guarded) for use in uses("{{ output }}{% if context %}{{ context }}{% endif %}")]
    [('output', False), ('context', True)]
    """
    from jinja2 import TemplateSyntaxError

    if len(source) > LONGEST:
        raise TemplateWrong(f"longer than {LONGEST:,} characters")
    try:
        found = tuple(_walk(_environment().parse(source), frozenset()))
        compiled(source)
    except TemplateSyntaxError as error:
        raise TemplateWrong(f"not a valid template: {error.message}", error.lineno) from None
    except (RecursionError, SyntaxError):  # Python itself refuses a hundred conditions inside one another
        raise TemplateWrong("conditions are nested too deeply") from None
    return found


@lru_cache(maxsize=256)
def compiled(source: str) -> Template:
    """Return the compiled form of a template that `uses` accepted."""
    template: Template = _environment().from_string(source)
    return template


def rendered(template: Template, values: dict[str, str]) -> str:
    """Return what a template of `compiled` says with these values.

    As `template.render`, less a copy of the environment's globals, of which there are none: half of the time.
    """
    return "".join(template.root_render_func(template.new_context(values, shared=True)))


@cache
def _environment() -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,  # prompts are plain text; escaping would change what is judged
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.clear()
    environment.filters.clear()
    environment.tests.clear()
    return environment


def _walk(node: Any, guards: frozenset[str]) -> list[Use]:
    """Return the uses below a node, refusing every kind of node that is not text, a name or a condition."""
    from jinja2 import nodes

    if isinstance(node, nodes.Name):
        _known(node)
        return [Use(node.name, node.lineno, node.name in guards)]
    if isinstance(node, nodes.If):
        return _condition(node, guards)
    if not isinstance(node, nodes.Template | nodes.Output | nodes.TemplateData | nodes.Const):
        what = type(node).__name__.lower()
        raise TemplateWrong(f"a prompt may use {{{{ name }}}} and {{% if name %}} only, not '{what}'", node.lineno)
    return [use for child in node.iter_child_nodes() for use in _walk(child, guards)]


def _condition(node: Any, guards: frozenset[str]) -> list[Use]:
    asked = frozenset(_asked(node.test))
    branches = [(child, guards | asked) for child in node.body]
    branches += [(child, guards) for child in (*node.elif_, *node.else_)]
    return [use for child, known in branches for use in _walk(child, known)]


def _asked(test: Any) -> list[str]:
    """Return the variables that must be present for a condition to hold; refuse all but names, and, or, not."""
    from jinja2 import nodes

    if isinstance(test, nodes.Name):
        _known(test)
        return [test.name]
    if isinstance(test, nodes.And):
        return [*_asked(test.left), *_asked(test.right)]
    if isinstance(test, nodes.Or):
        _asked(test.left), _asked(test.right)
        return []
    if isinstance(test, nodes.Not):
        _asked(test.node)
        return []
    raise TemplateWrong("a condition may use names, `and`, `or` and `not` only", test.lineno)


def _known(node: Any) -> None:
    if node.name not in VARIABLES:
        hint = did_you_mean(node.name, VARIABLES)
        raise TemplateWrong(f"no variable {node.name!r}.{hint} Known: {', '.join(VARIABLES)}", node.lineno)
