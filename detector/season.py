"""The shape of a week: which features the usual rate of a minute is made of."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

MINUTES_PER_DAY = 1440
_MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY
HARMONICS = 3  # the day's curve: three waves draw a night's trough and an evening's peak
_DAYS_FROM_MONDAY = 3  # 1970-01-01 was a Thursday

# Standard deviations, in natural logarithms, of what a service never seen before may do: its waves of 24, 12
# and 8 hours, its Saturday and Sunday. Chatter's peak is 2.4 to 9 times its trough (NAB's realTweets), so the
# first wave's amplitude lies near 0.4 to 1.1.
PRIOR_SPREAD = np.array([0.5, 0.5, 0.2, 0.2, 0.1, 0.1, 0.25, 0.25])


def features(minute: int) -> Numbers:
    """The level's 1, then cosines and sines of the day, then Saturday and Sunday (UTC).

    >>> features(0).tolist()
    [1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    """
    row: Numbers = _week()[minute % _MINUTES_PER_WEEK]
    return row


@cache
def _week() -> Numbers:
    """The features of every minute of a week that begins on a Thursday, as 1970 did."""
    minute = np.arange(_MINUTES_PER_WEEK)
    angles = 2 * np.pi * (minute % MINUTES_PER_DAY) / MINUTES_PER_DAY
    waves = [wave(n * angles) for n in range(1, HARMONICS + 1) for wave in (np.cos, np.sin)]
    weekday = (minute // MINUTES_PER_DAY + _DAYS_FROM_MONDAY) % 7
    return np.stack([np.ones_like(angles), *waves, weekday == 5, weekday == 6], axis=1)
