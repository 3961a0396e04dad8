"""A signal: one service's rate, held against what is usual."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Signal(msgspec.Struct, frozen=True):
    """What the detector says of one service at the end of one minute.

    ``at`` is the end of the minute. ``expected``, ``observed`` and ``spread`` (one standard deviation) are
    complaints over the ``window`` minutes that stand out most. ``score`` and ``threshold`` share one scale,
    the same for every service; the threshold follows from the budget of false alarms. ``calm`` says that
    the latest minutes, taken alone, look usual again. ``onset`` is the estimated start of the surge.
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
