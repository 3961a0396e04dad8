"""What goes in and out of the API. Field names are those of the records in ``domain/``."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.delivery import DeliveryState, EventType
from domain.incident import Reason, Severity, State
from domain.label import Untaught, Verdict
from domain.mention import Kind, Symptom
from domain.notice import OfficialState


class Answer(BaseModel):
    """Made from a record's own fields."""

    model_config = ConfigDict(from_attributes=True)


class Request(BaseModel):
    """A field that is not known is refused: it may be a misspelt one."""

    model_config = ConfigDict(extra="forbid")


# --- incidents ----------------------------------------------------------------------------------------


class StateFilter(StrEnum):
    """A state of an incident, or ``open``: suspected, confirmed or recovering."""

    OPEN = "open"
    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    RECOVERING = "recovering"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class SpilloverAnswer(Answer):
    """A service whose surge may be the incident's spillover; complaints as they stood at `noted_at`."""

    service: str = Field(examples=["ee"])
    since: datetime = Field(description="The estimated start of its surge.")
    noted_at: datetime
    raised_at: datetime | None = Field(description="When it was raised by itself after all.")
    expected: float = Field(examples=[0.8], description="Complaints usual in `window` minutes.")
    observed: int = Field(examples=[14])
    window: int = Field(examples=[10])


class IncidentAnswer(Answer):
    """One service's outage, as the public tells it."""

    id: str = Field(examples=["inc_20121118T2005_11a0f937ca"])
    run: str = Field(examples=["live"], description="`live`, or the name of a replayed recording.")
    service: str = Field(examples=["imessage"])
    state: State
    severity: Severity = Field(
        description="Complaints above the usual: minor less than 5 times, major less than 20, critical more."
    )
    onset_at: datetime = Field(description="The estimated start of the surge.")
    onset_earliest_at: datetime | None = Field(
        description="No earlier start is likely; null: kept by an earlier version."
    )
    onset_latest_at: datetime | None = Field(description="No later start is likely.")
    raised_at: datetime = Field(description="When this incident was raised.")
    confirmed_at: datetime | None
    recovering_at: datetime | None
    resolved_at: datetime | None
    last_high_at: datetime = Field(description="The last minute whose score stood above the threshold.")
    expected: float = Field(examples=[1.3], description="Complaints usual in `window` minutes.")
    observed: int = Field(examples=[142], description="Complaints seen, at the moment of the highest score.")
    spread: float = Field(examples=[1.2], description="One standard deviation of what is usual.")
    window: int = Field(examples=[10], description="Minutes that `expected` and `observed` cover.")
    score: float = Field(examples=[31.5])
    threshold: float = Field(
        examples=[6.2],
        description="The score that raises an incident; it follows from the false-alarm budget.",
    )
    chance_per_month: float = Field(
        examples=[0.002],
        description="How often in 30 days chance alone would give one service this `score`.",
    )
    growth: float | None = Field(
        examples=[2.5],
        description="Complaints of ten minutes for each one in the ten before, at the highest score.",
    )
    relapse_of: str | None = Field(
        description="The incident of this service that was resolved within the hour before."
    )
    is_common_cause: bool = Field(
        description="Many services fail at once, and this incident stands for all of them: `spillovers`."
    )
    spillovers: list[SpilloverAnswer] = Field(
        description="Services that surge along with this one, and for that reason have no incident."
    )
    spillover_of: str | None = Field(
        description="The incident that may be to blame for this one, which had been raised before it."
    )
    model_version: str | None = Field(description="The classifier that tagged the posts.")
    official_at: datetime | None = Field(
        description="When we first saw the official dashboard admit it; null: not seen to this day."
    )
    lead_minutes: float | None = Field(
        examples=[57.0], description="Minutes from `raised_at` to `official_at`; positive: we were first."
    )
    admitted_after_the_fact: bool | None = Field(
        description="The official side first spoke of it when it was already over."
    )
    official_well_at: datetime | None = Field(description="When we first saw it called over.")
    silent_at: datetime | None = Field(
        description="When we told that the official side had been silent for too long."
    )


class IncidentPage(BaseModel):
    """Some incidents, the latest raised first."""

    items: list[IncidentAnswer]
    next_cursor: str | None = Field(
        description="Send it as `cursor` for the next page; null: this was the last."
    )


class ChangeEntry(Answer):
    """A change of the incident."""

    type: Literal["change"] = "change"
    at: datetime
    state: State
    reason: Reason
    severity: Severity
    expected: float
    observed: int
    score: float


