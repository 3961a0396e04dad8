"""Two classifiers compared on the same posts: every figure with the gain that chance leaves possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from domain.mention import KINDS, Kind
from domain.retraining import Figure, Measure, Trial
from models.decision import kind_of

ENOUGH = 20  # posts of a kind or group; of fewer, nothing is said
RESAMPLES = 2_000
_AT_ONCE = 250  # resamples, to bound the memory
_LEAST_LIKELY = 0.01  # so that one sure mistake does not decide alone
_CERTAINTY = (0.05, 0.95)  # either end is passed by chance once in twenty
_NORMAL = 1.645  # the same for the normal distribution
_SEED = 20121118  # the same figures for the same posts

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Judged:
    """Posts whose kinds are known, their groups, and what champion and challenger make of them."""

    kinds: Sequence[Kind]
    groups: Sequence[str]
    champion: Floats
    challenger: Floats


def compare(trial: Trial, judged: Judged) -> list[Figure]:
    """Every figure of a trial; none without any post.

    Surprise, macro-F1, average precision and the F1 of each kind by paired bootstrap: both classifiers
    are measured on the same posts drawn anew, as many of each group (Efron and Tibshirani, An Introduction to
    the Bootstrap, 1993; Koehn, "Statistical significance tests for machine translation evaluation", 2004).
    The groups by a formula, as they are small, see ``_share``.
    """
    if not judged.kinds:
        return []
    return [*_resampled(trial, judged), *_by_group(trial, judged)]


def _resampled(trial: Trial, judged: Judged) -> Iterator[Figure]:
    truth = np.array([KINDS.index(kind) for kind in judged.kinds])
    sides = [_Side(truth, rows) for rows in (judged.champion, judged.challenger)]
    whole = [side.measured(np.ones((1, len(truth)))) for side in sides]
    drawn = [np.concatenate(parts) for parts in zip(*_drawn(judged, sides), strict=True)]
    low, high = np.quantile(drawn[1] - drawn[0], _CERTAINTY, axis=0)
    for place, (measure, of) in enumerate(_MEASURES):
        posts = int((truth == KINDS.index(Kind(of))).sum()) if measure is Measure.KIND else len(truth)
        if posts < (ENOUGH if measure is Measure.KIND else 1):
            continue
        ends = (-high[place], -low[place]) if measure is Measure.SURPRISE else (low[place], high[place])
        yield _figure(trial, measure, of, posts, whole[0][0, place], whole[1][0, place], *ends)


def _drawn(judged: Judged, sides: Sequence[_Side]) -> Iterator[list[Floats]]:
    chance = np.random.default_rng(_SEED)
    members = [np.flatnonzero(np.array(judged.groups) == group) for group in sorted(set(judged.groups))]
    for _ in range(0, RESAMPLES, _AT_ONCE):
        times = np.zeros((_AT_ONCE, len(judged.kinds)))
        for some in members:
            times[:, some] = chance.multinomial(len(some), np.full(len(some), 1 / len(some)), size=_AT_ONCE)
        yield [side.measured(times) for side in sides]


_MEASURES: tuple[tuple[Measure, str], ...] = (
    (Measure.SURPRISE, "all"),
    (Measure.MACRO_F1, "all"),
    (Measure.AVERAGE_PRECISION, Kind.COMPLAINT.value),
    *((Measure.KIND, kind.value) for kind in KINDS),
)


class _Side:
    """One classifier's verdicts, ready to be measured on many samples of the posts at once."""

    def __init__(self, truth: NDArray[np.int64], rows: Floats) -> None:
        self._kinds = np.eye(len(KINDS))
        guessed = np.array([KINDS.index(kind_of(row)) for row in rows.tolist()])
        self._true = self._kinds[truth]
        self._guessed = self._kinds[guessed]
        likely = rows[np.arange(len(truth)), truth]
        self._surprise = self._true * -np.log(np.maximum(likely, _LEAST_LIKELY))[:, None]
        complaint = KINDS.index(Kind.COMPLAINT)
        self._ranked = np.argsort(-rows[:, complaint], kind="stable")
        self._complains = self._true[self._ranked, complaint]

    def measured(self, times: Floats) -> Floats:
        """A row for each sample (``times`` says how often it holds each post), a column for each measure."""
        posts, guesses = times @ self._true, times @ self._guessed
        hits = times @ (self._true * self._guessed)
        f1 = 2 * hits / np.maximum(posts + guesses, 1)
        there = posts > 0
        surprise = _mean_over(there, times @ self._surprise / np.maximum(posts, 1))
        macro_f1 = _mean_over(there, f1)
        return np.column_stack([surprise, macro_f1, self._average_precision(times), f1])

    def _average_precision(self, times: Floats) -> Floats:
        ranked = times[:, self._ranked]
        found = ranked * self._complains
        precision = found.cumsum(axis=1) / np.maximum(ranked.cumsum(axis=1), 1)
        precise: Floats = (found * precision).sum(axis=1) / np.maximum(found.sum(axis=1), 1)
        return precise


def _mean_over(there: NDArray[np.bool_], values: Floats) -> Floats:
    mean: Floats = np.where(there, values, 0).sum(axis=1) / there.sum(axis=1)
    return mean


def _by_group(trial: Trial, judged: Judged) -> Iterator[Figure]:
    truth = list(judged.kinds)
    right = [
        np.array([kind_of(row) is kind for row, kind in zip(rows.tolist(), truth, strict=True)])
        for rows in (judged.champion, judged.challenger)
    ]
    for group in sorted(set(judged.groups)):
        members = np.array(judged.groups) == group
        if members.sum() >= ENOUGH:
            yield _share(trial, group, right[0][members], right[1][members])


def _share(trial: Trial, group: str, champion: NDArray[np.bool_], challenger: NDArray[np.bool_]) -> Figure:
    """The share judged right. Its gain's ends are those of Agresti and Min for matched pairs.

    ("Simple improved confidence intervals for comparing matched proportions", Statistics in Medicine 24,
    2005.) A bootstrap of twenty posts would take three that all changed for the worse as beyond chance.
    """
    posts = len(champion)
    won, lost = (challenger & ~champion).sum() + 0.5, (champion & ~challenger).sum() + 0.5
    gain = (won - lost) / (posts + 2)
    error = np.sqrt(won + lost - (won - lost) ** 2 / (posts + 2)) / (posts + 2)
    ends = gain - _NORMAL * error, gain + _NORMAL * error
    return _figure(trial, Measure.GROUP, group, posts, champion.mean(), challenger.mean(), *ends)


def _figure(trial: Trial, measure: Measure, of: str, posts: int, *numbers: float) -> Figure:
    champion, challenger, low, high = (round(float(number), 4) for number in numbers)
    return Figure(trial, measure, of, posts, champion, challenger, low, high)
