"""Official events: what dashboards and official accounts say, and whether we heard the same."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.cursors import BadCursor, cursor_after, place_in
from api.house import Now, TheHouse
from api.official_events import OfficialEvents
from api.parameters import check_service
from api.problems import bad_field
from api.runs import RunAsked, one_run
from api.schemas_official import OfficialPage
from domain.official import OfficialEvent
from domain.run import LIVE
from workers.comparing import listening_in

router = APIRouter(prefix="/v1/official", tags=["lead"])


@router.get("")
def list_official(
    house: TheHouse,
    now: Now,
    run: RunAsked = LIVE,
    service: Annotated[str | None, Query(description="A service's id.", examples=["imessage"])] = None,
    missed: Annotated[
        bool | None, Query(description="Only those that we missed, or only those that we did not.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 50,
    cursor: Annotated[str | None, Query(description="The `next_cursor` of the page before.")] = None,
) -> OfficialPage:
    """What is said officially of troubles and planned work, the latest seen first, and if we heard it."""
    asked = one_run(house, run, now)
    check_service(house, service)
    events = OfficialEvents(house, run, listening_in(house.stores, asked, now), service)
    wanted = [event for event in reversed(events.all) if missed in (None, events.is_missed(event))]
    filters = repr((run, service, missed))
    start = 0 if cursor is None else _place(wanted, cursor, filters)
    page, more = wanted[start : start + limit], len(wanted) > start + limit
    return OfficialPage(
        items=events.answers(page), next_cursor=cursor_after(_key(page[-1]), filters) if more else None
    )


def _place(events: list[OfficialEvent], cursor: str, filters: str) -> int:
    try:
        after = place_in(cursor, filters)
    except BadCursor as error:
        raise bad_field("cursor", str(error)) from error
    keys = [_key(event) for event in events]
    if after not in keys:
        raise bad_field("cursor", "the event it points to is no longer listed; start again without one")
    return keys.index(after) + 1


def _key(event: OfficialEvent) -> str:
    return f"{event.service} {event.name}"
