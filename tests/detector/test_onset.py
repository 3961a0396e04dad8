"""When a surge began: bounds that hold the true start, and widen where the counts say less."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.detector import Detector
from detector.onset import DROP, Onsets

START = 25_000_020  # some minute that begins an hour
CALM = 1500  # minutes before the surge
ALIKE = 200  # services that fail at once, each with chance of its own


def bounds_when_raised(rate, factor):
    """For each of many services the onset's bounds, in minutes from the true one, as first told."""
    random = np.random.default_rng(7)
    detector = Detector([f"service-{number}" for number in range(ALIKE)])
    told = {}
    for minute in range(-CALM, 60):
        counts = random.poisson(rate * (factor if minute >= 0 else 1), ALIKE)
        scores = detector.score(START + minute, counts, counts, np.zeros(ALIKE, np.int64))
        earliest, latest = (bound - START for bound in scores.onset_interval)
        for service in scores.raised() if minute >= 0 else ():
            told.setdefault(int(service), (earliest[service], latest[service]))
        detector.learn(START + minute, counts, counts, np.isin(np.arange(ALIKE), list(told)))
    return np.array(list(told.values()))


@pytest.mark.parametrize(("rate", "factor"), [(0.05, 30), (0.5, 5), (5, 2)])
def test_the_bounds_nearly_always_hold_the_true_onset(rate, factor):
    bounds = bounds_when_raised(rate, factor)
    assert len(bounds) > 0.9 * ALIKE
    held = (bounds[:, 0] <= 0) & (bounds[:, 1] >= 0)
    assert held.mean() > 0.95


def test_a_clear_surge_has_closer_bounds_than_a_faint_one():
    clear, faint = bounds_when_raised(5, 6), bounds_when_raised(5, 2)
    assert np.median(clear[:, 1] - clear[:, 0]) <= 2 < np.median(faint[:, 1] - faint[:, 0])


GAINS = st.lists(st.floats(-4, 4), min_size=1, max_size=60)


@settings(max_examples=200, deadline=None)
@given(GAINS)
def test_the_bounds_close_in_on_the_likeliest_start_whatever_comes(gains):
    onsets, evidence, since = fed(gains)
    earliest, latest = onsets.interval(evidence, since[None], since, len(gains) - 1)
    assert 0 <= earliest[0] <= since[0] <= latest[0] <= len(gains) - 1


@settings(max_examples=200, deadline=None)
@given(GAINS)
def test_the_latest_start_is_the_last_one_that_is_likely_enough(gains):
    onsets, _, since = fed(gains)
    lost = np.cumsum([0.0, *gains[since[0] :]])
    likely = [int(since[0]) + place for place in range(len(lost)) if lost[place] <= DROP]
    assert onsets.latest[0, 0] == likely[-1]


@pytest.mark.parametrize(("loss", "minutes_before"), [(0.5, 6), (1.0, 3), (0.1, 30), (3.5, 0)])
def test_the_earliest_start_lies_as_far_back_as_calm_minutes_allow(loss, minutes_before):
    onsets, evidence, since = fed([-loss] * 100 + [2.0])
    earliest, _ = onsets.interval(evidence, since[None], since, 100)
    assert 100 - earliest[0] == pytest.approx(minutes_before, abs=1)


def fed(gains):
    """The bounds, the evidence and the likeliest start of one service, after a minute of each gain."""
    onsets = Onsets.empty(1)
    onsets.include(1)
    evidence, since = np.zeros((1, 1)), np.zeros(1, np.int64)
    for minute, gain in enumerate(gains):
        after = np.maximum(evidence, 0.0) + gain
        since = np.where(evidence[0] <= 0.0, minute, since)
        onsets = onsets.after(minute, evidence, after)
        evidence = after
    return onsets, evidence, since
