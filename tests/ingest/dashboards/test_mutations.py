"""Every watcher survives two hundred mutated payloads: a clear log line for each, and no wrong notice."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.notice import OfficialNotice
from ingest.dashboard import DashboardKind, Unreadable
from ingest.dashboards.entries import EARLIEST, LATEST
from ingest.dashboards.fetching import Answer, Visit
from ingest.dashboards.following import GONE
from ingest.dashboards.looking import Watch, look
from ingest.dashboards.matching import OfficialPage, pages_of
from ingest.registry import DASHBOARDS
from tests.ingest.dashboards.mutations import mutated
from tests.ingest.dashboards.payloads import (
    apple_event,
    apple_feed,
    at,
    body_of,
    component,
    google_incident,
    incident,
    service,
    slack_current,
    slack_incident,
    statuspage_incidents,
    statuspage_summary,
    work,
)
from tests.ingest.dashboards.plain_reading import (
    TROUBLE,
    WELL,
    Entry,
    Json,
    entries_of,
    payload_of,
    words_of,
)

PAGE = "https://status.example/"


@dataclass(frozen=True)
class Case:
    """A kind of page: what its addresses say when all is well and when much fails, and of what."""

    kind: str
    quiet: list[Json]
    busy: list[Json]
    components: tuple[str | None, ...]


APPLE = Case(
    "apple",
    [apple_feed(), apple_feed({"TestFlight": []})],
    [
        apple_feed(
            {
                "iMessage": [apple_event(at(-9))],
                "FaceTime": [apple_event(at(-60), at(-30), messageId="2")],
                "Siri": [apple_event(at(-5), statusType="Maintenance", messageId=None)],
            }
        ),
        apple_feed({"TestFlight": [apple_event(at(-8), messageId="3")]}),
    ],
    ("iMessage", "FaceTime", "Siri", "App Store", None),
)

SLOW = incident(start=at(-9), group="Acme")
LATE = incident("Mail was late", "resolved", id="inc2", start=at(-60), end=at(-30), components=["Mail"])
STATUSPAGE = Case(
    "statuspage",
    [statuspage_summary(), statuspage_incidents()],
    [
        statuspage_summary(
            [SLOW],
            [work(start=at(-5), components=["Disks"])],
            [component("Builds"), component("Pages", "major_outage"), component("Disks")],
        ),
        statuspage_incidents(SLOW, LATE),
    ],
    ("Builds", "Pages", "Disks", "Mail", "Acme", "Other", None),
)

SLACK = Case(
    "slack",
    [slack_current(), []],
    [
        slack_current(slack_incident(date_created=at(-9).isoformat())),
        [slack_incident("resolved", id=7, services=["Search"], date_created=at(-60).isoformat())],
    ],
    ("Messaging", "Search", "Files", None),
)

DRIVE = {"title": "Google Drive", "id": "key3"}
GOOGLE = Case(
    "google",
    [[]],
    [
        [
            google_incident(begin=at(-9).isoformat()),
            google_incident(at(-30), id="goog2", begin=at(-60).isoformat(), affected_products=[DRIVE]),
        ]
    ],
    ("Gmail", "Google Drive", "Google Meet", None),
)


class Watched:
    """A page that is looked at each minute, and all that came of it."""

    def __init__(self, case: Case) -> None:
        services = [
            service(f"s{number}", case.kind, PAGE, name) for number, name in enumerate(case.components)
        ]
        self.page: OfficialPage = pages_of(services, DASHBOARDS)[0]
        self.kind: DashboardKind = DASHBOARDS[case.kind]
        self.watch = Watch()
        self.notices: list[OfficialNotice] = []
        self.minute = 0

    def look(self, bodies: Sequence[bytes]) -> list[OfficialNotice]:
        now = at(self.minute)
        answers = {
            address: Answer(Visit(seen_at=now), body)
            for address, body in zip(self.kind.addresses(PAGE), bodies, strict=True)
        }
        done = look(self.page, self.kind, self.watch, answers, self.notices, run="live", now=now)
        self.watch = done.watch
        self.notices += done.notices
        self.minute += 1
        return list(done.notices)


@pytest.mark.parametrize("case", [APPLE, STATUSPAGE, SLACK, GOOGLE], ids=lambda case: case.kind)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_mutated_payload_gives_a_clear_log_line_and_no_wrong_notice(
    case: Case, data: st.DataObject
) -> None:
    page = Watched(case)
    busy = [body_of(one) for one in case.busy]
    page.look(data.draw(st.sampled_from([[body_of(one) for one in case.quiet], busy]), label="before"))
    harmed = data.draw(st.integers(0, len(busy) - 1), label="address")
    bodies = list(busy)
    bodies[harmed] = data.draw(mutated(case.busy[harmed]), label="body")
    with logged() as lines:
        notices = page.look(bodies)
    check_lines(lines, page.kind, page.kind.addresses(PAGE)[harmed], bodies[harmed])
    entries = [entry for body in bodies for entry in entries_of(case.kind, body)]
    words = {word for body in bodies for word in words_of(payload_of(body))}
    for notice in notices:
        name = case.components[int(notice.service[1:])]
        check_notice(notice, [entry for entry in entries if entry.is_about(name)], words)
    page.look(busy)
    last = {(notice.service, notice.event): notice.state for notice in page.notices}
    assert ("s0", TROUBLE) in {(service, state) for (service, _), state in last.items()}, "it is heard again"


@contextmanager
def logged() -> Iterator[list[str]]:
    """The log lines of whoever looks, until the block ends."""
    lines: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    log, listener = logging.getLogger("ingest.dashboards.looking"), Listener()
    log.addHandler(listener)
    try:
        yield lines
    finally:
        log.removeHandler(listener)


def check_lines(lines: list[str], kind: DashboardKind, address: str, body: bytes) -> None:
    """One line that names the address, for an answer that cannot be read or for each entry left out."""
    try:
        expected = len(kind.read(address, body).left_out)
    except Unreadable:
        expected = 1
    assert len(lines) == expected
    assert all(line.startswith(address) and len(line) < 600 and line.isprintable() for line in lines)


def check_notice(notice: OfficialNotice, entries: list[Entry], words: set[str]) -> None:
    """A notice says what a clear entry about its service says; or that no entry speaks of its event."""
    for moment in (notice.claimed_at, notice.claimed_end_at):
        assert moment is None or (moment.tzinfo is UTC and EARLIEST <= moment < LATEST)
    id_ = notice.event.split(":", 2)[2]
    if notice.text == GONE:
        assert notice.state is WELL
        assert not any(entry.may_be(id_) for entry in entries)
        return
    assert words_of(notice.text) <= words
    own = [entry for entry in entries if entry.id == id_ or entry.started_at == notice.claimed_at]
    assert notice.claimed_at in {entry.started_at for entry in own}
    assert notice.claimed_end_at in (None, *(entry.ended_at for entry in own))
    assert notice.claimed_end_at is None or notice.claimed_end_at >= (notice.claimed_at or EARLIEST)
    assert (WELL if notice.after_the_fact else notice.state) in {entry.state for entry in own}
