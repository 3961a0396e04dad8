"""What the ground adds to labelled posts."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from domain.mention import KINDS, Kind
from models.features import Features, Vocabulary
from models.fitting import certain, fit, fit_by_vectors
from models.ground import STRENGTH, Ground
from models.learner import Prior, Weights, flat_prior

WORDS = ["crashes", "freezes", "love", "thanks"]
FEATURES = Features(Vocabulary(WORDS, np.ones(4)), Vocabulary([], np.ones(0)))
COMPLAINT, OTHER = KINDS.index(Kind.COMPLAINT), KINDS.index(Kind.OTHER)


def rows(*words: str) -> csr_matrix:
    found = np.zeros((len(words), FEATURES.count))
    found[np.arange(len(words)), [WORDS.index(word) for word in words]] = 1
    return csr_matrix(found)


def ground(prior: Prior | None = None) -> Ground:
    """In which "freezes" is used as "crashes" is, and "love" as "thanks"."""
    vectors = np.zeros((FEATURES.count, 2), dtype=np.float32)
    vectors[:4] = [[1, 0], [1, 0], [0, 1], [0, 1]]
    return Ground(FEATURES, vectors, prior or flat_prior(len(KINDS), FEATURES.count, STRENGTH))


TAUGHT = rows(*["crashes"] * 20, *["love"] * 20)
TOLD = certain([Kind.COMPLAINT] * 20 + [Kind.OTHER] * 20)


def test_what_one_word_teaches_holds_for_a_word_that_is_used_alike() -> None:
    weights = fit_by_vectors(FEATURES, TAUGHT, TOLD, ground=ground())
    logits = weights.logits(rows("freezes", "thanks"))
    assert logits[0, COMPLAINT] > logits[0, OTHER]
    assert logits[1, OTHER] > logits[1, COMPLAINT]


def test_without_a_ground_nothing_is_known_of_a_word_that_no_post_had() -> None:
    weights = fit_by_vectors(FEATURES, TAUGHT, TOLD, ground=None)
    assert not weights.of_features[:, WORDS.index("freezes")].any()


def test_a_prior_goes_before_what_a_few_posts_say_and_gives_way_to_many() -> None:
    flat = flat_prior(len(KINDS), FEATURES.count, STRENGTH)
    mean, precision = flat.mean.of_features.copy(), flat.precision.of_features.copy()
    place = WORDS.index("love")
    mean[COMPLAINT, place], precision[:, place] = 3, 20
    prior = Prior(Weights(mean, flat.mean.bias), Weights(precision, np.ones(len(KINDS))))

    def says(posts: int) -> int:
        taught = rows(*["love"] * posts)
        weights = fit(FEATURES, taught, certain([Kind.OTHER] * posts), ground=ground(prior))
        return int(weights.logits(rows("love"))[0].argmax())

    assert says(2) == COMPLAINT
    assert says(2_000) == OTHER


def test_a_post_that_counts_twice_is_two_posts() -> None:
    twice = fit(FEATURES, TAUGHT, TOLD, ground=ground(), weights=np.full(40, 2.0))
    again = fit(
        FEATURES, csr_matrix(np.vstack([TAUGHT.toarray()] * 2)), np.vstack([TOLD] * 2), ground=ground()
    )
    assert np.allclose(twice.of_features, again.of_features, atol=0.01)
