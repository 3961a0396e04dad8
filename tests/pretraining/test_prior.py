"""What real posts leave behind as a prior stands in for them."""

from __future__ import annotations

import numpy as np
import pytest

from domain.mention import KINDS
from models.features import Features, Reading, learn_vocabularies
from models.fitting import certain, fit, fit_by_vectors
from models.ground import STRENGTH, Ground
from models.learner import Weights, flat_prior
from models.signs import SIGNS, signs
from pretraining.prior import Evidence, prior_of

SAYINGS = {
    "complaint": "xsvc will not load|my messages will not send|it crashes again|can not log in|still down",
    "echo": "reports of an outage|users say it is down|news of a failure|they are down says the news",
    "question": "is xsvc down ?|is it down for anyone ?|anyone else ?|is it only me ?",
    "recovery": "xsvc is back|it works again|fixed at last|back again now",
    "other": "i love xsvc|the price went up again|new design of xsvc|my parcel is late",
}
KIND_OF = {kind.value: kind for kind in KINDS}


def readings(turned: int) -> tuple[list[Reading], list[str]]:
    said = [(kind, text) for kind, texts in SAYINGS.items() for text in texts.split("|")]
    said = said[turned:] + said[:turned]
    words = [text.split() for _, text in said]
    return [Reading(one, signs(" ".join(one), one)) for one in words], [kind for kind, _ in said]


def evidence(features: Features, turned: int, share: slice, weight: float) -> Evidence:
    read, kinds = readings(turned)
    return Evidence(
        features.rows(read[share]),
        certain([KIND_OF[kind] for kind in kinds[share]]),
        np.full(len(read[share]), weight),
    )


@pytest.fixture
def features() -> Features:
    read, _ = readings(0)
    return learn_vocabularies(read, [str(place % 3) for place in range(len(read))], least_services=1)


@pytest.fixture
def lent(features: Features) -> Ground:
    random = np.random.default_rng(1)
    vectors = random.normal(size=(features.count, 4)).astype(np.float32)
    return Ground(features, vectors, flat_prior(len(KINDS), features.count, STRENGTH))


def apart(one: Weights, other: Weights) -> float:
    return float(np.abs(one.of_features - other.of_features).max())


def test_the_corpus_under_the_prior_gives_the_joint_model_again(features: Features, lent: Ground) -> None:
    corpus = evidence(features, 0, slice(0, 12), 2.0)
    real = evidence(features, 0, slice(9, 21), 1.0)
    prior = prior_of(real, corpus, features, lent)
    ground = Ground(features, lent.vectors, prior)
    again = fit(features, corpus.rows, corpus.targets, ground=ground, weights=corpus.weights)
    alone = fit(features, corpus.rows, corpus.targets, ground=None, weights=corpus.weights)
    both = corpus.beside(real)
    joint = fit_by_vectors(features, both.rows, both.targets, ground=lent, weights=both.weights)
    assert apart(again, joint) < 0.02
    assert apart(alone, joint) > 10 * apart(again, joint)


def test_a_weight_is_held_the_more_firmly_the_more_posts_speak_of_it(
    features: Features, lent: Ground
) -> None:
    corpus = evidence(features, 0, slice(0, 12), 2.0)
    few = prior_of(evidence(features, 0, slice(9, 21), 1.0), corpus, features, lent)
    many = prior_of(evidence(features, 0, slice(9, 21), 5.0), corpus, features, lent)
    down = features.of_words.grams.index("down")
    assert many.precision.of_features[0, down] > few.precision.of_features[0, down] > 1 / STRENGTH


def test_what_no_post_speaks_of_is_as_free_as_ever(features: Features, lent: Ground) -> None:
    corpus = evidence(features, 0, slice(0, 12), 2.0)
    prior = prior_of(evidence(features, 0, slice(0, 1), 1.0), corpus, features, lent)
    place = features.of_words.grams.index("parcel")
    assert prior.precision.of_features[:, place] == pytest.approx(1 / STRENGTH)
    assert features.count - len(SIGNS) > place
