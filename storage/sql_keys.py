"""API keys, in SQL."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, and_, select, update

from storage.database import reading, writing
from storage.rows import insert_new
from storage.tables import api_keys

_valid = api_keys.c.revoked_at.is_(None)


class SqlKeys:
    """Who may write. A key that was revoked stays so, even when it is added again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, digest: bytes, at: datetime) -> None:
        with writing(self._engine) as connection:
            insert_new(connection, api_keys, [{"name": name, "digest": digest, "created_at": at}])

    def name_of(self, digest: bytes) -> str | None:
        # How long the search takes tells nothing: nobody can aim at a hash of 256 random bits.
        wanted = select(api_keys.c.name).where(api_keys.c.digest == digest, _valid)
        with reading(self._engine) as connection:
            name: str | None = connection.execute(wanted).scalar_one_or_none()
        return name

    def any(self) -> bool:
        with reading(self._engine) as connection:
            return connection.execute(select(api_keys.c.name).where(_valid).limit(1)).first() is not None

    def revoke(self, name: str, at: datetime) -> bool:
        named = and_(api_keys.c.name == name, _valid)
        with writing(self._engine) as connection:
            return connection.execute(update(api_keys).where(named).values(revoked_at=at)).rowcount > 0
