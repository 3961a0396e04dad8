"""The learner: multinomial logistic regression under a prior.

With a flat prior it is the usual L2-regularised regression. With a prior that earlier data left behind it is
the maximum-a-posteriori estimate of both: where new posts say nothing, and where the earlier ones were sure,
the weights stay as they were (Chelba and Acero 2004, "Adaptation of maximum entropy capitalizer").
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import log_softmax
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

Floats = NDArray[np.float64]
Progress = Callable[[float], None]

_MOST_STEPS = 300  # of L-BFGS; it ends by itself after 20 to 150
_FLAT = 1e-7  # relative improvement of the loss below which a step is the last


class Weights(msgspec.Struct, frozen=True):
    """``of_features[kind, feature]`` and ``bias[kind]``: a row's logits are their product and sum."""

    of_features: Floats
    bias: Floats

    def logits(self, rows: csr_matrix) -> Floats:
        """One row for each of ``rows``, one column for each kind."""
        product: Floats = rows @ self.of_features.T
        return product + self.bias


class Prior(msgspec.Struct, frozen=True):
    """A Gaussian around ``mean``, each weight by itself.

    ``precision`` has the shape of ``mean``, and for each weight how strongly it is held there (the inverse of
    its variance); 0 leaves it free.
    """

    mean: Weights
    precision: Weights


def flat_prior(kinds: int, width: int, strength: float) -> Prior:
    """Nothing is known but that weights are small: ``strength`` is their variance, and biases are free."""
    mean = Weights(np.zeros((kinds, width)), np.zeros(kinds))
    return Prior(mean, Weights(np.full((kinds, width), 1 / strength), np.zeros(kinds)))


def learn(
    rows: csr_matrix,
    targets: Floats,
    *,
    prior: Prior,
    weights: Floats | None = None,
    progress: Progress | None = None,
) -> Weights:
    """The weights under which ``targets`` and the prior are likeliest.

    ``targets[row, kind]`` are probabilities that add up to 1 (a 1 for a certain kind); ``weights`` says how
    often each row counts (once).
    """
    width = rows.shape[1]
    counted = np.ones(rows.shape[0]) if weights is None else weights
    weighed = targets * counted[:, np.newaxis]
    across = rows.T.tocsr()
    mean, precision = _joined(prior.mean), _joined(prior.precision)
    # Steps are taken in units of what the prior allows: a weight that is held ten times as firmly moves a
    # tenth as far, and the optimum is found in a fraction of the steps.
    unit = 1 / np.sqrt(np.where(precision > 0, precision, 1))
    held = precision > 0
    steps = 0

    def loss(flat: Floats) -> tuple[float, Floats]:
        moved = flat.reshape(mean.shape)
        at = mean + moved * unit
        likely = log_softmax(rows @ at[:, :width].T + at[:, width], axis=1)
        missed = np.exp(likely) * counted[:, np.newaxis] - weighed
        gradient = np.empty_like(moved)
        gradient[:, :width] = (across @ missed).T
        gradient[:, width] = missed.sum(axis=0)
        pulled = np.where(held, moved, 0)
        value = -float((weighed * likely).sum()) + float((pulled**2).sum()) / 2
        return value, (gradient * unit + pulled).ravel()

    def told(xk: Floats) -> None:  # noqa: ARG001 - the name is scipy's
        nonlocal steps
        steps += 1
        if progress is not None:
            progress(1 - 0.97**steps)  # how many steps there will be is not known

    # Matrices this small take twenty times longer when several threads share them.
    with threadpool_limits(limits=1):
        found = minimize(
            loss,
            np.zeros(mean.size),
            jac=True,
            method="L-BFGS-B",
            callback=told,
            options={"maxiter": _MOST_STEPS, "ftol": _FLAT},
        )
    at = mean + found.x.reshape(mean.shape) * unit
    return Weights(at[:, :width], at[:, width])


def _joined(weights: Weights) -> Floats:
    """Weights as one array, the biases as its last column."""
    return np.hstack([weights.of_features, weights.bias[:, np.newaxis]])
