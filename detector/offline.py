"""One service's history, scored minute by minute by the detector itself: for benchmarks and pictures."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from detector.detector import Detector
from detector.season import Numbers
from domain.moments import minute_of


def score_minutes(
    counts: NDArray[np.int64], start: datetime, mentions: NDArray[np.int64] | None = None
) -> Numbers:
    """The score of each minute, from a detector that knows nothing before the first.

    An alarm holds the baseline until the calm after it, as an incident does. Without ``mentions`` every
    mention is taken for a complaint.
    """
    detector = Detector(("service",))
    first = minute_of(start)
    scores = np.empty(len(counts))
    named = counts if mentions is None else mentions
    none, alarm = np.zeros(1, np.int64), np.zeros(1, np.bool_)
    for offset in range(len(counts)):
        minute, count, mention = first + offset, counts[offset : offset + 1], named[offset : offset + 1]
        seen = detector.score(minute, count, mention, none)
        scores[offset] = seen.score[0]
        alarm = (seen.score >= seen.threshold) | (alarm & ~seen.calm)
        detector.learn(minute, count, mention, alarm)
    return scores
