"""A real month of Apple's page, replayed: on 2025-06-20 it admitted an outage of iMessage after the fact."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import count, groupby

import pytest

from domain.notice import OfficialNotice, OfficialState
from domain.service import Service
from ingest.dashboards.apple import Apple
from ingest.dashboards.fetching import Answer, Visit
from ingest.dashboards.looking import Watch, look
from ingest.dashboards.matching import OfficialPage
from settings import ROOT
from tests.ingest.dashboards.payloads import MINUTE, apple_feed, body_of, service

RECORDED = ROOT.parent / "shared" / "data" / "dashboards" / "apple_status_2025.csv"
PAGE = "https://www.apple.com/support/systemstatus/"
PACIFIC_SUMMER = timedelta(hours=7)  # behind UTC
TROUBLE, WELL = OfficialState.TROUBLE, OfficialState.WELL

pytestmark = pytest.mark.skipif(
    not RECORDED.exists(), reason=f"needs ../shared/data/dashboards/{RECORDED.name}"
)


@dataclass(frozen=True)
class Row:
    """One entry of the page, and when the page first showed it so."""

    first_seen: datetime
    service: str
    type: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    message: str

    def as_event(self, id_: str | None) -> dict[str, object]:
        return {
            "messageId": id_,
            "statusType": self.type,
            "eventStatus": self.status,
            "epochStartDate": _milliseconds(self.started_at),
            "epochEndDate": None if self.ended_at is None else _milliseconds(self.ended_at),
            "message": self.message,
        }


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def rows() -> list[Row]:
    """The recorded entries, the first seen first."""
    with RECORDED.open(encoding="utf-8", newline="") as file:
        found = [row_of(line) for line in csv.DictReader(file)]
    return sorted(found, key=lambda row: row.first_seen)


def row_of(line: dict[str, str]) -> Row:
    """From '🟢 iMessage: Issue (resolved)' and 'Started: ... | Ended: ... | a message | who is affected'."""
    name, _, told = line["title"].split(" ", 1)[1].rpartition(": ")
    parts = line["description"].split(" | ")
    ended = [part.removeprefix("Ended: ") for part in parts if part.startswith("Ended: ")]
    [message, *_] = [part for part in parts if not part.startswith(("Started: ", "Ended: "))]
    return Row(
        first_seen=datetime.fromisoformat(line["first_seen_utc"]).replace(tzinfo=UTC),
        service=name,
        type=told.split(" (")[0],
        status=told.split(" (")[1].rstrip(")"),
        started_at=datetime.fromisoformat(line["apple_started_utc"]).replace(tzinfo=UTC),
        ended_at=_in_utc(ended[0]) if ended else None,
        message=message,
    )


def _in_utc(told: str) -> datetime:
    return datetime.strptime(told, "%m/%d/%Y %H:%M PDT").replace(tzinfo=UTC) + PACIFIC_SUMMER


def states() -> Iterator[tuple[datetime, list[Row]]]:
    """What the page shows, from when on: just the entries that it first showed then."""
    for first_seen, found in groupby(rows(), key=lambda row: row.first_seen):
        yield first_seen, list(found)


def replayed(ids: str) -> list[OfficialNotice]:
    """All notices of a month, with a look at each change of the page and one a minute before it.

    ``ids``: "new" with each change, "none", or "kept" by each service for ever.
    """
    page = OfficialPage("apple", PAGE, tuple(services()))
    consumer, developer = Apple().addresses(PAGE)
    numbers = count(1)
    watch, notices = Watch(), list[OfficialNotice]()

    def look_at(feed: bytes | None, at: datetime) -> None:
        nonlocal watch
        seen = Visit(seen_at=at)
        quiet = Answer(seen, body_of(apple_feed()))
        consumers = Answer(seen, unchanged=True) if feed is None else Answer(seen, feed)
        told = look(
            page, Apple(), watch, {consumer: consumers, developer: quiet}, notices, run="live", now=at
        )
        watch = told.watch
        notices.extend(told.notices)

    for first_seen, shown in states():
        if notices:
            look_at(None, first_seen - MINUTE)
        feed = apple_feed()
        assert isinstance(feed["services"], list)
        for row in shown:
            id_ = {"new": str(next(numbers)), "none": None, "kept": f"id of {row.service}"}[ids]
            feed["services"].append({"serviceName": row.service, "events": [row.as_event(id_)]})
        look_at(body_of(feed), first_seen)
    return notices


def services() -> list[Service]:
    """One for each service of the page, and one for all of Apple."""
    names = sorted({unescape(row.service) for row in rows()})
    return [service(name, "apple", PAGE, name) for name in names] + [service("apple", "apple", PAGE)]


@pytest.fixture(params=["new", "none", "kept"])
def notices(request):
    return replayed(request.param)


def about(notices, name):
    return [notice for notice in notices if notice.service == name]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("name", ["iMessage", "FaceTime"])
def test_the_outage_of_june_20_was_admitted_after_the_fact_and_set_back(notices, name):
    first, over, set_back, ended = about(notices, name)
    assert (first.state, first.after_the_fact) == (TROUBLE, True)
    assert first.seen_at == over.seen_at == at("2025-06-20 17:24:28")
    assert first.claimed_at == over.claimed_at == at("2025-06-20 16:39")
    assert (set_back.seen_at, set_back.claimed_at) == (at("2025-06-20 17:43"), at("2025-06-20 16:18"))
    assert (ended.seen_at, ended.claimed_at) == (at("2025-06-25 23:54:53"), at("2025-06-20 16:18"))
    assert [notice.claimed_end_at for notice in (first, over, set_back)] == [None] * 3
    assert ended.claimed_end_at == at("2025-06-20 16:50")
    assert {notice.state for notice in (over, set_back, ended)} == {WELL}
    assert len({notice.event for notice in about(notices, name)}) == 1


def test_what_was_over_at_our_first_look_admits_nothing(notices):
    first_look = [notice for notice in notices if notice.seen_at == notices[0].seen_at]
    assert {notice.state for notice in first_look} == {WELL}


def test_what_goes_on_is_one_event_from_first_sight_to_its_end(notices):
    told = [one for one in about(notices, "App Attest") if one.text.startswith("App Attest")]
    assert [(one.state, one.after_the_fact) for one in told] == [(TROUBLE, False), (WELL, False)]
    assert told[0].seen_at == at("2025-06-15 05:44:25")
    assert told[0].event == told[1].event


def test_no_more_events_are_seen_than_apple_had(notices):
    """Of a hundred entries many are the same event, told again."""
    for name in {row.service for row in rows()}:
        starts = {row.started_at for row in rows() if row.service == name}
        events = {notice.event for notice in about(notices, unescape(name))}
        assert 1 <= len(events) <= len(starts)


def test_every_entry_is_told_when_it_first_stands_so(notices):
    """An entry that changes only in what else it hits is told once."""
    told = {(one.service, one.seen_at, one.claimed_at, one.claimed_end_at) for one in notices}
    stood = set()
    for row in rows():
        stands = (unescape(row.service), row.started_at, row.ended_at, row.message)
        if stands not in stood:
            assert (stands[0], row.first_seen, row.started_at, row.ended_at) in told
        stood.add(stands)
