"""How unsure a verdict is, what says nearly the same, and whose turn it is."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.doubt import SURE, UNSURE, Doubt, gist, spread, unsureness


def odds(*weights: float) -> tuple[float, ...]:
    return tuple(weight / sum(weights) for weight in weights)


@pytest.mark.parametrize(
    ("surer", "less_sure"),
    [
        (odds(9, 1, 0, 0, 0), odds(6, 4, 0, 0, 0)),
        (odds(0, 5, 5, 0, 0), odds(5, 0, 5, 0, 0)),  # a complaint is what is counted
        (odds(0, 1, 0, 0, 0), odds(0, 5, 5, 0, 0)),
    ],
)
def test_the_nearer_the_kinds_the_more_unsure_and_most_of_all_about_a_complaint(
    surer: tuple[float, ...], less_sure: tuple[float, ...]
) -> None:
    assert unsureness(surer) < unsureness(less_sure)


@given(st.lists(st.floats(0.001, 1), min_size=5, max_size=5))
def test_it_goes_from_none_to_one(weights: list[float]) -> None:
    assert 0 <= unsureness(odds(*weights)) <= 1 + 1e-9


@given(st.lists(st.floats(0.001, 1), min_size=5, max_size=5))
def test_of_what_is_likely_enough_nobody_need_look_further(weights: list[float]) -> None:
    if max(odds(*weights)) > SURE:
        assert unsureness(odds(*weights)) < UNSURE


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Siri is down!", "siri IS down 😡 https://a.example/b", True),
        ("Siri is down", "is Siri down?", True),
        ("down for 3 hours", "@ann down for 12 hours", True),
        ("Siri is down", "Siri is not down", False),
        ("サーバーが落ちた", "サーバーが落ちた。", True),
    ],
)
def test_texts_of_the_same_words_say_nearly_the_same(one: str, other: str, alike: bool) -> None:
    assert (gist(one) == gist(other)) is alike


@given(st.text())
def test_every_text_has_a_gist(text: str) -> None:
    assert len(gist(text)) == 16


DOUBTS = st.builds(
    Doubt,
    source=st.just("x"),
    post=st.text("0123456789", min_size=1, max_size=3),
    service=st.sampled_from(["maps", "music", "siri"]),
    text=st.just("hm"),
    written_at=st.just(datetime(2026, 1, 1, tzinfo=UTC)),
    probabilities=st.just((0.5, 0.5, 0.0, 0.0, 0.0)),
    unsure=st.sampled_from([0.5, 0.75, 1.0]),
)


@given(st.lists(DOUBTS, max_size=30, unique_by=lambda one: one.post), st.integers(0, 12))
def test_every_service_has_its_turn_before_any_has_its_next(doubts: list[Doubt], most: int) -> None:
    chosen = spread(doubts, most)
    assert len(chosen) == min(most, len(doubts))
    for service in {one.service for one in doubts}:
        taken = [one.unsure for one in chosen if one.service == service]
        left = [one.unsure for one in doubts if one.service == service and one not in chosen]
        assert not (taken and left) or min(taken) >= max(left)  # its most unsure come first
        loudest = max(Counter(one.service for one in chosen).values(), default=0)
        assert not left or len(taken) >= loudest - 1  # and none is more than one turn ahead
