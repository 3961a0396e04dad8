"""Suspicion: whose verdicts contradict what is known of posts more often than an honest person's would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from scipy.stats import binom

from models.reliability import Floats, Places, Votes, each_says, heard

Flags = NDArray[np.bool_]

KNOWN = 0.95  # from here on it counts as known what a post is: one stranger alone cannot make it so
# An honest person contradicts what is known in 5 to 10 of 100 verdicts: by slips, and as what is known errs.
HONEST = 0.15
BEYOND_CHANCE = 0.001  # of so many honest people one may be set aside
FEW = 10  # verdicts on known posts; with fewer, one person can hardly be told apart from chance


@dataclass(frozen=True)
class Tested:
    """For each vote whether it is on a post of which is known what it is, and whether it says otherwise."""

    person: Places
    known: Flags
    against: Flags

    def among(self, some: Flags) -> Tested:
        return Tested(self.person, self.known & some, self.against & some)

    def counts(self, people: int) -> tuple[Places, Places]:
        """For each person the verdicts on known posts, and those that say otherwise."""
        return (
            np.bincount(self.person[self.known], minlength=people),
            np.bincount(self.person[self.against], minlength=people),
        )


def tested(votes: Votes, right: Floats, known: Floats) -> Tested:
    """Every vote held against all that is known of its subject without it."""
    others = softmax(
        (known + heard(votes, right, len(known)))[votes.subject] - each_says(votes, right), axis=1
    )
    is_known = others.max(axis=1, initial=0.0) >= KNOWN
    agrees = votes.open_kinds[np.arange(len(others)), others.argmax(axis=1)]
    return Tested(votes.person, is_known, is_known & ~agrees)


def suspects(one: Tested, people: int) -> dict[int, str]:
    """The people who contradict beyond chance, each with the reason.

    Those of few verdicts are tested as one: many names may belong to one hand.
    """
    found = dict(_alone(*one.counts(people)))
    known, against = (counts.copy() for counts in one.counts(people))
    pooled = [person for person in range(people) if 0 < known[person] < FEW and person not in found]
    if _is_beyond_chance(int(against[pooled].sum()), int(known[pooled].sum())):
        why = (
            f"one of {len(pooled)} people of few verdicts, who together contradict what is known "
            f"in {against[pooled].sum()} of {known[pooled].sum()}"
        )
        found |= dict.fromkeys(pooled, why)
    return found


def _alone(known: Places, against: Places) -> Iterator[tuple[int, str]]:
    for person, (seen, contradicted) in enumerate(zip(known.tolist(), against.tolist(), strict=True)):
        if _is_beyond_chance(contradicted, seen):
            yield person, f"{contradicted} of {seen} verdicts contradict what is known of their posts"


def _is_beyond_chance(contradicted: int, seen: int) -> bool:
    """Whether honest people would contradict so often once in a thousand times, or less (binomial test)."""
    return contradicted > 0 and float(binom.sf(contradicted - 1, seen, HONEST)) < BEYOND_CHANCE
