"""Links as people and renderers meet them: addresses, Markdown, HTML, bare domains; where they stand, where they lead.

A target is what a browser would open: without invisible characters and full-width letters, which are a disguise,
without the stop or the bracket that closes the sentence around it.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from string import ascii_letters, digits
from typing import NamedTuple

from evalgate.checks.text.invisibles import ANY
from evalgate.checks.text.signs import signs

_OUTSIDE = r"\s<>\"`|\[\]“”«»‹›—、。，；：！？（）「」『』【】《》"
_URL = re.compile(
    r"(?<![^\W_])(?P<opens>[a-z][a-z0-9+.-]{1,30}:(?:\\?[/\\]){2}|(?:https?|javascript|vbscript|mailto|blob|view-source):(?=[^\s:])"
    r"|data:(?:[a-z]+/[a-z0-9.+-]+)?[;,](?=\S)|www\.(?=[^\W_]))"
    rf"(?:[^\s/@\[\]]*@)?(?:\[[0-9a-f:.]*\])?(?:(?![,;]https?:)[^{_OUTSIDE}])*",
    re.IGNORECASE,
)
_URL_SIGN = re.compile(r":\S|[Ww][Ww][Ww]\.\w")
_BARE_SIGN = re.compile(r"\.[^\W_]")
_BARE = re.compile(r"(?<![\w@./:\\%=&+#~$-])[^\W_][\w-]*(?:\.[^\W_][\w-]*)+")
_AFTER_HOST = re.compile(rf"(?::[0-9]{{1,5}})?(?:[/?#][^{_OUTSIDE}]*)?")
_INLINE = re.compile(
    r"(?:(?P<bang>!?)\[(?P<shown>[^\[\]]*)\]|\])\(\s*+"
    r"(?:<(?P<angled>[^<>\n]*)|(?P<plain>(?:\([^\s()]{0,500}\)|[^\s()<>\[\]])++))"
)
_DEFINITION = re.compile(r"^ {0,3}\[(?P<id>[^\[\]\n]+)\]:[ \t]*+\n?[ \t]*+<?(?P<plain>[^\s<>]++)", re.MULTILINE)
_IMAGE_BY_NAME = re.compile(r"!\[(?P<alt>[^\[\]]*)\](?:\[(?P<id>[^\[\]]*)\])?")
_TAG = re.compile(r"<(?P<tag>[A-Za-z][A-Za-z0-9:-]*+)(?P<inside>(?:\"[^\"]*\"|'[^']*'|[^\"'<>])*+)")
_ATTRIBUTE = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z:-]*+)\s*+=\s*+(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<naked>[^\s\"'<>`]++))"
)
_ADDRESSES_IN = {
    "srcset": re.compile(r"[^\s,]+"),
    "style": re.compile(r"(?<=url\()\s*['\"]?\s*(?P<value>[^'\")\s]+)", re.IGNORECASE),
    "content": re.compile(r"(?<=url=)\s*['\"]?(?P<value>[^'\"\s]+)", re.IGNORECASE),
}
"""Attributes that hold addresses among other things."""
_WHOLE = re.compile(r".+", re.DOTALL)
_LOADS = frozenset({"src", "srcset", "data", "poster", "background", "xlink:href", "style", "content"})
_LEADS = frozenset({"href", "action", "formaction", "ping", "cite"})
_LOADS_BY_HREF = frozenset({"link", "image", "use", "base"})
_LEAVES = re.compile(r"[a-z][a-z0-9+-]+:|[/\\]{2}", re.IGNORECASE)
"""How a target begins that leads elsewhere: others are places on the page's own site."""
_UNSEEN = re.compile(r"[\x00-\x20]+")
_CLOSING = ".,;:!?…'’*_~\\"
_SHOWN_AT_MOST = 300
_ALT_AT_MOST = 1_000
_SHORTEST = 5  # //a.b
_BEHIND = 60
"""Characters behind a sign that are read with it: where signs stand close, each by itself would cost more."""

_DISGUISE = f"\u00ad{ANY}．-：Ａ-Ｚａ-ｚ"
_TO_ASCII = {ord(char) + 0xFEE0: char for char in f"./:{ascii_letters}{digits}"}

