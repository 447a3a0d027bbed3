"""The written catalogue of the checks that ship: one line a check. Nothing is imported before it is asked for."""

from __future__ import annotations

from importlib import import_module

from pydantic import JsonValue

from evalgate.core.checks import Check

CHECKS = {
    "banned_terms": "evalgate.checks.banned_terms:BannedTerms",
    "brand_spelling": "evalgate.checks.brand_spelling:BrandSpelling",
    "canary_leak": "evalgate.checks.canary_leak:CanaryLeak",
    "classifier": "evalgate.checks.classifier:Classifier",
    "code_policy": "evalgate.checks.code_policy:CodePolicy",
    "competitors": "evalgate.checks.competitors:Competitors",
    "confusables": "evalgate.checks.confusables:Confusables",
    "encoded_payload": "evalgate.checks.encoded_payload:EncodedPayload",
    "exact_match": "evalgate.checks.exact_match:ExactMatch",
    "format": "evalgate.checks.format:Format",
    "grounded": "evalgate.checks.grounded:Grounded",
    "invisible_text": "evalgate.checks.invisible_text:InvisibleText",
    "json_schema": "evalgate.checks.json_schema:JsonSchema",
    "language": "evalgate.checks.language:InLanguage",
    "length": "evalgate.checks.length:Length",
    "lexical_overlap": "evalgate.checks.lexical_overlap:LexicalOverlap",
    "numbers_grounded": "evalgate.checks.numbers_grounded:NumbersGrounded",
    "pii": "evalgate.checks.pii:Pii",
    "profanity": "evalgate.checks.profanity:Profanity",
    "prompt_injection": "evalgate.checks.prompt_injection:PromptInjection",
    "prompt_leak": "evalgate.checks.prompt_leak:PromptLeak",
    "quotes_grounded": "evalgate.checks.quotes_grounded:QuotesGrounded",
    "readability": "evalgate.checks.readability:Readability",
    "recorded": "evalgate.checks.recorded:Recorded",
    "refusal": "evalgate.checks.refusal:Refusal",
    "regex": "evalgate.checks.regex:Regex",
    "register": "evalgate.checks.register:Register",
    "repetition": "evalgate.checks.repetition:Repetition",
    "required_text": "evalgate.checks.required_text:RequiredText",
    "secrets": "evalgate.checks.secrets:Secrets",
    "student": "evalgate.checks.student:StudentCheck",
    "tool_calls": "evalgate.checks.tool_calls:ToolCalls",
    "url_policy": "evalgate.checks.url_policy:UrlPolicy",
}


WATCHED: dict[str, tuple[str, dict[str, JsonValue]]] = {
    "no_pii": ("pii", {}),
    "no_secrets": ("secrets", {}),
    "safe_links": ("url_policy", {}),
    "no_hidden_text": ("invisible_text", {}),
    "no_lookalikes": ("confusables", {}),
    "no_payload": ("encoded_payload", {}),
    "no_profanity": ("profanity", {}),
    "no_injection": ("prompt_injection", {}),
    "answers": ("refusal", {"expect": "answer"}),
    "same_language": ("language", {"same_as": "input"}),
    "no_loops": ("repetition", {}),
}
"""Name to check and parameters: what `evalgate scan` looks for without a suite, where no brand has to be known."""


def builtin_checks() -> dict[str, type[Check]]:
    """Return the class of each check by its kind, as `check:` names it in a suite."""
    return {kind: _class(place) for kind, place in CHECKS.items()}


def _class(place: str) -> type[Check]:
    module, _, name = place.partition(":")
    found: type[Check] = getattr(import_module(module), name)
    return found
