"""The one sentence of the wall that is read from across the room."""

from __future__ import annotations

from collections.abc import Sequence

from api.house import House
from api.wording import listed
from domain.incident import Incident, State
from domain.run import Run


def headline_of(house: House, run: Run, open_now: Sequence[Incident], past: Sequence[Incident]) -> str:
    """What fails now; of a replay that has ended, what failed."""
    failing = [one for one in open_now if one.state is not State.RECOVERING]
    if failing:
        sure = any(one.state is State.CONFIRMED for one in failing)
        one = len(failing) == 1
        verb = ("is failing" if one else "are failing") if sure else "may be failing"
        return f"{_named(house, failing)} {verb}"
    if open_now:
        return f"{_named(house, open_now)} {'is' if len(open_now) == 1 else 'are'} recovering"
    failed = [one for one in past if one.state is State.RESOLVED]
    if failed and run.finished_at is not None:
        return f"{_named(house, failed)} failed, and came back"
    return "No open incidents"


def _named(house: House, incidents: Sequence[Incident]) -> str:
    names = list(dict.fromkeys(name_of(house, incident.service) for incident in incidents))
    return listed(names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} more"])


def name_of(house: House, service: str) -> str:
    """What people call a service; its id, if the catalogue no longer knows it."""
    known = house.catalogue.services.get(service)
    return known.name if known else service
