"""One draw for all phases: its exact value, nested probabilities, the control slice, and what a product would do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pydantic import ValidationError

from evalgate.core.phases import Phases, shared_draw
from evalgate.core.statistics.sampled import sampled_mean
from evalgate.core.statistics.weighting import Drawn

OPENSSL = "41b85d386d046a8a4a8d6c57123483d797dc7bb00c06564cbd6726da8f3a52e6"
"""What `printf 'evalgate:phases:v1\\0conversation-1' | openssl dgst -sha256 -hmac salt` prints."""


def test_the_draw_is_the_first_53_bits_of_a_published_mac():
    assert shared_draw("salt", "conversation-1") == (int(OPENSSL[:16], 16) >> 11) / 2**53 == 0.25671942355713073
    assert shared_draw("project-7", "9f1c") == 0x151B250CC27CBE / 2**53
    assert shared_draw("", "") == 0x995F5D2866BB4 / 2**53


def test_another_salt_and_another_conversation_are_other_draws_and_any_text_is_an_id():
    draws = {shared_draw(salt, name) for salt in ("a", "b") for name in ("1", "2", "ação", "\ud800", "1\0")}
    assert len(draws) == 10
    assert all(0 <= draw < 1 for draw in draws)


def test_the_draws_of_numbered_conversations_are_uniform():
    draws = np.sort([shared_draw("day", f"conversation-{i}") for i in range(20_000)])
    distance = np.max(np.abs(draws - (np.arange(20_000) + 0.5) / 20_000))
    assert distance < 1.95 / math.sqrt(20_000)  # Kolmogorov-Smirnov at .001


def test_draws_under_two_salts_are_not_tied():
    names = [f"conversation-{i}" for i in range(5_000)]
    one, two = ([shared_draw(salt, name) for name in names] for salt in ("phases", "labels"))
    assert abs(np.corrcoef(one, two)[0, 1]) < 4 / math.sqrt(5_000)


def test_a_phase_takes_what_lies_below_its_chance_and_the_later_ones_are_among_the_earlier():
    phases = Phases(chances=(1.0, 0.25, 0.05))
    assert [phases.taken(draw) for draw in (0.0, 0.0499, 0.05, 0.2499, 0.25, 1 - 2**-53)] == [3, 3, 2, 2, 1, 1]
    assert [phases.weight(phase) for phase in range(3)] == [1, 4, 20]


def test_a_later_phase_that_takes_more_is_refused():
    with pytest.raises(ValidationError, match=r"takes 0\.3 of what the one before it takes 0\.2 of"):
        Phases(chances=(0.5, 0.2, 0.3))


def test_a_chance_that_would_make_an_item_weigh_a_thousand_is_refused_and_none_at_all_is_not():
    with pytest.raises(ValidationError, match=r"takes 0\.001; take 0\.002 at least"):
        Phases(chances=(0.5, 0.001))
    assert Phases(chances=(0.5, 0.002, 0.0)).taken(0.0) == 2


def test_an_item_that_control_and_enrichment_both_want_is_taken_with_the_larger_chance():
    phases = Phases(chances=(0.5, 0.01)).with_control(0.05)
    assert phases.chances == (0.5, 0.05)
    assert Phases(chances=(0.5, 0.1, 0.0)).with_control((0.02, 0.02, 0.01)).chances == (0.5, 0.1, 0.01)


def days(runs, n=4_000):
    """Days whose second phase asks more about what the first one found risky; the truth of each is its mean."""
    rng = np.random.default_rng(12)
    for _ in range(runs):
        risky = rng.random(n) < 0.3
        scores = (rng.random(n) < np.where(risky, 0.7, 0.95)).astype(float)
        first, second = np.where(risky, 0.8, 0.2), np.where(risky, 0.4, 0.3)
        yield scores, first, second, rng.random(n)


def covered(point, se):
    """The share of 95 % intervals that hold the truth, .3·.7 + .7·.95."""
    return np.mean(np.abs(np.array(point) - 0.875) <= 1.96 * np.array(se))


def test_section_12_a_product_of_chances_on_one_draw_hardly_ever_covers_and_the_whole_chance_does():
    product, whole = [], []
    for scores, first, second, draw in days(400):
        reached = np.minimum(first, second)
        taken = draw < reached
        product.append(sampled_mean(Drawn(scores[taken], (first * second)[taken])))
        whole.append(sampled_mean(Drawn(scores[taken], reached[taken])))
    assert np.mean([each.point for each in product]) - 0.875 > 0.03
    assert covered([each.point for each in product], [each.se for each in product]) < 0.05
    assert abs(np.mean([each.point for each in whole]) - 0.875) < 0.002
    assert 0.925 <= covered([each.point for each in whole], [each.se for each in whole]) <= 0.975


def test_section_12_a_product_is_right_where_each_phase_draws_for_itself():
    rng = np.random.default_rng(13)
    apart = []
    for scores, first, second, draw in days(400):
        taken = (draw < first) & (rng.random(len(draw)) < second)
        apart.append(sampled_mean(Drawn(scores[taken], (first * second)[taken])))
    assert abs(np.mean([each.point for each in apart]) - 0.875) < 0.004
    assert 0.925 <= covered([each.point for each in apart], [each.se for each in apart]) <= 0.975
