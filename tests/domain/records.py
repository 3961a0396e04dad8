"""Incidents and official notices of one service, in hours and minutes around a noon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from domain.incident import Incident, Severity, State, incident_id
from domain.notice import OfficialNotice, OfficialState
from domain.official import account_event

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TROUBLE, MAINTENANCE, WELL = OfficialState.TROUBLE, OfficialState.MAINTENANCE, OfficialState.WELL


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def incident(
    service: str = "github", *, raised: float = 10, ended: float | None = None, state: State | None = None
) -> Incident:
    """An incident whose surge began ten minutes before it was raised; all times in minutes after noon."""
    return Incident(
        id=incident_id("live", service, at(raised)),
        run="live",
        service=service,
        state=state or (State.CONFIRMED if ended is None else State.RESOLVED),
        severity=Severity.MAJOR,
        onset_at=at(raised - 10),
        raised_at=at(raised),
        last_high_at=at(raised),
        expected=1.0,
        observed=30,
        spread=1.0,
        window=10,
        score=9.0,
        threshold=5.0,
        confirmed_at=at(raised + 5),
        resolved_at=None if ended is None else at(ended),
    )


def notice(
    seen: float,
    state: OfficialState = TROUBLE,
    *,
    event: str = "statuspage:github:1",
    service: str = "github",
    began: float | None = None,
    over: float | None = None,
    late: bool = False,
) -> OfficialNotice:
    """What was first seen so many minutes after noon; ``began`` and ``over`` are what it claims itself."""
    return OfficialNotice(
        run="live",
        service=service,
        state=state,
        seen_at=at(seen),
        text="Some users are affected.",
        claimed_at=None if began is None else at(began),
        claimed_end_at=None if over is None else at(over),
        event=event,
        after_the_fact=late,
    )


def spoken(seen: float, state: OfficialState = TROUBLE, service: str = "github") -> OfficialNotice:
    """What the service's account said."""
    return notice(seen, state, event=f"account:{service}:x:{seen}", service=service)


@st.composite
def any_notices(draw: st.DrawFn, services: Sequence[str] = ("github", "slack")) -> list[OfficialNotice]:
    """Whatever dashboards and accounts may say of some services within a day, each statement once."""
    notices: dict[tuple[object, ...], OfficialNotice] = {}
    for _ in range(draw(st.integers(0, 10))):
        service, state = draw(st.sampled_from(services)), draw(st.sampled_from([TROUBLE, MAINTENANCE, WELL]))
        seen = draw(st.integers(-600, 600))
        name = draw(st.sampled_from(["", f"statuspage:{service}:1", f"statuspage:{service}:2", "account"]))
        said = notice(
            seen,
            state,
            event=account_event(service, "x", f"{seen}-{state}") if name == "account" else name,
            service=service,
            began=draw(st.none() | st.integers(-900, 600)),
            over=draw(st.none() | st.integers(-600, 600)),
            late=draw(st.booleans()),
        )
        notices[service, state, seen, said.event] = said
    return list(notices.values())
