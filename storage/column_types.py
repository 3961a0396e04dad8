"""Column types that hold the same value in SQLite and in PostgreSQL."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec
from sqlalchemy import JSON, DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator, TypeEngine

_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


class Words(TypeDecorator[str]):
    """Any text, sorted by code point.

    Posts may hold a NUL or half a surrogate pair, which PostgreSQL refuses; they come back as U+FFFD.
    """

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        # Without the "C" collation, PostgreSQL would sort as its operating system's language does.
        return dialect.type_descriptor(String(collation="C" if dialect.name == "postgresql" else None))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else _UNWRITABLE.sub("\ufffd", value)


class UtcTime(TypeDecorator[datetime]):
    """An aware time in UTC, to the microsecond."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"the time {value.isoformat()} has no time zone; give an aware one")
        at = value.astimezone(UTC)
        # SQLite keeps times as text without a zone; all of one zone, their text sorts as they do.
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class Records(TypeDecorator[list[object]]):
    """A list of records, each laid flat, as JSON. Times in it are text, until a record's fields read them."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: list[object] | None, dialect: Dialect) -> list[object] | None:  # noqa: ARG002 - SQLAlchemy's signature
        laid_flat: list[object] | None = msgspec.to_builtins(value)
        return laid_flat
