"""One service that surges, as it is held against the others that surge in the same minute."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# Of one service's complaints, the share that also names each other one. Asked for only where it decides.
Named = Callable[[str], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Surging:
    """A service that stirs, or has an open incident.

    Its surge began at ``onset``, and may have begun as late as ``latest`` (minutes since 1970; where an
    incident surges anew, the latter is of that). ``expected`` and ``observed`` are complaints over ``window``
    minutes of it, mostly the latest. ``is_near``: its score reaches the threshold, or nearly; ``is_opening``:
    an incident of its own would be raised now; ``is_open``: it has one, which has eased since ``eased_for``
    minutes (``None``: it has not). ``is_common_cause``: that one stands for many already. ``is_confirmed``:
    it stood long or high enough to be no mere suspicion.
    """

    service: str
    onset: int
    latest: int
    expected: float
    observed: int
    window: int
    score: float
    is_near: bool = False
    is_opening: bool = False
    is_open: bool = False
    is_common_cause: bool = False
    is_confirmed: bool = False
    eased_for: int | None = None

    @property
    def pace(self) -> float:
        """Complaints a minute above the usual."""
        return (self.observed - self.expected) / self.window

    @property
    def least(self) -> float:
        """The pace by a cautious count: one standard deviation of a Poisson count less."""
        return max(self.observed - math.sqrt(self.observed) - self.expected, 0.0) / self.window

    @property
    def most(self) -> float:
        """The pace by a generous count: one standard deviation more."""
        return (self.observed + math.sqrt(self.observed) - self.expected) / self.window


def strongest_first(one: Surging) -> tuple[float, int, str]:
    """Sorts by pace, then by onset; the name decides what nothing else does."""
    return (-one.pace, one.onset, one.service)
