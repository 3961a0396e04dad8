"""Going back, again and again, leads further back, and never to what was left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.activation import Activation, Why, version_before
from tests.domain.records import at


def history(told: str) -> list[Activation]:
    """Activations as in "a b <a": b is activated after a, and then a again by going back."""
    return [
        Activation(word.lstrip("<"), at(minute), Why.ROLLBACK if word[0] == "<" else Why.BY_HAND)
        for minute, word in enumerate(told.split())
    ]


@pytest.mark.parametrize(
    ("told", "before"),
    [
        ("", None),
        ("a", None),
        ("a a", None),
        ("a b", "a"),
        ("a b b", "a"),
        ("a b c", "b"),
        ("a b c <b", "a"),
        ("a b c <b <a", None),
        ("a b <a b", "a"),
        ("a b <a c", "a"),
        ("a b a", "b"),
    ],
)
def test_a_rollback_leads_to_what_counted_before(told: str, before: str | None) -> None:
    assert version_before(history(told)) == before


@given(st.lists(st.sampled_from("abc"), min_size=1))
def test_going_back_ends_at_the_first_version_without_ever_staying_where_it_is(chosen: list[str]) -> None:
    activations = history(" ".join(chosen))
    steps = 0
    while (before := version_before(activations)) is not None:
        assert before != activations[-1].version
        activations.append(Activation(before, at(99), Why.ROLLBACK))
        steps += 1
        assert steps < len(chosen)
    assert activations[-1].version == chosen[0]
