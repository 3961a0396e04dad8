"""Health, for the machines that watch over this one."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter

from api.house import TheHouse
from api.problems import Refusal, documented
from api.schemas import HealthAnswer

router = APIRouter(tags=["health"])


@router.get("/healthz")
def is_alive() -> HealthAnswer:
    """The process lives. It says nothing of what stands behind it."""
    return HealthAnswer()


@router.get("/readyz", responses=documented(HTTPStatus.SERVICE_UNAVAILABLE))
def is_ready(house: TheHouse) -> HealthAnswer:
    """Everything that is needed to hear an outage is well; else 503 names what is not."""
    parts = house.readiness()
    wrong = {name: why for name, why in parts.items() if why is not None}
    if wrong:
        raise Refusal(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "; ".join(f"{name}: {why}" for name, why in wrong.items()),
            extra={"parts": parts},
        )
    return HealthAnswer()
