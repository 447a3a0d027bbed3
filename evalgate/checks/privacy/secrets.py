"""Secrets: what vendors' keys and the usual wrappings of credentials look like. No ordinary sentence contains them."""

from __future__ import annotations

import math
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from evalgate.checks.privacy.personal_data import gate
from evalgate.checks.text.patterns import compiled

SECRETS: dict[str, str] = {
    "openai": r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{16,}",
    "anthropic": r"\bsk-ant-[A-Za-z0-9_-]{16,}",
    "aws": r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b",
    "github": r"\bgh[pousr]_[A-Za-z0-9]{36,}|\bgithub_pat_[A-Za-z0-9_]{22,}",
    "gitlab": r"\bgl(?:pat|dt|rt|soat|ptt)-[A-Za-z0-9_-]{20,}",
    "bitbucket": r"\bATBB[A-Za-z0-9]{24,}",
    "atlassian": r"\bATATT3[A-Za-z0-9_=-]{60,}",
    "slack": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Za-z0-9-]{20,}",
    "slack_webhook": r"\bhooks\.slack\.com/services/T[A-Za-z0-9]{8,}/B[A-Za-z0-9]{8,}/[A-Za-z0-9]{16,}",
    "stripe": r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|\bwhsec_[A-Za-z0-9]{24,}",
    "google": r"\bAIza[0-9A-Za-z_-]{35}|\bGOCSPX-[A-Za-z0-9_-]{20,}|\bya29\.[A-Za-z0-9_-]{20,}",
    "huggingface": r"\bhf_[A-Za-z0-9]{30,}",
    "sendgrid": r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    "twilio": r"\b(?:AC|SK)[0-9a-f]{32}\b",
    "mailgun": r"\bkey-[0-9a-f]{32}\b",
    "mailchimp": r"\b[0-9a-f]{32}-us[0-9]{1,2}\b",
    "npm": r"\bnpm_[A-Za-z0-9]{36}",
    "pypi": r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{30,}",
    "docker": r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}",
    "azure_storage": r"\bAccountKey=[A-Za-z0-9+/]{60,}={0,2}",
    "azure_sas": r"\bsig=[A-Za-z0-9%+/]{40,}(?:%3D|=)?",
    "telegram": r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{32,}",
    "discord": r"\b[MN][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",
    "discord_webhook": r"\bdiscord(?:app)?\.com/api/webhooks/[0-9]{16,20}/[A-Za-z0-9_-]{40,}",
    "mercado_pago": r"\b(?:APP_USR|TEST)-[0-9]{12,20}-[0-9]{6}-[0-9a-f]{32}-[0-9]{6,12}",
    "square": r"\bsq0(?:atp|csp)-[A-Za-z0-9_-]{22,}|\bEAAA[A-Za-z0-9_-]{60}",
    "shopify": r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    "facebook": r"\bEAACEdEose0cBA[A-Za-z0-9]{20,}",
    "digitalocean": r"\bdo[opr]_v1_[0-9a-f]{64}",
    "databricks": r"\bdapi[0-9a-f]{32}\b",
    "grafana": r"\bgl(?:c|sa)_[A-Za-z0-9+/=_]{32,}",
    "linear": r"\blin_api_[A-Za-z0-9]{40}",
    "notion": r"\b(?:secret_|ntn_)[A-Za-z0-9]{40,}",
    "openrouter": r"\bsk-or-v1-[0-9a-f]{64}",
    "groq": r"\bgsk_[A-Za-z0-9]{50,}",
    "replicate": r"\br8_[A-Za-z0-9]{36,}",
    "vault": r"\bhvs\.[A-Za-z0-9_-]{24,}",
    "jwt": r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",
    "bearer": r"(?i:\bbearer)[ \t]+[A-Za-z0-9._~+/-]{16,}=*",
    "basic_auth": r"(?i:\bauthorization:[ \t]*basic)[ \t]+[A-Za-z0-9+/]{12,}={0,2}",
    "password_in_url": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{1,100}:[^\s:/@]{3,200}@[A-Za-z0-9.-]+",
    "private_key": r"(?s:-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\z))",
    "assigned": (
        r"(?i:\b(?:api[_-]?key|secret[_-]?key|client[_-]?secret|access[_-]?token|auth[_-]?token|passwd|password"
        r"|contraseña|senha|clave))[\"']?[ \t]*[:=][ \t]*[\"']?[^\s\"'<>]{8,200}"
    ),
}
"""Kind to its pattern, for RE2."""

