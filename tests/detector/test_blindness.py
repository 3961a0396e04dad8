"""Blindness: a silent stream is told from a quiet one."""

from __future__ import annotations

import numpy as np
import pytest

from detector.blindness import Blindness

START = 25_000_020


def watched(volumes):
    judge = Blindness()
    for offset, volume in enumerate(volumes):
        judge.learn(START + offset, int(volume))
    return judge


def test_a_stream_that_stops_is_blind_and_sees_again():
    judge = watched(np.random.default_rng(2).poisson(2.0, 1500))
    verdicts = []
    for offset in range(1500, 1560):
        verdicts.append(judge.judge(START + offset, 0))
        judge.learn(START + offset, 0)
    assert not verdicts[0]
    assert verdicts[-1]
    for offset in range(1560, 1590):
        judge.learn(START + offset, 2)
    assert not judge.judge(START + 1590, 2)


@pytest.mark.parametrize("rate", [0.05, 2.0, 500.0])
def test_ordinary_chatter_is_never_blind(rate):
    judge = Blindness()
    for offset, volume in enumerate(np.random.default_rng(5).poisson(rate, 3000)):
        assert not judge.judge(START + offset, int(volume))
        judge.learn(START + offset, int(volume))


def test_a_saved_judge_goes_on_bit_for_bit():
    judge = watched(np.random.default_rng(2).poisson(2.0, 130))
    twin = Blindness.from_bytes(judge.to_bytes())
    for offset in range(130, 200):
        judge.learn(START + offset, 0)
        twin.learn(START + offset, 0)
    assert twin.to_bytes() == judge.to_bytes()


def test_a_foreign_body_is_refused():
    with pytest.raises(ValueError, match="no saved state"):
        Blindness.from_bytes(b"nonsense")
