"""Rows of the posts that were written for this project: the corpus, each part held out, and the core set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from domain.mention import KINDS
from models.classifier import Classifier
from models.corpus import LabelledPost
from models.evaluating.baselines import fasttext_if_there, keyword, tfidf
from models.evaluating.folds import Tell, by_service, judged_in_folds
from models.evaluating.known_posts import KnownPosts, likelihoods
from models.evaluating.measures import COMPLAINT, KEYWORD, TFIDF, Pairs, Row, Verdicts, pairs_of, verdicts
from models.ground import Ground
from models.languages import ENGLISH
from models.learner import Floats
from models.training import best_temperature, kinds_as_numbers

CORPUS_ROWS, LANGUAGE_ROWS, KIND_ROWS, CORE_ROWS = (
    "corpus",
    "corpus by language",
    "corpus by kind",
    "core set",
)


def corpus_rows(
    corpus: Sequence[LabelledPost],
    posts: KnownPosts,
    rated: KnownPosts | None,
    *,
    ground: Ground | None,
    tell: Tell,
) -> tuple[list[Row], Pairs]:
    """The corpus as a whole, by language and by kind, and its pairs; no model saw what it judged."""
    logits, scores = judged_in_folds(
        posts,
        by_service(corpus),
        fasttext_if_there(),
        ground=ground,
        tell=partial(tell, "the corpus, held out"),
    )
    # As the model's card is made: divided by one temperature, which makes them honest.
    likely = likelihoods(logits / best_temperature(kinds_as_numbers(corpus), logits))
    scores = {**_untaught(posts, rated), **scores}
    whole = verdicts(posts.complains, likely, scores)
    rows = [whole.row(CORPUS_ROWS, "all"), *_by_language(corpus, whole), *_by_kind(posts, likely)]
    right = likely.argmax(axis=1) == posts.targets.argmax(axis=1)
    names = [post.pair for post in corpus]
    return rows, pairs_of(names, right, posts.complains, scores, likely[:, COMPLAINT])


def core_rows(
    core: Sequence[LabelledPost],
    posts: KnownPosts,
    taught: KnownPosts,
    rated: KnownPosts | None,
    classifier: Classifier,
) -> list[Row]:
    """The frozen core set in English and in other languages, judged by a model; ``taught`` is the corpus."""
    scores = _untaught(posts, rated) | {
        name: learner(taught.texts, taught.complains, posts.texts)
        for name, learner in fasttext_if_there().items()
    }
    whole = verdicts(posts.complains, classifier.probabilities(posts.readings), scores)
    english = np.array([post.lang == ENGLISH for post in core])
    return [
        whole.some(some).row(CORE_ROWS, of)
        for of, some in (("English", english), ("other languages", ~english))
        if some.any()
    ]


def _untaught(posts: KnownPosts, rated: KnownPosts | None) -> dict[str, Floats]:
    """The baselines that learn nothing from our posts."""
    scores = {KEYWORD: keyword(posts.texts)}
    if rated is not None:
        scores[TFIDF] = tfidf(rated.texts, rated.complains, posts.texts)
    return scores


def _by_language(corpus: Sequence[LabelledPost], whole: Verdicts) -> Iterator[Row]:
    langs = np.array([post.lang for post in corpus])
    for lang in sorted(set(langs.tolist()), key=lambda lang: (lang != ENGLISH, lang)):
        yield whole.some(langs == lang).row(LANGUAGE_ROWS, lang)


def _by_kind(posts: KnownPosts, likely: Floats) -> Iterator[Row]:
    guessed = likely.argmax(axis=1)
    for place, kind in enumerate(KINDS):
        one = Verdicts(
            posts.targets[:, place] == 1, likely[:, place], {}, says=guessed == place, of_a_kind=True
        )
        yield one.row(KIND_ROWS, kind.value)
