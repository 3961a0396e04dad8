"""Which run is asked for: the live one, or a replay."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.house import House
from api.problems import bad_field
from domain.run import LIVE

ANY_RUN = "all"

RunAsked = Annotated[
    str,
    Query(description="`live`, or the name of a replay (`/v1/runs` lists them).", examples=["live", "demo"]),
]


def check_run(house: House, run: str) -> None:
    """Refuse a run that never was; ``live`` always is."""
    if run not in (LIVE, ANY_RUN) and house.stores.runs.get(run) is None:
        raise bad_field("run", f"there is no run {run!r}; /v1/runs lists them")
