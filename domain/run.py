"""A run: one pass of posts through the house, kept apart from every other."""

from __future__ import annotations

from datetime import datetime

import msgspec

LIVE = "live"


class Run(msgspec.Struct, frozen=True):
    """``live``, which never ends, or one replay of a recording, under a name of its own.

    ``note`` is shown wherever the run is shown ("reconstruction").
    ``finished_at`` is when its last minute was closed, in real time.
    """

    name: str
    started_at: datetime
    note: str = ""
    finished_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        return self.name == LIVE
