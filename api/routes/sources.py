"""Sources: where posts come from, and when they could not be heard."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.house import Now, TheHouse
from api.problems import bad_field, documented, not_now
from api.schemas_sources import GapAnswer, GapList, SourceAnswer, SourceList
from domain.busy import Busy
from domain.source import SourceStatus

router = APIRouter(prefix="/v1", tags=["sources"])

USUAL = timedelta(days=1)
MOST = timedelta(days=90)


@router.get("/sources", responses=documented(HTTPStatus.SERVICE_UNAVAILABLE))
def list_sources(house: TheHouse, now: Now) -> SourceList:
    """Every source of the live run by name: how far it is read, and whether it is heard."""
    try:
        return SourceList(items=[_answer(status, now) for status in house.hearing()])
    except Busy as busy:
        raise not_now(busy) from busy


@router.get("/gaps")
def list_gaps(
    house: TheHouse,
    now: Now,
    source: Annotated[str | None, Query(description="Only of this source.", examples=["bluesky"])] = None,
    since: Annotated[
        AwareDatetime | None, Query(alias="from", description="Else a day before `until`.")
    ] = None,
    until: Annotated[AwareDatetime | None, Query(description="Up to, not including; else now.")] = None,
) -> GapList:
    """When a source could not be heard, in a span of at most 90 days: few complaints mean nothing there."""
    end = until or now
    start = since or end - USUAL
    if start >= end:
        raise bad_field("from", "must lie before until")
    if end - start > MOST:
        raise bad_field("from", f"at most {MOST.days} days may lie between from and until")
    gaps = house.stores.sources.gaps(start, end, source)
    return GapList(items=[GapAnswer.model_validate(gap) for gap in gaps])


def _answer(status: SourceStatus, now: datetime) -> SourceAnswer:
    lag = status.lag(now)
    kept = {name: getattr(status, name) for name in SourceAnswer.model_fields if hasattr(status, name)}
    return SourceAnswer(
        **kept,
        blind=status.is_blind(now),
        lag_seconds=None if lag is None else round(lag.total_seconds(), 3),
    )
