"""How long a reader waits after its source has failed."""

from __future__ import annotations

from datetime import timedelta

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 90.0  # seconds; doubled with each failure in a row
JITTER = 0.25  # of the pause, at the most: readers that failed together do not come back together
STEADY = timedelta(minutes=1)  # a reading that lasted so long was none of a row


def pause_after(failures: int, chance: float) -> float:
    """Seconds to wait after so many failures in a row; ``chance`` (0 to 1) spreads them.

    A source that accepts and fails at once is asked at most 17 times in a quarter of an hour.

    >>> [pause_after(failures, 0.0) for failures in (1, 2, 3, 8, 1000)]
    [1.0, 2.0, 4.0, 90.0, 90.0]
    """
    doubled = FIRST_PAUSE * 2.0 ** min(failures - 1, 10)
    return min(doubled, LONGEST_PAUSE) * (1 + JITTER * chance)