_TLDS = """
    app ar au biz br ca cat ch cl cloud club cn co com cr cu cz de dev ec edu es eu eus example fr gal gl gov gr gt
    hk hn icu ie il in info int invalid io it jp ke kr kz li localhost loja lu ly me mil mobi mx mz net ng ni nl nz
    onion online org pa pe pr pt ru sg shop site store su sv tech tienda tk top tr tv tw ua uk us uy vip website
    xxx xyz za рф укр
"""
"""Last parts of domains that stand for themselves."""
_TLDS_WITH_A_PATH = """
    ac ad ae af ag ai al am ao as at ax az ba bank bd be bg bh bid blog bo bw by bz casino cc cd cf cg chat ci click
    cm cv cx cy digital dj dk do dz ee eg email et fi finance fj fm fo ga ge gg gh gi gp gq gs gw gy help hr ht hu
    id im iq ir is je jm jo kg kh ki kw ky la lb lc link live lk loan ls lt lv ma mc md mg mk ml mm mn mo mov ms mt
    mu mv mw my na name nc ne news no np nu om page pf ph pk pl pm pro promo ps pw py qa re ro rs rw sa sb sc sd se sh
    si sk sl sm sn so space sr st stream support sx sy sz td test tg th tj tm tn to travel tt tz ug uz va vc ve vg
    vn vu win work world ws ye zip zm zw
"""
"""Last parts that are words and file endings too: they make a domain when a path follows."""
_NOT_DOMAINS = frozenset({"asp.net", "ado.net", "vb.net", "ml.net", "socket.io"})


class Link(NamedTuple):
    """A link of a text, in code points of the original."""

    start: int
    end: int
    target: str
    """What a browser would open; a bare domain has no scheme."""
    loads: bool = False
    """Whether it is opened by who shows the text, without a click: an image, a frame, a style."""
    shown: str | None = None
    """What people see of it, when that is something else."""
    bare: bool = False
    disguised: bool = False
    """Whether it is written with characters that hide it from people or from filters."""


def links(text: str, at_most: int, *, bare: bool = True) -> list[Link]:
    """Return the links of a text in order, at most so many; `bare` says whether domains without a scheme are links.

    >>> written = "Veja (https://acme.example/a_(b)). ![x](//cdn.example/i.png) ou acme.com.br!"
    >>> [link.target for link in links(written, at_most=9)]
    ['https://acme.example/a_(b)', '//cdn.example/i.png', 'acme.com.br']
    """
    seen, back = _undisguised(text)
    if "link" not in signs(seen):
        return []
    inline = list(_INLINE.finditer(seen)) if "](" in seen else []
    found = list(islice(chain(_inline(seen, inline), _defined(seen), _attributes(seen)), at_most))
    taken = _Stretches(
        [(link.start, link.end) for link in found] + [match.span("shown") for match in inline if match["shown"]]
    )
    urls = list(islice(_urls(seen, taken), at_most))
    found += urls
    if bare:
        taken = _Stretches(taken.all + [(link.start, link.end) for link in urls])
        found += islice(_bare(seen, taken), at_most)
    found = sorted(found)[:at_most]
    return found if back is None else [_in_original(link, back, text) for link in found]


def _undisguised(text: str) -> tuple[str, Sequence[int] | None]:
    """Return a text without what disguises a link, and the original index of each character."""
    if text.isascii() or "rare" not in signs(text) or _disguise().search(text) is None:
        return text, None
    unseen = {char for char in set(_disguise().findall(text)) if ord(char) not in _TO_ASCII}
    if not unseen:
        return text.translate(_TO_ASCII), range(len(text))
    kept = [at for at, char in enumerate(text) if char not in unseen]
    return "".join([text[at] for at in kept]).translate(_TO_ASCII), kept


def _in_original(link: Link, back: Sequence[int], text: str) -> Link:
    start, end = back[link.start], back[link.end - 1] + 1
    return link._replace(start=start, end=end, disguised=_disguise().search(text[start:end]) is not None)


def _inline(text: str, matches: Iterable[re.Match[str]]) -> Iterator[Link]:
    """Yield the destinations of `[shown](target)` and `![shown](target)`."""
    for match in matches:
        group = "plain" if match["angled"] is None else "angled"
        written = match[group]
        if len(written) >= _SHORTEST:
            loads = match["bang"] == "!" if match["shown"] is not None else _is_alt(text, match.start())
            yield from _leading(written, match.start(group), loads=loads, shown=match["shown"])


def _is_alt(text: str, end: int) -> bool:
    """Return whether the brackets that close at `end`, which hold others, describe an image."""
    opened = text.rfind("![", max(0, end - _ALT_AT_MOST), end)
    return opened >= 0 and "](" not in text[opened:end]


def _defined(text: str) -> Iterator[Link]:
    """Yield the targets of `[name]: target`, which an image elsewhere may load by its name."""
    if "]:" not in text:
        return
    loaded = {(match["id"] or match["alt"]).casefold() for match in _IMAGE_BY_NAME.finditer(text)}
    for match in _DEFINITION.finditer(text):
        yield from _leading(match["plain"], match.start("plain"), loads=match["id"].casefold() in loaded)


