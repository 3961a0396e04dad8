"""The band around what is usual, and the count that would be too high."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from detector.band import deviation, rarity, upper


@given(st.floats(0.01, 500), st.floats(0.0, 3.0), st.floats(0.01, 1000))
def test_the_deviation_is_found_again_in_what_is_kept_of_a_minute(mean, spread, budget):
    kept = float(upper(np.array([mean]), np.array([spread]), rarity(budget))[0])
    assert deviation(mean, kept, rarity(budget)) == pytest.approx((mean + spread * mean**2) ** 0.5, rel=1e-6)


@pytest.mark.parametrize(("mean", "spread"), [(0.5, 0.2), (5, 0.2), (50, 0.1)])
def test_a_count_above_the_limit_is_about_as_rare_as_the_budget_allows(mean, spread):
    limit = float(upper(np.array([mean]), np.array([spread]), rarity(1.0))[0])
    chance = nbinom.sf(limit, 1 / spread, 1 / (1 + spread * mean)) * 30 * 1440
    assert 0.2 < chance < 6


def test_a_minute_of_which_nothing_was_expected_has_no_deviation():
    assert deviation(0.0, 0.0, rarity(1.0)) == 0.0
