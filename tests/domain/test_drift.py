"""How far verdicts have moved from those of the training."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.drift import BINS, ENOUGH, Reading, Verdicts, bin_of, drift_of, stability, tally
from domain.mention import KINDS, Kind
from domain.model_version import ModelCard

SCORES = (0.5, 0.2, 0.1, 0.05, 0.05, 0.02, 0.02, 0.02, 0.02, 0.02)
KIND_SHARES = {"complaint": 0.2, "echo": 0.1, "question": 0.1, "recovery": 0.1, "other": 0.5}
CARD = ModelCard("v1", datetime(2026, 1, 1, tzinfo=UTC), {}, {}, {}, kinds=KIND_SHARES, scores=SCORES)


def verdicts(total: int) -> Verdicts:
    """So many, in the shares of the training."""
    kinds = tuple(round(share * total) for share in KIND_SHARES.values())
    return Verdicts(kinds, tuple(round(share * total) for share in SCORES))


def test_verdicts_like_those_of_the_training_are_steady() -> None:
    drift = drift_of(CARD, verdicts(1000))
    assert (drift.version, drift.verdicts) == ("v1", 1000)
    assert (drift.kinds.reading, drift.scores.reading) == (Reading.STEADY, Reading.STEADY)
    assert drift.kinds.psi == pytest.approx(0, abs=1e-9)


def test_verdicts_of_other_kinds_have_drifted_while_the_scores_may_stay() -> None:
    drift = drift_of(CARD, Verdicts((200, 500, 100, 100, 100), verdicts(1000).scores))
    assert (drift.kinds.reading, drift.scores.reading) == (Reading.DRIFTED, Reading.STEADY)


@pytest.mark.parametrize(
    ("complaints", "reading"), [(200, Reading.STEADY), (350, Reading.MOVED), (500, Reading.DRIFTED)]
)
def test_the_usual_reading_has_two_bounds(complaints: int, reading: Reading) -> None:
    rest = 1000 - complaints
    kinds = (complaints, rest // 8, rest // 8, rest // 8, rest - 3 * (rest // 8))
    assert drift_of(CARD, Verdicts(kinds, verdicts(1000).scores)).kinds.reading is reading


def test_too_few_verdicts_say_nothing() -> None:
    few = drift_of(CARD, Verdicts((ENOUGH - 1, 0, 0, 0, 0), (ENOUGH - 1, *[0] * 9)))
    assert (few.kinds.psi, few.kinds.reading, few.kinds.now[0]) == (None, None, 1.0)
    assert drift_of(CARD, Verdicts()).kinds.now == (0.0,) * len(KINDS)
    assert drift_of(CARD, Verdicts((ENOUGH, 0, 0, 0, 0), (ENOUGH, *[0] * 9))).kinds.psi is not None


def test_an_empty_bin_is_far_away_and_not_infinitely() -> None:
    drift = drift_of(CARD, Verdicts((1000, 0, 0, 0, 0), (0,) * 9 + (1000,)))
    assert 1 < (drift.kinds.psi or 0) < 10


def test_verdicts_are_tallied_by_kind_and_score() -> None:
    told = tally([(Kind.COMPLAINT, 0.95), (Kind.COMPLAINT, 1.0), (Kind.OTHER, 0.0)])
    assert told == Verdicts((2, 0, 0, 0, 1), (1, 0, 0, 0, 0, 0, 0, 0, 0, 2))
    assert told + Verdicts() == told
    assert told.total == 3


@given(st.floats(0, 1))
def test_every_probability_has_its_bin(probability: float) -> None:
    assert bin_of(probability) in range(BINS)
    assert bin_of(probability) <= probability * BINS


SHARES = st.lists(st.integers(0, 1000), min_size=5, max_size=5).filter(any)


@given(SHARES, SHARES)
def test_the_index_is_symmetrical_never_negative_and_nothing_for_equals(
    one: list[int], two: list[int]
) -> None:
    now, then = ([count / sum(counts) for count in counts] for counts in (one, two))
    assert stability(now, then) == pytest.approx(stability(then, now))
    assert stability(now, then) >= 0
    assert stability(now, now) == 0
