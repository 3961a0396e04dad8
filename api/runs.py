"""Which run is asked for, the live one or a replay; and what time it is there."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from api.house import House
from api.problems import bad_field
from domain.moments import MINUTES_PER_HOUR, minute_of, start_of_minute
from domain.run import LIVE, Run

ANY_RUN = "all"

RunAsked = Annotated[
    str,
    Query(description="`live`, or the name of a replay (`/v1/runs` lists them).", examples=["live", "demo"]),
]


def check_run(house: House, run: str) -> None:
    """Refuse a run that never was; ``live`` always is."""
    if run not in (LIVE, ANY_RUN) and house.stores.runs.get(run) is None:
        raise bad_field("run", f"there is no run {run!r}; /v1/runs lists them")


def one_run(house: House, asked: str, now: datetime) -> Run:
    """The run that is asked for, where all of them together make no sense."""
    if asked == ANY_RUN:
        raise bad_field("run", "name one run here")
    check_run(house, asked)
    return house.stores.runs.get(asked) or Run(LIVE, now)


def closed_until(house: House, run: str) -> datetime | None:
    """The end of a run's last closed minute; ``None`` before the first."""
    detection = house.stores.incidents.detection(run)
    return start_of_minute(detection.next_minute) if detection else None


def now_in(house: House, run: Run, clock_says: datetime) -> datetime:
    """The present as a run knows it: the clock when live, else the end of the last closed minute."""
    closed = closed_until(house, run.name)
    return closed if closed and not run.is_live else clock_says


def choose_run(house: House, asked: str | None, now: datetime) -> Run | None:
    """The run to show: the one asked for, else live if anything was counted there, else the latest replay."""
    if asked is not None:
        return house.stores.runs.get(asked) or (Run(LIVE, now) if asked == LIVE else None)
    runs = house.stores.runs.all()
    live = next((run for run in runs if run.is_live), Run(LIVE, now))
    replays = [run for run in runs if not run.is_live]
    return live if _is_lively(house, now) or not replays else replays[0]


def _is_lively(house: House, now: datetime) -> bool:
    """Whether the live run counted any mention in the last day."""
    incidents = house.stores.incidents
    if incidents.detection(LIVE) is None:
        return False
    hour = minute_of(now) // MINUTES_PER_HOUR
    return any(any(row.mentions) for row in incidents.rates(LIVE, hour - 24, hour))
