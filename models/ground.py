"""The ground: what many real posts taught before any training, for each n-gram.

Its **vectors**: n-grams that people use alike have like vectors, so that what one post teaches of "cannot
load" holds for "won't open" too. Its **prior**: what real posts say of the kinds, and how surely.
``pretraining/`` makes it; it holds no post's words but single n-grams.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import skops.io
from numpy.typing import NDArray

from domain.mention import KINDS
from models.features import FEATURES, Features, Vocabulary
from models.learner import Floats, Prior, Weights, flat_prior
from models.shipped import ModelRefused
from models.signs import SIGNS

SHIPPED_GROUND = Path(__file__).parent.parent / "data" / "ground" / "ground.skops"
STRENGTH = 2.0  # the variance of a weight of which nothing is known; 1 to 4 differ by less than 0.003 of AUC


class GroundError(ModelRefused):
    """A ground that cannot be used; the sentence says why."""


class Ground(msgspec.Struct, frozen=True):
    """``vectors[column, dimension]`` and the prior have what is known of each column of ``features``."""

    features: Features
    vectors: NDArray[np.float32]
    prior: Prior

    def vectors_for(self, features: Features) -> NDArray[np.float32]:
        """The vectors of other features' columns, by n-gram; zeros for those that are not known here."""
        places = self._places_of(features)
        found = np.zeros((features.count, self.vectors.shape[1]), dtype=np.float32)
        found[places >= 0] = self.vectors[places[places >= 0]]
        return found

    def prior_for(self, features: Features) -> Prior:
        """The prior of other features' columns, by n-gram; a flat one for those that are not known here."""
        places = self._places_of(features)
        flat = flat_prior(len(KINDS), features.count, STRENGTH)
        for known, found in ((self.prior.mean, flat.mean), (self.prior.precision, flat.precision)):
            found.of_features[:, places >= 0] = known.of_features[:, places[places >= 0]]
            found.bias[:] = known.bias
        return flat

    def _places_of(self, features: Features) -> NDArray[np.int64]:
        """For each column of other features, that of the same n-gram or sign here; -1 if there is none."""
        here = {name: place for place, name in enumerate(_names(self.features))}
        return np.array([here.get(name, -1) for name in _names(features)], dtype=np.int64)


def _names(features: Features) -> list[tuple[str, str]]:
    return [
        *(("word", gram) for gram in features.of_words.grams),
        *(("piece", gram) for gram in features.of_pieces.grams),
        *(("sign", sign) for sign in SIGNS),
    ]


def save_ground(ground: Ground) -> bytes:
    """A ground's bytes; the numbers of its vectors are rounded to 8 bits, those of its prior to 16."""
    scale = float(np.abs(ground.vectors).max()) / 127
    prior = ground.prior
    body: bytes = skops.io.dumps(
        {
            "features": FEATURES,
            "kinds": [kind.value for kind in KINDS],
            "words": np.array(ground.features.of_words.grams),
            "word_weights": ground.features.of_words.weights.astype(np.float32),
            "pieces": np.array(ground.features.of_pieces.grams),
            "piece_weights": ground.features.of_pieces.weights.astype(np.float32),
            "vectors": np.round(ground.vectors / scale).astype(np.int8),
            "scale": scale,
            "mean": prior.mean.of_features.astype(np.float16),
            "mean_bias": prior.mean.bias,
            "precision": prior.precision.of_features.astype(np.float16),
            "precision_bias": prior.precision.bias,
        },
        compression=8,  # deflate
    )
    return body


def load_ground(path: Path = SHIPPED_GROUND) -> Ground:
    """The ground in a file. Raises ``GroundError``."""
    try:
        return _unpacked(skops.io.loads(path.read_bytes(), trusted=[]))
    except OSError as problem:
        raise GroundError(f"cannot read {path}: {problem.strerror}") from problem
    except GroundError as problem:
        raise GroundError(f"{path.name} {problem}") from problem
    except Exception as problem:  # skops and numpy meet bad bytes with errors of every sort
        raise GroundError(f"{path.name} is damaged, or no ground: {type(problem).__name__}") from problem


def _unpacked(parts: Any) -> Ground:
    if parts["features"] != FEATURES:
        raise GroundError(f"was made for features {parts['features']}, this version has {FEATURES}")
    if parts["kinds"] != [kind.value for kind in KINDS]:
        raise GroundError(f"was made for other kinds: {', '.join(parts['kinds'])}")
    features = Features(
        Vocabulary(parts["words"].tolist(), parts["word_weights"].astype(np.float64)),
        Vocabulary(parts["pieces"].tolist(), parts["piece_weights"].astype(np.float64)),
    )
    vectors = parts["vectors"].astype(np.float32) * np.float32(parts["scale"])
    prior = Prior(
        Weights(_wide(parts["mean"]), _wide(parts["mean_bias"])),
        Weights(_wide(parts["precision"]), _wide(parts["precision_bias"])),
    )
    widths = {vectors.shape[0], prior.mean.of_features.shape[1], prior.precision.of_features.shape[1]}
    if widths != {features.count}:
        raise GroundError("has vectors or a prior that do not fit its n-grams")
    return Ground(features, vectors, prior)


def _wide(short: NDArray[np.float16]) -> Floats:
    wide: Floats = short.astype(np.float64)
    return wide