class OfficialEntry(Answer):
    """What the official side said; ``at`` is when we first saw it."""

    type: Literal["official"] = "official"
    at: datetime = Field(validation_alias="seen_at")
    state: OfficialState
    text: str
    claimed_at: datetime | None = Field(description="The start that the dashboard itself claims.")
    claimed_end_at: datetime | None
    after_the_fact: bool = Field(description="It was first spoken of when it was already over.")
    event: str = Field(description="The trouble that it speaks of; `/v1/official` lists them.")
    url: str | None


TimelineEntry = Annotated[ChangeEntry | OfficialEntry, Field(discriminator="type")]


class EvidenceAnswer(Answer):
    """A post that speaks for the incident. Its author is not kept."""

    source: str
    post_id: str
    written_at: datetime
    text: str
    kind: Kind
    probability: float
    symptoms: tuple[Symptom, ...]
    also_names: tuple[str, ...] = Field(description="Other services that it names.")
    url: str | None


class IncidentDetail(IncidentAnswer):
    """An incident with its story and its evidence."""

    growth_now: float | None = Field(
        examples=[0.8], description="The growth of the latest closed minutes; null: it is over."
    )
    timeline: list[TimelineEntry]
    evidence: list[EvidenceAnswer]


# --- services, rates, runs ----------------------------------------------------------------------------


class ServiceAnswer(Answer):
    """A service of the catalogue, and its open incident in the run that was asked for."""

    id: str = Field(examples=["imessage"])
    name: str = Field(examples=["iMessage"])
    vendor: str = Field(examples=["Apple"])
    category: str
    siblings: tuple[str, ...] = Field(description="Services that people may blame when this one fails.")
    official_page: str | None = Field(description="Where the vendor says how the service is.")
    open_incident: str | None


class ServiceList(BaseModel):
    items: list[ServiceAnswer]


class MinuteAnswer(Answer):
    """Distinct authors in one closed minute; ``expected`` and ``upper`` are about complaints."""

    at: datetime
    complaints: int
    questions: int
    echoes: int
    recoveries: int
    mentions: int
    expected: float
    upper: float = Field(description="The count above which a minute alone would be too high to be chance.")
    blind: bool = Field(description="A source was not heard then: few complaints mean nothing.")
    model_version: str | None = Field(
        description="The classifier that counted in this minute; of two, the one that counted last."
    )


class RatesAnswer(BaseModel):
    """One service's closed minutes, the earliest first. A missing minute was not closed or not kept."""

    run: str
    service: str
    since: datetime = Field(serialization_alias="from")
    until: datetime
    minutes: list[MinuteAnswer]


class RunAnswer(Answer):
    """``live``, or one replay of a recording."""

    name: str
    started_at: datetime
    finished_at: datetime | None
    note: str = Field(examples=["reconstruction of 18 November 2012"])


class RunList(BaseModel):
    items: list[RunAnswer]


# --- posts and labels ---------------------------------------------------------------------------------


class BadLineAnswer(Answer):
    """A line that was no post."""

    line: int = Field(validation_alias="number", description="Counted from 1.")
    field: str | None
    error: str = Field(validation_alias="why")


class IntakeAnswer(Answer):
    """What became of the posts."""

    accepted: int = Field(description="Posts taken in.")
    mentions: int = Field(description="Those among them that name a service of the catalogue.")
    rejected: list[BadLineAnswer]


