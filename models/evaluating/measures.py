"""Measures: how well scores tell complaints from the rest, as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from domain.mention import KINDS, Kind
from models.evaluation import calibration_error
from models.learner import Floats

COMPLAINT = KINDS.index(Kind.COMPLAINT)

Truth = NDArray[np.bool_]

KEYWORD, TFIDF, FASTTEXT = "keyword", "tfidf", "fasttext"


class Measured(msgspec.Struct, frozen=True):
    """Figures from 0 to 1; all but the calibration error are better the higher they are.

    ``f1`` is macro-F1 over both sides; where posts of one kind are told from the rest, that of the kind.
    """

    auc: float
    average_precision: float
    f1: float
    calibration_error: float


class Row(msgspec.Struct, frozen=True):
    """What was measured on some posts. ``None`` in place of figures: the posts are all of one sort."""

    block: str
    of: str
    posts: int
    hits: int  # complaints among them, or posts of the kind that was asked for
    ours: Measured | None
    baselines: dict[str, Measured | None]


class Verdicts(msgspec.Struct, frozen=True):
    """What is true of some posts, and what each contestant makes of them.

    ``says`` are our decisions, where they are no mere threshold; the baselines decide at one half.
    ``of_a_kind``: a kind is told from the rest, and F1 is that of the kind.
    """

    truth: Truth
    score: Floats
    baselines: dict[str, Floats]
    says: Truth | None = None
    of_a_kind: bool = False

    def some(self, places: NDArray[np.int64] | Truth) -> Verdicts:
        """The verdicts on some of the posts."""
        return Verdicts(
            self.truth[places],
            self.score[places],
            {name: scores[places] for name, scores in self.baselines.items()},
            self.says[places] if self.says is not None else None,
            self.of_a_kind,
        )

    def row(self, block: str, of: str) -> Row:
        return Row(
            block,
            of,
            posts=len(self.truth),
            hits=int(self.truth.sum()),
            ours=self._measured(self.score, self.says),
            baselines={name: self._measured(scores) for name, scores in self.baselines.items()},
        )

    def _measured(self, score: Floats, says: Truth | None = None) -> Measured | None:
        if self.truth.all() or not self.truth.any():
            return None
        decided = score >= 0.5 if says is None else says
        average = "binary" if self.of_a_kind else "macro"
        return Measured(
            auc=round(float(roc_auc_score(self.truth, score)), 4),
            average_precision=round(float(average_precision_score(self.truth, score)), 4),
            f1=round(float(f1_score(self.truth, decided, average=average, zero_division=0)), 4),
            calibration_error=round(calibration_error(self.truth, score), 4),
        )


def verdicts(truth: Truth, likely: Floats, baselines: dict[str, Floats]) -> Verdicts:
    """Complaint or not, by the probabilities of all kinds: a complaint is what is likeliest to be one."""
    return Verdicts(truth, likely[:, COMPLAINT], baselines, says=likely.argmax(axis=1) == COMPLAINT)


class Pairs(msgspec.Struct, frozen=True):
    """Hard pairs: posts that differ in little but their kind.

    ``posts_right`` is the share of posts whose kind is the likeliest one; ``ranked_right`` the share of
    twins, one a complaint and one none, whose complaint has the higher score; ``baselines`` have theirs.
    """

    posts: int
    posts_right: float
    twins: int
    ranked_right: float
    baselines: dict[str, float]


def pairs_of(
    names: Sequence[str | None], right: Truth, truth: Truth, scores: Mapping[str, Floats], ours: Floats
) -> Pairs:
    """The figures of hard pairs; ``names`` says which pair each post belongs to, if any."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if name is not None:
            places.setdefault(name, []).append(place)
    twins = [
        (complaint, other)
        for pair in places.values()
        for complaint in pair
        for other in pair
        if truth[complaint] and not truth[other]
    ]
    members = [place for pair in places.values() for place in pair]
    return Pairs(
        posts=len(members),
        posts_right=round(float(right[members].mean()), 4) if members else 0.0,
        twins=len(twins),
        ranked_right=_ranked(twins, ours),
        baselines={name: _ranked(twins, score) for name, score in scores.items()},
    )


def _ranked(twins: Sequence[tuple[int, int]], score: Floats) -> float:
    """The share of twins in the right order; a tie is half right."""
    if not twins:
        return 0.0
    first, second = np.array(twins).T
    gaps = score[first] - score[second]
    return round(float(((gaps > 0) + 0.5 * (gaps == 0)).mean()), 4)
