"""The lead: who was first with each outage, we or the official side, and what we missed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.house import Now, TheHouse
from api.official_events import OfficialEvents
from api.parameters import check_service
from api.problems import bad_field
from api.runs import RunAsked, one_run
from api.schemas_official import FiguresAnswer, LeadAnswer
from domain.lead_record import Figures
from domain.run import LIVE
from workers.comparing import Narrowed, compare, listening_in

router = APIRouter(prefix="/v1/lead", tags=["lead"])


@router.get("")
def read_lead(
    house: TheHouse,
    now: Now,
    run: RunAsked = LIVE,
    since: Annotated[
        AwareDatetime | None, Query(alias="from", description="Only what was raised, or began, from then on.")
    ] = None,
    until: Annotated[
        AwareDatetime | None, Query(description="Only what was raised, or began, before then.")
    ] = None,
    service: Annotated[str | None, Query(description="A service's id.", examples=["imessage"])] = None,
    vendor: Annotated[str | None, Query(description="A vendor's id.", examples=["apple"])] = None,
) -> LeadAnswer:
    """Who was first with each incident of a run and by how much, in total, by service and by vendor."""
    asked = one_run(house, run, now)
    check_service(house, service)
    if vendor is not None and vendor not in {one.vendor for one in house.catalogue}:
        raise bad_field("vendor", f"no vendor {vendor!r} in the catalogue; /v1/services lists them")
    if since is not None and until is not None and since >= until:
        raise bad_field("from", "must lie before until")
    narrowed = Narrowed(service=service, vendor=vendor, since=since, until=until)
    record = compare(
        house.stores, asked, tuple(house.catalogue), now, watched=house.watched, narrowed=narrowed
    )
    events = OfficialEvents(house, run, listening_in(house.stores, asked, now), service)
    return LeadAnswer(
        run=run,
        total=FiguresAnswer.model_validate(record.total),
        by_service=_shown(record.by_service),
        by_vendor=_shown(record.by_vendor),
        misses=events.answers(miss.event for miss in record.misses),
    )


def _shown(groups: Mapping[str, Figures]) -> dict[str, FiguresAnswer]:
    return {name: FiguresAnswer.model_validate(figures) for name, figures in groups.items()}
