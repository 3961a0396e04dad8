"""The page of the lead: who was first with each outage, and what we missed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from api.headlines import name_of
from api.house import House, Now, TheHouse
from api.page import missing, render
from api.runs import choose_run, now_in
from api.wording import count
from domain.label import Verdict
from domain.lead_record import Bin, Figures, LeadRecord, Miss
from workers.comparing import compare

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

COUNTS = {  # the columns, and what stands above each figure
    "us": "First heard by us",
    "them": "First told by them",
    "never_admitted": "Never admitted",
    "pending": "Not admitted yet",
    "unwatched": "No dashboard watched",
    "missed": "Missed by us",
}
MOST_MISSES = 50


@dataclass(frozen=True)
class Row:
    """The figures of a service or of a vendor."""

    name: str
    figures: Figures


@dataclass(frozen=True)
class Bar:
    """One bin of the histogram."""

    label: str
    count: int
    drawn: Markup


@dataclass(frozen=True)
class Missed:
    """An official trouble that we did not hear."""

    name: str
    event: str
    began_at: datetime
    ended_at: datetime | None
    seen_at: datetime
    after_the_fact: bool
    text: str
    url: str | None
    verdicts: list[str]


@router.get("/lead")
def show_lead(house: TheHouse, now: Now, run: Annotated[str | None, Query()] = None) -> HTMLResponse:
    """The record of one run."""
    chosen = choose_run(house, run, now)
    if chosen is None:
        return missing(f"There is no run {run!r}.")
    record = compare(house.stores, chosen, house.catalogue, now, watched=house.watched)
    return render(
        "lead.html",
        run=chosen,
        now=now_in(house, chosen, now),
        counts=COUNTS,
        total=record.total,
        summary=summary_of(record.total),
        bars=[_bar(one, record.total) for one in record.total.histogram],
        services=_rows(house, record.by_service),
        vendors=_rows(house, record.by_vendor),
        misses=[_missed(house, miss) for miss in record.misses[: -MOST_MISSES - 1 : -1]],
        more_misses=max(0, len(record.misses) - MOST_MISSES),
    )
