"""CVE-2026-2393 and its kind: an address that somebody wrote makes the server reach into its own network.

Every address of a host is looked at and the connection goes to one that was, so that a name which answers differently
a moment later gains nothing; no redirect is followed, no proxy of the environment asked.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from evalgate.production import webhooks
from evalgate.production.webhooks import Refused, is_public, looked_at, post
from tests.production.receiving import certificate_of, receiving

LOOPBACK = {"EVALGATE_WEBHOOK_ALLOW_LOOPBACK": "1"}
PUBLIC = "93.184.216.34"

HOSTILE_ADDRESSES = (
    "0.0.0.0",  # noqa: S104 - refused, not listened at
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.8.8.8",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
)
HOSTILE_URLS = (
    "http://hooks.example.org/",
    "ftp://hooks.example.org/",
    "file:///etc/passwd",
    "gopher://hooks.example.org:443/_x",
    "//hooks.example.org/",
    "https://",
    "https:///path",
    "https://hooks.example.org:22/",
    "https://hooks.example.org:8443/",
    "https://hooks.example.org:99999/",
    "https://user@hooks.example.org/",
    "https://hooks.example.org@169.254.169.254/",
    "https://hooks.example.org\\@169.254.169.254/",
    "https://hooks.example.org\t.evil.example/",
    "https://hooks.example.org/\r\nHost: metadata",
    "https://hooks.exämple.org/",
    "https://①②⑦.0.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://127.0.0.1./",
    "https://[::ffff:169.254.169.254]/",
    "https://[::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://%31%32%37.0.0.1/",
    f"https://{'a' * 64}.example.org/",
)


def answering(*answers: Sequence[str]) -> Callable[[str, int], Sequence[str]]:
    """Return a resolver that answers so, one time after the other; of an address in figures, with itself."""
    left = list(answers)
    return lambda host, _: [host] if ":" in host or host[-1].isdigit() else left.pop(0)


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_an_address_of_no_open_network_is_refused_alone_and_among_others(address):
    assert not is_public(address)
    for addresses in ([address], [PUBLIC, address]):
        with pytest.raises(Refused, match="not public"):
            looked_at("https://hooks.example.org/", {}, answering(addresses))


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_an_address_that_is_not_plain_https_is_refused_and_the_refusal_does_not_quote_it(url):
    with pytest.raises(Refused) as refused:
        looked_at(url, {}, answering([PUBLIC]))
    assert "example" not in str(refused.value)


def test_a_plain_address_leads_where_it_says():
    target = looked_at("https://hooks.example.org/a/b?c=d#e", {}, answering([PUBLIC, "2606:4700::6810:1"]))
    assert (target.host, target.port, target.path) == ("hooks.example.org", 443, "/a/b?c=d")
    assert target.addresses == (PUBLIC, "2606:4700::6810:1")


def test_a_name_that_answers_differently_a_moment_later_gains_nothing():
    resolver = answering([PUBLIC], ["169.254.169.254"])
    assert looked_at("https://hooks.example.org/", {}, resolver).addresses == (PUBLIC,)
    with pytest.raises(Refused, match="not public"):
        looked_at("https://hooks.example.org/", {}, resolver)


def test_the_connection_goes_to_the_address_that_was_looked_at_under_the_name_that_was_written(tmp_path: Path):
    certificate = certificate_of(tmp_path, "hooks.example.org")
    trust = ssl.create_default_context(cafile=str(certificate))
    with receiving(certificate) as told:
        url = f"https://hooks.example.org:{told.port}/hook"
        target = looked_at(url, LOOPBACK, answering(["127.0.0.1"]))
        assert post(target, b"{}", {"X": "1"}, trust).status == 200
        path, headers, body = told.requests[0]
        assert (path, headers["Host"], body) == ("/hook", f"hooks.example.org:{told.port}", b"{}")
        assert told.names == ["hooks.example.org"]
        with pytest.raises(ssl.SSLCertVerificationError):
            post(target._replace(host="other.example.org"), b"{}", {}, trust)
        with pytest.raises(ssl.SSLCertVerificationError):
            post(target, b"{}", {})
        assert len(told.requests) == 1


def test_a_redirect_is_not_followed_and_no_proxy_is_asked(monkeypatch):
    with receiving() as told, receiving() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        told.answers = [(302, {"Location": "http://169.254.169.254/latest/meta-data/"})]
        target = looked_at(f"http://127.0.0.1:{told.port}/", LOOPBACK)
        assert post(target, b"{}", {}).status == 302
        assert (len(told.requests), len(proxy.requests)) == (1, 0)


def test_a_target_that_speaks_one_byte_at_a_time_is_cut_off(monkeypatch):
    monkeypatch.setattr(webhooks, "DEADLINE_S", 0.3)

    def drip(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Header: and so on\r\n" * 50:
                connection.send(bytes([byte]))
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: drip(server.accept()[0]), daemon=True)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            post(looked_at(f"http://127.0.0.1:{server.getsockname()[1]}/", LOOPBACK), b"{}", {})
        assert time.monotonic() - begun < 5
        thread.join()


def test_the_loopback_exception_opens_this_machine_and_nothing_else():
    with pytest.raises(Refused):
        looked_at("http://127.0.0.1:8080/", {})
    assert looked_at("http://127.0.0.1:8080/", LOOPBACK).addresses == ("127.0.0.1",)
    for addresses in (["169.254.169.254"], ["127.0.0.1", "10.0.0.1"], ["10.0.0.1"]):
        with pytest.raises(Refused):
            looked_at("https://hooks.example.org:8443/", LOOPBACK, answering(addresses))
        with pytest.raises(Refused):
            looked_at("https://hooks.example.org/", LOOPBACK, answering(addresses))
