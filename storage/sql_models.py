"""Model versions with their bytes, in SQL, so that every worker on every machine can fetch the active one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, delete, insert, select

from domain.activation import Activation, Why
from domain.model_version import ModelCard, ModelVersion
from storage.database import reading, writing
from storage.rows import insert_new, record_of, row_of
from storage.tables import activations, model_versions

_card_columns = [column for column in model_versions.c if column.name != "body"]
_latest_first = (model_versions.c.trained_at.desc(), model_versions.c.version.desc())


class SqlModels:
    """Every trained classifier, and which of them counts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, version: ModelVersion) -> None:
        row = row_of(version.card) | {"body": version.body}
        with writing(self._engine) as connection:
            insert_new(connection, model_versions, [row])

    def activate(self, version: str, at: datetime, *, why: Why = Why.BY_HAND, by: str | None = None) -> None:
        known = select(model_versions.c.version).where(model_versions.c.version == version)
        with writing(self._engine) as connection:
            if connection.execute(known).first() is None:
                raise KeyError(version)
            connection.execute(insert(activations).values(version=version, at=at, why=why, by=by))

    def active(self) -> str | None:
        last = select(activations.c.version).order_by(activations.c.sequence.desc()).limit(1)
        with reading(self._engine) as connection:
            version: str | None = connection.execute(last).scalar_one_or_none()
        return version

    def activations(self) -> list[Activation]:
        earliest_first = select(activations).order_by(activations.c.sequence)
        with reading(self._engine) as connection:
            return [record_of(Activation, row) for row in connection.execute(earliest_first).mappings()]

    def get(self, version: str) -> ModelVersion | None:
        wanted = select(model_versions).where(model_versions.c.version == version)
        with reading(self._engine) as connection:
            row = connection.execute(wanted).mappings().first()
        return None if row is None else ModelVersion(card=record_of(ModelCard, row), body=row["body"])

    def cards(self) -> list[ModelCard]:
        # Without the bodies: each is megabytes.
        latest_first = select(*_card_columns).order_by(*_latest_first)
        with reading(self._engine) as connection:
            return [record_of(ModelCard, row) for row in connection.execute(latest_first).mappings()]

    def prune(self, keep: int) -> int:
        never = model_versions.c.version.not_in(select(activations.c.version))
        latest_first = select(model_versions.c.version).where(never).order_by(*_latest_first)
        with writing(self._engine) as connection:
            dropped = connection.execute(latest_first.offset(keep)).scalars().all()
            connection.execute(delete(model_versions).where(never, model_versions.c.version.in_(dropped)))
        return len(dropped)
