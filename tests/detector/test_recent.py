"""Growth: the latest minutes held against those before."""

from __future__ import annotations

import numpy as np
import pytest

from detector.recent import Recent

CASES = [
    ([0] * 20, 1.0),
    ([3] * 20, 1.0),
    ([1] * 10 + [4] * 10, 41 / 11),
    ([4] * 10 + [1] * 10, 11 / 41),
    ([900] * 5 + [1] * 20, 1.0),  # what is longer ago has no say
    ([2], 3.0),
]


@pytest.mark.parametrize(("counts", "growth"), CASES)
def test_growth_holds_ten_minutes_against_the_ten_before(counts, growth):
    recent = Recent.empty()
    recent.include(2)
    for count in counts:
        recent = recent.after(np.array([float(count), 7.0]))
    assert recent.growth(0) == growth
