"""What the API says of how far the classifier has drifted."""

from __future__ import annotations

from pydantic import BaseModel, Field

from domain.drift import Reading


class ShareAnswer(BaseModel):
    """One kind, or one bin of the complaint's probability."""

    name: str = Field(examples=["complaint", "0.4-0.5"])
    now: float = Field(description="Its share of the last day's verdicts.")
    trained: float | None = Field(
        description="Its share of the verdicts on posts held out in the training; null: not known."
    )


class ShiftAnswer(BaseModel):
    """One distribution held against that of the training."""

    psi: float | None = Field(
        examples=[0.08],
        description="The population stability index; null: too few verdicts, or none of the training known.",
    )
    reading: Reading | None = Field(
        description="As it is usually read: steady below 0.1, drifted above 0.25, moved between."
    )
    shares: list[ShareAnswer]


class DriftAnswer(BaseModel):
    """The last day's verdicts of the active version, held against its training's."""

    version: str = Field(examples=["2026-11-23-1320aaa1"])
    verdicts: int = Field(description="How many there were; one for each service that a post names.")
    kinds: ShiftAnswer = Field(description="What posts were taken for.")
    scores: ShiftAnswer = Field(description="How probable a complaint each was, in ten bins.")
