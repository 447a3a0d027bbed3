"""Whether a judge would judge its own answers: told by the models' names, refused before anything is paid."""

from __future__ import annotations

import re
from collections.abc import Iterable

from evalgate.core.checks import Check
from evalgate.core.errors import SuiteInvalid
from evalgate.judges.check import RubricCheck

_VENDOR = re.compile(
    r"^(?:(?:us|eu|apac|global)[.-])?"
    r"(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|openai|google|qwen|writer)\."
)
_VERSION = re.compile(
    r"(?:@.*|:(?:latest|free|thinking|beta|online|nitro|floor|\d+)|-v\d+|-latest|-preview|-exp"
    r"|-\d{4}-\d{2}-\d{2}|-\d{2}-\d{4}|-\d{2}-\d{2}|-\d{8}|-\d{4}|-\d{3})$"
)


def same_model(judge: str, output_model: str) -> bool:
    """Say whether two names mean one model, whatever provider serves it and whichever dated version.

    >>> same_model("openai/gpt-4.1-mini", "gpt-4.1-mini-2025-04-14")
    True
    >>> same_model("bedrock/us.anthropic.claude-3-5-sonnet-20241022-v2:0", "openrouter/anthropic/claude-3.5-sonnet")
    True
    >>> same_model("gpt-4.1-mini", "gpt-4.1")
    False
    """
    return _plain_name(judge) == _plain_name(output_model)


def refuse_self_grading(name: str, check: Check, output_models: Iterable[str | None]) -> str | None:
    """Return a note for the first screen, or None; raise SuiteInvalid when the judge wrote outputs it would judge.

    `output_models` are the models the outputs of either arm name, None where one names none.
    Checks without a judge have nothing to say.
    """
    if not isinstance(check, RubricCheck):
        return None
    models = set(output_models)
    own = sorted(model for model in models if model and same_model(check.judge, model))
    if own and not check.allow_self_grading:
        message = (
            f"checks.{name}: the judge {check.judge} would judge its own answers (outputs by {own[0]}); "
            "name another judge, or write `allow_self_grading: true` in this check"
        )
        raise SuiteInvalid(message)
    if own:
        return f"{name}: the judge {check.judge} judges its own answers, as the suite allows"
    if None in models:
        return f"{name}: some outputs name no model, so whether {check.judge} judges its own answers is not known"
    return None


def _plain_name(model: str) -> str:
    """Return a model's name without provider, region, vendor, date and version."""
    name = _VENDOR.sub("", model.strip().lower().rsplit("/", 1)[-1]).replace(".", "-")
    while (shorter := _VERSION.sub("", name)) != name and shorter:
        name = shorter
    return name
