"""The scripted server itself: what other folders rely on when they start it."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.providers.server import Far, started


@pytest.fixture(scope="module")
def process() -> Iterator[Far]:
    with started() as far:
        yield far


def ask(far: Far, prompt: str, **more: object) -> tuple[int, Any]:
    """Ask over plain HTTP; return the status and the parsed body."""
    body = {"model": "m", "messages": [{"role": "user", "content": prompt}], **more}
    with closing(HTTPConnection("127.0.0.1", far.port, timeout=10)) as line:
        line.request("POST", "/v1/chat/completions", json.dumps(body))
        reply = line.getresponse()
        return reply.status, json.loads(reply.read())


def content(far: Far, prompt: str, **more: object) -> Any:
    return json.loads(ask(far, prompt, **more)[1]["choices"][0]["message"]["content"])


def test_rules_go_by_what_the_prompt_holds(process: Far) -> None:
    process.script({"label": "yes", "rules": [{"when": "CPF", "label": "no", "reasoning": "It prints a CPF."}]})
    assert content(process, "Olá") == {"label": "yes", "reasoning": "as scripted"}
    assert content(process, "o CPF é 1") == {"label": "no", "reasoning": "It prints a CPF."}


def test_a_rule_is_used_up(process: Far) -> None:
    process.script({"rules": [{"when": "x", "times": 2, "status": 429, "headers": {"Retry-After": "1"}}]})
    assert [ask(process, "x")[0] for _ in range(4)] == [429, 429, 200, 200]
    assert process.stats()["sent"] == {"429": 2, "200": 2}


def test_rates_depend_on_the_prompt_and_not_on_the_order(process: Far) -> None:
    def statuses(prompts: list[str]) -> dict[str, int]:
        process.script({"rules": [{"rate": 0.3, "status": 500}]})
        return {prompt: ask(process, prompt)[0] for prompt in prompts}

    prompts = [f"case {number}" for number in range(60)]
    forwards = statuses(prompts)
    assert forwards == statuses(prompts[::-1])
    assert set(forwards.values()) == {200, 500}


def test_without_a_label_the_first_one_offered_is_given(process: Far) -> None:
    process.script({})
    schema = {"properties": {"label": {"enum": ["faithful", "unfaithful"]}}}
    offered = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    assert content(process, "x", response_format=offered)["label"] == "faithful"


def test_what_is_paid_twice_is_counted(process: Far) -> None:
    process.script({})
    for prompt in ("a", "b", "a"):
        ask(process, prompt)
    told = process.stats()
    assert (told["total"], told["answered"], told["distinct_prompts"], told["paid_twice"]) == (3, 3, 2, 1)


def test_a_script_with_an_unknown_word_is_refused(process: Far) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        process.script({"lable": "yes"})
    assert caught.value.code == 400
    caught.value.close()


def test_a_callable_decides_in_a_thread_of_ours(far: Far) -> None:
    far.script(lambda request: {"content": request["messages"][0]["content"][::-1]})
    assert ask(far, "abc")[1]["choices"][0]["message"]["content"] == "cba"
