"""A post: one public message."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Post(msgspec.Struct, frozen=True, omit_defaults=True):
    """One public message, as its source gave it to us.

    ``written_at`` is aware and in UTC. ``author`` is the source's own name for the author as long as the
    post is being read, and a keyed hash of it from the hand-over on: no store ever sees the name.
    """

    source: str
    id: str
    text: str
    written_at: datetime
    author: str | None = None
    in_reply_to: str | None = None
    url: str | None = None
    lang: str | None = None
    is_repost: bool = False
