"""One scale for all services: how rarely chance alone would look like this.

A score of ``s`` is reached by chance about once in ``10**s`` minutes of one service. The threshold for a
budget of false alarms follows from it, and nothing else needs tuning.
"""

from __future__ import annotations

import math

import numpy as np

from detector.season import Numbers
from domain.moments import MINUTES_PER_MONTH

MOST_BUDGET = 1000.0

# The evidence (natural logarithms) that chance reaches once a month, and the powers of ten that one more of
# it is worth, fitted to simulated streams without outages: 30 of each rate from 0.05 to 50 complaints a
# minute, 32 days each. They gave 9.2, 9.4, 10.2, 10.5, 10.8 and 10.7 for once a month, and 1.3 to 2.0 more
# for a quarter. Real chatter about seldom named services has heavier tails than those streams, so the
# line lies about one above the figures there: such a service spends less than half of its budget.
# ``benchmarks/budget.py`` measures what the thresholds bring.
_MONTH = math.log10(MINUTES_PER_MONTH)
_AT_ONE_A_MINUTE, _BY_RATE, _AT_MOST = 10.55, 0.08, 10.85
_PER_NAT = 0.365
_BY_DOUBT = 2.0  # on its first day a service's season is a guess; measured on simulated first days


def threshold(budget: float) -> float:
    """The score reached by chance ``budget`` times in 30 days.

    >>> round(threshold(1.0), 3)
    4.635
    """
    if not 0.0 < budget <= MOST_BUDGET:
        raise ValueError(
            f"budget must be above 0 and at most {MOST_BUDGET:g} (false alarms per service and 30 days),"
            f" not {budget!r}"
        )
    return math.log10(MINUTES_PER_MONTH / budget)


def score(evidence: Numbers, log_usual: Numbers, doubt: Numbers) -> Numbers:
    """The score of log-likelihood ratios, given the logarithm of a minute's usual rate and its variance."""
    once_a_month = np.minimum(_AT_ONE_A_MINUTE + _BY_RATE * log_usual, _AT_MOST)
    once_a_month = once_a_month + _BY_DOUBT * np.minimum(doubt, 1.0)
    return np.maximum(_MONTH + _PER_NAT * (evidence - once_a_month), 0.0)
