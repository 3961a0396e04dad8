"""From official pages to official notices: every page in its time, several at once, each by one worker."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

import msgspec

from domain.run import LIVE
from ingest.dashboard import DashboardKind
from ingest.dashboards.fetching import Fetcher
from ingest.dashboards.looking import Watch, ask, look
from ingest.dashboards.matching import OfficialPage
from ingest.source import wall_clock
from storage.interfaces import Notices
from storage.redis_watches import RedisWatches

log = logging.getLogger(__name__)

AT_ONCE = 8  # pages asked together: one that hangs holds up few others

_encode = msgspec.msgpack.Encoder().encode
_watch = msgspec.msgpack.Decoder(Watch)


@dataclass(frozen=True)
class Watching:
    """The official pages of the catalogue, and what is needed to look at them."""

    pages: Sequence[OfficialPage]
    kinds: Mapping[str, DashboardKind]
    fetcher: Fetcher
    watches: RedisWatches
    notices: Notices
    clock: Callable[[], datetime] = wall_clock

    def look_around(self) -> int:
        """Look at every page that is due, and say how many notices were new."""
        due = [page for page in self.pages if self._is_due(page)]
        if not due:
            return 0
        with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(due))) as pool:
            return sum(pool.map(self._look, due))

    def _look(self, page: OfficialPage) -> int:
        with self.watches.alone(page.url) as alone:
            if not alone or not self._is_due(page):
                return 0
            try:
                return self._look_alone(page)
            except Exception:  # one page must not take the others of this round with it
                log.exception("the official page %s could not be looked at", page.url)
                return 0

    def _look_alone(self, page: OfficialPage) -> int:
        kind, watch = self.kinds[page.kind], self._watch(page)
        answers = ask(page, kind, watch, self.fetcher, self.clock())
        known = [
            notice for service in page.services for notice in self.notices.find(LIVE, service.id)
        ]  # all of them: an event may go on for months
        # What counts is when we have seen it, which is after it was asked.
        seen = look(page, kind, watch, answers, known, run=LIVE, now=self.clock())
        self.notices.add(seen.notices)
        self.watches.put(page.url, _encode(seen.watch))
        for notice in seen.notices:
            log.info("%s: %s says %s (%s)", page.url, notice.service, notice.state, notice.event)
        return len(seen.notices)

    def _is_due(self, page: OfficialPage) -> bool:
        addresses = self.kinds[page.kind].addresses(page.url)
        return bool(self._watch(page).due(addresses, self.clock()))

    def _watch(self, page: OfficialPage) -> Watch:
        kept = self.watches.get(page.url)
        try:
            return Watch() if kept is None else _watch.decode(kept)
        except msgspec.DecodeError:  # of another version: this look is like the first
            return Watch()
