"""What the API says of the classifier: its versions, which of them counts, and every retraining."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from api.schemas import Answer
from domain.activation import Why
from domain.retraining import Measure, RetrainingState, Trial


class CardAnswer(Answer):
    """Where a version comes from, and how well it did on posts that were held out of its training."""

    version: str = Field(examples=["2026-11-23-1320aaa1"])
    trained_at: datetime
    parent: str | None = Field(
        description="The version that it was retrained from; null: from the corpus alone."
    )
    labels_until: datetime | None = Field(description="The time of the latest label that taught it.")
    data: dict[str, int] = Field(description="Each training file, and how many of its posts taught it.")
    figures: dict[str, float] = Field(
        description="What was measured, by name: `macro_f1`, `recall_echo`, ..."
    )
    kinds: dict[str, float] = Field(description="The share of each kind among its held-out verdicts.")
    scores: list[float] = Field(
        description="The same of its complaint probabilities, in ten bins from 0 to 1."
    )
    libraries: dict[str, str] = Field(description="The libraries that it was trained with.")


class ClassifierAnswer(BaseModel):
    """The version that counts."""

    card: CardAnswer
    since: datetime = Field(description="When it was activated.")
    why: Why


class VersionAnswer(CardAnswer):
    """A version that is kept."""

    active: bool = Field(description="It is the one that counts.")


class ActivationAnswer(Answer):
    """From then on this version counted."""

    version: str
    at: datetime
    why: Why
    by: str | None = Field(description="Who chose it, or asked for the retraining that brought it.")


class VersionList(BaseModel):
    """Every version, the latest trained first; and every activation, the latest first."""

    items: list[VersionAnswer]
    activations: list[ActivationAnswer]


class FigureAnswer(Answer):
    """One measure of champion and challenger on the same posts."""

    trial: Trial = Field(description="On the newest labels, which taught neither, or on the frozen core set.")
    measure: Measure = Field(
        description="`surprise` (the smaller the better), `macro_f1`, `average_precision` of complaints, the "
        "F1 of one `kind`, or the share judged right of the services of one `group`."
    )
    of: str = Field(examples=["complaint"], description="The kind or the group; else `all`.")
    posts: int
    champion: float
    challenger: float
    gain: float = Field(description="Above 0: the challenger is better.")
    low: float = Field(description="The gain is above this with a certainty of 95%.")
    high: float = Field(description="The gain is below this with a certainty of 95%.")


class RetrainingAnswer(Answer):
    """One retraining: how far it has come, and how it ended."""

    id: str = Field(examples=["ret_5e1fbc0a27d09c3f"])
    asked_by: str = Field(description="The name of a key, `schedule`, or `groundswell train`.")
    asked_at: datetime
    state: RetrainingState
    progress: float = Field(examples=[0.15], description="From 0 to 1.")
    step: str = Field(examples=["trains with 4,012 lessons"], description="What is being done.")
    finished_at: datetime | None
    reason: str | None = Field(description="Why it ended as it did.")
    champion: str | None = Field(description="The version that it was held against.")
    challenger: str | None = Field(description="The version that it trained.")
    labels: int = Field(description="Labels of posts that could teach.")
    new_labels: int = Field(description="Those among them that are later than what taught the champion.")
    set_aside: dict[str, str] = Field(
        description="People whose verdicts were not used, each with the reason."
    )
    figures: list[FigureAnswer]


class RetrainingPage(BaseModel):
    items: list[RetrainingAnswer]
    next_cursor: str | None = Field(description="For the next page; null on the last one.")
