"""Labelled examples beside a rubric: `<name>.examples.jsonl`, one sample a line with the label people gave it."""

from __future__ import annotations

import orjson
from pydantic import ValidationError

from evalgate.core.errors import DataInvalid
from evalgate.judges.rubrics import Example, Rubric, problem_text
from evalgate.judges.shipped import rubrics_folder


def read_examples(raw: bytes, rubric: Rubric, place: str) -> tuple[Example, ...]:
    """Return the examples of a JSONL file; raise DataInvalid with `place:line` for one the rubric cannot have."""
    lines = enumerate(raw.splitlines(), start=1)
    return tuple(_example(line, rubric, f"{place}:{number}") for number, line in lines if line.strip())


def shipped_examples(rubric: Rubric) -> tuple[Example, ...]:
    """Return the examples that come with a shipped rubric."""
    file = f"{rubric.name}.examples.jsonl"
    return read_examples((rubrics_folder() / file).read_bytes(), rubric, f"rubrics/{file}")


def _example(line: bytes, rubric: Rubric, place: str) -> Example:
    try:
        example = Example.model_validate(orjson.loads(line))
    except orjson.JSONDecodeError as error:
        raise DataInvalid(f"{place}: not JSON: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise DataInvalid(f"{place}: {problem_text(first['type'], first['loc'], first['msg'], Example)}") from None
    if problem := rubric.problem_with(example):
        raise DataInvalid(f"{place}: {problem}")
    return example
