"""Which transport, address and key a model's name and the environment lead to."""

from __future__ import annotations

import subprocess
import sys

import pytest

from evalgate.core.errors import WrongAsWritten
from evalgate.core.models import Unusable
from evalgate.providers.direct import DirectClient
from evalgate.providers.select import PUBLIC_OPENAI, endpoint_for, open_client
from evalgate.providers.via_litellm import LitellmClient

KEYED = {"OPENAI_API_KEY": "sk-a"}
OWN = {"EVALGATE_JUDGE_BASE_URL": "http://models.internal:8000/v1/"}


@pytest.mark.parametrize("name", ["gpt-4.1-mini", "openai/gpt-4.1-mini"])
def test_a_plain_name_is_asked_at_the_public_server(name: str) -> None:
    found = endpoint_for(name, KEYED)
    assert (found.transport, found.base_url, found.sent_as) == ("direct", PUBLIC_OPENAI, "gpt-4.1-mini")
    assert (found.model, found.provider, found.key_variable) == (name, "openai", "OPENAI_API_KEY")


def test_a_server_of_ones_own_is_asked_under_the_name_as_written() -> None:
    for name in ("openai/gpt-oss-20b", "meta-llama/Llama-3.1-8B", "anthropic/claude-haiku-4-5", "m"):
        found = endpoint_for(name, {**KEYED, **OWN})
        assert (found.transport, found.base_url, found.sent_as) == ("direct", "http://models.internal:8000/v1", name)


def test_the_key_of_one_server_is_never_for_another() -> None:
    assert endpoint_for("m", {**KEYED, **OWN}).key is None


def test_a_prefix_nobody_claims_goes_to_the_server_that_was_set() -> None:
    found = endpoint_for("meta-llama/Llama-3.1-8B", {"OPENAI_BASE_URL": "http://127.0.0.1:8000/v1"})
    assert (found.sent_as, found.provider) == ("meta-llama/Llama-3.1-8B", "compatible")


@pytest.mark.parametrize(
    ("name", "variable"),
    [("anthropic/claude-haiku-4-5", "ANTHROPIC_API_KEY"), ("gemini/gemini-2.5-flash", "GEMINI_API_KEY")],
)
def test_a_providers_prefix_leads_to_litellm_and_its_key(name: str, variable: str) -> None:
    found = endpoint_for(name, {variable: "k-1"})
    assert (found.transport, found.sent_as, found.base_url, found.key_variable) == ("litellm", name, None, variable)
    assert isinstance(open_client(found), LitellmClient)


def test_the_first_variable_that_is_set_counts() -> None:
    assert endpoint_for("gemini/gemini-2.5-flash", {"GOOGLE_API_KEY": "k"}).key_variable == "GOOGLE_API_KEY"


def test_a_transport_may_be_insisted_on() -> None:
    found = endpoint_for("gpt-4.1-mini", {**KEYED, "EVALGATE_TRANSPORT": "litellm"})
    assert (found.transport, found.sent_as, found.base_url) == ("litellm", "openai/gpt-4.1-mini", PUBLIC_OPENAI)
    assert isinstance(open_client(endpoint_for("m", {**KEYED, "EVALGATE_TRANSPORT": "direct"})), DirectClient)


