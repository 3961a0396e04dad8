"""The SQL tables. Columns bear the names of the records' fields, so that a row is a record laid flat."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
)

from storage.column_types import Records, UtcTime, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

runs = Table(
    "runs",
    metadata,
    Column("name", Words, primary_key=True),
    Column("started_at", UtcTime, nullable=False),
    Column("note", Words, nullable=False),
    Column("finished_at", UtcTime),
)

detections = Table(
    "detections",
    metadata,
    Column("run", Words, primary_key=True),
    Column("next_minute", Integer, nullable=False),
    Column("state", LargeBinary, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", Words, primary_key=True),
    Column("run", Words, nullable=False),
    Column("service", Words, nullable=False),
    Column("state", Words, nullable=False),
    Column("severity", Words, nullable=False),
    Column("onset_at", UtcTime, nullable=False),
    Column("raised_at", UtcTime, nullable=False),
    Column("last_high_at", UtcTime, nullable=False),
    Column("expected", Float, nullable=False),
    Column("observed", Integer, nullable=False),
    Column("spread", Float, nullable=False),
    Column("window", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("confirmed_at", UtcTime),
    Column("recovering_at", UtcTime),
    Column("resolved_at", UtcTime),
    Column("model_version", Words),
    Column("official_at", UtcTime),
    Column("official_well_at", UtcTime),
    Column("silent_at", UtcTime),
    Column("onset_earliest_at", UtcTime),
    Column("onset_latest_at", UtcTime),
    Column("growth", Float),
    Column("relapse_of", Words),
    Column("spillovers", Records),
    Column("spillover_of", Words),
    Column("is_common_cause", Boolean),
    Index(None, "raised_at", "id"),
    Index(None, "run", "raised_at"),
    Index(None, "run", "state"),
    Index(None, "service", "raised_at"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("incident", Words, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("state", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("severity", Words, nullable=False),
    Column("expected", Float, nullable=False),
    Column("observed", Integer, nullable=False),
    Column("score", Float, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    Column("incident", Words, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("source", Words, nullable=False),
    Column("post_id", Words, nullable=False),
    Column("written_at", UtcTime, nullable=False),
    Column("text", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("probability", Float, nullable=False),
    Column("symptoms", JSON, nullable=False),
    Column("url", Words),
    Column("also_names", JSON),
    Index(None, "source", "post_id"),
    Index(None, "written_at"),
)

# One row holds an hour of a service as msgpack: sixty rows of a dozen columns would be most of the database.
rates = Table(
    "rates",
    metadata,
    Column("run", Words, primary_key=True),
    Column("service", Words, primary_key=True),
    Column("hour", Integer, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Index(None, "run", "hour"),
)

notices = Table(
    "notices",
    metadata,
    Column("run", Words, primary_key=True),
    Column("service", Words, primary_key=True),
    Column("state", Words, primary_key=True),
    Column("seen_at", UtcTime, primary_key=True),
    Column("event", Words, primary_key=True),
    Column("text", Words, nullable=False),
    Column("claimed_at", UtcTime),
    Column("claimed_end_at", UtcTime),
    Column("after_the_fact", Boolean, nullable=False),
    Column("url", Words),
    Index(None, "run", "seen_at"),
)

# Where each reader may go on if Redis and all it held are lost: saved with the minutes that were closed.
cursors = Table(
    "cursors",
    metadata,
    Column("source", Words, primary_key=True),
    Column("cursor", Words, nullable=False),
)

gaps = Table(
    "gaps",
    metadata,
    Column("source", Words, primary_key=True),
    Column("since", UtcTime, primary_key=True),
    Column("until", UtcTime, nullable=False),
    Column("why", Words, nullable=False),
    Index(None, "until"),
)

spending = Table(
    "spending",
    metadata,
    Column("source", Words, primary_key=True),
    Column("day", Words, primary_key=True),  # as in 2012-11-18, in UTC
    Column("posts", BigInteger, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("micro_dollars", BigInteger, nullable=False),
)

endpoints = Table(
    "endpoints",
    metadata,
    Column("id", Words, primary_key=True),
    Column("url", Words, nullable=False),
    Column("secret", Words, nullable=False),  # as it was given: signing needs it
    Column("created_at", UtcTime, nullable=False),
    Column("services", JSON, nullable=False),
    Column("events", JSON, nullable=False),
    Column("replays", Boolean, nullable=False),
    Column("by_operator", Boolean, nullable=False),
    Column("disabled_at", UtcTime),
    Column("disabled_reason", Words),
)

# No foreign key to the endpoint: what was delivered stays known when the endpoint is gone.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Words, primary_key=True),
    Column("endpoint", Words, nullable=False),
    Column("event_id", Words, nullable=False),
    Column("event_type", Words, nullable=False),
    Column("incident", Words, nullable=False),
    Column("service", Words, nullable=False),
    Column("event_at", UtcTime, nullable=False),
    Column("event_body", Words, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("state", Words, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", UtcTime, nullable=False),
    Column("last_status", Integer),
    Column("last_error", Words),
    Column("delivered_at", UtcTime),
    Column("claimed_until", UtcTime),
    Index(None, "state", "next_try_at"),
    Index(None, "endpoint", "incident", "state", "sequence"),
    Index(None, "event_at"),
)

labels = Table(
    "labels",
    metadata,
    Column("by", Words, primary_key=True),
    Column("subject", Words, primary_key=True),
    Column("id", Words, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("verdict", Words, nullable=False),
    Column("incident", Words),
    Column("source", Words),
    Column("post", Words),
    Column("service", Words),
    Column("kind", Words),
    Column("text", Words),
    Column("official", Words),
    Column("instead_of", Words),
    Column("lang", Words),
    Index(None, "at"),
    Index(None, "id"),
    Index(None, "incident"),
    Index(None, "source", "post"),
)

model_versions = Table(
    "model_versions",
    metadata,
    Column("version", Words, primary_key=True),
    Column("trained_at", UtcTime, nullable=False),
    Column("data", JSON, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("libraries", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("kinds", JSON),
    Column("scores", JSON),
    Column("parent", Words),
    Column("labels_until", UtcTime),
)

# Every activation is kept, going back included; the last one counts.
activations = Table(
    "activations",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("version", Words, ForeignKey("model_versions.version"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("why", Words),
    Column("by", Words),
)

retrainings = Table(
    "retrainings",
    metadata,
    Column("id", Words, primary_key=True),
    Column("asked_by", Words, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("state", Words, nullable=False),
    Column("progress", Float, nullable=False),
    Column("step", Words, nullable=False),
    Column("holder", Words),
    Column("alive_at", UtcTime),
    Column("tries", Integer, nullable=False),
    Column("finished_at", UtcTime),
    Column("champion", Words),
    Column("challenger", Words),
    Column("labels", Integer, nullable=False),
    Column("new_labels", Integer, nullable=False),
    Column("figures", JSON, nullable=False),
    Column("set_aside", JSON, nullable=False),
    Column("reason", Words),
    Column("under_way", Boolean),  # true or nothing: two that are under way would share a value
    Index(None, "asked_at", "id"),
    Index(None, "under_way", unique=True),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("name", Words, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    Index(None, "name"),
)
