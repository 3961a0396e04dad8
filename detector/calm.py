"""Whether the latest minutes, taken alone, look usual again.

The surge's test run backwards: a CUSUM of the likelihood ratio of "as usual" against "still two and a half
times the usual". It needs minutes for a busy service and an hour or two for a sparse one, for in a sparse
one an empty hour says little. Two bounds apart keep it from flapping.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.season import Numbers

STILL_HIGH = 2.5  # times the usual: below this, an outage is as good as over
CALM_FROM = 2.3  # natural logarithms: ten to one for the usual
CALM_UNTIL = 0.3
MOST = 5.0


@dataclass(slots=True)
class Calm:
    evidence: Numbers
    since: NDArray[np.int64]  # the first calm minute; -1 while there is none

    @classmethod
    def empty(cls) -> Calm:
        return cls(np.zeros(0), np.zeros(0, np.int64))

    def include(self, more: int) -> None:
        self.evidence = np.append(self.evidence, np.full(more, MOST))
        self.since = np.append(self.since, np.zeros(more, np.int64))

    def after(self, minute: int, gain: Numbers) -> Calm:
        """As it stands after a minute whose log-likelihood ratio for a surge was ``gain``."""
        evidence = np.clip(self.evidence - gain, 0.0, MOST)
        was = self.since >= 0
        now = (evidence >= CALM_FROM) | (was & (evidence >= CALM_UNTIL))
        return Calm(evidence, np.where(now, np.where(was, self.since, minute), -1))
