"""A source that is behind makes silence mean nothing: minutes wait for it, and then close as blind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.incident import State
from domain.moments import MINUTES_PER_HOUR, milliseconds, start_of_minute
from domain.post import Post
from domain.run import LIVE
from domain.source import Gap
from storage.interfaces import Step
from tests.workers.records import START, post, reader
from tests.workers.test_detecting import FIRST, House, chatter, outage
from workers.detecting import Detecting
from workers.hearing import GONE, HOLD, LATE, behind, closable_until, late_gaps, within

MINUTE = 60_000
NOW = milliseconds(START) + 100 * MINUTE
SOURCES = st.dictionaries(st.sampled_from("abc"), st.integers(NOW - 2 * GONE, NOW + MINUTE))


@given(SOURCES, st.integers(0, 10 * MINUTE))
def test_no_minute_closes_before_its_grace_or_waits_longer_than_it_must(
    heard: dict[str, int], grace: int
) -> None:
    until = closable_until(NOW, grace, heard)
    assert min(NOW - grace, NOW - HOLD) <= until <= NOW - grace
    assert all(until <= at or NOW - at > HOLD for at in heard.values())


@given(SOURCES, st.integers(0, 2 * HOLD))
def test_after_a_start_every_reader_has_a_while_to_catch_up(heard: dict[str, int], ago: int) -> None:
    until = closable_until(NOW, 20_000, heard, NOW - ago)
    usual = closable_until(NOW, 20_000, heard)
    assert until == (usual if ago > HOLD else min([NOW - 20_000, *heard.values()]))


def test_without_sources_only_the_clock_counts() -> None:
    assert closable_until(NOW, 20_000, {}) == NOW - 20_000


@given(SOURCES)
def test_a_source_is_missed_in_a_minute_whose_end_it_has_not_seen_unless_it_is_long_gone(
    heard: dict[str, int],
) -> None:
    minute = NOW // MINUTE - 10
    missed = behind(minute, heard)
    for source, at in heard.items():
        end = (minute + 1) * MINUTE
        assert (source in missed) == (end - GONE <= at < end)


@given(SOURCES, st.integers(-10, 0))
def test_late_gaps_cover_just_the_minutes_that_closed_without_a_source(
    heard: dict[str, int], start: int
) -> None:
    minutes = range(NOW // MINUTE + start, NOW // MINUTE)
    gaps = list(late_gaps(minutes, heard))
    for minute in minutes:
        assert {gap.source for gap in gaps if within(minute, [gap])} == set(behind(minute, heard))


class Live(House):
    """The live run of two sources, ``x`` of which brings everything."""

    def __init__(self) -> None:
        super().__init__(LIVE)
        self.began = START - timedelta(days=1)

    def detecting(self) -> Detecting:
        return replace(super().detecting(), listening=("x", "bluesky"), began=self.began)

    def hear(self, source: str, minutes: float, posts: list[Post] | None = None) -> None:
        """Bring posts of a source, and say until which minute it was heard."""
        before = self.posts.cursor(source)
        heard = milliseconds(START + timedelta(minutes=minutes))
        reader().hand_over(posts or [], source, self.posts, Step(f"{minutes}", before, heard, handed_at=0))

    def at(self, minutes: float) -> datetime:
        return START + timedelta(minutes=minutes)

    def close_until(self, minutes: float) -> int:
        self.count()
        while self.close(self.at(minutes)):
            pass
        return self.next_minute()


def test_a_minute_waits_for_a_source_that_is_a_little_behind() -> None:
    house = Live()
    house.hear("x", 10)
    house.hear("bluesky", 7)
    assert house.close_until(10.5) == 7
    house.hear("bluesky", 10)
    assert house.close_until(10.5) == 10


def test_a_source_that_stays_away_is_waited_for_five_minutes_and_then_shown_as_a_gap() -> None:
    house = Live()
    house.hear("bluesky", 7.5)
    for now in range(8, 12):
        house.hear("x", now)
        assert house.close_until(now + 0.5) == 7
    house.hear("x", 13)
    assert house.close_until(13.5) == 13
    assert house.stores.sources.gaps(START, house.at(20)) == [Gap("bluesky", house.at(7), house.at(13), LATE)]


def test_a_source_that_never_spoke_is_not_waited_for() -> None:
    house = Live()
    house.hear("x", 10)
    assert house.close_until(10.5) == 10


@pytest.mark.parametrize("deaf", [True, False])
def test_an_incident_is_raised_by_what_is_heard_and_never_resolved_by_what_is_not(deaf: bool) -> None:
    house = Live()
    quiet, end = 2 * 24 * 60, 2 * 24 * 60 + 400
    nobody = [post(1_000_000 + number, "a nice day", minutes=number / 3) for number in range(3 * end)]
    said = sorted([*chatter(end), *nobody], key=lambda one: one.written_at)
    before = [one for one in said if one.written_at < house.at(quiet)]
    house.hear("bluesky", quiet)
    house.hear("x", quiet, before)
    house.close_until(quiet + 0.5)
    house.hear("x", end, [*outage(quiet), *said[len(before) :]])
    if not deaf:
        house.hear("bluesky", end)
    house.close_until(end - 50)
    (incident,) = house.incidents()
    assert incident.state is (State.CONFIRMED if deaf else State.RESOLVED)


def test_blind_minutes_are_kept_as_such() -> None:
    house = Live()
    house.stores.sources.keep_gap(Gap("x", house.at(3), house.at(5.5), "the cursor was too old"))
    house.stores.sources.keep_gap(Gap("a stranger", house.at(0), house.at(9), "of no concern"))
    house.hear("bluesky", 10)
    house.hear("x", 10, [post(1, "imessage is nice")])
    house.close_until(10.5)
    hour = FIRST // MINUTES_PER_HOUR
    (row,) = house.stores.incidents.rates(LIVE, hour, hour)
    assert [number for number, blind in enumerate(row.blind) if blind] == [3, 4, 5]


def test_the_cursors_of_the_sources_are_kept_with_the_minutes() -> None:
    house = Live()
    house.hear("bluesky", 5)
    for minute in (5, 6):
        before = house.posts.cursor("x")
        step = Step(f"c{minute}", before, milliseconds(house.at(minute)), handed_at=FIRST + minute)
        reader().hand_over([], "x", house.posts, step)
    house.hear("bluesky", 6)
    house.close_until(6.5)
    assert house.next_minute() == 6
    assert start_of_minute(FIRST) == START
    assert house.stores.sources.cursor("x") == "c5"  # behind it lies all that was handed over in minute 6


def test_what_was_missed_while_all_was_down_is_brought_before_its_minutes_close() -> None:
    house = Live()
    house.hear("bluesky", 2)
    house.hear("x", 2)
    house.began = house.at(30)  # everything was down for half an hour
    assert house.close_until(31) == 2
    house.hear("x", 31, [post(1, "imessage broken", minutes=20)])
    assert house.close_until(31.5) == 2
    house.hear("bluesky", 31)
    assert house.close_until(31.6) == 31
    assert house.stores.sources.gaps(START, house.at(60)) == []
    assert house.stores.incidents.rates(LIVE, FIRST // MINUTES_PER_HOUR, FIRST // MINUTES_PER_HOUR)
