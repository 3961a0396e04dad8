"""How well probabilities agree with the kinds that people gave."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score, precision_score, recall_score, roc_auc_score

from domain.mention import KINDS, Kind
from models.decision import kind_of

_BINS = 10


def evaluate(kinds: Sequence[Kind], probabilities: NDArray[np.float64]) -> dict[str, float]:
    """Figures from 0 to 1 for posts whose kinds are known; ``probabilities`` has one row for each post.

    ``macro_f1`` weighs every kind alike; ``complaint_*`` ask only "complaint or not" (AUC, average precision,
    and the calibration error); ``f1_...``, ``precision_...`` and ``recall_...`` are by kind. AUC is 0.5 and
    average precision the share of complaints when there is nothing to tell apart.
    """
    true = [kind.value for kind in kinds]
    guessed = [kind_of(row).value for row in probabilities.tolist()]
    names = [kind.value for kind in KINDS]
    complaint = np.array([kind is Kind.COMPLAINT for kind in kinds])
    score = probabilities[:, KINDS.index(Kind.COMPLAINT)]
    figures = {
        "macro_f1": float(f1_score(true, guessed, labels=names, average="macro", zero_division=0)),
        "accuracy": float(np.mean([one == other for one, other in zip(true, guessed, strict=True)])),
        "complaint_auc": _auc(complaint, score),
        "complaint_average_precision": float(average_precision_score(complaint, score))
        if complaint.any()
        else 0.0,
        "complaint_calibration_error": calibration_error(complaint, score),
    }
    for measure, of in (("f1", f1_score), ("precision", precision_score), ("recall", recall_score)):
        values = of(true, guessed, labels=names, average=None, zero_division=0)
        figures |= {f"{measure}_{name}": float(value) for name, value in zip(names, values, strict=True)}
    return {name: round(value, 4) for name, value in figures.items()}


def calibration_error(true: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """How far, on average, a probability stands from the share that turned out true.

    Over ten bins of equal width, weighed by their posts (ECE, Naeini et al. 2015).
    """
    bins = np.minimum((score * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(true[bins == one].mean() - score[bins == one].mean()) * (bins == one).mean()
        for one in set(bins.tolist())
    ]
    return float(sum(gaps))


def _auc(true: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    return float(roc_auc_score(true, score)) if 0 < true.sum() < len(true) else 0.5
