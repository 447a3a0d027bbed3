"""The providers that a model's prefix may name, and their keys. OpenAI-compatible servers need no entry here."""

from __future__ import annotations

from typing import NamedTuple


class Provider(NamedTuple):
    """A provider that litellm reaches; `keys` are its variables, the first that is set counts.

    An empty `keys` says that the library finds credentials itself (cloud profiles, tokens) or that none are needed.
    """

    prefix: str
    keys: tuple[str, ...] = ()
    family: str | None = None
    """How its models' own names begin, for a hint to whoever left the prefix out."""


PROVIDERS = {
    provider.prefix: provider
    for provider in (
        Provider("anthropic", ("ANTHROPIC_API_KEY",), "claude"),
        Provider("azure"),
        Provider("azure_ai"),
        Provider("bedrock"),
        Provider("cerebras", ("CEREBRAS_API_KEY",)),
        Provider("cohere", ("COHERE_API_KEY", "CO_API_KEY"), "command-"),
        Provider("databricks"),
        Provider("deepinfra", ("DEEPINFRA_API_KEY",)),
        Provider("deepseek", ("DEEPSEEK_API_KEY",), "deepseek-"),
        Provider("fireworks_ai", ("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY")),
        Provider("gemini", ("GEMINI_API_KEY", "GOOGLE_API_KEY"), "gemini-"),
        Provider("groq", ("GROQ_API_KEY",)),
        Provider("hosted_vllm"),
        Provider("huggingface"),
        Provider("lm_studio"),
        Provider("mistral", ("MISTRAL_API_KEY",), "mistral-"),
        Provider("nvidia_nim", ("NVIDIA_NIM_API_KEY",)),
        Provider("ollama"),
        Provider("openrouter", ("OPENROUTER_API_KEY", "OR_API_KEY")),
        Provider("perplexity", ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY")),
        Provider("sagemaker"),
        Provider("sambanova", ("SAMBANOVA_API_KEY",)),
        Provider("together_ai", ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY", "TOGETHER_AI_API_KEY")),
        Provider("vertex_ai"),
        Provider("watsonx"),
        Provider("xai", ("XAI_API_KEY",), "grok-"),
    )
}


def provider_of(model: str) -> Provider | None:
    """Return the provider a model's prefix names, or None.

    >>> provider_of("anthropic/claude-haiku-4-5").keys
    ('ANTHROPIC_API_KEY',)
    >>> provider_of("gpt-4.1-mini") is None
    True
    """
    prefix, slash, _ = model.partition("/")
    return PROVIDERS.get(prefix) if slash else None


def provider_meant(model: str) -> Provider | None:
    """Return the provider whose models have names like this one, written without its prefix.

    >>> provider_meant("claude-haiku-4-5").prefix
    'anthropic'
    """
    return next((one for one in PROVIDERS.values() if one.family and model.startswith(one.family)), None)
