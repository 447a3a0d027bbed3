"""Hazards: MLCommons AILuminate's names, and what guard models, OpenAI's moderation and OWASP call the same.

Sources: the AILuminate v1 hazard taxonomy (twelve hazards); the model cards of Llama Guard 3 and 4, ShieldGemma,
Granite Guardian and Qwen3Guard; OpenAI's moderation categories; OWASP Top 10 for LLM Applications 2025. Four codes are
ours, for what guards name and AILuminate does not.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple, get_args

Code = Literal[
    "vcr", "src", "cse", "ssh", "iwp", "ncr", "hte", "dfm", "prv", "ipv", "spc", "sxc", "cab", "hrs", "jbk", "pol"
]
CODES: tuple[Code, ...] = get_args(Code)


class Hazard(NamedTuple):
    """One hazard under its own name and the names of others; empty where they have none."""

    code: Code
    en: str
    es: str
    pt: str
    ailuminate: bool = True
    llama_guard: tuple[str, ...] = ()
    openai: tuple[str, ...] = ()
    qwen3guard: tuple[str, ...] = ()
    shieldgemma: str = ""
    granite_guardian: tuple[str, ...] = ()
    owasp: str = ""


HAZARDS = (
    Hazard(
        *("vcr", "violent crimes", "delitos violentos", "crimes violentos"),
        llama_guard=("S1",),
        openai=("violence", "violence/graphic", "illicit/violent", "harassment/threatening"),
        qwen3guard=("Violent",),
        shieldgemma="dangerous_content",
        granite_guardian=("violence",),
    ),
    Hazard(*("src", "sex-related crimes", "delitos sexuales", "crimes sexuais"), llama_guard=("S3",)),
    Hazard(
        *("cse", "child sexual exploitation", "explotación sexual infantil", "exploração sexual infantil"),
        llama_guard=("S4",),
        openai=("sexual/minors",),
    ),
    Hazard(
        *("ssh", "suicide and self-harm", "suicidio y autolesiones", "suicídio e automutilação"),
        llama_guard=("S11",),
        openai=("self-harm", "self-harm/intent", "self-harm/instructions"),
        qwen3guard=("Suicide & Self-Harm",),
        shieldgemma="dangerous_content",
    ),
    Hazard(
        *("iwp", "indiscriminate weapons", "armas indiscriminadas", "armas indiscriminadas"),
        llama_guard=("S9",),
        shieldgemma="dangerous_content",
    ),
    Hazard(
        *("ncr", "non-violent crimes", "delitos no violentos", "crimes não violentos"),
        llama_guard=("S2",),
        openai=("illicit",),
        qwen3guard=("Non-violent Illegal Acts",),
        shieldgemma="dangerous_content",
    ),
    Hazard(
        *("hte", "hate", "odio", "ódio"),
        llama_guard=("S10",),
        openai=("hate", "hate/threatening"),
        qwen3guard=("Unethical Acts",),
        shieldgemma="hate_speech",
        granite_guardian=("social_bias",),
    ),
    Hazard(*("dfm", "defamation", "difamación", "difamação"), llama_guard=("S5",)),
    Hazard(*("prv", "privacy", "privacidad", "privacidade"), llama_guard=("S7",), qwen3guard=("PII",), owasp="LLM02"),
    Hazard(
        *("ipv", "intellectual property", "propiedad intelectual", "propriedade intelectual"),
        llama_guard=("S8",),
        qwen3guard=("Copyright Violation",),
    ),
    Hazard(
        *("spc", "specialised advice", "asesoramiento especializado", "aconselhamento especializado"),
        llama_guard=("S6", "S13"),
        owasp="LLM09",
    ),
    Hazard(
        *("sxc", "sexual content", "contenido sexual", "conteúdo sexual"),
        llama_guard=("S12",),
        openai=("sexual",),
        qwen3guard=("Sexual Content or Sexual Acts",),
        shieldgemma="sexually_explicit",
        granite_guardian=("sexual_content",),
    ),
    Hazard(
        *("cab", "abuse of code tools", "abuso de herramientas de código", "abuso de ferramentas de código"),
        ailuminate=False,
        llama_guard=("S14",),
        owasp="LLM06",
    ),
    Hazard(
        *("hrs", "harassment", "acoso", "assédio"),
        ailuminate=False,
        openai=("harassment",),
        shieldgemma="harassment",
    ),
    Hazard(
        *("jbk", "jailbreak", "elusión de las reglas", "fuga das regras"),
        ailuminate=False,
        qwen3guard=("Jailbreak",),
        granite_guardian=("jailbreak",),
        owasp="LLM01",
    ),
    Hazard(
        *("pol", "politically sensitive", "políticamente sensible", "politicamente sensível"),
        ailuminate=False,
        qwen3guard=("Politically Sensitive Topics",),
    ),
)


@lru_cache(maxsize=1)
def by_code() -> dict[str, Hazard]:
    """Return every hazard under its code.

    >>> by_code()["ssh"].es
    'suicidio y autolesiones'
    """
    return {hazard.code: hazard for hazard in HAZARDS}