class LabelRequest(Request):
    """A verdict on an incident, on an official event, or on a post."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"incident": "inc_20121118T2005_11a0f937ca", "verdict": "not_an_outage"},
                {"official": "statuspage:github:x1y2z3", "verdict": "real"},
                {"source": "api", "post": "77", "service": "imessage", "verdict": "real", "kind": "echo"},
            ]
        },
    )

    verdict: Verdict
    incident: str | None = Field(
        None, max_length=200, description="The incident's id; or else `official`, or `source` and `post`."
    )
    official: str | None = Field(
        None,
        max_length=500,
        description="An `event` of /v1/official: could it be heard (`real`) or not (`not_an_outage`)?",
    )
    source: str | None = Field(None, max_length=200)
    post: str | None = Field(None, max_length=200)
    service: str | None = Field(
        None,
        max_length=200,
        description="With `wrong_service`: the right one. With a post: the one it is about.",
    )
    kind: Kind | None = Field(None, description="What the post truly is.")
    text: str | None = Field(
        None, max_length=10_000, description="The post's words; else those that are still kept of it."
    )
    lang: str | None = Field(None, max_length=35, examples=["en"], description="The language of the words.")
    instead_of: str | None = Field(
        None,
        max_length=200,
        description="With `wrong_service` and a post: the service it was taken for; else as far as is known.",
    )

    @model_validator(mode="after")
    def _one_subject(self) -> LabelRequest:
        if sum(subject is not None for subject in (self.incident, self.official, self.post)) != 1:
            raise ValueError("name one of: an incident, an official event, or a post with its source")
        if (self.source is None) != (self.post is None):
            raise ValueError("a post is named by both its source and its post id")
        if self.post is None and any(one is not None for one in (self.kind, self.text, self.lang)):
            raise ValueError("kind, text and lang belong to a post's label, not to another's")
        if self.instead_of is not None and (self.post is None or self.verdict is not Verdict.WRONG_SERVICE):
            raise ValueError("instead_of belongs to the label of a post whose verdict is wrong_service")
        if self.official is not None and (self.service is not None or self.verdict is Verdict.WRONG_SERVICE):
            raise ValueError("an official event is real or not_an_outage; its service is known")
        return self


class LabelAnswer(Answer):
    """A label as it is kept."""

    id: str
    by: str = Field(description="Who said it: the name of the key it was sent with, or of an import.")
    at: datetime
    verdict: Verdict
    incident: str | None
    official: str | None
    source: str | None
    post: str | None
    service: str | None
    instead_of: str | None
    kind: Kind | None
    text: str | None = Field(description="The post's words, as they were sent or found.")
    lang: str | None
    teaches: bool = Field(description="Whether the classifier can learn from it.")
    untaught: Untaught | None = Field(
        description="Why it can't: its words are known nowhere (send them as `text`), it is not known for "
        "which service it was judged (send `service`), or it says nothing certain of any post."
    )


class NewLabelAnswer(LabelAnswer):
    """A label as it was just kept."""

    incident_state: State | None = Field(None, description="The state of the incident after this verdict.")


class LabelPage(BaseModel):
    """Some labels, the latest first."""

    items: list[LabelAnswer]
    next_cursor: str | None = Field(
        description="Send it as `cursor` for the next page; null: this was the last."
    )


class DoubtAnswer(Answer):
    """A post on which a verdict would teach much. Its author is not kept."""

    source: str
    post: str
    service: str = Field(examples=["imessage"])
    text: str
    written_at: datetime
    url: str | None
    lang: str | None
    kind: Kind = Field(description="What the classifier takes it for.")
    probabilities: dict[Kind, float]
    unsure: float = Field(examples=[0.93], description="From 0 to 1, by the nearness of the likeliest kinds.")


class DoubtList(BaseModel):
    """The most unsure first, every service's in turns."""

    items: list[DoubtAnswer]


# --- webhooks -----------------------------------------------------------------------------------------


class WebhookRequest(Request):
    """Where to send events, and which."""

    url: str = Field(max_length=2_000, examples=["https://example.com/hooks/groundswell"])
    services: list[str] = Field([], max_length=1_000, description="Only of these; empty: of all.")
    events: list[EventType] = Field([], max_length=10, description="Only these; empty: all.")
    replays: bool = Field(False, description="Also events of replayed recordings.")


class WebhookAnswer(Answer):
    """A webhook, without its secret."""

    id: str
    url: str
    services: tuple[str, ...]
    events: tuple[EventType, ...]
    replays: bool
    by_operator: bool = Field(description="It comes from the settings, not from the API.")
    created_at: datetime
    disabled_at: datetime | None
    disabled_reason: str | None


class NewWebhookAnswer(WebhookAnswer):
    secret: str = Field(
        examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
        description="Verifies the signatures (Standard Webhooks). Shown this once: keep it.",
    )


class WebhookList(BaseModel):
    items: list[WebhookAnswer]


class EventAnswer(Answer):
    id: str
    type: EventType
    incident: str
    service: str
    at: datetime


class DeliveryAnswer(Answer):
    """One event on its way to one webhook."""

    id: str
    webhook: str = Field(validation_alias="endpoint")
    event: EventAnswer
    sequence: int = Field(description="Orders the events of one incident.")
    state: DeliveryState
    tries: int
    next_try_at: datetime
    last_status: int | None
    last_error: str | None
    delivered_at: datetime | None


class DeliveryList(BaseModel):
    items: list[DeliveryAnswer]


# --- health -------------------------------------------------------------------------------------------


class HealthAnswer(BaseModel):
    status: Literal["ok"] = "ok"
