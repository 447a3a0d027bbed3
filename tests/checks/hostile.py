"""Texts of 100 kB that were written to cost time: every check meets every one of them."""

from __future__ import annotations

HOSTILE = {
    "letters": "a" * 100_000,
    "accents": "á é " * 25_000,
    "marks": "a\u0301" * 50_000,
    "digits": "1" * 100_000,
    "cards": "4111 " * 20_000,
    "bad CPFs": "123.456.789-00 " * 6_666,
    "good CPFs": "529.982.247-25 " * 6_666,
    "at signs": "a@" * 50_000,
    "e-mails": "a@b.co " * 14_285,
    "terms": "garantizado " * 8_333,
    "stops": "." * 100_000,
    "stops and letters": ".a" * 50_000,
    "blank lines": "\n \n" * 33_333,
    "brackets": "[" * 100_000,
    "deep objects": '{"a":' * 20_000,
    "flat list": "[" + "1," * 49_998 + "1]",
    "mixed list": '["x",' + '1,"a",' * 16_660 + "1]",
    "ideographs": "".join(map(chr, range(0x4E00, 0x9F00))) * 5,
    "backticks": "`" * 100_000,
    "encoded": "YWNtZSBpcyBnb29kIGZvciB5b3U= %41%42 &eacute; " * 2_000,
}
