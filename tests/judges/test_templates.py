from __future__ import annotations

import pytest

from evalgate.judges.templates import LONGEST, TemplateWrong, compiled, uses


def problem(source):
    with pytest.raises(TemplateWrong) as caught:
        uses(source)
    return caught.value


def test_names_and_conditions_are_all_a_prompt_may_use():
    source = "{{ input }}{% if context and not reference %}{{ context }}{% else %}{{ reference }}{% endif %}"
    assert [(use.name, use.guarded) for use in uses(source)] == [
        ("input", False),
        ("context", True),
        ("reference", False),
    ]


def test_an_or_guards_neither_of_its_names():
    assert [use.guarded for use in uses("{% if context or reference %}{{ context }}{% endif %}")] == [False]


def test_the_branch_of_an_elif_is_guarded_by_its_own_condition():
    source = "{% if reference %}r{% elif context %}{{ context }}{{ reference }}{% endif %}"
    assert [(use.name, use.guarded) for use in uses(source)] == [("context", True), ("reference", False)]


def test_a_misspelt_variable_names_its_line_and_the_nearest():
    wrong = problem("one\ntwo {{ contxt }}")
    assert (str(wrong).split(" Known")[0], wrong.line) == ("no variable 'contxt'. Did you mean 'context'?", 2)


def test_a_misspelt_variable_in_a_condition_is_found_too():
    assert str(problem("{% if refrence %}x{% endif %}")).startswith("no variable 'refrence'. Did you mean 'reference'?")


@pytest.mark.parametrize(
    "source",
    [
        "{% for x in range(10**9) %}x{% endfor %}",
        "{{ output * 10**9 }}",
        "{{ 'a' * 9999999999 }}",
        "{{ output.__class__.__mro__ }}",
        "{{ output['__class__'] }}",
        "{{ output.format(1) }}",
        "{{ input ~ output }}",
        "{{ output | upper }}",
        "{{ lipsum() }}",
        "{% set x = output %}",
        "{% macro f() %}{% endmacro %}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% if output == 'x' %}{% endif %}",
        "{% if output is defined %}{% endif %}",
        "{{ [output] }}",
        "{{ not output }}",
        "{% block b %}{% endblock %}",
        "{% raw %}{% endraw %}{{ self }}",
    ],
)
def test_everything_that_could_loop_reach_or_grow_is_refused(source):
    problem(source)


def test_a_template_that_is_not_one_says_so():
    assert str(problem("{{ output ")).startswith("not a valid template: ")


@pytest.mark.parametrize(
    "source",
    ["{% if output %}" * 400 + "{% endif %}" * 400, "{% if " + "not " * 4_900 + "output %}{% endif %}"],
)
def test_conditions_nested_too_deeply_are_refused(source):
    assert str(problem(source)) == "conditions are nested too deeply"


def test_a_template_longer_than_any_prompt_is_refused():
    assert "longer than" in str(problem("x" * (LONGEST + 1)))


def test_what_a_slot_holds_is_never_parsed():
    assert compiled("{{ output }}").render(output="{{ 7 * 7 }}{% for %}") == "{{ 7 * 7 }}{% for %}"


def test_braces_can_be_written_out():
    assert compiled("{% raw %}{{ name }}{% endraw %} {{ '{%' }}").render() == "{{ name }} {%"
