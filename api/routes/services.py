"""Services, their rates, and the runs in which they were counted."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from api.house import Now, TheHouse
from api.problems import bad_field, documented, not_found
from api.runs import RunAsked, closed_until, one_run
from api.schemas import MinuteAnswer, RatesAnswer, RunAnswer, RunList, ServiceAnswer, ServiceList
from domain.moments import MINUTES_PER_HOUR, minute_of
from domain.run import LIVE
from domain.series import minutes_in
from domain.service import Service

router = APIRouter(prefix="/v1", tags=["services"])

MOST = timedelta(days=7)
USUAL = timedelta(hours=3)


@router.get("/services")
def list_services(house: TheHouse, now: Now, run: RunAsked = LIVE) -> ServiceList:
    """Every service of the catalogue by name, each with its open incident in one run."""
    one_run(house, run, now)
    failing = {incident.service: incident.id for incident in house.stores.incidents.open_in(run)}
    services = sorted(house.catalogue.services.values(), key=lambda service: service.name.casefold())
    return ServiceList(items=[_answer(service, failing.get(service.id)) for service in services])


@router.get(
    "/services/{service_id}/rates",
    responses=documented(HTTPStatus.NOT_FOUND),
)
def read_rates(
    house: TheHouse,
    now: Now,
    service_id: str,
    run: RunAsked = LIVE,
    since: Annotated[
        AwareDatetime | None,
        Query(alias="from", description="The first minute; else 3 hours before `until`."),
    ] = None,
    until: Annotated[
        AwareDatetime | None, Query(description="Up to, not including; else the run's last closed minute.")
    ] = None,
) -> RatesAnswer:
    """Complaints, questions, echoes, recoveries and mentions by minute, held against what was expected.

    At most 7 days at a time.
    """
    if service_id not in house.catalogue.services:
        raise not_found(f"There is no service {service_id!r} in the catalogue; /v1/services lists them.")
    one_run(house, run, now)
    end = until or closed_until(house, run) or now
    start = since or end - USUAL
    if start >= end:
        raise bad_field("from", "must lie before until")
    if end - start > MOST:
        raise bad_field("from", "at most 7 days may lie between from and until")
    first, last = minute_of(start), minute_of(end - timedelta.resolution)
    hours = house.stores.incidents.rates(
        run, first // MINUTES_PER_HOUR, last // MINUTES_PER_HOUR, service=service_id
    )
    minutes = [MinuteAnswer.model_validate(minute) for minute in minutes_in(hours, first, last)]
    return RatesAnswer(run=run, service=service_id, since=start, until=end, minutes=minutes)


@router.get("/runs")
def list_runs(house: TheHouse) -> RunList:
    """Every run, the latest started first: `live`, and the replays of recordings."""
    return RunList(items=[RunAnswer.model_validate(run) for run in house.stores.runs.all()])


def _answer(service: Service, open_incident: str | None) -> ServiceAnswer:
    return ServiceAnswer(
        id=service.id,
        name=service.name,
        vendor=service.vendor,
        category=service.category,
        siblings=service.siblings,
        official_page=service.dashboard.url if service.dashboard else None,
        open_incident=open_incident,
    )
