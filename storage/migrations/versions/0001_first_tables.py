"""The first tables.

What is written here is what was released, so it names its types itself and does not follow
``storage/tables.py`` when that moves on. There is no way back: a step down would throw data away.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

words = sa.String().with_variant(sa.String(collation="C"), "postgresql")
time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("name", words, nullable=False),
        sa.Column("started_at", time, nullable=False),
        sa.Column("note", words, nullable=False),
        sa.Column("finished_at", time),
        sa.PrimaryKeyConstraint("name", name="pk_runs"),
    )
    op.create_table(
        "detections",
        sa.Column("run", words, nullable=False),
        sa.Column("next_minute", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run", name="pk_detections"),
    )
    op.create_table(
        "incidents",
        sa.Column("id", words, nullable=False),
        sa.Column("run", words, nullable=False),
        sa.Column("service", words, nullable=False),
        sa.Column("state", words, nullable=False),
        sa.Column("severity", words, nullable=False),
        sa.Column("onset_at", time, nullable=False),
        sa.Column("raised_at", time, nullable=False),
        sa.Column("last_high_at", time, nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("observed", sa.Integer(), nullable=False),
        sa.Column("spread", sa.Float(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", time),
        sa.Column("recovering_at", time),
        sa.Column("resolved_at", time),
        sa.Column("model_version", words),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_raised_at_id", "incidents", ["raised_at", "id"])
    op.create_index("ix_incidents_run_raised_at", "incidents", ["run", "raised_at"])
    op.create_index("ix_incidents_run_state", "incidents", ["run", "state"])
    op.create_index("ix_incidents_service_raised_at", "incidents", ["service", "raised_at"])
    op.create_table(
        "timeline",
        sa.Column("incident", words, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("state", words, nullable=False),
        sa.Column("reason", words, nullable=False),
        sa.Column("severity", words, nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("observed", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.id"], name="fk_timeline_incident", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("incident", "revision", name="pk_timeline"),
    )
    op.create_table(
        "evidence",
        sa.Column("incident", words, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("source", words, nullable=False),
        sa.Column("post_id", words, nullable=False),
        sa.Column("written_at", time, nullable=False),
        sa.Column("text", words, nullable=False),
        sa.Column("kind", words, nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("symptoms", sa.JSON(), nullable=False),
        sa.Column("url", words),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.id"], name="fk_evidence_incident", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("incident", "place", name="pk_evidence"),
    )
    op.create_table(
        "rates",
        sa.Column("run", words, nullable=False),
        sa.Column("service", words, nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("run", "service", "hour", name="pk_rates"),
    )
    op.create_index("ix_rates_run_hour", "rates", ["run", "hour"])
    op.create_table(
        "notices",
        sa.Column("run", words, nullable=False),
        sa.Column("service", words, nullable=False),
        sa.Column("state", words, nullable=False),
        sa.Column("seen_at", time, nullable=False),
        sa.Column("text", words, nullable=False),
        sa.Column("claimed_at", time),
        sa.Column("url", words),
        sa.PrimaryKeyConstraint("run", "service", "state", "seen_at", name="pk_notices"),
    )
    op.create_table(
        "endpoints",
        sa.Column("id", words, nullable=False),
        sa.Column("url", words, nullable=False),
        sa.Column("secret", words, nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("services", sa.JSON(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("replays", sa.Boolean(), nullable=False),
        sa.Column("by_operator", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", time),
        sa.Column("disabled_reason", words),
        sa.PrimaryKeyConstraint("id", name="pk_endpoints"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", words, nullable=False),
        sa.Column("endpoint", words, nullable=False),
        sa.Column("event_id", words, nullable=False),
        sa.Column("event_type", words, nullable=False),
        sa.Column("incident", words, nullable=False),
        sa.Column("service", words, nullable=False),
        sa.Column("event_at", time, nullable=False),
        sa.Column("event_body", words, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("state", words, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", time, nullable=False),
        sa.Column("last_status", sa.Integer()),
        sa.Column("last_error", words),
        sa.Column("delivered_at", time),
        sa.Column("claimed_until", time),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_state_next_try_at", "deliveries", ["state", "next_try_at"])
    op.create_index(
        "ix_deliveries_endpoint_incident_state_sequence",
        "deliveries",
        ["endpoint", "incident", "state", "sequence"],
    )
    op.create_index("ix_deliveries_event_at", "deliveries", ["event_at"])
    op.create_table(
        "labels",
        sa.Column("by", words, nullable=False),
        sa.Column("subject", words, nullable=False),
        sa.Column("id", words, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.Column("verdict", words, nullable=False),
        sa.Column("incident", words),
        sa.Column("source", words),
        sa.Column("post", words),
        sa.Column("service", words),
        sa.Column("kind", words),
        sa.Column("text", words),
        sa.PrimaryKeyConstraint("by", "subject", name="pk_labels"),
    )
    op.create_index("ix_labels_at", "labels", ["at"])
    op.create_index("ix_labels_incident", "labels", ["incident"])
    op.create_table(
        "model_versions",
        sa.Column("version", words, nullable=False),
        sa.Column("trained_at", time, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("libraries", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_model_versions"),
    )
    op.create_table(
        "activations",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("version", words, nullable=False),
        sa.Column("at", time, nullable=False),
        sa.ForeignKeyConstraint(["version"], ["model_versions.version"], name="fk_activations_version"),
        sa.PrimaryKeyConstraint("sequence", name="pk_activations"),
    )
    op.create_table(
        "api_keys",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("name", words, nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("revoked_at", time),
        sa.PrimaryKeyConstraint("digest", name="pk_api_keys"),
    )
    op.create_index("ix_api_keys_name", "api_keys", ["name"])
