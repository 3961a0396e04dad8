"""What explains an incident: when it may have begun, how it grew, and of which one it is a relapse."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

words = sa.String().with_variant(sa.String(collation="C"), "postgresql")
time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("incidents", sa.Column("onset_earliest_at", time))
    op.add_column("incidents", sa.Column("onset_latest_at", time))
    op.add_column("incidents", sa.Column("growth", sa.Float()))
    op.add_column("incidents", sa.Column("relapse_of", words))
