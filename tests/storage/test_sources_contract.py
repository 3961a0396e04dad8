"""Cursors, gaps and spending, on every kind of store."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.source import Gap
from domain.spending import Spent
from storage.memory_sources import MemorySources

MINUTE = timedelta(minutes=1)
MONDAY = date(2026, 5, 4)


@pytest.fixture
def gap(make):
    def span(since=0, until=10, *, source="x", why="the connection was lost"):
        return Gap(source, make.noon + since * MINUTE, make.noon + until * MINUTE, why)

    return span


def test_cursors_are_kept_with_the_minutes_that_were_closed(stores, make):
    assert stores.sources.cursor("bluesky") is None
    assert stores.incidents.save(make.step(cursors={"bluesky": "1", "x": "7"}))
    assert stores.incidents.save(make.step(expected=100, to=101, cursors={"bluesky": "2"}))
    assert (stores.sources.cursor("bluesky"), stores.sources.cursor("x")) == ("2", "7")


def test_a_step_that_came_too_late_moves_no_cursor_and_keeps_no_gap(stores, make, gap):
    stores.incidents.save(make.step(cursors={"bluesky": "1"}))
    assert not stores.incidents.save(make.step(expected=7, cursors={"bluesky": "2"}, gaps=(gap(),)))
    assert stores.sources.cursor("bluesky") == "1"
    assert stores.sources.gaps(make.noon - MINUTE, make.noon + 60 * MINUTE) == []


def test_gaps_that_touch_are_one(stores, make, gap):
    for one in (gap(0, 1), gap(1, 2), gap(5, 6), gap(2, 3)):
        stores.sources.keep_gap(one)
    assert stores.sources.gaps(make.noon, make.noon + 60 * MINUTE) == [gap(0, 3), gap(5, 6)]


def test_gaps_of_other_sources_or_reasons_stay_apart(stores, make, gap):
    told = [gap(0, 5), gap(1, 2, source="bluesky"), gap(3, 4, why="the budget is spent")]
    for one in told:
        stores.sources.keep_gap(one)
    assert stores.sources.gaps(make.noon, make.noon + 60 * MINUTE) == told
    assert stores.sources.gaps(make.noon, make.noon + 60 * MINUTE, "bluesky") == [told[1]]


def test_a_gap_is_found_by_any_minute_it_reaches_into(stores, make, gap):
    stores.sources.keep_gap(gap(0, 10))
    assert stores.sources.gaps(make.noon + 9 * MINUTE, make.noon + 20 * MINUTE)
    assert not stores.sources.gaps(make.noon + 10 * MINUTE, make.noon + 20 * MINUTE)
    assert not stores.sources.gaps(make.noon - 9 * MINUTE, make.noon)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_gaps_never_overlap_and_cover_what_was_told(make, spans):
    sources = MemorySources()
    for since, length in spans:
        sources.keep_gap(Gap("x", make.noon + since * MINUTE, make.noon + (since + length) * MINUTE, "lost"))
    kept = sources.gaps(make.noon, make.noon + 100 * MINUTE)
    told = {minute for since, length in spans for minute in range(since, since + length)}
    found = [(gap.since, gap.until) for gap in kept]
    assert all(before[1] < after[0] for before, after in pairwise(found))
    assert sum((until - since for since, until in found), timedelta()) == len(told) * MINUTE


def test_spending_adds_up_over_days(stores):
    stores.sources.spend("x", MONDAY, Spent(posts=3, micro_dollars=15_000))
    stores.sources.spend("x", MONDAY, Spent(requests=1, micro_dollars=5_000))
    stores.sources.spend("x", MONDAY + timedelta(days=1), Spent(posts=1, micro_dollars=5_000_000_000))
    stores.sources.spend("other", MONDAY, Spent(posts=100))
    assert stores.sources.spent("x", MONDAY) == Spent(4, 1, 5_000_020_000)
    assert stores.sources.spent("x", MONDAY + timedelta(days=1)) == Spent(
        posts=1, micro_dollars=5_000_000_000
    )
    assert stores.sources.spent("x", MONDAY + timedelta(days=2)) == Spent()
