"""API keys, in memory."""

from __future__ import annotations

from datetime import datetime


class MemoryKeys:
    """The twin of ``SqlKeys``, for one process."""

    def __init__(self) -> None:
        self._names: dict[bytes, str] = {}
        self._revoked: dict[bytes, datetime] = {}

    def add(self, name: str, digest: bytes, at: datetime) -> None:  # noqa: ARG002 - nobody asks a twin since when
        self._names.setdefault(digest, name)

    def name_of(self, digest: bytes) -> str | None:
        return None if digest in self._revoked else self._names.get(digest)

    def any(self) -> bool:
        return len(self._names) > len(self._revoked)

    def revoke(self, name: str, at: datetime) -> bool:
        named = {digest for digest, known in self._names.items() if known == name}
        valid = named - self._revoked.keys()
        self._revoked.update(dict.fromkeys(valid, at))
        return bool(valid)
