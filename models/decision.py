"""The decision: which kind a mention counts as, given its probabilities."""

from __future__ import annotations

from collections.abc import Sequence

from domain.mention import KINDS, Kind


def kind_of(probabilities: Sequence[float]) -> Kind:
    """The likeliest kind; of equals, the first in the order of ``Kind``.

    >>> kind_of((0.4, 0.1, 0.3, 0.1, 0.1))
    <Kind.COMPLAINT: 'complaint'>
    """
    return KINDS[max(range(len(KINDS)), key=probabilities.__getitem__)]
