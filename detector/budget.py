"""One scale for all services: how rarely chance alone would look like this.

A score of ``s`` is reached by chance once in ``10**s`` minutes of one service. The threshold for a budget of
false alarms follows from it, and nothing else needs tuning.
"""

from __future__ import annotations

import math

import numpy as np

from detector.season import Numbers

MINUTES_PER_MONTH = 30 * 1440


def threshold(budget: float) -> float:
    """The score reached by chance ``budget`` times in 30 days.

    >>> round(threshold(1.0), 3)
    4.635
    """
    if not (math.isfinite(budget) and budget > 0):
        raise ValueError(
            f"budget must be a number above 0 (false alarms per service and 30 days), not {budget!r}"
        )
    return math.log10(MINUTES_PER_MONTH / budget)


def score(evidence: Numbers, log_usual: Numbers) -> Numbers:
    """The score of log-likelihood ratios, given the logarithm of the usual rate of a minute."""
    del log_usual
    return np.maximum(evidence, 0.0) / math.log(10)
