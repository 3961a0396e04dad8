"""How far a timeline has been read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.mastodon.place import LATE, MOST_GIVEN, Place, cursor_of, places_at

AT = datetime(2026, 11, 18, 20, 3, 11, tzinfo=UTC)


def kept(place: Place, now: datetime = AT) -> Place:
    """A place after its cursor has been written and read."""
    return places_at(cursor_of({"public": place}, now), ["public"])["public"]


def test_a_timeline_that_was_never_read_begins_now() -> None:
    assert cursor_of({"public": Place()}, AT) is None
    assert places_at(None, ["public"])["public"].after is None
    other = cursor_of({"local": Place("5")}, AT)
    assert places_at(other, ["public"])["public"].after is None


def test_a_place_outlives_the_process() -> None:
    place = Place("5")
    place.give("7", AT)
    place.give("6", AT)
    place.hear(AT)
    again = kept(place)
    assert (again.after, again.given, again.heard) == ("5", ("7", "6"), AT)


def test_what_was_given_long_ago_is_known_by_the_highest_id_alone() -> None:
    place = Place("5")
    for status_id in ("99", "100", "98"):
        place.give(status_id, AT)
    place.give("120", AT + LATE)
    again = kept(place, AT + LATE + timedelta(seconds=1))
    assert (again.after, again.given) == ("100", ("120",))


def test_the_last_that_was_given_is_kept_however_long_ago() -> None:
    place = Place("5")
    place.give("6", AT)
    assert kept(place, AT + timedelta(days=1)).given == ("6",)


def test_a_busy_timeline_does_not_make_the_cursor_grow_without_end() -> None:
    place = Place("0")
    for number in range(10 * MOST_GIVEN):
        place.give(str(10**17 + number), AT)
    again = kept(place)
    assert len(again.given) == MOST_GIVEN
    assert again.after == str(10**17 + 9 * MOST_GIVEN - 1)


def test_a_status_that_the_instance_has_no_longer_is_not_expected_to_come_again() -> None:
    place = Place("5", ["6", "7"])
    place.forget("6")
    place.forget("8")
    assert kept(place).given == ("7",)


@pytest.mark.parametrize("cursor", ["", "5", "[]", "{", '{"public": "5"}', '{"public": {"heard": "now"}}'])
def test_a_cursor_of_another_kind_is_refused_with_a_sentence(cursor: str) -> None:
    with pytest.raises(ValueError, match="the cursor is none of this source's"):
        places_at(cursor, ["public"])


@given(
    st.lists(st.tuples(st.integers(1, 400), st.integers(0, 90)), max_size=60),
    st.integers(0, 10),
)
def test_a_place_never_moves_past_what_was_not_given(given_: list[tuple[int, int]], every: int) -> None:
    """Whatever is up to ``after`` was given, or came later than something higher that was given long ago."""
    place, now = Place("0"), AT
    highest_long_ago = 0
    times: list[tuple[int, datetime]] = []
    for number, (status_id, seconds) in enumerate(given_):
        now += timedelta(seconds=seconds)
        place.give(str(status_id), now)
        times.append((status_id, now))
        if every and number % every == 0:
            place = kept(place, now)
        highest_long_ago = max((each for each, at in times if now - at > LATE), default=0)
        assert int(json.loads(cursor_of({"x": place}, now) or "")["x"]["after"]) <= highest_long_ago
