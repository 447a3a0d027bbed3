"""A real LiteLLM proxy, configured as docs/integrations/litellm.md says, sends to a real server."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import yaml

from tests.senders.conftest import ANSWER, Evalgate, answers, block, free_port, wait_for

MODELS = {
    "model_list": [
        {
            "model_name": name,
            "litellm_params": {"model": "openai/gpt-4o-mini", "api_key": "none", "mock_response": said},
        }
        for name, said in (("chat-default", ANSWER), ("broken", "litellm.InternalServerError"))
    ]
}
CACHE = {"cache": True, "cache_params": {"type": "local"}}


@contextmanager
def proxied(theirs: Path, folder: Path, evalgate: Evalgate) -> Iterator[httpx.Client]:
    """Run the proxy; the page's configuration is used as it stands, but for the address."""
    ours = block("litellm.md", "yaml").replace("https://evals.example.org", evalgate.address)
    config = {**MODELS, **yaml.safe_load(ours)}
    config["litellm_settings"] |= CACHE
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    key, port = f"sk-{secrets.token_hex(32)}", free_port()
    environment = {
        **os.environ,
        "LITELLM_MASTER_KEY": key,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "INGEST_AUTHORIZATION": f"Bearer {evalgate.token}",
        "DEFAULT_FLUSH_INTERVAL_SECONDS": "1",
    }
    command = [str(theirs / "litellm"), "--config", "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "proxy.log").open("wb") as log:
        proxy = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(f"{address}/health/liveliness"), 120)
        with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
            yield client
    finally:
        proxy.kill()
        proxy.wait()


def asked(proxy: httpx.Client, question: str, model: str = "chat-default") -> int:
    body = {"model": model, "messages": [{"role": "user", "content": question}], "user": "ana@example.com"}
    return proxy.post("/v1/chat/completions", json=body, timeout=60).status_code


def test_a_real_proxy_delivers_answers_cache_hits_and_failures_though_the_server_was_away(
    theirs: Path, tmp_path: Path, evalgate: Evalgate
) -> None:
    with proxied(theirs, tmp_path, evalgate) as proxy:
        assert [asked(proxy, "¿Cuándo llega mi pedido?") for _ in range(2)] == [200, 200]
        assert asked(proxy, "¿Y ahora?", "broken") == 500
        log = tmp_path / "proxy.log"
        wait_for(lambda: "retrying request" in log.read_text(encoding="utf-8", errors="replace"))
        evalgate.start()
        arrived = wait_for(lambda: len(found := evalgate.interactions()) >= 3 and found, 60)
    first, again, failed = sorted(arrived, key=lambda one: one.started)
    assert [(one.source, one.state, one.model_requested) for one in arrived[:2]] == [
        ("litellm", "complete", "chat-default")
    ] * 2
    assert first.input[0].content == "¿Cuándo llega mi pedido?"
    assert first.output[0].content == again.output[0].content == ANSWER
    assert (first.cache_hit, again.cache_hit) == (None, True)
    assert again.external_id != first.external_id
    assert (failed.state, failed.error, failed.output) == ("complete", "InternalServerError", ())
    assert "ana@example.com" not in "".join(one.model_dump_json() for one in arrived)
