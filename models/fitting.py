"""Fitting: labelled readings become weights for each n-gram, helped by the vectors of the ground."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from domain.mention import KINDS, Kind
from models.features import Features, Reading
from models.ground import Ground
from models.learner import Floats, Progress, Weights, learn

STRENGTH = 2.0  # inverse of regularisation; 1 to 4 differ by less than 0.003 of AUC
GROUND_SHARE = 0.1  # how much a dimension of the ground counts beside an n-gram; likewise


def fit(
    features: Features,
    readings: Sequence[Reading],
    targets: Floats,
    *,
    ground: Ground | None,
    weights: Floats | None = None,
    prior: Weights | None = None,
    strength: float = STRENGTH,
    progress: Progress | None = None,
) -> Weights:
    """Weights for the columns of ``features`` alone: what the vectors teach is folded into them.

    ``targets[reading, kind]`` and the rest are as ``learn`` has them. Reading a post costs nothing more for
    the vectors, as a sum of linear functions is one.
    """
    rows = features.rows(readings)
    if ground is None:
        return learn(rows, targets, strength=strength, weights=weights, prior=prior, progress=progress)
    vectors = ground.vectors_for(features)
    spread = np.asarray(rows @ vectors).std(axis=0)
    vectors *= GROUND_SHARE / np.where(spread > 0, spread, 1)
    both = csr_matrix(hstack([rows, csr_matrix(rows @ vectors)], format="csr"))
    width = features.count
    start = None
    if prior is not None:
        nothing = np.zeros((prior.of_features.shape[0], vectors.shape[1]))
        start = Weights(np.hstack([prior.of_features, nothing]), prior.bias)
    found = learn(both, targets, strength=strength, weights=weights, prior=start, progress=progress)
    folded = found.of_features[:, :width] + found.of_features[:, width:] @ vectors.T
    return Weights(folded, found.bias)


def certain(kinds: Sequence[Kind]) -> Floats:
    """Targets for kinds that are known: a row for each, with a 1 in the column of its kind."""
    targets: NDArray[np.float64] = np.zeros((len(kinds), len(KINDS)))
    targets[np.arange(len(kinds)), [KINDS.index(kind) for kind in kinds]] = 1
    return targets
