"""The shape of a week: which features the usual rate of a minute is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

MINUTES_PER_DAY = 1440
HARMONICS = 3  # the day's curve: three waves draw a night's trough and an evening's peak
_DAYS_FROM_MONDAY = 3  # 1970-01-01 was a Thursday

# Standard deviations, in natural logarithms, of what a service never seen before may do: its waves of 24, 12 and 8
# hours, its Saturday and Sunday. Chatter's peak is 2.4 to 9 times its trough (NAB's realTweets), so the first
# wave's amplitude lies near 0.4 to 1.1.
PRIOR_SPREAD = np.array([0.5, 0.5, 0.2, 0.2, 0.1, 0.1, 0.25, 0.25])


def features(minute: float) -> Numbers:
    """The level's 1, then sines and cosines of the day, then Saturday and Sunday.

    >>> features(0).shape
    (9,)
    """
    angles = 2 * np.pi * (minute % MINUTES_PER_DAY) / MINUTES_PER_DAY * np.arange(1, HARMONICS + 1)
    weekday = (int(minute // MINUTES_PER_DAY) + _DAYS_FROM_MONDAY) % 7
    waves = np.stack([np.cos(angles), np.sin(angles)], axis=1).ravel()
    return np.concatenate([[1.0], waves, [float(weekday == 5), float(weekday == 6)]])
