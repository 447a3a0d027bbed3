"""Addresses of links as a browser takes them apart, and what their hosts are."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from evalgate.checks.text.scripts import only_lookalikes

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+-]*):")
_AUTHORITY = re.compile(r"[/\\]*[^/?#@]+@")
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]*|[0-9]+")
_LONGEST_HOST = 253
_EUROPEAN = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})
"""Scripts whose letters look alike: a name that mixes two of them wants to be mistaken."""

_SHORTENERS = """
    1url.com abre.ai acortar.link adf.ly bc.vc bit.do bit.ly bitly.com bl.ink buff.ly chilp.it clck.ru cutt.ly did.li
    dlvr.it encr.pw encurtador.com.br goo.gl goo.su han.gl is.gd j.mp kutt.it l.ead.me lnkd.in me2.do n9.cl oke.io
    ouo.io ow.ly po.st q.gs qr.ae qrco.de rb.gy rebrand.ly s.id short.gy short.io shorte.st shorturl.at shrtco.de
    snip.ly soo.gd surl.li t.co t.ly t2m.io tiny.cc tiny.one tinyurl.com tny.im trib.al u.nu u.to urlz.fr v.gd vu.fr
    x.co x.gd zpr.io
"""
SHORTENERS = frozenset(_SHORTENERS.split())
"""Domains that lead anywhere: a link to them says nothing of where it goes."""


class Address(NamedTuple):
    """A link taken apart."""

    scheme: str
    """In small letters; empty when it is not written."""
    user: bool
    """Whether something stands before an @ in front of the host."""
    host: str
    """In small letters, without port, brackets and last stop; empty where the scheme has none."""
    rest: str
    """Path, query and fragment."""


@lru_cache(maxsize=1024)
def address(target: str) -> Address:
    r"""Return the parts of a link's target, read as browsers do: \ is /, and slashes may be missing after https.

    >>> address("HTTPS:\\\\acme.example@evil.example:8080/a?b")
    Address(scheme='https', user=True, host='evil.example', rest='/a?b')
    >>> address("www.acme.example/x"), address("mailto:ana@acme.example?cc=b").host
    (Address(scheme='', user=False, host='www.acme.example', rest='/x'), 'acme.example')
    """
    written = _SCHEME.match(target)
    scheme = written[1].lower() if written and not target.startswith(("//", "www.")) else ""
    after = target[len(scheme) + 1 :] if scheme else target
    if scheme in {"mailto", "sip", "xmpp"}:
        name, _, _ = after.partition("?")
        return Address(scheme, user=False, host=_plain(name.rpartition("@")[2]), rest="")
    after = after.replace("\\/", "/")
    before_slash = _AUTHORITY.match(after)  # what stands before an @ for those who do not read \ as /
    after = after.replace("\\", "/")
    if scheme and scheme not in {"http", "https"} and not after.startswith("//"):
        return Address(scheme, user=False, host="", rest=after)
    after = after.lstrip("/")
    end = next((at for at, char in enumerate(after) if char in "/?#"), len(after))
    place = after[:end].rpartition("@")[2]
    host = place[1:].partition("]")[0] if place.startswith("[") else place.partition(":")[0]
    return Address(scheme, user=before_slash is not None, host=_plain(host), rest=after[end:])


def belongs(host: str, domain: str) -> bool:
    """Return whether a host is a domain or stands under it.

    >>> belongs("www.acme.example", "acme.example"), belongs("notacme.example", "acme.example")
    (True, False)
    """
    return host == domain or host.endswith(f".{domain}")


def is_ip(host: str) -> bool:
    """Return whether a host is a number, in any of the ways that browsers understand.

    >>> is_ip("127.0.0.1"), is_ip("0x7f.1"), is_ip("2130706433"), is_ip("::1"), is_ip("1.acme.example")
    (True, True, True, True, False)
    """
    return ":" in host or (bool(host) and all(map(_NUMBER.fullmatch, host.split("."))))


@lru_cache(maxsize=1024)
def in_ascii(host: str) -> str | None:
    """Return a host as it goes over the wire, None when no such name can exist.

    >>> in_ascii("españa.example"), in_ascii("xn--zz-999.example")
    ('xn--espaa-rta.example', None)
    """
    import idna

    if len(host) > _LONGEST_HOST:
        return None
    if host.isascii() and "xn--" not in host:
        return host
    try:
        return idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return None


def is_lookalike(host: str) -> bool:
    """Return whether a host can be mistaken for another: mixed scripts, imitated Latin, or letters no name may have.

    >>> [is_lookalike(host) for host in ("аpple.example", "xn--80ak6aa92e.example", "españa.example", "пример.рф")]
    [True, True, False, False]
    """
    if host.isascii() and "xn--" not in host:
        return False
    wire = in_ascii(host)
    if wire is None:
        return True
    import idna

    return any(_is_mixed(label) or only_lookalikes(label) for label in idna.decode(wire).split("."))


def _is_mixed(label: str) -> bool:
    scripts = {unicodedata.name(char, "?").split(" ", 1)[0] for char in label if char.isalpha()}
    return len(scripts & _EUROPEAN) > 1


def _plain(host: str) -> str:
    return unquote(host).strip(".").lower()
