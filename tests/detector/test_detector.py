"""The detector: what it must never do, whatever the counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector import saved
from detector.detector import Detector

START = 25_000_020  # some minute that begins an hour
COUNTS = st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=1, max_size=90)
NOTHING = np.zeros(3, np.int64)


def learned(counts, services=("a", "b", "c"), *, mentions=3, budget=1.0):
    """A detector that has lived through these minutes."""
    detector = Detector(services, budget=budget)
    for offset, row in enumerate(counts):
        count = np.array(row)
        detector.learn(START + offset, count, mentions * count, np.zeros(len(services), bool))
    return detector


def score_of(detector, minute, count):
    count = np.asarray(count)
    return detector.score(minute, count, 3 * count, np.zeros(len(count), np.int64))


def chatter(rate, minutes, seed=1):
    return np.random.default_rng(seed).poisson(rate, (minutes, 1))


@settings(max_examples=25, deadline=None)
@given(COUNTS, st.lists(st.integers(0, 400), min_size=3, max_size=3))
def test_scoring_changes_nothing(counts, next_row):
    detector = learned(counts)
    before = detector.to_bytes()
    first = score_of(detector, START + len(counts), next_row).score
    assert detector.to_bytes() == before
    assert (score_of(detector, START + len(counts), next_row).score == first).all()


@settings(max_examples=25, deadline=None)
@given(COUNTS, st.lists(st.integers(0, 400), min_size=3, max_size=3))
def test_scores_are_finite_and_never_negative(counts, next_row):
    scores = score_of(learned(counts), START + len(counts), next_row)
    for numbers in (scores.score, scores.expected_minute, scores.upper_minute, scores.spread):
        assert np.isfinite(numbers).all()
        assert (numbers >= 0).all()
    assert (scores.window >= 1).all()
    assert (scores.onset <= scores.minute).all()


@settings(max_examples=25, deadline=None)
@given(COUNTS, st.integers(0, 200), st.integers(1, 200))
def test_more_complaints_never_lower_the_score_of_their_minute(counts, fewer, more):
    detector, minute = learned(counts), START + len(counts)
    low = score_of(detector, minute, [fewer] * 3).score
    high = score_of(detector, minute, [fewer + more] * 3).score
    assert (high >= low).all()


@settings(max_examples=15, deadline=None)
@given(COUNTS, st.permutations([0, 1, 2]))
def test_the_order_of_services_changes_no_score(counts, order):
    names, rows = np.array(["a", "b", "c"]), np.array(counts)
    plain, turned = learned(counts), learned(rows[:, order], tuple(names[order]))
    now = np.array([4, 0, 30])
    straight = score_of(plain, START + len(counts), now).score
    assert (score_of(turned, START + len(counts), now[order]).score == straight[order]).all()


@settings(max_examples=15, deadline=None)
@given(COUNTS, COUNTS)
def test_joining_together_or_one_by_one_is_the_same(before, after):
    together, apart = learned(before), learned(before)
    together.include(["x", "y"])
    apart.include(["y"])
    apart.include(["y", "x", "a"])
    place = [*range(3), 4, 3]
    for offset, row in enumerate(after, len(before)):
        count = np.array([*row, row[0], row[1]])
        turned = count[place]
        assert (
            score_of(together, START + offset, count).score[place]
            == score_of(apart, START + offset, turned).score
        ).all()
        together.learn(START + offset, count, count, np.zeros(5, bool))
        apart.learn(START + offset, turned, turned, np.zeros(5, bool))


@settings(max_examples=15, deadline=None)
@given(COUNTS, COUNTS)
def test_a_saved_detector_goes_on_bit_for_bit(before, after):
    detector = learned(before)
    twin = Detector.from_bytes(detector.to_bytes(), budget=1.0)
    assert twin.services == detector.services
    for offset, row in enumerate(after, len(before)):
        count, skip = np.array(row), np.array([row[0] > 30, False, False])
        for one in (detector, twin):
            one.learn(START + offset, count, 2 * count, skip, blind=row[1] > 50)
    assert twin.to_bytes() == detector.to_bytes()


def test_a_detector_that_an_earlier_version_saved_goes_on_with_the_same_scores():
    """It knew neither bounds of the onset nor growth; both begin anew."""
    detector = learned([[3, 0, 40]] * 90)
    names, minute, arrays = saved.read("groundswell detector 1", detector.to_bytes())
    older = {name: array for name, array in arrays.items() if not name.startswith(("_onsets", "_recent"))}
    twin = Detector.from_bytes(saved.write("groundswell detector 1", names, minute, older))
    scores = [score_of(one, START + 90, [9, 9, 9]) for one in (detector, twin)]
    assert (scores[0].score == scores[1].score).all()
    signal = scores[1].signal(1)
    assert signal.onset_earliest <= signal.onset <= signal.onset_latest < signal.at


@pytest.mark.parametrize("body", [b"", b"nonsense", b"\x81\xa4what\xa1x", b"{}"])
def test_a_foreign_body_is_refused(body):
    with pytest.raises(ValueError, match="no saved state"):
        Detector.from_bytes(body, budget=1.0)


@pytest.mark.parametrize("budget", [0.0, -1.0, 1001.0, float("nan"), float("inf")])
def test_a_senseless_budget_is_refused(budget):
    with pytest.raises(ValueError, match="budget must be"):
        Detector(budget=budget)


def test_a_smaller_budget_sets_a_higher_threshold():
    assert Detector(budget=0.25).threshold > Detector(budget=1.0).threshold > Detector(budget=4.0).threshold


@pytest.mark.parametrize("count", [0, 1, 7, 300])
def test_a_constant_stream_raises_nothing_from_its_first_minute_on(count):
    detector = Detector(["a"])
    row, none = np.array([count]), np.zeros(1, np.int64)
    for minute in range(START, START + 1500):
        assert not len(detector.score(minute, row, row, none).raised())
        detector.learn(minute, row, row, np.zeros(1, bool))


def test_a_surge_on_the_first_day_is_found_within_minutes():
    detector = learned(chatter(0.5, 900), ("a",))
    for late in range(6):
        scores = score_of(detector, START + 900 + late, [8])
        if len(scores.raised()):
            break
        detector.learn(START + 900 + late, np.array([8]), np.array([24]), np.zeros(1, bool))
    assert late <= 2
    signal = scores.signal(0)
    assert signal.service == "a"
    assert signal.observed >= 8
    assert signal.expected < 4
    assert not signal.calm
    assert signal.growth > 1
    assert signal.chance_per_month < 1.0


def test_three_posts_about_a_service_nobody_talks_about_are_no_surge():
    detector = learned(np.zeros((3000, 1), int), ("a",))
    for offset in range(3):
        assert not len(score_of(detector, START + 3000 + offset, [1]).raised())
        detector.learn(START + 3000 + offset, np.array([1]), np.array([1]), np.zeros(1, bool))


def test_what_is_skipped_does_not_become_usual():
    detector = learned(chatter(1.0, 1200), ("a",))
    usual = score_of(detector, START + 1200, [1]).expected_minute[0]
    for offset in range(1200, 1320):
        detector.learn(START + offset, np.array([40]), np.array([90]), np.ones(1, bool))
    assert score_of(detector, START + 1320, [1]).expected_minute[0] < 2 * usual


def test_after_a_surge_calm_comes_back_and_lasts():
    detector = learned(chatter(1.0, 1200), ("a",))
    for offset in range(1200, 1260):
        detector.learn(START + offset, np.array([12]), np.array([30]), np.ones(1, bool))
    assert not score_of(detector, START + 1260, [12]).calm[0]
    for offset, row in enumerate(chatter(1.0, 60, seed=3), 1260):
        detector.learn(START + offset, row, 3 * row, np.ones(1, bool))
    signal = score_of(detector, START + 1320, [1]).signal(0)
    assert signal.calm
    assert 20 <= signal.calm_for <= 61
    assert signal.last_high_at is not None


def test_blind_minutes_are_neither_calm_nor_learned():
    detector = learned(chatter(1.0, 1200), ("a",))
    for offset in range(1200, 1230):
        detector.learn(START + offset, np.array([12]), np.array([30]), np.ones(1, bool))
    for offset in range(1230, 1530):
        detector.learn(START + offset, np.array([0]), np.array([0]), np.ones(1, bool), blind=True)
    assert not score_of(detector, START + 1530, [12]).calm[0]


def test_a_burst_of_mentions_explains_a_few_complaints_but_not_an_outage():
    detector = learned(chatter(1.0, 2000), ("a",), mentions=20)
    for offset in range(2000, 2010):
        detector.learn(START + offset, np.array([2]), np.array([300]), np.zeros(1, bool))
    none = np.zeros(1, np.int64)
    quiet = detector.score(START + 2010, np.array([5]), np.array([20]), none).score[0]
    launch = detector.score(START + 2010, np.array([5]), np.array([320]), none).score[0]
    assert launch < quiet
    assert len(detector.score(START + 2010, np.array([60]), np.array([320]), none).raised())
