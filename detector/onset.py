"""Between which minutes a surge began: the starts that explain the complaints nearly as well as the best.

A start is believed while its log-likelihood lies within ``DROP`` of the best one's. Later starts lose what
the first minutes brought in evidence; that is known as it comes in. Earlier ones lose what the minutes before
the start spoke against a surge. Those are not kept: their loss is taken to be spread evenly over them, which
it is nearly, as in calm minutes each says about the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.season import Numbers

Minutes = NDArray[np.int64]

# Natural logarithms: a start is left out when it is e**3 = 20 times less likely than the best. On simulated
# surges of 0.05 to 50 complaints a minute the bounds hold the true start of 99 in 100 that begin at once, and
# of 72 to 83 in 100 that take twenty minutes to rise, as their first minutes show nothing.
DROP = 3.0
_NOT_YET = -1


@dataclass(slots=True)
class Onsets:
    """For each supposed size (rows) and service (columns) the bounds of its start, in minutes since 1970."""

    earliest: Numbers  # with fractions of a minute; -1 before the first minute
    lost: Numbers  # by a start at ``earliest``; from -DROP to 0
    latest: Minutes

    @classmethod
    def empty(cls, rows: int) -> Onsets:
        return cls(np.zeros((rows, 0)), np.zeros((rows, 0)), np.zeros((rows, 0), np.int64))

    def include(self, more: int) -> None:
        new = (len(self.earliest), more)
        self.earliest = np.hstack([self.earliest, np.full(new, float(_NOT_YET))])
        self.lost = np.hstack([self.lost, np.zeros(new)])
        self.latest = np.hstack([self.latest, np.zeros(new, np.int64)])

    def after(self, minute: int, before: Numbers, evidence: Numbers) -> Onsets:
        """The bounds when ``minute`` is seen, and has moved the evidence from ``before`` to ``evidence``."""
        latest = np.where(before <= 0.0, minute, self.latest)
        earliest = np.where(self.earliest == _NOT_YET, float(minute), self.earliest)
        return Onsets(
            *self._earliest(minute, earliest, np.minimum(evidence, 0.0)),
            latest=np.where(evidence <= DROP, minute + 1, latest).astype(np.int64),
        )

    def _earliest(self, minute: int, earliest: Numbers, loss: Numbers) -> tuple[Numbers, Numbers]:
        """Move the earliest starts on, as far as this minute's ``loss`` makes them too unlikely."""
        lost = self.lost + loss
        too_far = lost < -DROP
        kept = np.maximum(DROP + loss, 0.0) / np.maximum(-self.lost, 1e-9)
        moved = np.where(loss <= -DROP, minute + 1.0, minute - (minute - earliest) * kept)
        return (
            np.where(too_far, moved, earliest),
            np.where(loss <= -DROP, 0.0, np.maximum(lost, -DROP)),
        )

    def forget(self, which: NDArray[np.bool_]) -> None:
        """Begin anew for some services, as with their next minute."""
        self.earliest = np.where(which, float(_NOT_YET), self.earliest)
        self.lost = np.where(which, 0.0, self.lost)

    def interval(
        self, evidence: Numbers, since: Minutes, onset: Minutes, minute: int
    ) -> tuple[Minutes, Minutes]:
        """For each service the first and the last minute in which its surge may have begun.

        ``since`` is the likeliest start by each size, ``onset`` that of the best; ``minute`` is the last that
        was seen. A size that explains the complaints less well than the best has the less to lose: its bounds
        move towards its own likeliest start, evenly again.
        """
        left = 1.0 - (evidence.max(axis=0) - evidence) / DROP
        likely = left >= 0.0
        earliest = np.where(likely, since - (since - np.floor(self.earliest)) * left, onset)
        latest = np.where(likely, since + (self.latest - since) * left, onset)
        return (
            np.minimum(np.floor(earliest.min(axis=0)), onset).astype(np.int64),
            np.clip(np.ceil(latest.max(axis=0)), onset, minute).astype(np.int64),
        )
