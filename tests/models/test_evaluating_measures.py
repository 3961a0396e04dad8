"""Figures of scores, and the baselines that give some."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluating.baselines import fasttext, fasttext_if_there, keyword, tfidf
from models.evaluating.measures import Verdicts, pairs_of, verdicts

TRUTH = np.array([True, False, True, False])
SAID = ["it is down and i can't log in", "lovely weather today", "the app is down again", "lovely new album"]


def test_perfect_scores_have_perfect_figures() -> None:
    row = Verdicts(TRUTH, TRUTH.astype(float), {"keyword": 1 - TRUTH.astype(float)}).row("block", "all")
    assert row.ours is not None
    assert (row.ours.auc, row.ours.average_precision, row.ours.f1, row.ours.calibration_error) == (1, 1, 1, 0)
    assert row.baselines["keyword"] is not None
    assert row.baselines["keyword"].auc == 0
    assert (row.posts, row.hits) == (4, 2)


@pytest.mark.parametrize("truth", [[], [True], [False, False]])
def test_posts_of_one_sort_have_no_figures(truth: list[bool]) -> None:
    row = Verdicts(np.array(truth, dtype=bool), np.zeros(len(truth)), {}).row("block", "all")
    assert row.ours is None


def test_the_likeliest_kind_decides_and_not_a_half() -> None:
    likely = np.array([[0.4, 0.3, 0.3, 0, 0], [0.3, 0.4, 0.3, 0, 0]])
    row = verdicts(np.array([True, False]), likely, {}).row("block", "all")
    assert row.ours is not None
    assert row.ours.f1 == 1


def test_f1_of_a_kind_does_not_count_the_rest() -> None:
    score = np.array([0.9, 0.9, 0.1, 0.1])
    both, one = (
        Verdicts(TRUTH, score, {}, of_a_kind=of_a_kind).row("block", "all").ours
        for of_a_kind in (False, True)
    )
    assert both is not None
    assert one is not None
    assert both.f1 == one.f1 == 0.5  # as many of each are right
    lonely = Verdicts(TRUTH, np.zeros(4), {}, of_a_kind=True).row("block", "all").ours
    assert lonely is not None
    assert lonely.f1 == 0


def test_some_of_the_posts_keep_what_was_said_of_them() -> None:
    some = Verdicts(TRUTH, np.arange(4.0), {"keyword": np.arange(4.0)}, says=TRUTH).some(np.array([1, 2]))
    assert some.says is not None
    assert (some.truth.tolist(), some.score.tolist(), some.says.tolist()) == (
        [False, True],
        [1, 2],
        [False, True],
    )
    assert some.baselines["keyword"].tolist() == [1, 2]


# --- hard pairs ---


def test_a_complaint_is_to_stand_above_each_of_its_twins() -> None:
    names = ["a", "a", "a", None, "b", "b"]
    truth = np.array([True, False, False, True, False, False])
    score = np.array([0.5, 0.4, 0.6, 0.0, 0.1, 0.2])
    pairs = pairs_of(
        names, np.array([True, True, False, False, True, True]), truth, {"keyword": -score}, score
    )
    assert (pairs.posts, pairs.posts_right) == (5, 0.8)
    assert (pairs.twins, pairs.ranked_right, pairs.baselines) == (2, 0.5, {"keyword": 0.5})


def test_without_pairs_there_is_nothing_right() -> None:
    pairs = pairs_of([None], np.array([True]), np.array([True]), {}, np.zeros(1))
    assert (pairs.posts, pairs.twins, pairs.ranked_right) == (0, 0, 0)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.booleans(), st.integers(0, 3)), min_size=1))
def test_the_reverse_order_is_right_where_the_order_is_wrong(posts: list[tuple[str, bool, int]]) -> None:
    names, truth, score = zip(*posts, strict=True)
    scores = np.array(score, dtype=float)
    pairs = pairs_of(names, np.array(truth), np.array(truth), {"keyword": -scores}, scores)
    if pairs.twins:
        assert pairs.ranked_right + pairs.baselines["keyword"] == pytest.approx(1, abs=1e-3)


# --- baselines ---


@given(st.text())
def test_keywords_score_any_text_from_nothing_to_below_one(text: str) -> None:
    (score,) = keyword([text])
    assert 0 <= score < 1
    assert keyword([f"{text} is down"])[0] >= 0.5


def test_more_keywords_score_higher() -> None:
    none, one, two = keyword(["lovely", "it is down", "it’s down: an outage, error 503"])  # noqa: RUF001
    assert none < one < two


def test_tfidf_learns_what_complaints_say() -> None:
    complaint, other = tfidf(SAID, TRUTH, ["is it down again", "a lovely day"])
    assert complaint > 0.5 > other


@pytest.mark.skipif(not fasttext_if_there(), reason="needs floret")
def test_fasttext_learns_what_complaints_say_and_the_same_each_time() -> None:
    first, second = (
        fasttext(SAID * 30, np.tile(TRUTH, 30), ["is it down again", "a lovely\nday", ""]) for _ in "ab"
    )
    assert first[0] > 0.5 > first[1]
    assert first.tolist() == second.tolist()


def test_without_floret_there_is_no_fasttext(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert fasttext_if_there() == {}