_RANDOM = 3.0
"""Bits a character from which on a value looks random; words and dates have fewer."""
_SIGN = re.compile("[:=]")
_PART = re.compile("[A-Za-z0-9]{8,}")
_BLANKS = ("xxxx", "****", "....")
PLACEHOLDERS = (
    *_BLANKS,
    *("example", "ejemplo", "exemplo", "your", "changeme", "placeholder", "insert", "replace"),
    *("_here", "-here", "aqui", "aquí", "tu_clave", "tu-clave", "sua_chave", "sua-chave", "environ", "getenv"),
    *("tu_contraseña", "tu-contraseña", "sua_senha", "sua-senha"),
)
"""What stands in documentation where a value would: such a value is nobody's."""
_BLANK, _PLACEHOLDER = (re.compile("|".join(map(re.escape, signs))) for signs in (_BLANKS, PLACEHOLDERS))
_VARIABLES = ("${", "$(", "{{", "{%", "%(")
_STAND_INS = frozenset({"password", "passwd", "pass", "pwd", "secret", "senha", "contraseña", "clave"})
"""What documentation writes for a password inside an address."""
_AS_IT_IS = frozenset({"private_key"})


class Secret(NamedTuple):
    """A secret found in a text."""

    start: int
    end: int
    kind: str


class SecretFinder:
    """Finds the kinds it is built for. A clean text costs one pass of RE2."""

    def __init__(self, kinds: Iterable[str] = SECRETS) -> None:
        wanted = set(kinds)
        self.kinds = tuple(kind for kind in SECRETS if kind in wanted)

    def __reduce__(self) -> tuple[type[SecretFinder], tuple[tuple[str, ...]]]:
        return type(self), (self.kinds,)

    @cached_property
    def _gate(self) -> Any:
        return gate(SECRETS[kind] for kind in self.kinds)

    @cached_property
    def _patterns(self) -> list[Any]:
        return [compiled(SECRETS[kind]) for kind in self.kinds]

    def find(self, text: str) -> Iterator[Secret]:
        """Yield the secrets of a text, kind by kind; kinds may overlap.

        >>> [secret.kind for secret in SecretFinder().find("key: sk-proj-abcDEF123456_7890-xyz")]
        ['openai']
        """
        for number in sorted(self._gate.Match(text) or ()):
            kind = self.kinds[number]
            for match in self._patterns[number].finditer(text):
                start, end = match.span()
                if _is_one(kind, text[start:end]):
                    yield Secret(start, end, kind)


def _is_one(kind: str, written: str) -> bool:
    """Return whether what has the form of a secret is a value, and neither words nor a placeholder.

    >>> _is_one("openai", "sk-proj-abcDEF123456_7890-xyz"), _is_one("openai", "sk-learn-in-thirty-minutes")
    (True, False)
    >>> _is_one("huggingface", "hf_" + "x" * 34), _is_one("bearer", "Bearer responsabilidades")
    (False, False)
    """
    value = _value(kind, written)
    check = _OWN.get(kind)
    return (check is None or check(value)) and (kind in _AS_IT_IS or not _is_placeholder(kind, value))


def _is_placeholder(kind: str, value: str) -> bool:
    """Return whether a value stands for one; the vendor's own example of an AWS key does not, but checks know it."""
    sign = _BLANK if kind == "aws" else _PLACEHOLDER
    return len(set(value[-12:])) == 1 or sign.search(value.lower()) is not None


def _value(kind: str, written: str) -> str:
    """Return what follows the sign of a kind, or all where nothing divides the two.

    >>> _value("assigned", "senha: 'Xk9#mQ2"), _value("password_in_url", "postgres://ana:s3cr3t@db"), _value("npm", "n")
    ('Xk9#mQ2', 's3cr3t', 'n')
    """
    if kind == "assigned":
        return _SIGN.split(written, maxsplit=1)[1].strip(" \t\"'")
    if kind == "password_in_url":
        return written.partition("://")[2].rpartition("@")[0].partition(":")[2]
    return written.rsplit(maxsplit=1)[-1] if kind in {"bearer", "basic_auth"} else written


def _is_mixed(value: str) -> bool:
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))


def _is_random(value: str) -> bool:
    return _is_mixed(value) and not value.startswith(_VARIABLES) and entropy(value) >= _RANDOM


def _has_a_random_part(value: str) -> bool:
    return any(map(_is_mixed, _PART.findall(value))) and entropy(value) >= _RANDOM


def _is_password(value: str) -> bool:
    return not value.startswith(_VARIABLES) and value.lower() not in _STAND_INS


def _is_name_and_password(value: str) -> bool:
    try:
        return b":" in b64decode(value + "=" * (-len(value) % 4))
    except ValueError:
        return False


def entropy(text: str) -> float:
    """Return Shannon's entropy of the characters of a text, in bits a character (Shannon 1948).

    >>> entropy("aaaa"), entropy("abcd")
    (0.0, 2.0)
    """
    if not text:
        return 0.0
    counts = map(text.count, set(text))
    return math.log2(len(text)) - sum(count * math.log2(count) for count in counts if count > 1) / len(text)


_OWN: dict[str, Callable[[str], bool]] = {
    "assigned": _is_random,
    "password_in_url": _is_password,
    "basic_auth": _is_name_and_password,
    # These begin as ordinary words may, `sk-` or `Bearer`: what follows must be more than words.
    **dict.fromkeys(("openai", "anthropic", "notion", "bearer"), _has_a_random_part),
}
