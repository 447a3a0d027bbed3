"""Places in a JSON text: where the value at a path of keys and indexes stands."""

from __future__ import annotations

import re
from collections.abc import Iterable

Path = tuple[str | int, ...]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]++')


def places(text: str, paths: Iterable[Path]) -> dict[Path, tuple[int, int]]:
    """Return where the values at some paths of a valid JSON text stand; of equal keys the last one counts.

    >>> places('{"a": [1, {"b": "é"}]}', [("a", 1, "b"), ("a", 0)])
    {('a', 0): (7, 8), ('a', 1, 'b'): (16, 19)}
    """
    import orjson

    wanted = set(paths)
    found: dict[Path, tuple[int, int]] = {}
    path: list[str | int] = []
    starts: list[int] = []
    waits_for_key = False
    for token in _TOKEN.finditer(text):
        sign, start, end = token[0], token.start(), token.end()
        if sign in "{[":
            starts.append(start)
            path.append("" if sign == "{" else 0)
            waits_for_key = sign == "{"
        elif sign in "}]":
            path.pop()
            waits_for_key = False
            start = starts.pop()
            if (place := tuple(path)) in wanted:
                found[place] = (start, end)
        elif sign == ",":
            last = path[-1]
            waits_for_key = isinstance(last, str)
            path[-1] = "" if isinstance(last, str) else last + 1
        elif sign == ":":
            waits_for_key = False
        elif waits_for_key:
            path[-1] = orjson.loads(sign)
        elif (place := tuple(path)) in wanted:
            found[place] = (start, end)
    return found
