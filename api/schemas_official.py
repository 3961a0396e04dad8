"""What the API says of the official word: its events, and the lead over it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from api.schemas import Answer
from domain.label import Verdict
from domain.notice import OfficialState


class BinAnswer(Answer):
    """The number of leads of more than one length, and up to another."""

    above_minutes: int | None = Field(validation_alias="start", description="Null: without bound.")
    up_to_minutes: int | None = Field(validation_alias="end", description="Included. Null: without bound.")
    count: int


class FiguresAnswer(Answer):
    """How some incidents stand against the official word, and how many official ones were missed."""

    incidents: int = Field(description="All of them, save those that a person called none.")
    us: int = Field(description="We raised it before the official side admitted it.")
    them: int = Field(description="They admitted it first, or at the same moment.")
    never_admitted: int = Field(description="It ended more than a day ago, and was not admitted to this day.")
    pending: int = Field(description="Not admitted yet: it goes on, or ended less than a day ago.")
    unwatched: int = Field(description="No dashboard of the service is watched: it could not be admitted.")
    missed: int = Field(description="Official troubles that no incident of ours met.")
    median_minutes: float | None = Field(
        validation_alias="median",
        examples=[24.5],
        description="The lead: minutes from our raising to their admission; positive: we were first.",
    )
    quantiles: dict[str, float] | None = Field(
        examples=[{"p10": -3.0, "p25": 8.0, "p50": 24.5, "p75": 57.0, "p90": 93.0}]
    )
    histogram: list[BinAnswer]


class StatementAnswer(Answer):
    """One thing that was said; ``seen_at`` is when we first saw it."""

    seen_at: datetime
    state: OfficialState
    text: str
    claimed_at: datetime | None
    claimed_end_at: datetime | None
    url: str | None


class VerdictAnswer(Answer):
    """What a person says of it."""

    by: str
    at: datetime
    verdict: Verdict


class OfficialAnswer(BaseModel):
    """One trouble, or planned work, of one service, as the official side tells it."""

    event: str = Field(
        examples=["statuspage:github:x1y2z3"],
        description="Our own name for it; labels take it as `official`.",
    )
    run: str
    service: str
    state: OfficialState = Field(description="What is claimed now.")
    first_seen_at: datetime = Field(description="When we first saw it spoken of.")
    claimed_at: datetime | None = Field(description="The start that is claimed; it may be set back later.")
    claimed_end_at: datetime | None
    after_the_fact: bool = Field(description="It was first spoken of when it was already over.")
    text: str
    url: str | None
    heard: str | None = Field(description="The incident of ours that met it.")
    missed: bool = Field(description="No incident of ours met it, and nobody said that it was no outage.")
    labels: list[VerdictAnswer]
    history: list[StatementAnswer] = Field(description="All that was said of it, the earliest seen first.")


class OfficialPage(BaseModel):
    """Some official events, the latest first seen first."""

    items: list[OfficialAnswer]
    next_cursor: str | None = Field(
        description="Send it as `cursor` for the next page; null: this was the last."
    )


class LeadAnswer(BaseModel):
    """The record of the lead."""

    run: str
    total: FiguresAnswer
    by_service: dict[str, FiguresAnswer] = Field(description="The same by service, the most cases first.")
    by_vendor: dict[str, FiguresAnswer]
    misses: list[OfficialAnswer] = Field(
        description="What we did not hear, the earliest first; say by a label whether it could be heard."
    )
