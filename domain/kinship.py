"""Kinship: which services are blamed for each other, who makes them, and which of them carry others."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from domain.service import Service

# What carries other services fails for all of them; the likelier to be named as their common cause, the
# earlier. A cloud comes first: the public seldom names one, so that its surge says most.
CARRYING = ("cloud", "internet", "carrier")


class Kinship(msgspec.Struct, frozen=True):
    """What the catalogue says of services that surge together. A service it does not know has no kin.

    ``pairs`` hold each two siblings in both orders: if people blame the one for the other's failure, they
    do it the other way round as well. ``carriers`` maps services that carry others to their place in
    ``CARRYING``.
    """

    pairs: frozenset[tuple[str, str]] = frozenset()
    vendors: dict[str, str] = {}
    carriers: dict[str, int] = {}

    @classmethod
    def of(cls, services: Iterable[Service]) -> Kinship:
        known = list(services)
        named = {(one.id, sibling) for one in known for sibling in one.siblings}
        return cls(
            pairs=frozenset(named | {(other, one) for one, other in named}),
            vendors={one.id: one.vendor for one in known},
            carriers={one.id: CARRYING.index(one.category) for one in known if one.category in CARRYING},
        )

    def are_siblings(self, one: str, other: str) -> bool:
        return (one, other) in self.pairs

    def vendor_of(self, service: str) -> str:
        """Who makes it; one that the catalogue does not know is its own vendor."""
        return self.vendors.get(service, service)

    def carries_others(self, service: str) -> bool:
        return service in self.carriers
