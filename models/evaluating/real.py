"""Rows of real posts: complaints as others judged them, our labels of six data sets, and the streams."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from models.classifier import Classifier
from models.evaluating.baselines import fasttext_if_there, keyword, tfidf
from models.evaluating.folds import Tell, by_domain, judged_in_folds, ten_folds
from models.evaluating.known_posts import KnownPosts, likelihoods
from models.evaluating.measures import COMPLAINT, KEYWORD, TFIDF, Row, Verdicts, verdicts
from models.ground import Ground
from models.learner import Floats
from models.real_posts import RATED, RealLabel

RATED_ROWS, LABELLED_ROWS, STREAM_ROWS = RATED, "labelled, set held out", "streams"


def rated_rows(rated: KnownPosts, *, ground: Ground | None, tell: Tell) -> tuple[list[Row], Floats]:
    """``complaints_acl19`` in ten folds, and with each trade held out; and TF-IDF's scores in the folds."""
    splits = {"ten folds": ten_folds(rated.complains), "trade held out": by_domain(rated.services)}
    rows: list[Row] = []
    of_tfidf: dict[str, Floats] = {}
    for of, folds in splits.items():
        logits, scores = judged_in_folds(
            rated,
            folds,
            {TFIDF: tfidf, **fasttext_if_there()},
            ground=ground,
            tell=partial(tell, f"{RATED}, {of}"),
        )
        of_tfidf[of] = scores[TFIDF]
        scores |= {KEYWORD: keyword(rated.texts)}
        rows.append(Verdicts(rated.complains, likelihoods(logits)[:, COMPLAINT], scores).row(RATED_ROWS, of))
    return rows, of_tfidf["ten folds"]


def labelled_rows(
    labels: Sequence[RealLabel],
    posts: KnownPosts,
    corpus: KnownPosts,
    rated: KnownPosts,
    rated_tfidf: Floats,
    *,
    ground: Ground | None,
    tell: Tell,
) -> list[Row]:
    """Each data set, judged by models that learned from the corpus and from the labels of all other sets.

    ``rated_tfidf`` are the scores of TF-IDF on the data set it learns from, out of folds.
    """
    sets = np.array([one.post.set for one in labels])
    at = np.arange(len(labels)) + len(corpus.texts)
    folds = [
        (np.concatenate([np.arange(len(corpus.texts)), at[sets != name]]), at[sets == name])
        for name in _in_order(labels)
    ]
    logits, scores = judged_in_folds(
        corpus.beside(posts),
        folds,
        fasttext_if_there(),
        ground=ground,
        tell=partial(tell, "our labels, each data set held out"),
    )
    scores = {name: of_all[at] for name, of_all in scores.items()}
    scores |= {KEYWORD: keyword(posts.texts), TFIDF: tfidf(rated.texts, rated.complains, posts.texts)}
    own = np.flatnonzero(sets == RATED)
    scores[TFIDF][own] = rated_tfidf[[int(labels[int(place)].post.id) for place in own]]
    return list(_by_set(LABELLED_ROWS, labels, verdicts(posts.complains, likelihoods(logits[at]), scores)))


def stream_rows(
    labels: Sequence[RealLabel],
    posts: KnownPosts,
    taught: KnownPosts,
    rated: KnownPosts,
    classifier: Classifier,
) -> list[Row]:
    """The streams, judged by a model; ``taught`` are the corpus and the labelled posts of the data sets."""
    scores = {KEYWORD: keyword(posts.texts), TFIDF: tfidf(rated.texts, rated.complains, posts.texts)}
    for name, learner in fasttext_if_there().items():
        scores[name] = learner(taught.texts, taught.complains, posts.texts)
    likely = classifier.probabilities(posts.readings)
    return list(_by_set(STREAM_ROWS, labels, verdicts(posts.complains, likely, scores)))


def _by_set(block: str, labels: Sequence[RealLabel], whole: Verdicts) -> Iterator[Row]:
    """A row for each set, and one for those of its posts whose labels are sure."""
    sets = np.array([one.post.set for one in labels])
    sure = np.array([not one.unsure for one in labels])
    for name in _in_order(labels):
        yield whole.some(sets == name).row(block, name)
        yield whole.some((sets == name) & sure).row(block, f"{name}, sure")


def _in_order(labels: Sequence[RealLabel]) -> list[str]:
    """The names of the labels' sets."""
    return list(dict.fromkeys(one.post.set for one in labels))
