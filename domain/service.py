"""A service of the catalogue: what may fail, and how people call it."""

from __future__ import annotations

import msgspec

from domain.mention import Symptom


class NeedsCompany(msgspec.Struct, frozen=True):
    """A name that is also an everyday word: it counts only beside one of these words."""

    word: str
    company: tuple[str, ...]


class Dashboard(msgspec.Struct, frozen=True):
    """Where the vendor says how the service is. ``component`` is the service's name on that page."""

    kind: str
    url: str
    component: str | None = None


class Service(msgspec.Struct, frozen=True):
    """One service. All names are lower case; handles and hashtags come without their sign.

    ``siblings`` are the services that people may blame when this one fails. ``handles_official`` are the
    accounts that speak for the service; a post of theirs is never a complaint. ``not_names`` are phrases that
    hold one of its names and mean something else ("amazon rainforest").
    """

    id: str
    name: str
    vendor: str
    category: str
    aliases: tuple[str, ...] = ()
    needs_company: tuple[NeedsCompany, ...] = ()
    handles: tuple[str, ...] = ()
    handles_official: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    symptoms: tuple[Symptom, ...] = ()
    dashboard: Dashboard | None = None
    siblings: tuple[str, ...] = ()
    not_names: tuple[str, ...] = ()
