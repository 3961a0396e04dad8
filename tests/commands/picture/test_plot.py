"""From minutes and counts to places on the sheet."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.picture.plot import MOST_LEVELS, MOST_TICKS, Plot, ceiling, level_step, unbroken
from domain.moments import minute_of
from domain.series import Minute
from tests.domain.records import NOON, at

FIRST = minute_of(NOON)


def plot(minutes=100, most=10.0):
    return Plot(50, 950, 100, 400, FIRST, FIRST + minutes - 1, most)


def minute(after, complaints=0):
    return Minute(FIRST + after, complaints, 0, 0, 0, 0, 1.0, 5.0)


def test_the_first_minute_begins_at_the_left_and_the_last_one_ends_at_the_right():
    assert (plot().x(NOON), plot().x(at(50)), plot().x(at(100))) == (50, 500, 950)
    assert (plot().y(0), plot().y(5), plot().y(10)) == (400, 250, 100)


def test_what_lies_outside_stands_on_the_edge():
    assert (plot().x(at(-9)), plot().x(at(999))) == (50, 950)
    assert (plot().y(-1), plot().y(11)) == (400, 100)
    assert not plot().shows(at(101))


@given(st.floats(0, 1e6))
def test_the_top_is_round_and_above_the_highest_count(highest):
    top = ceiling(highest)
    levels = plot(most=top).levels()
    assert top > highest
    assert 1 <= len(levels) <= MOST_LEVELS
    assert levels[-1] == pytest.approx(top)
    assert level_step(top).is_integer()


@given(st.integers(1, 20_000), st.integers(0, 1439))
def test_ticks_are_round_times_and_not_too_many(length, start):
    of = Plot(50, 950, 100, 400, FIRST + start, FIRST + start + length - 1, 10)
    ticks = list(of.ticks())
    assert len(ticks) <= MOST_TICKS + 1
    assert all(tick.minute % 5 == 0 and of.shows(tick) for tick in ticks)
    assert len({after - before for before, after in pairwise(ticks)}) <= 1


def test_an_hour_has_a_tick_every_five_or_ten_minutes():
    ticks = list(plot(60).ticks())
    assert ticks[1] - ticks[0] == timedelta(minutes=5)


def test_only_minutes_with_complaints_have_a_bar_and_wide_ones_stand_apart():
    (bar,) = plot().bars([minute(0), minute(1, 5)])
    assert bar == [(59, 400), (59, 250), (pytest.approx(66.65), 250), (pytest.approx(66.65), 400)]


def test_lines_break_where_minutes_are_missing():
    minutes = [minute(0), minute(1), minute(5)]
    assert unbroken(minutes) == [range(2), range(2, 3)]
    assert unbroken([]) == []
    first, second = plot().steps([(one, 1.0) for one in minutes])
    assert (len(first), len(second)) == (4, 2)
    assert len(plot().columns(minutes)) == 2
