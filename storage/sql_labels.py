"""Labels, in SQL."""

from __future__ import annotations

from sqlalchemy import Engine, select

from domain.label import Label
from storage.database import reading, writing
from storage.label_subjects import subject_of
from storage.rows import insert_or_replace, record_of, row_of
from storage.tables import labels


class SqlLabels:
    """People's verdicts, one for each person and subject."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, label: Label) -> None:
        row = row_of(label) | {"subject": subject_of(label)}
        with writing(self._engine) as connection:
            insert_or_replace(connection, labels, [row], unless_later="at")

    def find(
        self, *, incident: str | None = None, official: str | None = None, most: int = 1000
    ) -> list[Label]:
        latest_first = select(labels).order_by(labels.c.at.desc(), labels.c.id).limit(most)
        if incident is not None:
            latest_first = latest_first.where(labels.c.incident == incident)
        if official is not None:
            latest_first = latest_first.where(labels.c.official == official)
        with reading(self._engine) as connection:
            return [record_of(Label, row) for row in connection.execute(latest_first).mappings()]
