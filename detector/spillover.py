"""Whether one service's surge may be the spillover of a sibling's outage: who is to blame, who only named.

When a carrier fails, customers of the others complain that they reach nobody, and name their own. Four signs
tell such a spillover: the two are siblings in the catalogue; it begins with the outage, not before; it is
much smaller; and, if people say so, its complaints name the other as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from detector.surging import Named, Surging, strongest_first
from domain.kinship import Kinship

EARLIER = 5  # minutes: onsets are estimates, so a spillover may seem to begin before its cause
FOLLOWS = 30  # and people blame a sibling soon, or not at all
LINGERS = 15  # minutes for which people go on complaining when the one to blame has eased

# A spillover's excess against that of the one to blame. When a carrier fails, the press tells of a tenth and
# less for its siblings, whose customers only fail to reach the other's. A third leaves room.
EXPLAINED = 1 / 3
NAMING = 1 / 4  # of its complaints name the other too: then more of them are the other's,
EXPLAINED_NAMING = 2 / 3  # and a later one, too


def explains(blamed: Surging, other: Surging, naming: float = 0.0) -> bool:
    """Whether the outage of ``blamed`` may be all that is behind the surge of ``other``, its sibling.

    ``naming`` is the share of the other's complaints that name the blamed one as well. Both counts have the
    benefit of the doubt of one standard deviation, so that three posts decide nothing.
    """
    if blamed.eased_for is not None and blamed.eased_for > LINGERS:
        return False
    if other.latest < blamed.onset - EARLIER:
        return False
    if other.onset > blamed.latest + FOLLOWS and naming < NAMING:
        return False
    share = EXPLAINED_NAMING if naming >= NAMING else EXPLAINED
    return other.least <= share * blamed.most


def to_blame(other: Surging, rivals: Iterable[Surging], kin: Kinship, named: Named) -> Surging | None:
    """Which of the rivals, that have an incident, is to blame for this surge; ``None``: it is its own.

    Of several, the one that its complaints name most, then the strongest.
    """
    siblings = [one for one in rivals if kin.are_siblings(one.service, other.service)]
    if not siblings:
        return None
    shares = named(other.service)
    likely = [one for one in siblings if explains(one, other, shares.get(one.service, 0.0))]
    return min(likely, key=lambda one: (-shares.get(one.service, 0.0), *strongest_first(one)), default=None)


def is_unclear(one: Surging, near: Collection[Surging], kin: Kinship) -> bool:
    """Whether a sibling without an incident may yet prove to be to blame, by what the counts say so far."""
    return any(kin.are_siblings(other.service, one.service) and explains(other, one) for other in near)
