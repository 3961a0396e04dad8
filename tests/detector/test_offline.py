"""Scoring a history: causal, and the same as minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from detector.budget import threshold
from detector.offline import score_minutes

START = datetime(2026, 3, 2, tzinfo=UTC)


def test_a_score_knows_nothing_of_later_minutes():
    counts = np.random.default_rng(4).poisson(1.0, 600)
    whole = score_minutes(counts, START)
    assert (score_minutes(counts[:400], START) == whole[:400]).all()


def test_an_outage_stands_out_from_the_rest():
    counts = np.random.default_rng(4).poisson(1.0, 1500)
    counts[1400:1440] += np.random.default_rng(5).poisson(9.0, 40)
    scores = score_minutes(counts, START, mentions=3 * counts)
    assert scores[:1400].max() < threshold(1.0)
    assert scores[1400:1405].max() >= threshold(1.0)
