"""The ground: what many real posts taught before any training, as one vector for each n-gram.

N-grams that people use alike have like vectors, so that what one post teaches of "cannot load" holds for
"won't open" too. docs/classifier.md says from what it was made; it holds no post's words but single n-grams.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import skops.io
from numpy.typing import NDArray

from models.features import FEATURES, Features, Vocabulary
from models.signs import SIGNS

SHIPPED_GROUND = Path(__file__).parent.parent / "data" / "ground" / "ground.skops"


class GroundError(ValueError):
    """A ground that cannot be used; the sentence says why."""


class Ground(msgspec.Struct, frozen=True):
    """``features`` has the n-grams; ``vectors[column, dimension]`` one row for each of its columns."""

    features: Features
    vectors: NDArray[np.float32]

    def vectors_for(self, features: Features) -> NDArray[np.float32]:
        """The vectors of other features' columns, by n-gram; zeros for those that are not known here."""
        words, pieces = self.features.of_words.grams, self.features.of_pieces.grams
        known = {("word", gram): place for place, gram in enumerate(words)}
        known |= {("piece", gram): place for place, gram in enumerate(pieces, start=len(words))}
        wanted = [("word", gram) for gram in features.of_words.grams]
        wanted += [("piece", gram) for gram in features.of_pieces.grams]
        places = np.array([known.get(one, -1) for one in wanted], dtype=np.int64)
        found = np.zeros((features.count, self.vectors.shape[1]), dtype=np.float32)
        found[: len(places)][places >= 0] = self.vectors[places[places >= 0]]
        found[len(places) :] = self.vectors[len(words) + len(pieces) :]
        return found


def save_ground(ground: Ground) -> bytes:
    """A ground's bytes; a vector's numbers are kept as whole ones of eight bits, and one scale."""
    scale = float(np.abs(ground.vectors).max()) / 127
    body: bytes = skops.io.dumps(
        {
            "features": FEATURES,
            "words": np.array(ground.features.of_words.grams),
            "word_weights": ground.features.of_words.weights.astype(np.float32),
            "pieces": np.array(ground.features.of_pieces.grams),
            "piece_weights": ground.features.of_pieces.weights.astype(np.float32),
            "vectors": np.round(ground.vectors / scale).astype(np.int8),
            "scale": scale,
        },
        compression=8,  # deflate
    )
    return body


def load_ground(path: Path = SHIPPED_GROUND) -> Ground:
    """The ground in a file. Raises ``GroundError``."""
    try:
        parts = skops.io.loads(path.read_bytes(), trusted=[])
    except OSError as problem:
        raise GroundError(f"cannot read {path}: {problem.strerror}") from problem
    if parts["features"] != FEATURES:
        made_for = parts["features"]
        raise GroundError(f"{path.name} was made for features {made_for}, this version has {FEATURES}")
    features = Features(
        Vocabulary(parts["words"].tolist(), parts["word_weights"].astype(np.float64)),
        Vocabulary(parts["pieces"].tolist(), parts["piece_weights"].astype(np.float64)),
    )
    vectors = parts["vectors"].astype(np.float32) * np.float32(parts["scale"])
    if vectors.shape[0] != features.count or features.count < len(SIGNS):
        raise GroundError(f"{path.name}: its vectors do not fit its n-grams")
    return Ground(features, vectors)
