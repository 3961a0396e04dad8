"""When to try a delivery again."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from delivery.errors import DeliveryFailed

# How long to wait after the first, the second, ... failed try. Quick at first, since an alert is worth most
# while the outage is young; 27 hours and 42 minutes in all, so that a receiver may be down for a day.
WAITS: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
    timedelta(hours=12),
)
JITTER = 0.2  # a wait is up to this share longer, so that receivers are not all called at once
LONGEST_PAUSE = timedelta(hours=12)  # that a receiver may ask for


def next_try(tries: int, failure: DeliveryFailed, now: datetime, jitter_seed: str) -> datetime | None:
    """When to try again after ``tries`` tries, the failed one included; ``None`` parks the delivery.

    The same seed gives the same jitter: the delivery's id is a good one.
    """
    if failure.permanent or failure.gone or tries > len(WAITS):
        return None
    wait = WAITS[max(tries, 1) - 1]
    jitter = wait * (JITTER * _fraction(f"{jitter_seed}\0{tries}"))
    return max(now + wait, _pause_end(failure, now)) + jitter


def _pause_end(failure: DeliveryFailed, now: datetime) -> datetime:
    if failure.slow_down_until is None:
        return now
    return min(failure.slow_down_until, now + LONGEST_PAUSE)


def _fraction(seed: str) -> float:
    """A number from 0 to 1 that looks drawn by lot, and is the same for the same seed."""
    digest = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
