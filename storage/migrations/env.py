"""Runs the steps in ``versions/`` on the connection that ``storage.database.migrate`` brings.

A new step is a new file there, written by hand; ``tests/storage/test_migrations.py`` says whether the steps
together give what ``storage/tables.py`` says.
"""

from __future__ import annotations

from alembic import context

from storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # true of SQLite too, as we begin its transactions ourselves
)
with context.begin_transaction():
    context.run_migrations()
