"""Incidents: what is failing, what failed, and the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.cursors import BadCursor, cursor_after, place_in
from api.growing import growth_now
from api.house import House, TheHouse
from api.parameters import check_service
from api.problems import bad_field, documented, not_found
from api.runs import ANY_RUN, RunAsked, check_run
from api.schemas import (
    ChangeEntry,
    EvidenceAnswer,
    IncidentAnswer,
    IncidentDetail,
    IncidentPage,
    OfficialEntry,
    StateFilter,
)
from domain.incident import Incident, State
from domain.lead import called_over, first_admission, lead_over, notices_about
from domain.notice import OfficialNotice
from domain.official import by_service
from storage.interfaces import IncidentFilter

router = APIRouter(prefix="/v1/incidents", tags=["incidents"])

OPEN = tuple(state for state in State if state.is_open)


@router.get("")
def list_incidents(
    house: TheHouse,
    run: RunAsked = "live",
    service: Annotated[str | None, Query(description="A service's id.", examples=["imessage"])] = None,
    state: Annotated[
        list[StateFilter] | None,
        Query(description="Any of these (give it several times); `open` is a group."),
    ] = None,
    raised_from: Annotated[AwareDatetime | None, Query(description="Raised at this time or later.")] = None,
    raised_until: Annotated[AwareDatetime | None, Query(description="Raised before this time.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 50,
    cursor: Annotated[str | None, Query(description="The `next_cursor` of the page before.")] = None,
) -> IncidentPage:
    """Incidents, the latest raised first; of the live run unless you name another, or `all`."""
    check_run(house, run)
    check_service(house, service)
    wanted = IncidentFilter(
        run=None if run == ANY_RUN else run,
        service=service,
        states=_states(state or []),
        raised_from=raised_from,
        raised_until=raised_until,
    )
    after = _place(house, cursor, wanted)
    found = house.stores.incidents.find(wanted, after=after, most=limit + 1)
    page, more = found[:limit], len(found) > limit
    return IncidentPage(
        items=_with_leads(house, page),
        next_cursor=cursor_after(page[-1].id, repr(wanted)) if more else None,
    )


@router.get("/{incident_id}", responses=documented(HTTPStatus.NOT_FOUND))
def read_incident(house: TheHouse, incident_id: str) -> IncidentDetail:
    """One incident with its timeline, its figures, and the posts that speak for it."""
    incidents = house.stores.incidents
    incident = incidents.get(incident_id)
    if incident is None:
        raise not_found(f"There is no incident {incident_id!r}; /v1/incidents?run=all lists them all.")
    notices = notices_about(incident, house.stores.notices.find(incident.run, incident.service))
    changes = [
        ChangeEntry.model_validate(entry)
        for entry in incidents.timeline(incident_id)
        if not entry.reason.repeats_a_notice
    ]
    official = [OfficialEntry.model_validate(notice) for notice in notices]
    return IncidentDetail(
        **_summary(incident, notices).model_dump(),
        growth_now=growth_now(house.stores.incidents, incident),
        timeline=sorted([*changes, *official], key=lambda entry: entry.at),
        evidence=[EvidenceAnswer.model_validate(post) for post in incidents.evidence(incident_id)],
    )


def _states(asked: Sequence[StateFilter]) -> tuple[State, ...]:
    states = {one for name in asked for one in (OPEN if name is StateFilter.OPEN else (State(name.value),))}
    return tuple(sorted(states))


def _place(house: House, cursor: str | None, wanted: IncidentFilter) -> str | None:
    if cursor is None:
        return None
    try:
        after = place_in(cursor, repr(wanted))
    except BadCursor as error:
        raise bad_field("cursor", str(error)) from error
    if house.stores.incidents.get(after) is None:
        raise bad_field("cursor", "the incident it points to is gone; start again without one")
    return after


def _with_leads(house: House, incidents: Sequence[Incident]) -> list[IncidentAnswer]:
    runs = {incident.run for incident in incidents}
    said = {run: by_service(house.stores.notices.find(run)) for run in runs}
    return [_summary(incident, said[incident.run].get(incident.service, ())) for incident in incidents]


def _summary(incident: Incident, notices: Sequence[OfficialNotice]) -> IncidentAnswer:
    admission, over = first_admission(incident, notices), called_over(incident, notices)
    record = {name: getattr(incident, name) for name in incident.__struct_fields__ if name != "revision"}
    # What was told of the official word is kept with the incident; what is known of it says more.
    record |= {
        "official_at": admission.seen_at if admission else None,
        "official_well_at": over.seen_at if over else None,
        "chance_per_month": incident.chance_per_month,
        "lead_minutes": lead_over(admission, incident).total_seconds() / 60 if admission else None,
        "admitted_after_the_fact": admission.after_the_fact if admission else None,
    }
    return IncidentAnswer(**record)
