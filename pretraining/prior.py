"""The prior: what real posts say of the kinds, as a Gaussian around each weight.

Laplace's approximation (MacKay 1992, "A practical Bayesian framework for backpropagation networks"): a model
is fitted to the corpus and the real posts together; there, the real posts' curvature is the precision of each
weight, and the mean is moved so that the corpus and the Gaussian together have their optimum at this very
place. ``make train`` then finds the joint model again without the real posts, and retraining moves away from
it as far as new labels outweigh what those said.
"""

from __future__ import annotations

import msgspec
import numpy as np
from scipy.sparse import csr_matrix, vstack
from scipy.special import softmax

from models.features import Features
from models.fitting import fit_by_vectors
from models.ground import STRENGTH, Ground
from models.learner import Floats, Prior, Weights


class Evidence(msgspec.Struct, frozen=True):
    """Rows of features, the probabilities of their kinds, and how often each counts."""

    rows: csr_matrix
    targets: Floats
    weights: Floats

    def beside(self, other: Evidence) -> Evidence:
        """Both together."""
        return Evidence(
            csr_matrix(vstack([self.rows, other.rows], format="csr")),
            np.vstack([self.targets, other.targets]),
            np.concatenate([self.weights, other.weights]),
        )

    def gradient(self, model: Weights) -> Weights:
        """Of the surprise at these rows."""
        missed = (softmax(model.logits(self.rows), axis=1) - self.targets) * self.weights[:, np.newaxis]
        return Weights(np.asarray(self.rows.T.tocsr() @ missed).T, missed.sum(axis=0))

    def curvature(self, model: Weights) -> Weights:
        """The second derivative of the surprise by each weight: the diagonal of Fisher's information."""
        likely = softmax(model.logits(self.rows), axis=1)
        doubt = likely * (1 - likely) * self.weights[:, np.newaxis]
        squared = csr_matrix(self.rows.multiply(self.rows))
        return Weights(np.asarray(squared.T.tocsr() @ doubt).T, doubt.sum(axis=0))


def prior_of(real: Evidence, corpus: Evidence, features: Features, ground: Ground) -> Prior:
    """The prior of ``features`` that the real posts leave behind; ``ground`` lends its vectors."""
    both = corpus.beside(real)
    joint = fit_by_vectors(features, both.rows, both.targets, ground=ground, weights=both.weights)
    sure, pull = real.curvature(joint), corpus.gradient(joint)
    precision = Weights(sure.of_features + 1 / STRENGTH, sure.bias)
    mean = Weights(
        joint.of_features + pull.of_features / precision.of_features, joint.bias + pull.bias / precision.bias
    )
    return Prior(mean, precision)
