"""A dashboard that is looked at again and again, and the notices that come of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain.notice import OfficialNotice, OfficialState
from ingest.dashboard import Claim, Reading
from ingest.dashboards.following import Sight, statements
from ingest.dashboards.telling import Heard
from tests.ingest.dashboards.payloads import MINUTE, NOON, at

PAGE = "https://status.acme.example/"
TROUBLE, MAINTENANCE, WELL = OfficialState.TROUBLE, OfficialState.MAINTENANCE, OfficialState.WELL


class Followed:
    """One service on a page of some addresses, looked at every minute from ``start`` on.

    ``notices`` is all that came of it so far. Unless it is ``new``, the page was quiet until the start.
    """

    def __init__(
        self, *, start: datetime = NOON, addresses: int = 1, new: bool = False, ids_last: bool = False
    ) -> None:
        self.notices: list[OfficialNotice] = []
        self.at = start
        self.ids_last = ids_last
        self.readings: list[Reading | None] = [None if new else Reading()] * addresses
        self.seen_at: list[datetime | None] = [None if new else start - MINUTE] * addresses

    def look(
        self, *readings: Reading | Iterable[Claim] | None, after: timedelta = MINUTE
    ) -> list[OfficialNotice]:
        """What is new when the addresses say this; ``None``: an address cannot be read. Then time goes on."""
        fresh = [one if one is None or isinstance(one, Reading) else Reading(tuple(one)) for one in readings]
        heard = [
            Heard(now or before, before, fresh=now is not None, silent_at=seen_at)
            for now, before, seen_at in zip(fresh, self.readings, self.seen_at, strict=True)
        ]
        new = statements(Sight("live", "apple", "acme", PAGE, self.at, self.ids_last), heard, self.notices)
        self.notices += new
        self.readings = [one.reading for one in heard]
        self.seen_at = [self.at if one.fresh else one.silent_at for one in heard]
        self.at += after
        return new

    def history(self, event: str) -> list[OfficialNotice]:
        return [notice for notice in self.notices if notice.event == event]


def claim(state: OfficialState = TROUBLE, **fields: object) -> Claim:
    """A claim of trouble "1" that began at noon, unless the fields say otherwise."""
    told: dict[str, object] = {"id": "1", "started_at": at(0), "text": "Some users are affected.", **fields}
    return Claim(component="Acme", state=state, **told)  # type: ignore[arg-type] - any field of a claim
