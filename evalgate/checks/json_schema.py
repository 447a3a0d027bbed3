"""`json_schema`: the answer is JSON and fits a schema (draft 2020-12). Nothing is fetched, and no pattern can hang."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import Annotated, Any, ClassVar, NamedTuple

import orjson
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, JsonValue, ValidationInfo

from evalgate.checks.evidence import HELD, unread
from evalgate.checks.text.hits import READ_AT_MOST
from evalgate.checks.text.json_places import places
from evalgate.checks.text.patterns import Pattern
from evalgate.core.checks import CodeCheck, Loading, Texts
from evalgate.core.errors import SuiteInvalid
from evalgate.core.outcomes import Mark, Marks, Severity, Span, Unscored, violated
from evalgate.core.samples import Subject
from evalgate.core.values import canonical

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_DATA = {"const", "enum", "default", "examples"}
"""Keywords whose values are data, not schemas."""
_ERRORS_AT_MOST = 5
_PLACED_AT_MOST = 20_000
"""Code points of a JSON text in which the places of values are looked for."""
_REPAIRED_AT_MOST = 4_000
"""Code points of a text that is repaired. A repair may take the square of the quotes in it, so they are counted too."""
_QUOTES = "\"'“”"
_QUOTES_AT_MOST = 300
_FIX_AT_MOST = 2_000


def _read(document: Any, info: ValidationInfo) -> Any:
    return _read_schema(Loading.of(info).read(document), document) if isinstance(document, str) else document


def _usable(document: dict[str, JsonValue]) -> dict[str, JsonValue]:
    _refuse_unusable(document)
    return document


Schema = Annotated[dict[str, JsonValue], BeforeValidator(_read), AfterValidator(_usable)]
"""A JSON Schema, or the path of its file relative to the suite; every one has been found usable."""


class JsonSchema(CodeCheck):
    """1 when the whole answer is one JSON value that fits the schema; `format` is a note there, not a demand."""

    model_config = ConfigDict(serialize_by_alias=True)

    kind: ClassVar[str] = "json_schema"
    summary: ClassVar[str] = "The answer is JSON that fits a schema."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"schema": {"type": "object", "required": ["intent"], "properties": {"intent": {"enum": ["refund", "order"]}}}},
        {"schema": {"type": "array", "items": {"type": "string", "pattern": "^\\w+$"}}, "fenced": True},
        {"schema": {"type": "array"}, "severity": "warn"},
    )

    document: Schema = Field(alias="schema")
    """The schema itself, or the path of its JSON file, relative to the suite. The check holds its content."""
    fenced: bool = False
    """Whether the answer may stand in one Markdown fence (three backticks), with nothing around it."""
    severity: Severity = "block"
    """How bad a violation is: info, warn or block. It is shown; gates count every violation alike."""

    @cached_property
    def _fit(self) -> Fit:
        return Fit(self.document)

    def mark(self, subject: Subject, texts: Texts) -> Marks:  # noqa: ARG002 - the shape of every check
        """Return whether the answer is JSON that fits; a text too long or too deep to check is Unscored."""
        text = texts.pieces("output")[0]
        if len(text) > READ_AT_MOST:
            return {"": unread([text]) or HELD}
        start, body = _unfenced(text) if self.fenced else (0, text)
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            return {"": self._not_json(error, start, text)}
        broken = self._fit.misfit(value)
        if broken is None or isinstance(broken, Unscored):
            return {"": broken or HELD}
        spans = (Span(side="output", start=start + at, end=start + end) for at, end in broken.places(body))
        return {"": violated(f"the JSON does not fit the schema at {broken}", *spans, severity=self.severity)}

    def _not_json(self, error: orjson.JSONDecodeError, start: int, text: str) -> Mark:
        at = min(start + error.pos, len(text))
        span = Span(side="output", start=at, end=min(at + 1, len(text)), label="not JSON")
        explanation = f"the answer is not JSON at character {at + 1}"
        return violated(explanation, span, severity=self.severity, fix=self._repaired(text))

    def _repaired(self, text: str) -> str | None:
        """Return the JSON that the text almost is, when it fits the schema and is short enough to be shown."""
        if len(text) > _REPAIRED_AT_MOST or sum(map(text.count, _QUOTES)) > _QUOTES_AT_MOST:
            return None
        import json_repair

        try:
            value = json_repair.repair_json(text, return_objects=True, skip_json_loads=True)
            written = json.dumps(value, ensure_ascii=False, allow_nan=False) if isinstance(value, dict | list) else ""
            fits = len(written) < _FIX_AT_MOST and value and not self._fit.misfit(orjson.loads(written))
        except (ValueError, RecursionError):  # nested too deeply, a lone surrogate, NaN
            return None
        return written if fits else None


class Misfit(NamedTuple):
    """Where a value does not fit a schema; as text, the places of the schema, never what the value says."""

    errors: Sequence[Any]

    def __str__(self) -> str:
        places = dict.fromkeys(_pointer(error.absolute_schema_path) for error in self.errors)
        return ", ".join(places) + (" and perhaps more" if len(self.errors) == _ERRORS_AT_MOST else "")

    def places(self, text: str) -> list[tuple[int, int]]:
        """Return where in its JSON text the values stand that do not fit: none in a long text."""
        if len(text) > _PLACED_AT_MOST:
            return []
        return sorted(places(text, (tuple(error.absolute_path) for error in self.errors)).values())


class Fit:
    """Tells where JSON values do not fit a schema. Pickled as the schema, as the validator's class is made here."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._validator = _validator_for(document)

    def __reduce__(self) -> tuple[type[Fit], tuple[dict[str, Any]]]:
        return type(self), (self._document,)

    def misfit(self, value: Any) -> Misfit | Unscored | None:
        """Return the first errors, Unscored for a value nested too deeply, None when the value fits."""
        try:
            errors = list(islice(self._validator.iter_errors(value), _ERRORS_AT_MOST))
        except RecursionError:
            return Unscored(reason="invalid", detail="the JSON is nested too deeply to be checked")
        return Misfit(errors) if errors else None


