"""The newest lessons judge, and nothing that nearly says the same is taught."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.doubt import gist
from domain.mention import Kind
from models.holding_out import LEAST, hold_out
from models.retraining import Lesson
from tests.models.people import NOON, SERVICES

GROUPS = {"spotify": "music", "netflix": "video", "github": "work", "slack": "work"}


def lesson(number: int, text: str | None = None, *, service: str = "spotify", weight: float = 0.9) -> Lesson:
    """A lesson of so many minutes after noon; no two say the same unless they are told to."""
    said = text or " ".join(
        "abcdefghij"[int(digit)] * (place + 2) for place, digit in enumerate(f"{number:05}")
    )
    at = NOON + timedelta(minutes=number)
    return Lesson(f"l{number:05}", said, service, Kind.ECHO, at, ("ada",), weight)


@pytest.mark.parametrize(("lessons", "judging"), [(59, 0), (60, 60), (200, 60), (1_000, 200)])
def test_a_fifth_is_held_out_and_never_fewer_than_sixty(lessons: int, judging: int) -> None:
    split = hold_out([lesson(number) for number in range(lessons)], since=None, groups=GROUPS)
    assert (len(split.judging), len(split.training)) == (judging, lessons - judging)


def test_the_newest_judge() -> None:
    split = hold_out([lesson(number) for number in range(1_000)], since=None, groups=GROUPS)
    assert max(one.at for one in split.training) < min(one.at for one in split.judging)


def test_what_taught_the_champion_and_what_is_unclear_never_judges() -> None:
    lessons = [lesson(number, weight=0.9 if number % 2 else 0.3) for number in range(400)]
    split = hold_out(lessons, since=lessons[199].at, groups=GROUPS)
    assert len(split.judging) == 60
    assert all(one.at > lessons[199].at and one.weight > 0.5 for one in split.judging)
    assert set(split.training) | set(split.judging) == set(lessons)


def test_every_group_is_judged_for_its_size() -> None:
    """Of the last day only music is labelled; the others are judged nevertheless."""
    old = [lesson(number, service=SERVICES[number % 4]) for number in range(800)]
    late = [lesson(number) for number in range(5_000, 5_200)]
    judging = hold_out(old + late, since=None, groups=GROUPS).judging
    assert Counter(GROUPS[one.service] for one in judging) == {"music": 80, "video": 40, "work": 80}


def test_a_copy_of_a_held_out_or_frozen_post_is_not_taught() -> None:
    lessons = [lesson(number) for number in range(100)]
    copy = lesson(1, lessons[99].text + "!! https://t.co/x")
    frozen = lesson(2, "My Spotify is stuck")
    split = hold_out(
        [copy, frozen, *lessons[3:]], since=None, groups=GROUPS, frozen=["my spotify is STUCK 2"]
    )
    assert not {copy.id, frozen.id} & {one.id for one in split.training + split.judging}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(SERVICES), st.integers(0, 150), st.booleans()), max_size=200))
def test_nothing_is_both_taught_and_asked(told: list[tuple[str, int, bool]]) -> None:
    lessons = [
        lesson(number, f"words {'x' * words}", service=service, weight=0.9 if clear else 0.2)
        for number, (service, words, clear) in enumerate(told)
    ]
    split = hold_out(lessons, since=None, groups={})
    clear = sum(one.weight > 0.5 for one in lessons)
    assert len(split.judging) == (LEAST if clear >= LEAST else 0)
    taught, asked = ({gist(one.text) for one in part} for part in (split.training, split.judging))
    assert not taught & asked
