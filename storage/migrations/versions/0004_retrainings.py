"""What retraining needs: its decisions, why a version was activated, and what cards tell of its work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

words = sa.String().with_variant(sa.String(collation="C"), "postgresql")
time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("model_versions", sa.Column("kinds", sa.JSON()))
    op.add_column("model_versions", sa.Column("scores", sa.JSON()))
    op.add_column("model_versions", sa.Column("parent", words))
    op.add_column("model_versions", sa.Column("labels_until", time))
    op.execute("UPDATE model_versions SET kinds = '{}', scores = '[]'")  # older cards do not tell
    op.add_column("activations", sa.Column("why", words))
    op.add_column("activations", sa.Column("by", words))
    op.execute("UPDATE activations SET why = 'shipped'")  # until now there was no other way to activate
    op.create_table(
        "retrainings",
        sa.Column("id", words, nullable=False),
        sa.Column("asked_by", words, nullable=False),
        sa.Column("asked_at", time, nullable=False),
        sa.Column("state", words, nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("step", words, nullable=False),
        sa.Column("holder", words),
        sa.Column("alive_at", time),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("finished_at", time),
        sa.Column("champion", words),
        sa.Column("challenger", words),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.Column("new_labels", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("set_aside", sa.JSON(), nullable=False),
        sa.Column("reason", words),
        sa.Column("under_way", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name="pk_retrainings"),
    )
    op.create_index("ix_retrainings_asked_at_id", "retrainings", ["asked_at", "id"])
    op.create_index("ix_retrainings_under_way", "retrainings", ["under_way"], unique=True)
