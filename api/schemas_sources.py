"""What the API says of the sources and of what was not heard."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from api.schemas import Answer
from domain.source import SourceState


class SourceAnswer(Answer):
    """One source of posts: how far it is read, and whether it is heard."""

    name: str = Field(examples=["bluesky"])
    state: SourceState
    blind: bool = Field(description="It is not heard just now, so that its silence means nothing.")
    heard_until: datetime | None = Field(
        description="All that was public before then has been read; null: it says nothing of the present."
    )
    lag_seconds: float | None = Field(examples=[1.4], description="From `heard_until` to now.")
    posts: int = Field(description="Posts read since the first start.")
    mentions: int = Field(description="Those among them that name a service of the catalogue.")
    errors: int = Field(description="Failures of the source or of its reader.")
    unreadable: int = Field(description="Messages that could not be understood.")
    written_at: datetime | None = Field(description="When the latest post was written.")
    cursor: str | None = Field(description="Where its reader goes on.")
    last_error: str | None
    last_error_at: datetime | None
    again_at: datetime | None = Field(description="When it will be read again, where that is known.")
    reader: str | None = Field(description="The process that reads it.")


class SourceList(BaseModel):
    items: list[SourceAnswer]


class GapAnswer(Answer):
    """A span in which a source could not be heard, and whose posts cannot be had any more."""

    source: str
    since: datetime
    until: datetime
    why: str


class GapList(BaseModel):
    """The earliest first."""

    items: list[GapAnswer]
