"""A challenger is promoted only if it is better beyond chance, falls nowhere, and nobody is suspected."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.retraining import Figure, Measure, RetrainingState, Trial
from models.promotion import decide

NEW, CORE = Trial.NEW_LABELS, Trial.CORE
PROMOTED, REFUSED, HELD = RetrainingState.PROMOTED, RetrainingState.REFUSED, RetrainingState.HELD


def surprise(low: float, high: float = 0.2) -> Figure:
    return Figure(NEW, Measure.SURPRISE, "all", 200, 0.6, 0.6 - (low + high) / 2, low, high)


def share(
    of: str, low: float, high: float, *, trial: Trial = NEW, measure: Measure = Measure.GROUP
) -> Figure:
    return Figure(trial, measure, of, 50, 0.8, 0.8 + (low + high) / 2, low, high)


def core_surprise(low: float, high: float) -> Figure:
    return Figure(CORE, Measure.SURPRISE, "all", 500, 0.6, 0.6 - (low + high) / 2, low, high)


def core(gain: float) -> Figure:
    return Figure(CORE, Measure.MACRO_F1, "all", 500, 0.8, 0.8 + gain, gain - 0.02, gain + 0.02)


BETTER, EVEN = surprise(0.05), surprise(-0.01)
CASES = [
    ([BETTER], 0.0, PROMOTED, "better beyond chance on the 200 newest labels"),
    ([BETTER, core(-0.019), share("banks", -0.3, -0.01)], 0.1, PROMOTED, "worse nowhere"),
    ([EVEN, core(0.1)], 0.0, REFUSED, "not better beyond chance"),
    ([surprise(-0.3, -0.1)], 0.0, REFUSED, "not better beyond chance"),
    ([], 0.0, REFUSED, "too few new labels"),
    ([core(0.1)], 0.0, REFUSED, "too few new labels"),
    ([BETTER, core(-0.021)], 0.0, REFUSED, "macro-F1 on the core set from 80.0% to 77.9%"),
    (
        [BETTER, core_surprise(-0.04, -0.001)],
        0.0,
        REFUSED,
        "surprise on the core set rises from 0.600 to 0.6",
    ),
    ([BETTER, core_surprise(-0.04, 0.001)], 0.0, PROMOTED, "worse nowhere"),
    ([BETTER, core_surprise(-0.01, -0.001)], 0.0, PROMOTED, "worse nowhere"),
    ([BETTER, share("banks", -0.3, -0.03)], 0.0, REFUSED, "the group banks on the newest labels (50 posts)"),
    (
        [BETTER, share("echo", -0.1, -0.03, trial=CORE, measure=Measure.KIND)],
        0.0,
        REFUSED,
        "the kind echo on the core set (50 posts)",
    ),
    ([BETTER], 0.11, HELD, "11% of the new verdicts come from people who are set aside"),
    ([EVEN], 0.5, REFUSED, "not better"),
]


@pytest.mark.parametrize(("figures", "set_aside", "state", "said"), CASES)
def test_a_decision_follows_from_the_figures_and_says_why(
    figures: list[Figure], set_aside: float, state: RetrainingState, said: str
) -> None:
    decision = decide(figures, set_aside=["mal"], share_set_aside=set_aside)
    assert decision.state is state
    assert said in decision.reason


def test_a_hold_names_the_people_but_not_a_crowd() -> None:
    assert "(mal)" in decide([BETTER], set_aside=["mal"], share_set_aside=0.3).reason
    crowd = decide([BETTER], set_aside=[f"sock{number}" for number in range(40)], share_set_aside=0.3)
    assert "and 35 others" in crowd.reason


def anything() -> Iterator[st.SearchStrategy[Figure]]:
    numbers = st.floats(-1, 1)
    for trial in Trial:
        for measure in Measure:
            yield st.builds(
                Figure, st.just(trial), st.just(measure), st.just("all"), st.integers(1, 999),
                numbers, numbers, numbers, numbers,
            )  # fmt: skip


@given(st.lists(st.one_of(*anything())), st.floats(0, 1))
def test_nothing_is_promoted_that_falls_or_is_not_better_or_is_suspected(
    figures: list[Figure], set_aside: float
) -> None:
    decision = decide(figures, set_aside=["mal"], share_set_aside=set_aside)
    assert decision.reason
    if decision.state is PROMOTED:
        assert set_aside <= 0.1
        assert all(one.high >= -0.02 for one in figures if one.measure in (Measure.KIND, Measure.GROUP))
        assert next(one for one in figures if one.measure is Measure.SURPRISE and one.trial is NEW).low > 0
