"""What live sources and official dashboards need: cursors, gaps, spending, and the history of notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

words = sa.String().with_variant(sa.String(collation="C"), "postgresql")
time = sa.DateTime(timezone=True)


def upgrade() -> None:
    for column in ("official_at", "official_well_at", "silent_at"):
        op.add_column("incidents", sa.Column(column, time))
    op.add_column("labels", sa.Column("official", words))
    op.create_index("ix_evidence_source_post_id", "evidence", ["source", "post_id"])
    op.create_index("ix_evidence_written_at", "evidence", ["written_at"])
    op.create_table(
        "cursors",
        sa.Column("source", words, nullable=False),
        sa.Column("cursor", words, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_cursors"),
    )
    op.create_table(
        "gaps",
        sa.Column("source", words, nullable=False),
        sa.Column("since", time, nullable=False),
        sa.Column("until", time, nullable=False),
        sa.Column("why", words, nullable=False),
        sa.PrimaryKeyConstraint("source", "since", name="pk_gaps"),
    )
    op.create_index("ix_gaps_until", "gaps", ["until"])
    op.create_table(
        "spending",
        sa.Column("source", words, nullable=False),
        sa.Column("day", words, nullable=False),
        sa.Column("posts", sa.BigInteger(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("micro_dollars", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "day", name="pk_spending"),
    )
    _key_notices_by_event()


def _key_notices_by_event() -> None:
    """SQLite cannot change a primary key in place, so the table is made anew and filled from the old one."""
    op.rename_table("notices", "notices_0001")
    if op.get_bind().dialect.name == "postgresql":  # there the key keeps its name, and names are the schema's
        op.execute("ALTER TABLE notices_0001 RENAME CONSTRAINT pk_notices TO pk_notices_0001")
    op.create_table(
        "notices",
        sa.Column("run", words, nullable=False),
        sa.Column("service", words, nullable=False),
        sa.Column("state", words, nullable=False),
        sa.Column("seen_at", time, nullable=False),
        sa.Column("event", words, nullable=False),
        sa.Column("text", words, nullable=False),
        sa.Column("claimed_at", time),
        sa.Column("claimed_end_at", time),
        sa.Column("after_the_fact", sa.Boolean(), nullable=False),
        sa.Column("url", words),
        sa.PrimaryKeyConstraint("run", "service", "state", "seen_at", "event", name="pk_notices"),
    )
    op.create_index("ix_notices_run_seen_at", "notices", ["run", "seen_at"])
    no = "false" if op.get_bind().dialect.name == "postgresql" else "0"
    op.execute(
        "INSERT INTO notices (run, service, state, seen_at, event, text, claimed_at, after_the_fact, url) "
        f"SELECT run, service, state, seen_at, '', text, claimed_at, {no}, url FROM notices_0001"
    )
    op.drop_table("notices_0001")
