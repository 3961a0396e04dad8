"""Runs, in SQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, select, update

from domain.run import Run
from storage.database import reading, writing
from storage.rows import insert_or_replace, record_of, row_of
from storage.tables import detections, incidents, notices, rates, runs


class SqlRuns:
    """Every run that was started, and how far it came."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def start(self, run: Run) -> None:
        with writing(self._engine) as connection:
            insert_or_replace(connection, runs, [row_of(run)])
            # The detection goes first, so that a step of the earlier run either is done or comes too late.
            # Timelines and evidence go with their incidents.
            for table in (detections, incidents, rates, notices):
                connection.execute(delete(table).where(table.c.run == run.name))

    def finish(self, name: str, at: datetime) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(runs).where(runs.c.name == name).values(finished_at=at))

    def get(self, name: str) -> Run | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(runs).where(runs.c.name == name)).mappings().first()
        return None if row is None else record_of(Run, row)

    def all(self) -> list[Run]:
        latest_first = select(runs).order_by(runs.c.started_at.desc(), runs.c.name)
        with reading(self._engine) as connection:
            return [record_of(Run, row) for row in connection.execute(latest_first).mappings()]
