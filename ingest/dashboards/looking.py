"""One look at an official page: what its addresses answered, turned into notices and what to remember."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeGuard

import msgspec
from msgspec.structs import replace

from domain.notice import OfficialNotice
from domain.service import Service
from ingest.dashboard import DashboardKind, Reading, Unreadable
from ingest.dashboards.fetching import Answer, Fetcher, Visit
from ingest.dashboards.following import Sight, statements
from ingest.dashboards.matching import OfficialPage, said_of
from ingest.dashboards.telling import Heard

log = logging.getLogger(__name__)

MOST_REMEMBERED = 1_000  # things that one address says; one that says more is always read in full
MOST_TOLD = 10  # strange entries of one answer that are written to the log


class Watch(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered of one page between two looks; ``Watch()`` before the first.

    ``visits`` and ``readings`` are by address: how to ask it next, and what it said when it was last read.
    ``services`` are those that were looked for. Losing it costs no event and no change, only what was news
    while nobody watched.
    """

    visits: dict[str, Visit] = {}
    readings: dict[str, Reading] = {}
    services: tuple[str, ...] = ()

    def visit(self, address: str) -> Visit:
        return self.visits.get(address, Visit())

    def due(self, addresses: Iterable[str], now: datetime) -> list[str]:
        """Those of the addresses that may be asked now."""
        return [address for address in addresses if self.visit(address).is_due(now)]


class Look(msgspec.Struct, frozen=True):
    """What a look gave: the notices that are new, and what to remember once they are saved."""

    notices: tuple[OfficialNotice, ...]
    watch: Watch


def ask(
    page: OfficialPage, kind: DashboardKind, watch: Watch, fetcher: Fetcher, now: datetime
) -> dict[str, Answer]:
    """What those addresses of a page answer that may be asked now."""
    due = watch.due(kind.addresses(page.url), now)
    return {address: fetcher.fetch(address, watch.visit(address), now) for address in due}


def look(
    page: OfficialPage,
    kind: DashboardKind,
    watch: Watch,
    answers: Mapping[str, Answer],
    known: Iterable[OfficialNotice],
    *,
    run: str,
    now: datetime,
) -> Look:
    """What is new on a page, given what its addresses answered.

    ``known`` are all notices of the run about the page's services, however old they are. An address that was
    not asked, or failed, counts with what it said when it was last read.
    """
    seen = [
        (address, *_heard(kind, address, answers.get(address), watch)) for address in kind.addresses(page.url)
    ]
    heard = [one for _, _, one in seen]
    notices: list[OfficialNotice] = []
    of_service: dict[str, list[OfficialNotice]] = {}
    for notice in known:
        of_service.setdefault(notice.service, []).append(notice)
    for service in page.services:
        sight = Sight(run, page.kind, service.id, page.url, now, ids_last=kind.ids_last)
        about = [_about(service, one, is_new=service.id not in watch.services) for one in heard]
        notices += statements(sight, about, of_service.get(service.id, ()))
    looked = any(one.fresh for one in heard)
    return Look(
        tuple(notices),
        Watch(
            visits={address: visit for address, visit, _ in seen},
            readings={address: one.reading for address, _, one in seen if _can_be_remembered(one.reading)},
            services=tuple(service.id for service in page.services) if looked else watch.services,
        ),
    )


def _heard(kind: DashboardKind, address: str, answer: Answer | None, watch: Watch) -> tuple[Visit, Heard]:
    """How to ask an address next, and what it says as far as we know; what is wrong with it is logged."""
    visit, before = watch.visit(address), watch.readings.get(address)
    stale = Heard(before, before, fresh=False, silent_at=visit.seen_at)
    if answer is None:
        return visit, stale
    if answer.failure is not None:
        log.warning("%s %s; it is asked again at %s", address, answer.failure, answer.visit.next_at)
        return answer.visit, stale
    # What was not understood, or is not remembered, was not seen: the next visit has to bring all of it.
    unseen = replace(answer.visit.forgetful(), seen_at=visit.seen_at)
    if answer.body is None:
        return (unseen, stale) if before is None else (answer.visit, replace(stale, fresh=True))
    try:
        reading = kind.read(address, answer.body)
    except Unreadable as error:
        log.warning("%s cannot be read: its answer %s", address, error)
        return unseen, stale
    new = [out for out in reading.left_out if before is None or out not in before.left_out]
    for out in new[:MOST_TOLD]:
        log.warning("%s: %s", address, out.why)
    if len(new) > MOST_TOLD:
        log.warning("%s: %d more entries are left out", address, len(new) - MOST_TOLD)
    kept = answer.visit if _can_be_remembered(reading) else answer.visit.forgetful()
    return kept, replace(stale, reading=reading, fresh=True)


def _about(service: Service, heard: Heard, *, is_new: bool) -> Heard:
    """What of an address concerns a service. For one that was never looked for, no page was ever silent."""
    return Heard(
        reading=said_of(service, heard.reading) if heard.reading else None,
        before=said_of(service, heard.before) if heard.before else None,
        fresh=heard.fresh,
        silent_at=None if is_new else heard.silent_at,
    )


def _can_be_remembered(reading: Reading | None) -> TypeGuard[Reading]:
    return reading is not None and len(reading.claims) + len(reading.left_out) <= MOST_REMEMBERED
