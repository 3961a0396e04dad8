"""The ground: what real posts taught, found again by n-gram, and refused where it cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skops.io

from domain.mention import KINDS
from models.features import Features, Vocabulary
from models.ground import STRENGTH, Ground, GroundError, load_ground, save_ground
from models.learner import Prior, Weights
from models.signs import SIGNS

KNOWN = Features(Vocabulary(["down", "load"], np.ones(2)), Vocabulary(["<do", "own>"], np.ones(2)))
ASKED = Features(Vocabulary(["load", "new"], np.ones(2)), Vocabulary(["own>"], np.ones(1)))


@pytest.fixture
def ground() -> Ground:
    random = np.random.default_rng(1)

    def weights() -> Weights:
        return Weights(random.normal(size=(len(KINDS), KNOWN.count)), random.normal(size=len(KINDS)))

    mean, spread = weights(), weights()
    precision = Weights(np.exp(spread.of_features), np.exp(spread.bias))
    return Ground(KNOWN, random.normal(size=(KNOWN.count, 3)).astype(np.float32), Prior(mean, precision))


def test_a_vector_is_found_by_its_n_gram_wherever_that_stands(ground: Ground) -> None:
    found = ground.vectors_for(ASKED)
    assert np.array_equal(found[0], ground.vectors[1])  # load
    assert not found[1].any()  # new
    assert np.array_equal(found[2], ground.vectors[3])  # own>
    assert np.array_equal(found[3:], ground.vectors[4:])  # the signs


def test_the_prior_of_an_unknown_n_gram_is_flat(ground: Ground) -> None:
    prior = ground.prior_for(ASKED)
    assert np.array_equal(prior.mean.of_features[:, 0], ground.prior.mean.of_features[:, 1])
    assert not prior.mean.of_features[:, 1].any()
    assert prior.precision.of_features[:, 1] == pytest.approx(1 / STRENGTH)
    assert np.array_equal(prior.precision.bias, ground.prior.precision.bias)


def test_a_word_is_not_taken_for_the_part_of_a_word_that_is_spelt_alike() -> None:
    word = Features(Vocabulary(["own"], np.ones(1)), Vocabulary([], np.ones(0)))
    part = Features(Vocabulary([], np.ones(0)), Vocabulary(["own"], np.ones(1)))
    vectors = np.ones((word.count, 2), dtype=np.float32)
    nothing = Weights(np.zeros((len(KINDS), word.count)), np.zeros(len(KINDS)))
    found = Ground(word, vectors, Prior(nothing, nothing)).vectors_for(part)
    assert not found[0].any()
    assert found[1:].all()


def test_what_is_saved_is_loaded_again_nearly_as_it_was(ground: Ground, tmp_path: Path) -> None:
    file = tmp_path / "ground.skops"
    file.write_bytes(save_ground(ground))
    again = load_ground(file)
    assert again.features.of_words.grams == KNOWN.of_words.grams
    assert np.allclose(again.vectors, ground.vectors, atol=0.02)
    assert np.allclose(again.prior.mean.of_features, ground.prior.mean.of_features, atol=0.01)
    assert np.allclose(again.prior.precision.of_features, ground.prior.precision.of_features, rtol=0.01)
    assert np.array_equal(again.prior.mean.bias, ground.prior.mean.bias)


def test_the_shipped_ground_fits_its_features() -> None:
    ground = load_ground()
    assert ground.vectors.shape[0] == ground.features.count
    assert ground.features.count > 50_000 + len(SIGNS)
    assert (ground.prior.precision.of_features >= 0.99 / STRENGTH).all()


def test_a_ground_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(GroundError, match=r"cannot read .*nowhere\.skops"):
        load_ground(tmp_path / "nowhere.skops")


@pytest.mark.parametrize("cut", [0, 1, 100, -100])
def test_a_damaged_ground_is_refused_by_name(ground: Ground, tmp_path: Path, cut: int) -> None:
    file = tmp_path / "ground.skops"
    file.write_bytes(save_ground(ground)[:cut])
    with pytest.raises(GroundError, match=r"ground\.skops is damaged"):
        load_ground(file)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"features": 1}, "was made for features 1"),
        ({"kinds": ["good", "bad"]}, "was made for other kinds: good, bad"),
        ({"vectors": np.zeros((2, 3), np.int8)}, "do not fit its n-grams"),
        ({"words": "down"}, "is damaged, or no ground"),
    ],
)
def test_a_foreign_ground_is_refused_with_the_reason(
    ground: Ground, tmp_path: Path, change: dict[str, object], why: str
) -> None:
    file = tmp_path / "ground.skops"
    file.write_bytes(skops.io.dumps(skops.io.loads(save_ground(ground), trusted=[]) | change))
    with pytest.raises(GroundError, match=why):
        load_ground(file)