def _attributes(text: str) -> Iterator[Link]:
    """Yield the targets in the attributes of HTML tags."""
    for tag in _TAG.finditer(text) if "=" in text else ():
        for attribute in _ATTRIBUTE.finditer(tag["inside"]):
            name = attribute["name"].lower()
            if name in _LOADS or name in _LEADS:
                group = next(kind for kind in ("double", "single", "naked") if attribute[kind] is not None)
                start = tag.start("inside") + attribute.start(group)
                loads = name in _LOADS or (name == "href" and tag["tag"].lower() in _LOADS_BY_HREF)
                shown = None if loads else _words_after(text, tag.end())
                for one in _ADDRESSES_IN.get(name, _WHOLE).finditer(attribute[group]):
                    inner = "value" if "value" in one.groupdict() else 0
                    yield from _leading(one[inner], start + one.start(inner), loads=loads, shown=shown)


def _words_after(text: str, end: int) -> str:
    return text[end + 1 : end + _SHOWN_AT_MOST].partition("<")[0]


def _leading(written: str, start: int, *, loads: bool = False, shown: str | None = None) -> Iterator[Link]:
    """Yield the link in a destination, unless it stays on the page's own site."""
    target = html.unescape(written) if "&" in written else written
    target = _UNSEEN.sub("", target)
    if written and _LEAVES.match(target):
        yield Link(start, start + len(written), target, loads, shown)


def _near(sign: re.Pattern[str], pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of a pattern that spans no space and needs a sign: it reads only what stands about one."""
    end = 0
    while found := sign.search(text, end):
        begin = max(end, text.rfind(" ", end, found.start()) + 1)
        end = text.find(" ", found.end() + _BEHIND)
        end = len(text) if end < 0 else end
        yield from pattern.finditer(text, begin, end)


def _urls(text: str, taken: _Stretches) -> Iterator[Link]:
    for match in _near(_URL_SIGN, _URL, text):
        if taken.hold(match.start()):
            continue
        end = _closed(text, match.start(), match.end())
        if end > match.end("opens"):
            yield Link(match.start(), end, text[match.start() : end])


def _bare(text: str, taken: _Stretches) -> Iterator[Link]:
    """Yield domains without a scheme; where their last part is a word too, only with a path."""
    for match in _near(_BARE_SIGN, _BARE, text):
        if taken.hold(match.start()):
            continue
        host, end = match[0], match.end()
        name, _, last = host.rpartition(".")
        if text[end : end + 1] in {"@", "("} or not (last.islower() or host.isupper()) or host.lower() in _NOT_DOMAINS:
            continue
        known = last.lower()
        path = _AFTER_HOST.match(text, end)
        after = path.end() if path else end
        alone = (known in _tlds() or known.startswith("xn--")) and len(name.rpartition(".")[2]) > 1  # S.A.de C.V.
        if alone or (after > end + 1 and (known in _tlds() or known in _tlds_with_a_path())):
            after = _closed(text, match.start(), after)
            yield Link(match.start(), after, text[match.start() : after], bare=True)


def _closed(text: str, start: int, end: int) -> int:
    """Return where a link ends that the sentence or a bracket around it closes."""
    open_brackets = {")": text.count("(", start, end), "}": text.count("{", start, end)}
    closing = {")": text.count(")", start, end), "}": text.count("}", start, end)}
    while end > start + 1:
        last = text[end - 1]
        if last in closing and closing[last] > open_brackets[last]:
            closing[last] -= 1
        elif last not in _CLOSING:
            break
        end -= 1
    return end


class _Stretches:
    """Stretches of a text that are spoken for."""

    def __init__(self, stretches: Iterable[tuple[int, int]]) -> None:
        self.all = sorted(stretches)
        self._starts = [start for start, _ in self.all]

    def hold(self, start: int) -> bool:
        """Return whether what starts there begins inside one of them."""
        before = bisect_right(self._starts, start) - 1
        return before >= 0 and start < self.all[before][1]


@lru_cache(maxsize=1)
def _disguise() -> re.Pattern[str]:
    return re.compile(f"[{_DISGUISE}]")


@lru_cache(maxsize=1)
def _tlds() -> frozenset[str]:
    return frozenset(_TLDS.split())


@lru_cache(maxsize=1)
def _tlds_with_a_path() -> frozenset[str]:
    return frozenset(_TLDS_WITH_A_PATH.split())
