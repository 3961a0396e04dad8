"""The learner: multinomial logistic regression whose weights start from, and are held to, a prior.

With a prior of zero it is the usual L2-regularised regression. With the weights of an earlier model it is the
maximum-a-posteriori estimate under a Gaussian around them: what new posts do not speak of stays as it was
(Chelba and Acero 2004, "Adaptation of maximum entropy capitalizer").
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

_MOST_STEPS = 300  # of L-BFGS; it ends by itself after 60 to 150
_FLAT = 1e-7  # relative improvement of the loss below which a step is the last


class Weights(msgspec.Struct, frozen=True):
    """``of_features[kind, feature]`` and ``bias[kind]``: a row's logits are their product and sum."""

    of_features: Floats
    bias: Floats

    def logits(self, rows: csr_matrix) -> Floats:
        """One row for each of ``rows``, one column for each kind."""
        product: Floats = rows @ self.of_features.T
        return product + self.bias


def learn(
    rows: csr_matrix,
    targets: Floats,
    *,
    strength: float,
    weights: Floats | None = None,
    prior: Weights | None = None,
    progress: Progress | None = None,
) -> Weights:
    """The weights under which ``targets`` are likeliest.

    ``targets[row, kind]`` are probabilities that add up to 1 (a 1 for a certain kind); ``weights`` says how
    much each row counts (1). ``strength`` is the inverse of the pull towards ``prior``, per row counted as 1.
    """
    count, width = targets.shape[1], rows.shape[1]
    start = prior or Weights(np.zeros((count, width)), np.zeros(count))
    counted = np.ones(rows.shape[0]) if weights is None else weights
    weighed = targets * counted[:, np.newaxis]
    across = rows.T.tocsr()
    steps = 0

    def loss(flat: Floats) -> tuple[float, Floats]:
        moved = flat.reshape(count, width + 1)
        logits = rows @ (start.of_features + moved[:, :width]).T + (start.bias + moved[:, width])
        likely = log_softmax(logits, axis=1)
        missed = np.exp(likely) * counted[:, np.newaxis] - weighed
        gradient = np.empty_like(moved)
        gradient[:, :width] = (across @ missed).T + moved[:, :width] / strength
        gradient[:, width] = missed.sum(axis=0)
        value = -float((weighed * likely).sum()) + float((moved[:, :width] ** 2).sum()) / (2 * strength)
        return value, gradient.ravel()

    def told(xk: Floats) -> None:  # noqa: ARG001 - the name is scipy's
        nonlocal steps
        steps += 1
        if progress is not None:
            progress(1 - 0.97**steps)  # how many steps there will be is not known

    # Matrices this small take twenty times longer when several threads share them.
    with threadpool_limits(limits=1):
        found = minimize(
            loss,
            np.zeros(count * (width + 1)),
            jac=True,
            method="L-BFGS-B",
            callback=told,
            options={"maxiter": _MOST_STEPS, "ftol": _FLAT},
        )
    moved = found.x.reshape(count, width + 1)
    return Weights(start.of_features + moved[:, :width], start.bias + moved[:, width])
