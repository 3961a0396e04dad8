"""A signal: one service's rate, held against what is usual."""

from __future__ import annotations

import math
from datetime import datetime

import msgspec

from domain.moments import MINUTES_PER_MONTH

GROWTH_MINUTES = 10  # of complaints, held against as many minutes before


class Signal(msgspec.Struct, frozen=True):
    """What the detector says of one service at the end of one minute.

    ``at`` is the end of the minute. ``expected``, ``observed`` and ``spread`` (one standard deviation) are
    complaints over the ``window`` minutes that stand out most: the time scale that fired. ``score`` and
    ``threshold`` share one scale, the same for every service; the threshold follows from the budget of false
    alarms. ``growth`` is of ``growth_of``. ``calm`` says that the latest minutes, taken alone, look usual
    again, and ``calm_for`` for how many minutes they have. ``onset`` is the likeliest start of the surge;
    ``onset_earliest`` and ``onset_latest`` bound the starts that are not twenty times less likely.
    ``last_high_at`` is the end of the last minute whose score reached the threshold, if there was one.
    """

    service: str
    at: datetime
    onset: datetime
    onset_earliest: datetime
    onset_latest: datetime
    expected: float
    observed: int
    spread: float
    window: int
    score: float
    threshold: float
    growth: float
    calm: bool
    recoveries: int = 0
    calm_for: int = 0
    last_high_at: datetime | None = None

    @property
    def chance_per_month(self) -> float:
        """How often in 30 days chance alone would give one service this score."""
        return chance_per_month(self.score)


def chance_per_month(score: float) -> float:
    """How often in 30 days chance alone would give one service such a score, by the scale of all scores.

    A score of ``s`` comes about once in ``10**s`` minutes. Held against the budget: a score at the threshold
    comes as often as the budget allows.

    >>> round(chance_per_month(4.635), 2), chance_per_month(400.0) > 0
    (1.0, True)
    """
    return MINUTES_PER_MONTH * math.pow(10.0, -min(score, 300.0))  # beyond, a float holds no such chance


def growth_of(latest: float, before: float) -> float:
    """Complaints of the latest minutes for each one in as many minutes before.

    One is added to both, so that a handful of posts out of nothing is no explosion. Above 1 it grows; 2
    means that it doubles in ``GROWTH_MINUTES`` minutes.

    >>> growth_of(39, 19), growth_of(3, 0), growth_of(0, 0)
    (2.0, 4.0, 1.0)
    """
    return float((latest + 1) / (before + 1))
