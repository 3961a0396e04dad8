"""A signal: one service's rate, held against what is usual."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Signal(msgspec.Struct, frozen=True):
    """What the detector says of one service at the end of one minute.

    ``at`` is the end of the minute. ``expected``, ``observed`` and ``spread`` (one standard deviation) are
    complaints over the ``window`` minutes that stand out most. ``score`` and ``threshold`` share one scale,
    the same for every service; the threshold follows from the budget of false alarms. ``calm`` says that
    the latest minutes, taken alone, look usual again, and ``calm_for`` for how many minutes they have.
    ``onset`` is the estimated start of the surge; ``last_high_at`` the end of the last minute whose score
    reached the threshold, if there was one.
    """

    service: str
    at: datetime
    onset: datetime
    expected: float
    observed: int
    spread: float
    window: int
    score: float
    threshold: float
    calm: bool
    recoveries: int = 0
    calm_for: int = 0
    last_high_at: datetime | None = None
