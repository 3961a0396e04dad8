"""Whether many services fail at once, and which incident is to stand for them all.

Surges of five different vendors within a quarter of an hour are no chance: with 320 services and one false
alarm of each in a month that comes about once in forty years. Whatever is behind it is told once:
as the incident of a cloud, a network or a carrier that surges too, or else as that of the strongest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from detector.spillover import EARLIER, FOLLOWS, LINGERS
from detector.surging import Named, Surging, strongest_first
from domain.kinship import Kinship

MANY = 5  # vendors
TOGETHER = 15  # minutes


def is_many(group: Iterable[Surging], kin: Kinship) -> bool:
    return len({kin.vendor_of(one.service) for one in group}) >= MANY


def together(minute: int, surging: Iterable[Surging]) -> list[Surging]:
    """Those that would be raised now, and those that began to surge within the last quarter of an hour."""
    return [
        one for one in surging if one.is_opening or (minute - one.latest < TOGETHER and one.eased_for is None)
    ]


def standing(surging: Iterable[Surging]) -> Surging | None:
    """The open incident that stands for many already, the latest begun, unless it has eased for long."""
    causes = [one for one in surging if one.is_open and one.is_common_cause]
    lasting = [one for one in causes if one.eased_for is None or one.eased_for <= LINGERS]
    return max(lasting, key=lambda one: (one.onset, one.service), default=None)


def belongs_to(cause: Surging, one: Surging) -> bool:
    """Whether a surge began with the common cause or soon after. How large it is tells nothing here: people
    name the service that they use, not the cloud that carries it."""
    return cause.onset - EARLIER <= one.latest and one.onset <= cause.latest + FOLLOWS


def bearer(group: Collection[Surging], near: Iterable[Surging], kin: Kinship, named: Named) -> Surging:
    """Which of the group is to stand for it, or which carrier of others that surges less (``near``).

    A carrier of others before any other; of several the one that the others' complaints name most, then a
    cloud before a network, then the highest score. Without one, the strongest that has an incident already,
    so that no further alarm is needed; or else the strongest.
    """
    carriers = [one for one in (*group, *near) if kin.carries_others(one.service)]
    if not carriers:
        return min(group, key=lambda one: (not one.is_open, *strongest_first(one)))
    naming = {one.service: 0.0 for one in carriers}
    if len(carriers) > 1:
        for member in sorted(group, key=strongest_first):
            for service, share in named(member.service).items():
                if service in naming:
                    naming[service] += share
    return min(
        carriers,
        key=lambda one: (-naming[one.service], kin.carriers[one.service], -one.score, one.onset, one.service),
    )
