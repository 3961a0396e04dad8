"""What labels that teach need: the service a post was wrongly taken for, its language, and quick look-ups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

words = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    for column in ("instead_of", "lang"):
        op.add_column("labels", sa.Column(column, words))
    op.create_index("ix_labels_id", "labels", ["id"])
    op.create_index("ix_labels_source_post", "labels", ["source", "post"])