@pytest.mark.parametrize(
    ("name", "environ", "told"),
    [
        ("antropic/claude-x", KEYED, "no provider is called 'antropic'. Did you mean 'anthropic'?"),
        ("claude-haiku-4-5", KEYED, "write anthropic/claude-haiku-4-5"),
        ("m", {"EVALGATE_TRANSPORT": "direkt"}, "Did you mean 'direct'?"),
        ("anthropic/claude-x", {"EVALGATE_TRANSPORT": "direct"}, "set EVALGATE_JUDGE_BASE_URL to one, or unset"),
        ("m", {"OPENAI_BASE_URL": "models.example/v1"}, "OPENAI_BASE_URL=models.example/v1: write an address such as"),
        ("m", {"OPENAI_BASE_URL": "http://[::1/v1"}, "write an address such as"),
        ("m", {"OPENAI_BASE_URL": "ftp://models.example"}, "write an address such as"),
        ("m", {"OPENAI_BASE_URL": "https://u:secret@models.example"}, "an address holds no password and no query"),
        ("m", {"OPENAI_BASE_URL": "https://models.example/v1?key=secret"}, "an address holds no password and no query"),
        ("m", {"https_proxy": "socks5://proxy.example:1080"}, "only http:// and https:// proxies"),
    ],
)
def test_what_nothing_can_use_is_wrong_as_written(name: str, environ: dict[str, str], told: str) -> None:
    with pytest.raises(WrongAsWritten) as caught:
        endpoint_for(name, environ)
    assert told in str(caught.value)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "variable"), [("gpt-4.1-mini", "OPENAI_API_KEY"), ("groq/llama-3.3-70b-versatile", "GROQ_API_KEY")]
)
def test_a_missing_key_is_no_error_to_plan_with_and_exit_four_to_ask_with(name: str, variable: str) -> None:
    found = endpoint_for(name, {})
    with pytest.raises(Unusable, match=f"{variable} is not set, so judge {name} cannot be asked; set it") as caught:
        open_client(found)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/v1", "http://localhost/v1", "http://[::1]:8000/v1", OWN["EVALGATE_JUDGE_BASE_URL"]]
)
def test_a_server_of_ones_own_needs_no_key(url: str) -> None:
    assert isinstance(open_client(endpoint_for("m", {"OPENAI_BASE_URL": url})), DirectClient)


@pytest.mark.parametrize("key", ["sk-a\nsk-b", "sk-ñ", "sk-\x00"])
def test_a_key_that_can_be_none_is_told_without_showing_it(key: str) -> None:
    with pytest.raises(Unusable, match="OPENAI_API_KEY holds a character that no key has") as caught:
        open_client(endpoint_for("m", {"OPENAI_API_KEY": key}))
    assert "sk-" not in str(caught.value)


def test_spaces_around_a_key_are_not_part_of_it() -> None:
    found = endpoint_for("m", {"OPENAI_API_KEY": " sk-a\n"})
    assert found.key is not None
    assert found.key.get_secret_value() == "sk-a"


def test_an_endpoint_shows_no_secret() -> None:
    environ = {"OPENAI_API_KEY": "sk-secret", "https_proxy": "http://u:secret@proxy.example"}
    found = endpoint_for("m", environ)
    assert found.proxy == "http://u:secret@proxy.example"
    for shown in (repr(found), str(found), found.model_dump_json(), found.limit_key):
        assert "secret" not in shown


def test_limits_are_shared_by_provider_address_and_key() -> None:
    one = endpoint_for("gpt-4.1-mini", KEYED).limit_key
    assert one == endpoint_for("gpt-4.1", KEYED).limit_key
    assert one != endpoint_for("gpt-4.1-mini", {"OPENAI_API_KEY": "sk-b"}).limit_key
    assert one != endpoint_for("gpt-4.1-mini", {**KEYED, "OPENAI_BASE_URL": "http://localhost/v1"}).limit_key


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({"https_proxy": "http://p:1"}, "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ({"ALL_PROXY": "http://p:1"}, "http://p:1"),
        ({"http_proxy": "http://p:1"}, None),
        ({"https_proxy": "http://p:1", "no_proxy": "openai.com"}, None),
        ({"https_proxy": "http://p:1", "NO_PROXY": "*"}, None),
        ({"https_proxy": "http://p:1", "NO_PROXY": "other.example"}, "http://p:1"),
        ({"http_proxy": "http://p:1", "OPENAI_BASE_URL": "http://localhost:8/v1"}, None),
        ({"http_proxy": "http://p:1", "OPENAI_BASE_URL": "http://models.internal/v1"}, "http://p:1"),
    ],
)
def test_the_proxy_is_the_one_the_environment_names(environ: dict[str, str], proxy: str | None) -> None:
    assert endpoint_for("m", environ).proxy == proxy


def test_choosing_imports_neither_transport() -> None:
    script = (
        "import sys; from evalgate.providers.select import endpoint_for; endpoint_for('m', {})\n"
        "print([name for name in ('litellm', 'aiohttp', 'asyncio', 'urllib.request') if name in sys.modules])"
    )
    chosen = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (chosen.stdout, chosen.stderr) == ("[]\n", "")
