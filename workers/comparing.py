"""From incidents and official notices to the record of the lead, for the API, the page and the command."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec

from domain.label import Label, Verdict
from domain.lead_record import LeadRecord, Listening, lead_record, record_of
from domain.moments import start_of_minute
from domain.notice import OfficialNotice
from domain.run import Run
from domain.service import Service
from storage.interfaces import IncidentFilter, Labels, Stores

_ALL = 100_000


class Narrowed(msgspec.Struct, frozen=True):
    """Which cases are asked for; ``None`` means any.

    ``since`` <= an incident's raising, or the beginning of what was missed, < ``until``.
    """

    service: str | None = None
    vendor: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, service: str, vendor: str | None, at: datetime) -> bool:
        """Whether a case of a service, at a time, is asked for."""
        return (
            self.service in (None, service)
            and self.vendor in (None, vendor)
            and (self.since is None or self.since <= at)
            and (self.until is None or at < self.until)
        )


EVERY_CASE = Narrowed()


def compare(
    stores: Stores,
    run: Run,
    services: Collection[Service],
    now: datetime,
    *,
    watched: Collection[str],
    narrowed: Narrowed = EVERY_CASE,
) -> LeadRecord:
    """The record of a run as it stands ``now``, or of some of its cases.

    ``watched`` are the services whose dashboard is looked at for the live run, as far as the caller knows.
    """
    vendors = {service.id: service.vendor for service in services}
    notices = stores.notices.find(run.name)
    record = lead_record(
        stores.incidents.find(IncidentFilter(run=run.name), after=None, most=_ALL),
        notices,
        listening_in(stores, run, now),
        watched={*watched, *_spoken_for(services, notices)} if run.is_live else (),
        vendors=vendors,
        called_none=called_none(stores.labels),
    )
    held = (
        one
        for one in record.held
        if narrowed.holds(one.incident.service, vendors.get(one.incident.service), one.incident.raised_at)
    )
    misses = (
        miss
        for miss in record.misses
        if narrowed.holds(miss.event.service, vendors.get(miss.event.service), miss.event.began_at)
    )
    return record_of(held, misses, vendors)


def _spoken_for(services: Iterable[Service], notices: Iterable[OfficialNotice]) -> set[str]:
    """The services on dashboards of a kind that has ever spoken in this run: so somebody looks at them.

    A command beside the running stack does not know what that was told to look at.
    """
    kinds = {notice.event.partition(":")[0] for notice in notices}
    return {service.id for service in services if service.dashboard and service.dashboard.kind in kinds}


def listening_in(stores: Stores, run: Run, now: datetime) -> Listening:
    """The span in which a run listened: live from its start to now; a replay to its last closed minute."""
    if run.is_live:
        return Listening(since=run.started_at, until=now)
    detection = stores.incidents.detection(run.name)
    return Listening(since=None, until=start_of_minute(detection.next_minute) if detection else now)


def called_none(labels: Labels) -> set[str]:
    """The incidents and official events that were no outage, by the latest verdict on each."""
    latest: dict[str, Label] = {}
    for label in labels.of_incidents():  # the latest first
        if subject := label.incident or label.official:
            latest.setdefault(subject, label)
    return {subject for subject, label in latest.items() if label.verdict is Verdict.NOT_AN_OUTAGE}
