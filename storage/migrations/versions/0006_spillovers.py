"""What incidents know of spillovers and common causes, and which other services their posts name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

words = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("incidents", sa.Column("spillovers", sa.JSON()))
    op.add_column("incidents", sa.Column("spillover_of", words))
    op.add_column("incidents", sa.Column("is_common_cause", sa.Boolean()))
    op.execute("UPDATE incidents SET spillovers = '[]', is_common_cause = false")  # nobody had looked
    op.add_column("evidence", sa.Column("also_names", sa.JSON()))
    op.execute("UPDATE evidence SET also_names = '[]'")
