"""Drift: how far a classifier's verdicts of late differ from those of its training."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from domain.mention import KINDS, Kind
from domain.model_version import ModelCard

BINS = 10  # of the complaint's probability, from 0 to 1
ENOUGH = 500  # verdicts; of fewer, chance alone may put ten bins 0.03 apart (chi-squared; Yurdakul, 2018)
MOVED_FROM, DRIFTED_FROM = 0.1, 0.25  # the usual reading: Siddiqi, Credit Risk Scorecards, 2006
_PLACE = {kind: place for place, kind in enumerate(KINDS)}
_LEAST = 0.001  # a share below one in a thousand counts as that: an empty bin would be infinitely far


class Reading(StrEnum):
    """What a population stability index says."""

    STEADY = "steady"
    MOVED = "moved"
    DRIFTED = "drifted"


class Verdicts(msgspec.Struct, frozen=True):
    """How many verdicts were of each kind, in the order of ``Kind``, and in each bin of the scores."""

    kinds: tuple[int, ...] = (0,) * len(KINDS)
    scores: tuple[int, ...] = (0,) * BINS

    def __add__(self, other: Verdicts) -> Verdicts:
        return Verdicts(_sums(self.kinds, other.kinds), _sums(self.scores, other.scores))

    @property
    def total(self) -> int:
        return sum(self.kinds)


class Shift(msgspec.Struct, frozen=True):
    """One distribution held against that of the training.

    ``psi`` is ``None`` when there are too few verdicts, or the version's card tells of no such distribution.
    """

    names: tuple[str, ...]
    now: tuple[float, ...]  # shares; all zero without any verdict
    trained: tuple[float, ...]  # empty where the card does not tell
    psi: float | None

    @property
    def reading(self) -> Reading | None:
        if self.psi is None:
            return None
        if self.psi < MOVED_FROM:
            return Reading.STEADY
        return Reading.MOVED if self.psi <= DRIFTED_FROM else Reading.DRIFTED


class Drift(msgspec.Struct, frozen=True):
    """A version's verdicts held against its card: the kinds, and the probabilities of a complaint."""

    version: str
    verdicts: int
    kinds: Shift
    scores: Shift


def bin_of(probability: float) -> int:
    """Which of the ten bins a probability lies in; the last one holds its upper end too.

    >>> bin_of(0.0), bin_of(0.15), bin_of(1.0)
    (0, 1, 9)
    """
    return min(int(probability * BINS), BINS - 1)


def tally(judged: Iterable[tuple[Kind, float]]) -> Verdicts:
    """The counts of some verdicts, each a kind and the probability of a complaint."""
    kinds, scores = [0] * len(KINDS), [0] * BINS
    for kind, probability in judged:
        kinds[_PLACE[kind]] += 1
        scores[bin_of(probability)] += 1
    return Verdicts(tuple(kinds), tuple(scores))


def drift_of(card: ModelCard, verdicts: Verdicts) -> Drift:
    """How far a version's verdicts have moved from those of its training."""
    of_kinds = tuple(card.kinds.get(kind.value, 0.0) for kind in KINDS) if card.kinds else ()
    edges = tuple(f"{low / BINS:.1f}-{(low + 1) / BINS:.1f}" for low in range(BINS))
    return Drift(
        version=card.version,
        verdicts=verdicts.total,
        kinds=_shift(tuple(kind.value for kind in KINDS), verdicts.kinds, of_kinds),
        scores=_shift(edges, verdicts.scores, card.scores),
    )


def stability(now: Sequence[float], then: Sequence[float]) -> float:
    """The population stability index of two lists of shares: 0 for equal ones, and never less.

    >>> stability((0.5, 0.5), (0.5, 0.5)), round(stability((0.6, 0.4), (0.5, 0.5)), 3)
    (0.0, 0.041)
    """
    pairs = [(max(one, _LEAST), max(other, _LEAST)) for one, other in zip(now, then, strict=True)]
    return sum((one - other) * math.log(one / other) for one, other in pairs)


def _shift(names: tuple[str, ...], counts: tuple[int, ...], trained: tuple[float, ...]) -> Shift:
    total = sum(counts)
    now = tuple(count / total if total else 0.0 for count in counts)
    comparable = total >= ENOUGH and len(trained) == len(now)
    return Shift(names, now, trained, stability(now, trained) if comparable else None)


def _sums(some: tuple[int, ...], others: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(one + other for one, other in zip(some, others, strict=True))
