"""What one minute's count does by chance: the count that would be too high, and back to its deviation.

Both hold for the negative binomial, by the Cornish-Fisher expansion with its skewness (1937).
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from detector.season import Numbers
from domain.moments import MINUTES_PER_MONTH


def rarity(budget: float) -> float:
    """Standard deviations of a normal law that chance passes as often as the budget allows.

    >>> round(rarity(1.0), 2)
    4.07
    """
    return -float(ndtri(budget / MINUTES_PER_MONTH))


def upper(mean: Numbers, spread: Numbers, rarity: float) -> Numbers:
    """The count above which a minute would be too high; ``spread`` its relative variance beyond Poisson."""
    deviation = np.sqrt(mean + spread * mean**2)
    skewness = (1.0 + 2.0 * spread * mean) / deviation
    return mean + deviation * (rarity + (rarity**2 - 1.0) * skewness / 6.0)


def deviation(mean: float, upper: float, rarity: float) -> float:
    """The standard deviation of a minute's count, from what is kept of the minute: ``upper`` solved for it.

    With ``spread * mean = deviation**2 / mean - 1`` that is a quadratic equation. A ``mean`` of 0 has none.

    >>> above = upper(np.array([4.0]), np.array([0.5]), 4.0)
    >>> round(deviation(4.0, float(above[0]), 4.0) ** 2, 6)  # 4 + 0.5 * 4**2
    12.0
    """
    if mean <= 0.0:
        return 0.0
    bend = (rarity**2 - 1.0) / 6.0
    reach = max(upper - mean + bend, 0.0)
    return (math.sqrt(rarity**2 + 8.0 * bend * reach / mean) - rarity) * mean / (4.0 * bend)
