"""An official notice: what an official dashboard said, and when we first saw it say so."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class OfficialState(StrEnum):
    """What the official dashboard claims."""

    TROUBLE = "trouble"
    MAINTENANCE = "maintenance"  # planned work: it explains, but admits nothing
    WELL = "well"


class OfficialNotice(msgspec.Struct, frozen=True):
    """One statement of an official dashboard, or of an official account, about one service.

    ``seen_at`` is when we first saw it; ``claimed_at`` and ``claimed_end_at`` are the start and the end that
    the dashboard itself claims, which it may set back later. ``event`` is our own name for the trouble it
    speaks of: all statements about one trouble of one service share it, and together they are its history.
    ``after_the_fact``: the dashboard first spoke of the trouble when it was already over.
    """

    run: str
    service: str
    state: OfficialState
    seen_at: datetime
    text: str = ""
    claimed_at: datetime | None = None
    url: str | None = None
    event: str = ""
    claimed_end_at: datetime | None = None
    after_the_fact: bool = False
