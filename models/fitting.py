"""Fitting: labelled readings become weights for each n-gram, helped by what the ground knows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from domain.mention import KINDS, Kind
from models.features import Features
from models.ground import STRENGTH, Ground
from models.learner import Floats, Progress, Weights, flat_prior, learn

WRITTEN = 2.0  # how often a post of the corpus, or a person's label, counts beside a real post of the ground
_SHARE = 0.1  # how much a dimension of the vectors counts beside an n-gram; 0.05 to 0.2 differ by under 0.003


def fit(
    features: Features,
    rows: csr_matrix,
    targets: Floats,
    *,
    ground: Ground | None,
    weights: Floats | None = None,
    progress: Progress | None = None,
) -> Weights:
    """Weights for the columns of ``features``, from these rows and all that the ground knows.

    ``targets`` and ``weights`` are as ``learn`` has them.
    """
    prior = (
        ground.prior_for(features)
        if ground is not None
        else flat_prior(targets.shape[1], features.count, STRENGTH)
    )
    return learn(rows, targets, prior=prior, weights=weights, progress=progress)


def fit_by_vectors(
    features: Features,
    rows: csr_matrix,
    targets: Floats,
    *,
    ground: Ground | None,
    weights: Floats | None = None,
) -> Weights:
    """The same from these rows and the ground's vectors alone, without what it knows of the kinds.

    So figures are measured that no earlier training flatters. What the vectors teach is folded into the
    n-grams' weights, as a sum of linear functions is one.
    """
    kinds = targets.shape[1]
    if ground is None:
        return learn(rows, targets, prior=flat_prior(kinds, features.count, STRENGTH), weights=weights)
    vectors = ground.vectors_for(features)
    spread = np.asarray(rows @ vectors).std(axis=0)
    vectors *= _SHARE / np.where(spread > 0, spread, 1)
    both = csr_matrix(hstack([rows, csr_matrix(rows @ vectors)], format="csr"))
    found = learn(both, targets, prior=flat_prior(kinds, both.shape[1], STRENGTH), weights=weights)
    of_grams, of_vectors = np.split(found.of_features, [features.count], axis=1)
    return Weights(of_grams + of_vectors @ vectors.T, found.bias)


def certain(kinds: Sequence[Kind]) -> Floats:
    """Targets for kinds that are known: a row for each, with a 1 in the column of its kind."""
    targets: NDArray[np.float64] = np.zeros((len(kinds), len(KINDS)))
    targets[np.arange(len(kinds)), [KINDS.index(kind) for kind in kinds]] = 1
    return targets
