"""An official notice: what an official dashboard said, and when we first saw it say so."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class OfficialState(StrEnum):
    """What the official dashboard claims."""

    TROUBLE = "trouble"
    WELL = "well"


class OfficialNotice(msgspec.Struct, frozen=True):
    """One statement of an official dashboard about one service.

    ``seen_at`` is when we first saw it; ``claimed_at`` is the start that the dashboard itself claims.
    """

    run: str
    service: str
    state: OfficialState
    seen_at: datetime
    text: str = ""
    claimed_at: datetime | None = None
    url: str | None = None
