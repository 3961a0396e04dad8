"""The posts that were brought lately: X repeats itself, and its stream and its search bring the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from domain.post import Post

MOST = 50_000  # more than X sends in three minutes


class Seen:
    """Remembers the last posts that were asked about."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def new(self, posts: Iterable[Post]) -> tuple[Post, ...]:
        """Those that were not asked about before."""
        return tuple(post for post in posts if self._is_new(post.id))

    def _is_new(self, id_: str) -> bool:
        if id_ in self._ids:
            return False
        self._ids[id_] = None
        if len(self._ids) > MOST:
            self._ids.popitem(last=False)
        return True
