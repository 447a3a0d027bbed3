"""`refusal` on XSTest: above the published string match on every model, the three never looked at among them."""

from __future__ import annotations

from pathlib import Path

from benchmarks.refusal_xstest import TUNED, agreements

PUBLISHED = {"gpt4": 0.936, "llama2new": 0.924, "mistralinstruct": 0.860, "llama2orig": 0.893, "mistralguard": 0.809}
"""Agreement of the published string match with people, complied or refused."""


def test_the_published_string_match_comes_out_as_published_and_the_check_is_above_it_everywhere(realdata: Path) -> None:
    found = list(agreements(realdata))
    assert {one.model: round(one.string_match / one.n, 3) for one in found} == PUBLISHED
    assert [one.model for one in found if one.ours <= one.string_match] == []
    assert {one.model for one in found} > set(TUNED)
    assert {one.n for one in found} == {450}
