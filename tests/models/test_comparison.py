"""Champion and challenger on the same posts: what is certain, and what chance may have brought."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score

from domain.mention import KINDS, Kind
from domain.retraining import Figure, Measure, Trial
from models.comparison import ENOUGH, Judged, compare

NEW = Trial.NEW_LABELS


def rows_for(truth: NDArray[np.int64], sure: float, share_right: float, seed: int = 0) -> NDArray[np.float64]:
    """Verdicts that give one kind so much, and are right so often."""
    chance = np.random.default_rng(seed)
    right = chance.random(len(truth)) < share_right
    guessed = np.where(right, truth, (truth + 1 + chance.integers(0, 4, len(truth))) % 5)
    return np.where(np.eye(5)[guessed] > 0, sure, (1 - sure) / 4)


def judged(
    posts: int, champion: float, challenger: float, *, groups: tuple[str, ...] = ("music",), seed: int = 0
) -> Judged:
    truth = np.random.default_rng(seed).integers(0, 5, posts)
    return Judged(
        [KINDS[place] for place in truth],
        [groups[place % len(groups)] for place in range(posts)],
        rows_for(truth, 0.8, champion, seed + 1),
        rows_for(truth, 0.8, challenger, seed + 2),
    )


def figure(figures: list[Figure], measure: Measure, of: str | None = None) -> Figure:
    return next(one for one in figures if one.measure is measure and of in (None, one.of))


def test_the_figures_are_those_that_everybody_means() -> None:
    one = judged(300, 0.7, 0.8)
    figures = compare(NEW, one)
    truth = [KINDS.index(kind) for kind in one.kinds]
    for name in ("champion", "challenger"):
        rows = getattr(one, name)
        guessed = rows.argmax(axis=1)
        f1 = f1_score(truth, guessed, average=None)
        assert getattr(figure(figures, Measure.MACRO_F1), name) == pytest.approx(f1.mean(), abs=1e-4)
        assert getattr(figure(figures, Measure.KIND, "echo"), name) == pytest.approx(f1[1], abs=1e-4)
        share = (guessed == truth).mean()
        assert getattr(figure(figures, Measure.GROUP, "music"), name) == pytest.approx(share, abs=1e-4)
    distinct = np.random.default_rng(5).dirichlet(np.ones(5), 300)
    precise = figure(
        compare(NEW, Judged(one.kinds, one.groups, distinct, distinct)), Measure.AVERAGE_PRECISION
    )
    complains = [kind is Kind.COMPLAINT for kind in one.kinds]
    assert precise.champion == pytest.approx(average_precision_score(complains, distinct[:, 0]), abs=1e-4)


def test_a_clear_gain_is_above_nothing_and_a_clear_loss_below() -> None:
    gained, lost = (compare(NEW, judged(400, *shares)) for shares in ((0.6, 0.9), (0.9, 0.6)))
    for measure in Measure:
        assert figure(gained, measure).low > 0
        assert figure(lost, measure).high < 0
        assert figure(gained, measure).gain > 0 > figure(lost, measure).gain


def test_equals_gain_nothing() -> None:
    one = judged(100, 0.8, 0.8)
    for found in compare(NEW, Judged(one.kinds, one.groups, one.champion, one.champion)):
        assert found.gain == 0
        assert found.low <= 0 <= found.high


def test_one_of_two_equals_seldom_seems_better() -> None:
    """A bound of 95% errs once in twenty times."""
    equals = [judged(200, 0.8, 0.8, seed=100 + 3 * number) for number in range(40)]
    seems = [figure(compare(NEW, one), Measure.SURPRISE).low > 0 for one in equals]
    assert sum(seems) <= 4


def test_a_small_group_or_kind_is_not_judged_and_three_changes_of_twenty_may_be_chance() -> None:
    truth = np.zeros(ENOUGH, dtype=np.int64)
    champion = rows_for(truth, 0.8, 1.0)
    challenger = champion.copy()
    challenger[:3] = np.eye(5)[4]
    kinds, groups = [KINDS[0]] * ENOUGH, ["banks"] * ENOUGH
    assert figure(compare(NEW, Judged(kinds, groups, champion, challenger)), Measure.GROUP).high > 0
    challenger[:6] = np.eye(5)[4]
    assert figure(compare(NEW, Judged(kinds, groups, champion, challenger)), Measure.GROUP).high < -0.02
    fewer = Judged(kinds[1:], groups[1:], champion[1:], challenger[1:])
    assert not {Measure.GROUP, Measure.KIND} & {one.measure for one in compare(NEW, fewer)}


def test_one_sure_mistake_does_not_decide_alone() -> None:
    truth = np.zeros(100, dtype=np.int64)
    champion = rows_for(truth, 0.7, 1.0)
    challenger = rows_for(truth, 0.9, 1.0)
    challenger[0] = [0.0, 1.0, 0.0, 0.0, 0.0]
    found = figure(
        compare(NEW, Judged([KINDS[0]] * 100, ["music"] * 100, champion, challenger)), Measure.SURPRISE
    )
    assert found.low > 0


def test_the_same_posts_give_the_same_figures_and_no_posts_give_none() -> None:
    assert compare(NEW, judged(80, 0.7, 0.8)) == compare(NEW, judged(80, 0.7, 0.8))
    assert compare(NEW, Judged([], [], np.zeros((0, 5)), np.zeros((0, 5)))) == []


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 60),
    st.floats(0, 1),
    st.floats(0, 1),
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3, unique=True),
    st.integers(0, 99),
)
def test_every_figure_is_a_number_and_its_ends_are_in_order(
    posts: int, champion: float, challenger: float, groups: list[str], seed: int
) -> None:
    for found in compare(NEW, judged(posts, champion, challenger, groups=tuple(groups), seed=seed)):
        assert np.isfinite([found.champion, found.challenger, found.low, found.high]).all()
        assert found.low <= found.high
        assert 0 < found.posts <= posts