def _unfenced(text: str) -> tuple[int, str]:
    """Return where the body of the one fence around a text starts, and the body; the text itself without a fence."""
    inner = text.strip()
    opening, newline, rest = inner.partition("\n")
    if not (newline and opening.startswith("```") and rest.endswith("```")):
        return 0, text
    return text.index(inner) + len(opening) + 1, rest[:-3]


def _read_schema(raw: bytes, file: str) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise SuiteInvalid(f"{file}:{error.lineno}: not JSON: {error.msg}; a schema file is JSON") from None


def _refuse_unusable(document: dict[str, Any]) -> None:
    """Raise ValueError for what is no schema of this draft, leads out of itself, or cannot be read by RE2."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    if str(document.get("$schema", _DRAFT)).rstrip("#") != _DRAFT:
        raise ValueError(f"$schema {document['$schema']!r} is another draft; evalgate reads {_DRAFT}")
    try:
        Draft202012Validator.check_schema(document)
    except SchemaError as error:
        raise ValueError(f"not a JSON Schema at {_pointer(error.absolute_path)}: {error.message[:200]}") from None
    keywords = {keyword for _, keyword, _ in _keywords(document)}
    if keywords >= {"unevaluatedProperties", "patternProperties"}:
        raise ValueError("unevaluatedProperties and patternProperties in one schema; use additionalProperties")
    for place, keyword, value in _keywords(document):
        if keyword in {"$ref", "$dynamicRef"} and isinstance(value, str):
            _refuse_unresolved(document, place, value)
        patterns = [value] if keyword == "pattern" else value if keyword == "patternProperties" else ()
        for pattern in patterns:
            if isinstance(pattern, str):
                _refuse_pattern(place, pattern)
    try:
        _validator_for(document).is_valid({})
    except RecursionError:
        raise ValueError("a $ref leads back to itself; let it pass through properties or items") from None


def _keywords(schema: Any, place: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield the place, name and value of every keyword of a schema."""
    if isinstance(schema, dict):
        for name, value in schema.items():
            yield f"{place}/{name}", name, value
            if name not in _DATA:
                yield from _keywords(value, f"{place}/{name}")
    elif isinstance(schema, list):
        for number, item in enumerate(schema):
            yield from _keywords(item, f"{place}/{number}")


def _refuse_unresolved(document: dict[str, Any], place: str, ref: str) -> None:
    from referencing import Registry
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    if not ref.startswith("#"):
        raise ValueError(
            f"{place} {ref!r} lies elsewhere and nothing is fetched; copy it to $defs, refer to '#/$defs/…'"
        )
    base = str(document.get("$id", ""))
    registry = Registry().with_resource(base, DRAFT202012.create_resource(document))
    try:
        registry.resolver(base).lookup(ref)
    except Unresolvable:
        raise ValueError(f"{place} {ref!r} is not in this schema") from None


def _refuse_pattern(place: str, pattern: str) -> None:
    try:
        _pattern(pattern)
    except ValueError as error:
        raise ValueError(f"{place} {pattern[:60]!r}: {error}") from None


def _pointer(path: Any) -> str:
    return "/" + "/".join(map(str, path))


def _validator_for(document: dict[str, Any]) -> Any:
    from referencing import Registry

    return _draft()(document, registry=Registry())


@lru_cache(maxsize=1)
def _draft() -> Any:
    """Return the draft's validator with the keywords replaced that would run the stdlib's `re` or compare all pairs."""
    from jsonschema import Draft202012Validator, validators

    extend: Any = validators.extend  # untyped there
    replaced = {
        "pattern": _check_pattern,
        "patternProperties": _check_pattern_properties,
        "additionalProperties": _check_additional_properties,
        "uniqueItems": _check_unique_items,
    }
    return extend(Draft202012Validator, replaced)


@lru_cache(maxsize=1024)
def _pattern(pattern: str) -> Pattern:
    return Pattern(pattern)


def _error(message: str) -> Any:
    from jsonschema.exceptions import ValidationError

    return ValidationError(message)


def _check_pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[Any]:
    if isinstance(value, str) and not _pattern(pattern).found(value):
        yield _error("does not match the pattern")


def _check_pattern_properties(validator: Any, patterns: Any, value: Any, _schema: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for pattern, schema in patterns.items():
            for name, item in value.items():
                if _pattern(pattern).found(name):
                    yield from validator.descend(item, schema, path=name, schema_path=pattern)


def _check_additional_properties(validator: Any, allowed: Any, value: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(value, dict):
        return
    patterns = [_pattern(pattern) for pattern in schema.get("patternProperties", ())]
    for name, item in value.items():
        if name not in schema.get("properties", ()) and not any(pattern.found(name) for pattern in patterns):
            if allowed is False:
                yield _error("has a property that is not allowed")
            else:
                yield from validator.descend(item, allowed, path=name)


def _check_unique_items(_validator: Any, wanted: Any, value: Any, _schema: Any) -> Iterator[Any]:
    if wanted and isinstance(value, list) and len({canonical(_as_number(item)) for item in value}) < len(value):
        yield _error("has equal items")


def _as_number(value: Any) -> Any:
    """Return a JSON value in which equal numbers are written alike: 1.0 is 1."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [_as_number(item) for item in value]
    return {name: _as_number(item) for name, item in value.items()} if isinstance(value, dict) else value
