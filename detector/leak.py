"""What a burst of mentions brings into the complaints by mistake.

A launch or a campaign multiplies the mentions of a service, and the classifier takes a few of them for
complaints. So the mentions above the usual, complaints left out, are expected to hold a small share of
complaints. That share is learned within each burst: a gamma distribution, updated by the complaints that
fall to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detector.season import Flags, Numbers
from detector.surge import Expectation

# The share wrongly tagged as complaints: 0.3 % to 3 %, anywhere between on a log scale.
PRIOR_SHARE, PRIOR_SPREAD = 0.0117, 0.45
MOST_SHARE = 0.03  # an outage that doubles as a burst of talk is not explained away
MEMORY_MINUTES = 720.0
KEEP = float(np.exp(-1.0 / MEMORY_MINUTES))
SMOOTH = 0.25  # weight of the latest minute in the running excess
OTHERS_MEMORY = 1440.0
LEAST_BURST = 3.0  # mentions below this many times the usual are ordinary chatter


@dataclass(slots=True)
class Leak:
    """The running figures of mentions, by service."""

    others: Numbers  # usual mentions that are no complaints, for each usual complaint
    others_weight: Numbers
    recent: Numbers  # mentions of the last few minutes, a minute's worth
    share: Numbers
    share_spread: Numbers

    @classmethod
    def empty(cls) -> Leak:
        return cls(*(np.zeros(0) for _ in range(5)))

    def include(self, more: int) -> None:
        self.others = np.append(self.others, np.zeros(more))
        self.others_weight = np.append(self.others_weight, np.zeros(more))
        self.recent = np.append(self.recent, np.zeros(more))
        self.share = np.append(self.share, np.full(more, PRIOR_SHARE))
        self.share_spread = np.append(self.share_spread, np.full(more, PRIOR_SPREAD))

    def excess(self, others: Numbers, usual: Numbers) -> Numbers:
        """Mentions above the usual in this minute, as far as a burst would explain them."""
        recent = self.recent + SMOOTH * (others - self.recent)
        ordinary = LEAST_BURST * self.others * usual + 2.0
        return np.where((recent > ordinary) & (self.others_weight > 60.0), recent - self.others * usual, 0.0)

    def learn(
        self, others: Numbers, usual: Expectation, count: Numbers, expected: Numbers, take: Flags
    ) -> None:
        """Take a minute in: what a burst's mentions brought, or how many mentions are usual."""
        self.recent = self.recent + SMOOTH * (others - self.recent)
        burst = usual.leaked > 0.0
        self._learn_share(burst & take, usual, count, expected)
        ordinary = ~burst & take
        self.others_weight = self.others_weight + ordinary
        rate = ordinary / np.minimum(self.others_weight + 1.0, OTHERS_MEMORY)
        self.others = self.others + rate * (others / usual.rate - self.others)

    def _learn_share(self, burst: Flags, usual: Expectation, count: Numbers, expected: Numbers) -> None:
        if not burst.any():  # nearly always; the same figures as below, in fewer steps
            self.share = PRIOR_SHARE + KEEP * (self.share - PRIOR_SHARE)
            self.share_spread = PRIOR_SPREAD + KEEP * (self.share_spread - PRIOR_SPREAD)
            return
        due = usual.leaked / expected
        shape = 1.0 / self.share_spread
        weight = due * usual.leaked / (1.0 + usual.dispersion * expected)
        seen = weight * count / expected
        share = self.share * np.where(burst, (shape + seen) / (shape + weight), 1.0)
        share = np.minimum(share, MOST_SHARE)
        spread = np.where(burst, 1.0 / (shape + seen), self.share_spread)
        self.share = PRIOR_SHARE + KEEP * (share - PRIOR_SHARE)
        self.share_spread = PRIOR_SPREAD + KEEP * (spread - PRIOR_SPREAD)
