"""Retrainings and their decisions, in SQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, and_, insert, or_, select, update

from domain.activation import Why
from domain.retraining import Retraining, RetrainingState
from storage.database import reading, writing
from storage.rows import Row, inserted, record_of, row_of
from storage.tables import activations, retrainings


class SqlRetrainings:
    """Every retraining; a unique column sees to it that one at a time is under way."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, retraining: Retraining) -> bool:
        with writing(self._engine) as connection:
            return inserted(connection, retrainings, row_of(retraining) | {"under_way": True})

    def get(self, retraining: str) -> Retraining | None:
        return self._one(retrainings.c.id == retraining)

    def under_way(self) -> Retraining | None:
        return self._one(retrainings.c.under_way.is_(True))

    def find(self, *, after: str | None = None, most: int) -> list[Retraining]:
        latest_first = select(retrainings).order_by(retrainings.c.asked_at.desc(), retrainings.c.id)
        with reading(self._engine) as connection:
            if after is not None:
                latest_first = latest_first.where(_comes_after(connection, after))
            rows = connection.execute(latest_first.limit(most)).mappings()
            return [record_of(Retraining, row) for row in rows]

    def take_up(
        self, retraining: str, holder: str, at: datetime, *, silent_since: datetime
    ) -> Retraining | None:
        free = or_(retrainings.c.holder.is_(None), retrainings.c.alive_at < silent_since)
        taken = (
            update(retrainings)
            .where(retrainings.c.id == retraining, retrainings.c.under_way.is_(True), free)
            .values(holder=holder, alive_at=at, tries=retrainings.c.tries + 1)
            .returning(*retrainings.c)
        )
        with writing(self._engine) as connection:
            row = connection.execute(taken).mappings().first()
        return None if row is None else record_of(Retraining, row)

    def give_sign(self, retraining: str, holder: str, at: datetime) -> bool:
        sign = update(retrainings).where(_held(retraining, holder)).values(alive_at=at)
        with writing(self._engine) as connection:
            return connection.execute(sign).rowcount == 1

    def save(self, retraining: Retraining) -> bool:
        with writing(self._engine) as connection:
            return _kept(connection, retraining, _told(retraining))

    def conclude(self, retraining: Retraining, *, over: str | None = None) -> bool:
        promoted = retraining.state is RetrainingState.PROMOTED
        with writing(self._engine) as connection:
            if promoted and _active(connection) != over:
                return False
            if not _kept(connection, retraining, _told(retraining) | {"under_way": None}):
                return False
            if promoted:
                connection.execute(
                    insert(activations).values(
                        version=retraining.challenger,
                        at=retraining.finished_at,
                        why=Why.PROMOTED,
                        by=retraining.asked_by,
                    )
                )
        return True

    def _one(self, wanted: ColumnElement[bool]) -> Retraining | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(retrainings).where(wanted)).mappings().first()
        return None if row is None else record_of(Retraining, row)


def _held(retraining: str, holder: str | None) -> ColumnElement[bool]:
    return and_(
        retrainings.c.id == retraining,
        retrainings.c.holder == holder,
        retrainings.c.under_way.is_(True),
    )


def _told(retraining: Retraining) -> Row:
    """What its holder knows; the signs of life are given beside it."""
    return {name: value for name, value in row_of(retraining).items() if name != "alive_at"}


def _kept(connection: Connection, retraining: Retraining, row: Row) -> bool:
    held = _held(retraining.id, retraining.holder)
    return connection.execute(update(retrainings).where(held).values(row)).rowcount == 1


def _active(connection: Connection) -> str | None:
    last = select(activations.c.version).order_by(activations.c.sequence.desc()).limit(1)
    version: str | None = connection.execute(last).scalar_one_or_none()
    return version


def _comes_after(connection: Connection, retraining: str) -> ColumnElement[bool]:
    found = select(retrainings.c.asked_at).where(retrainings.c.id == retraining)
    at = connection.execute(found).scalar_one_or_none()
    if at is None:
        raise KeyError(retraining)
    return or_(retrainings.c.asked_at < at, and_(retrainings.c.asked_at == at, retrainings.c.id > retraining))
