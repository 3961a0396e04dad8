"""The learner finds what is likeliest after the data and the prior, and nothing else moves it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression

from models.learner import Floats, Prior, Weights, flat_prior, learn

KINDS = 3
WIDTH = 6
POSTS = 60


def rows_of(seed: int, posts: int = POSTS, width: int = WIDTH) -> csr_matrix:
    """Posts as the features make them: most columns of a row are empty."""
    chance = np.random.default_rng(seed)
    return csr_matrix(chance.random((posts, width)) * (chance.random((posts, width)) < 0.5))


def kinds_of(seed: int, rows: csr_matrix) -> NDArray[np.int64]:
    """Kinds that the columns tell of, though not surely; each stands there."""
    chance = np.random.default_rng(seed + 1)
    logits = rows @ chance.normal(size=(rows.shape[1], KINDS)) * 2 + chance.gumbel(
        size=(rows.shape[0], KINDS)
    )
    kinds: NDArray[np.int64] = logits.argmax(axis=1)
    kinds[:KINDS] = range(KINDS)
    return kinds


def sure(kinds: NDArray[np.int64]) -> Floats:
    return np.eye(KINDS)[kinds]


def prior_of(seed: int, width: int = WIDTH) -> Prior:
    """What earlier posts left: somewhere sure, somewhere not."""
    chance = np.random.default_rng(seed + 2)
    mean = Weights(chance.normal(size=(KINDS, width)), chance.normal(size=KINDS))
    return Prior(mean, Weights(chance.uniform(0.1, 9, (KINDS, width)), chance.uniform(0.1, 9, KINDS)))


def probabilities(weights: Weights, rows: csr_matrix) -> Floats:
    return np.exp(log_softmax(weights.logits(rows), axis=1))


def joined(weights: Weights) -> Floats:
    return np.column_stack([weights.of_features, weights.bias])


def loss(
    at: Weights, rows: csr_matrix, targets: Floats, prior: Prior, counted: Floats | None = None
) -> float:
    """What is to be least, written anew from its definition."""
    likely = (targets * log_softmax(at.logits(rows), axis=1)).sum(axis=1)
    moved = joined(at) - joined(prior.mean)
    held = joined(prior.precision)
    return float(-(likely if counted is None else likely * counted).sum() + (held * moved**2).sum() / 2)


@pytest.mark.parametrize("strength", [0.5, 2.0, 10.0])
def test_without_a_prior_it_is_the_usual_logistic_regression(strength: float) -> None:
    rows = rows_of(1)
    kinds = kinds_of(1, rows)
    usual = LogisticRegression(C=strength, tol=1e-10, max_iter=10_000).fit(rows, kinds)
    found = learn(rows, sure(kinds), prior=flat_prior(KINDS, WIDTH, strength))
    assert probabilities(found, rows) == pytest.approx(usual.predict_proba(rows), abs=2e-3)
    assert found.of_features == pytest.approx(usual.coef_, abs=2e-2)
    # Biases are free, so only their differences are given by the data.
    assert found.bias - found.bias.mean() == pytest.approx(
        usual.intercept_ - usual.intercept_.mean(), abs=2e-2
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_nothing_near_by_is_likelier(seed: int) -> None:
    rows, prior = rows_of(seed), prior_of(seed)
    targets = np.random.default_rng(seed).dirichlet(np.ones(KINDS), POSTS)
    found = learn(rows, targets, prior=prior)
    least = loss(found, rows, targets, prior)
    chance = np.random.default_rng(seed + 3)
    for step in (0.3, 0.05):
        for _ in range(5):
            near = Weights(
                found.of_features + step * chance.normal(size=(KINDS, WIDTH)),
                found.bias + step * chance.normal(size=KINDS),
            )
            assert loss(near, rows, targets, prior) > least


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_where_it_ends_the_slope_is_flat_in_every_direction(seed: int) -> None:
    rows, prior = rows_of(seed), prior_of(seed)
    targets = np.random.default_rng(seed).dirichlet(np.ones(KINDS), POSTS)
    found = learn(rows, targets, prior=prior)
    pulled = joined(prior.precision) * (joined(found) - joined(prior.mean))
    missed = probabilities(found, rows) - targets
    slope = np.column_stack([(rows.T @ missed).T, missed.sum(axis=0)]) + pulled
    far = Weights(prior.mean.of_features * 0, prior.mean.bias * 0)
    missed_far = probabilities(far, rows) - targets
    pulled_far = joined(prior.precision) * (joined(far) - joined(prior.mean))
    steep = np.column_stack([(rows.T @ missed_far).T, missed_far.sum(axis=0)]) + pulled_far
    assert np.abs(slope).max() < 0.01 * np.abs(steep).max()


def test_the_slope_it_follows_is_that_of_the_loss() -> None:
    """At the end, the loss changes as little in each single direction as its slope says: not at all."""
    rows, prior = rows_of(5), prior_of(5)
    targets = sure(kinds_of(5, rows))
    found = learn(rows, targets, prior=prior)
    for kind in range(KINDS):
        for column in range(WIDTH):
            step = np.zeros((KINDS, WIDTH))
            step[kind, column] = 1e-3
            up, down = (
                loss(Weights(found.of_features + side * step, found.bias), rows, targets, prior)
                for side in (1, -1)
            )
            assert abs(up - down) / 2e-3 < 0.05


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_a_prior_is_kept_where_the_data_say_nothing(seed: int) -> None:
    prior = prior_of(seed, WIDTH + 2)
    rows = csr_matrix(np.hstack([rows_of(seed).toarray(), np.zeros((POSTS, 2))]))
    found = learn(rows, sure(kinds_of(seed, rows)), prior=prior)
    assert found.of_features[:, WIDTH:] == pytest.approx(prior.mean.of_features[:, WIDTH:])
    assert not np.allclose(found.of_features[:, :WIDTH], prior.mean.of_features[:, :WIDTH])


def test_without_any_post_all_of_the_prior_is_kept() -> None:
    prior = prior_of(7)
    found = learn(csr_matrix((0, WIDTH)), np.zeros((0, KINDS)), prior=prior)
    assert joined(found) == pytest.approx(joined(prior.mean))


def test_posts_that_count_for_nothing_leave_the_prior_as_it_was() -> None:
    rows, prior = rows_of(8), prior_of(8)
    found = learn(rows, sure(kinds_of(8, rows)), prior=prior, weights=np.zeros(POSTS))
    assert joined(found) == pytest.approx(joined(prior.mean))


def test_the_surer_the_prior_the_less_the_same_posts_move_it() -> None:
    rows, prior = rows_of(9), prior_of(9)
    targets = sure(kinds_of(9, rows))
    moves = []
    for times in (0.1, 1.0, 10.0, 1e6):
        held = Weights(prior.precision.of_features * times, prior.precision.bias * times)
        found = learn(rows, targets, prior=Prior(prior.mean, held))
        moves.append(float(np.abs(joined(found) - joined(prior.mean)).sum()))
    assert moves == sorted(moves, reverse=True)
    assert moves[-1] < 0.01


def test_what_one_half_left_as_a_prior_and_the_other_half_make_what_both_would() -> None:
    """Exactly so only for a quadratic loss; near enough, where the first half was large."""
    rows = rows_of(11, posts=4_000)
    targets = sure(kinds_of(11, rows))
    flat = flat_prior(KINDS, WIDTH, 2.0)
    whole = learn(rows, targets, prior=flat)
    half = learn(rows[:2_000], targets[:2_000], prior=flat)
    likely = probabilities(half, rows[:2_000])
    spread = likely * (1 - likely)
    squares = rows[:2_000].multiply(rows[:2_000]).tocsr()
    sureness = Weights((squares.T @ spread).T + 1 / 2.0, spread.sum(axis=0))
    both = learn(rows[2_000:], targets[2_000:], prior=Prior(half, sureness))
    alone = learn(rows[2_000:], targets[2_000:], prior=flat)
    wrong_after_both = np.abs(probabilities(both, rows) - probabilities(whole, rows)).mean()
    wrong_alone = np.abs(probabilities(alone, rows) - probabilities(whole, rows)).mean()
    assert wrong_after_both < wrong_alone


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.integers(0, 3), min_size=POSTS, max_size=POSTS))
def test_a_post_that_counts_twice_is_as_two_posts(seed: int, times: list[int]) -> None:
    rows, prior = rows_of(seed), prior_of(seed)
    targets = sure(kinds_of(seed, rows))
    weighed = learn(rows, targets, prior=prior, weights=np.array(times, dtype=np.float64))
    repeated = np.repeat(np.arange(POSTS), times)
    written_out = learn(rows[repeated], targets[repeated], prior=prior)
    assert joined(weighed) == pytest.approx(joined(written_out), abs=5e-3)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_a_doubtful_target_is_as_a_post_of_each_kind_with_its_share(seed: int) -> None:
    rows, prior = rows_of(seed), prior_of(seed)
    targets = np.random.default_rng(seed).dirichlet(np.ones(KINDS), POSTS)
    soft = learn(rows, targets, prior=prior)
    of_each = csr_matrix(np.repeat(rows.toarray(), KINDS, axis=0))
    hard = learn(of_each, np.tile(np.eye(KINDS), (POSTS, 1)), prior=prior, weights=targets.ravel())
    assert joined(soft) == pytest.approx(joined(hard), abs=5e-3)


def test_targets_that_all_hesitate_alike_teach_to_hesitate() -> None:
    rows = rows_of(13)
    found = learn(rows, np.full((POSTS, KINDS), 1 / KINDS), prior=flat_prior(KINDS, WIDTH, 2.0))
    assert probabilities(found, rows) == pytest.approx(np.full((POSTS, KINDS), 1 / KINDS), abs=1e-3)


def test_the_same_posts_give_the_same_weights_to_the_last_bit() -> None:
    rows, prior = rows_of(14), prior_of(14)
    targets = sure(kinds_of(14, rows))
    first, second = (learn(rows, targets, prior=prior) for _ in range(2))
    assert joined(first).tobytes() == joined(second).tobytes()


def test_the_order_of_the_posts_makes_no_difference() -> None:
    rows, prior = rows_of(15), prior_of(15)
    targets = sure(kinds_of(15, rows))
    turned = np.arange(POSTS)[::-1]
    found, other = learn(rows, targets, prior=prior), learn(rows[turned], targets[turned], prior=prior)
    assert joined(found) == pytest.approx(joined(other), abs=5e-3)


def test_neither_posts_nor_prior_are_changed() -> None:
    rows, prior = rows_of(16), prior_of(16)
    targets, times = sure(kinds_of(16, rows)), np.full(POSTS, 2.0)
    before = [rows.toarray(), targets.copy(), times.copy(), joined(prior.mean), joined(prior.precision)]
    learn(rows, targets, prior=prior, weights=times)
    after = [rows.toarray(), targets, times, joined(prior.mean), joined(prior.precision)]
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_progress_grows_and_stays_below_the_end() -> None:
    told: list[float] = []
    rows = rows_of(17)
    learn(rows, sure(kinds_of(17, rows)), prior=flat_prior(KINDS, WIDTH, 2.0), progress=told.append)
    assert told
    assert told == sorted(told)
    assert all(0 < share < 1 for share in told)


def test_a_flat_prior_holds_weights_at_nothing_and_leaves_biases_free() -> None:
    prior = flat_prior(KINDS, WIDTH, 4.0)
    assert not joined(prior.mean).any()
    assert (prior.precision.of_features == 0.25).all()
    assert not prior.precision.bias.any()


def test_logits_are_the_product_and_the_sum_that_the_weights_say() -> None:
    weights = Weights(np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([0.5, 0.0]))
    assert weights.logits(csr_matrix([[1.0, 1.0], [0.0, 0.0]])).tolist() == [[3.5, -1.0], [0.5, 0.0]]
