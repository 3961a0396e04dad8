"""Reliability: how often each person is right, found out from those who judged the same posts.

Every person has one number, the chance that a verdict of theirs is right; when it is wrong, all other kinds
are alike to them (the one-coin case of Dawid and Skene, "Maximum likelihood estimation of observer
error-rates using the EM algorithm", Applied Statistics 28, 1979). Truth and reliability are found in turns:
what a post is follows from verdicts weighed by reliability, and reliability from how often a person agrees
with that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from domain.mention import KINDS

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

RIGHT, WRONG = 9.0, 1.0  # a stranger is believed as one with such a record, which their own soon outweighs
SUREST = 0.98  # nobody is believed beyond that: a record of a few dozen verdicts cannot show it
CHANCE = 1 / len(KINDS)  # who errs more often says nothing, and not the contrary
_ROUNDS = 50
_SETTLED = 1e-4


@dataclass(frozen=True)
class Votes:
    """A row for each opinion: which kinds it leaves open, whose it is, on which subject, and its weight."""

    open_kinds: NDArray[np.bool_]
    person: Places
    subject: Places
    weight: Floats

    def silencing(self, people: set[int]) -> Votes:
        """The same votes, those of some people without any weight."""
        return replace(self, weight=np.where(np.isin(self.person, list(people)), 0.0, self.weight))


def reliabilities(votes: Votes, known: Floats, people: int) -> Floats:
    """The chance that a verdict is right, for each person.

    ``known`` has the logarithm of what is known of each subject without any vote: a row of equal numbers
    for nothing at all.
    """
    right = np.full(people, RIGHT / (RIGHT + WRONG))
    given = np.bincount(votes.person, votes.weight, people)
    for _ in range(_ROUNDS):
        truth = np.exp(log_softmax(known + heard(votes, right, len(known)), axis=1))
        agreement = (truth[votes.subject] * votes.open_kinds).sum(axis=1)
        agreed = np.bincount(votes.person, votes.weight * agreement, people)
        before, right = right, np.clip((RIGHT + agreed) / (RIGHT + WRONG + given), CHANCE, SUREST)
        if np.abs(right - before).max(initial=0.0) < _SETTLED:
            break
    return right


def heard(votes: Votes, right: Floats, subjects: int) -> Floats:
    """What all votes together say of each subject: for each kind the logarithm of its likelihood."""
    total = np.zeros((subjects, len(KINDS)))
    np.add.at(total, votes.subject, each_says(votes, right))
    return total


def each_says(votes: Votes, right: Floats) -> Floats:
    """What each vote says of its subject: for each kind the logarithm of its likelihood."""
    chance = right[votes.person][:, None]
    closed = len(KINDS) - votes.open_kinds.sum(axis=1, keepdims=True)
    says: Floats = np.log(np.where(votes.open_kinds, chance, (1 - chance) / np.maximum(closed, 1)))
    return votes.weight[:, None] * says
