"""Looking at whole pages: through a real HTTP server, minute by minute, as a worker does."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest

from domain.notice import OfficialNotice, OfficialState
from ingest.dashboard import Claim, LeftOut, Reading
from ingest.dashboards import looking
from ingest.dashboards.fetching import Answer, Fetcher, Visit
from ingest.dashboards.following import GONE
from ingest.dashboards.looking import Watch, ask, look
from ingest.dashboards.matching import pages_of
from ingest.registry import DASHBOARDS
from tests.ingest.dashboards.fake_dashboards import FakeDashboards, Reply, fake_dashboards
from tests.ingest.dashboards.payloads import (
    MINUTE,
    NOON,
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

DAY = timedelta(days=1)
TROUBLE, MAINTENANCE, WELL = OfficialState.TROUBLE, OfficialState.MAINTENANCE, OfficialState.WELL


FETCHER = Fetcher(60, timeout=2, chance=lambda: 0.0)


class Watcher:
    """A worker that looks at one page each minute, and keeps what there is to keep between two looks."""

    def __init__(self, world: FakeDashboards, kind: str, **components: str | None) -> None:
        self.world = world
        self.kind = kind
        self.fetcher = FETCHER
        self.kept = msgspec.msgpack.encode(Watch())
        self.notices: list[OfficialNotice] = []
        self.now = NOON
        self.follow(**components)

    def follow(self, **components: str | None) -> None:
        services = [service(id_, self.kind, self.world.url, name) for id_, name in components.items()]
        [self.page] = pages_of(services, DASHBOARDS)

    def look(self) -> list[OfficialNotice]:
        """What is new; then a minute passes."""
        kind = DASHBOARDS[self.kind]
        watch = msgspec.msgpack.decode(self.kept, type=Watch)
        answers = ask(self.page, kind, watch, self.fetcher, self.now)
        new = look(self.page, kind, watch, answers, self.notices, run="live", now=self.now)
        self.kept = msgspec.msgpack.encode(new.watch)
        self.notices += new.notices
        self.now += MINUTE
        return list(new.notices)

    def looks(self) -> list[tuple[str, OfficialState]]:
        """The same, in short."""
        return [(notice.service, notice.state) for notice in self.look()]


@pytest.fixture
def world() -> Iterator[FakeDashboards]:
    with fake_dashboards() as dashboards:
        yield dashboards


def say_apple(world, consumer=None, developer=None):
    world.pages["/data/system_status_en_US.js"] = body_of(apple_feed(consumer))
    called = b"jsonCallback(%s);" % body_of(apple_feed(developer))
    world.pages["/data/developer/system_status_en_US.js"] = called


def say_statuspage(world, *, summary=None, incidents=()):
    world.pages["/api/v2/summary.json"] = body_of(summary or statuspage_summary())
    world.pages["/api/v2/incidents.json"] = body_of(statuspage_incidents(*incidents))


def say_slack(world, current=(), history=()):
    world.pages["/api/v2.0.0/current"] = body_of(slack_current(*current))
    world.pages["/api/v2.0.0/history"] = body_of(list(history))


# --- a trouble on each kind of page, from its first sight to its end ---


def test_apple_tells_of_one_service_and_of_the_one_that_is_all_of_it(world):
    say_apple(world)
    watcher = Watcher(world, "apple", imessage="iMessage", facetime="FaceTime", apple=None)
    assert watcher.look() == []
    say_apple(
        world, {"iMessage": [apple_event(at(-5))]}, {"TestFlight": [apple_event(at(-9), messageId="2")]}
    )
    assert watcher.looks() == [("imessage", TROUBLE), ("apple", TROUBLE), ("apple", TROUBLE)]
    assert watcher.look() == []
    say_apple(world, {"iMessage": [apple_event(at(-5), at(2))]})
    assert watcher.looks() == [("imessage", WELL), ("apple", WELL), ("apple", WELL)]
    assert {notice.event for notice in watcher.notices} == {
        "apple:imessage:1000000001",
        "apple:apple:1000000001",
        "apple:apple:2",
    }


def test_statuspage_tells_of_a_mark_then_of_the_incident_and_of_its_end(world):
    say_statuspage(world)
    watcher = Watcher(world, "statuspage", builds="Builds", pages="Pages")
    assert watcher.look() == []
    marked = [component("Builds", "major_outage"), component("Pages")]
    say_statuspage(world, summary=statuspage_summary(components=marked))
    assert watcher.looks() == [("builds", TROUBLE)]
    told = incident(start=at(1))
    say_statuspage(world, summary=statuspage_summary([told], components=marked), incidents=[told])
    [explained] = watcher.look()
    assert (explained.state, explained.claimed_at) == (TROUBLE, at(1))
    over = incident(status="resolved", start=at(1), end=at(3))
    say_statuspage(world, incidents=[over])
    [end] = watcher.look()
    assert (end.state, end.claimed_end_at) == (WELL, at(3))
    assert len({notice.event for notice in watcher.notices}) == 1
    assert watcher.look() == []


def test_work_on_a_statuspage_is_over_when_it_is_no_longer_listed(world):
    say_statuspage(world, summary=statuspage_summary(works=[work("scheduled", start=at(5))]))
    watcher = Watcher(world, "statuspage", builds="Builds")
    assert watcher.look() == []
    say_statuspage(world, summary=statuspage_summary(works=[work(start=at(5))]))
    assert watcher.looks() == [("builds", MAINTENANCE)]
    say_statuspage(world)
    [end] = watcher.look()
    assert (end.state, end.text) == (WELL, GONE)


def test_an_incident_that_is_first_seen_resolved_was_admitted_after_the_fact(world):
    say_statuspage(world)
    watcher = Watcher(world, "statuspage", acme=None)
    watcher.look()
    say_statuspage(world, incidents=[incident(status="resolved", start=at(-30), end=at(-10))])
    first, second = watcher.look()
    assert (first.state, first.after_the_fact, first.seen_at) == (TROUBLE, True, at(1))
    assert (second.state, second.claimed_end_at) == (WELL, at(-10))


def test_slack_tells_of_what_is_active_and_then_of_it_in_its_history(world):
    say_slack(world)
    watcher = Watcher(world, "slack", slack=None)
    assert watcher.look() == []
    say_slack(world, [slack_incident()])
    [first] = watcher.look()
    assert (first.state, first.url) == (TROUBLE, "https://slack-status.com/2025-06/7dea1cd14cd0f657")
    say_slack(world, [], [slack_incident("resolved")])
    assert watcher.looks() == [("slack", WELL)]


def test_google_tells_of_each_product(world):
    world.pages["/incidents.json"] = body_of([])
    watcher = Watcher(world, "google", gmail="Gmail", drive="Google Drive", google=None)
    assert watcher.look() == []
    world.pages["/incidents.json"] = body_of([google_incident()])
    assert watcher.looks() == [("gmail", TROUBLE), ("google", TROUBLE)]
    world.pages["/incidents.json"] = body_of([google_incident(at(90))])
    assert watcher.looks() == [("gmail", WELL), ("google", WELL)]


# --- what is asked, and what is concluded when something is not ---


def test_what_has_not_changed_counts_as_it_was(world):
    """Only the list of incidents changes: the summary, sent no second time, still speaks of the other."""
    told = incident()
    say_statuspage(world, summary=statuspage_summary([told]))
    watcher = Watcher(world, "statuspage", acme=None)
    assert watcher.looks() == [("acme", TROUBLE)]
    say_statuspage(
        world,
        summary=statuspage_summary([told]),
        incidents=[incident(id="inc2", status="resolved", start=at(-5), end=at(-4))],
    )
    assert watcher.looks() == [("acme", TROUBLE), ("acme", WELL)]
    assert {notice.event[-4:] for notice in watcher.notices} == {"inc1", "inc2"}
    assert len(world.asked("/api/v2/summary.json")) == 2
    assert "if-none-match" in world.asked("/api/v2/summary.json")[1]


def test_an_address_that_fails_is_left_alone_for_longer_and_the_other_still_counts(world):
    told = incident()
    say_statuspage(world, summary=statuspage_summary([told]), incidents=[told])
    watcher = Watcher(world, "statuspage", acme=None)
    watcher.look()
    world.pages["/api/v2/incidents.json"] = Reply(503, {"retry-after": "600"})
    world.pages["/api/v2/summary.json"] = body_of(statuspage_summary())
    for _ in range(5):
        assert watcher.look() == [], "the address that fails may still speak of it"
    assert len(world.asked("/api/v2/incidents.json")) == 2
    say_statuspage(world, incidents=[incident(status="resolved", end=at(5))])
    watcher.now += 10 * MINUTE
    assert watcher.looks() == [("acme", WELL)]


def test_an_address_that_cannot_be_read_is_told_of_and_asked_for_all_of_it_again(world, caplog):
    say_slack(world, [slack_incident()])
    watcher = Watcher(world, "slack", slack=None)
    watcher.look()
    world.pages["/api/v2.0.0/current"] = b"<html>Back soon</html>"
    with caplog.at_level(logging.WARNING):
        assert watcher.look() == []
        assert watcher.look() == []
    why = 'is no JSON, but "<html>Back soon</html>" (JSON is malformed: invalid character (byte 0))'
    assert caplog.messages == 2 * [f"{world.url}api/v2.0.0/current cannot be read: its answer {why}"]
    assert "if-none-match" not in world.asked("/api/v2.0.0/current")[2]
    say_slack(world)
    assert watcher.looks() == [("slack", WELL)]


def test_a_strange_entry_is_told_of_once_and_what_it_may_be_about_has_not_vanished(world, caplog):
    say_slack(world, [slack_incident(), slack_incident(id=7)])
    watcher = Watcher(world, "slack", slack=None)
    watcher.look()
    say_slack(world, [slack_incident(status={"now": "active"}), slack_incident(id=7)])
    with caplog.at_level(logging.WARNING):
        assert watcher.look() == []
        assert watcher.look() == []
        say_slack(world, [slack_incident(status={"now": "active"}), slack_incident(id=8)])
        assert watcher.looks() == [("slack", TROUBLE), ("slack", WELL)], "8 is new, and 7 is gone"
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.message == (
        f'{world.url}api/v2.0.0/current: incident "546" is left out: '
        "Expected `str`, got `object` - at `$.status`"
    )


def test_a_page_full_of_strange_entries_does_not_fill_the_log(world, caplog):
    say_slack(world, [slack_incident(id=number, status="?") for number in range(100)])
    with caplog.at_level(logging.WARNING):
        Watcher(world, "slack", slack=None).look()
    assert len(caplog.messages) == 11
    assert caplog.messages[-1].endswith("api/v2.0.0/current: 90 more entries are left out")


def test_a_failure_is_told_with_the_time_of_the_next_visit(world, caplog):
    watcher = Watcher(world, "google", google=None)
    with caplog.at_level(logging.WARNING):
        watcher.look()
    assert caplog.messages == [
        f"{world.url}incidents.json answered 404; it is asked again at 2025-06-20 12:00:54+00:00"
    ]


def test_nothing_is_asked_before_its_time(world):
    world.pages["/incidents.json"] = body_of([])
    watcher = Watcher(world, "google", google=None)
    watcher.look()
    watcher.now -= MINUTE / 2
    assert watcher.look() == []
    assert len(world.requests) == 1


# --- what is remembered ---


def test_a_first_look_admits_nothing_that_is_over(world):
    say_statuspage(world, incidents=[incident(status="resolved", start=at(-30), end=at(-10))])
    assert Watcher(world, "statuspage", acme=None).looks() == [("acme", WELL)]


def test_a_service_that_joins_the_catalogue_is_looked_for_in_what_was_read_before(world):
    told = incident(components=["Pages"])
    over = incident(id="inc2", status="resolved", start=at(-9), end=at(-5), components=["Pages"])
    say_statuspage(world, summary=statuspage_summary([told]), incidents=[over])
    watcher = Watcher(world, "statuspage", builds="Builds")
    assert watcher.look() == []
    watcher.follow(builds="Builds", pages="Pages")
    assert watcher.looks() == [("pages", TROUBLE), ("pages", WELL)]
    assert not any(notice.after_the_fact for notice in watcher.notices)
    assert watcher.look() == []


def test_losing_the_memory_costs_no_event(world):
    told = incident()
    say_statuspage(world, summary=statuspage_summary([told]), incidents=[told])
    watcher = Watcher(world, "statuspage", acme=None)
    watcher.look()
    watcher.kept = msgspec.msgpack.encode(Watch())
    assert watcher.look() == []
    watcher.kept = msgspec.msgpack.encode(Watch())
    say_statuspage(world, incidents=[incident(status="resolved", end=at(1))])
    [end] = watcher.look()
    assert (end.state, end.event) == (WELL, "statuspage:acme:inc1")


def test_without_memory_an_answer_of_no_change_is_none_and_all_is_asked_for_again(world):
    say_slack(world, [slack_incident()])
    watcher = Watcher(world, "slack", slack=None)
    watcher.look()
    watch = msgspec.msgpack.decode(watcher.kept, type=Watch)
    watcher.kept = msgspec.msgpack.encode(Watch(visits=watch.visits, services=watch.services))
    watcher.notices.clear()
    assert watcher.look() == []
    assert watcher.looks() == [("slack", TROUBLE)]


def test_a_page_that_says_too_much_to_remember_is_read_whole_each_time(world, monkeypatch):
    monkeypatch.setattr(looking, "MOST_REMEMBERED", 1)
    say_slack(world, [slack_incident()])  # of two services
    watcher = Watcher(world, "slack", slack=None)
    assert watcher.looks() == [("slack", TROUBLE)]
    assert watcher.look() == []
    assert "if-none-match" not in world.asked("/api/v2.0.0/current")[1]
    say_slack(world)
    assert watcher.looks() == [("slack", WELL)]


def test_what_is_remembered_can_be_kept_as_bytes():
    claim = Claim("A", TROUBLE, "1", NOON, None, "x", "https://a.example/", planned=True)
    watch = Watch(
        {"a": Visit(NOON, NOON, "e", "l", 3)}, {"a": Reading((claim,), (LeftOut("?", "1", "A"),))}, ("s",)
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(watch), type=Watch) == watch
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(Watch()), type=Watch) == Watch()


def test_a_look_at_nothing_changes_nothing():
    [page] = pages_of([service("slack", "slack", "https://slack.example/")], DASHBOARDS)
    watch = Watch(services=("slack",))
    known = [OfficialNotice("live", "slack", TROUBLE, NOON, event="slack:slack:1")]
    for answers in (
        {},
        {"https://slack.example/api/v2.0.0/current": Answer(Visit(), failure="answered 500")},
    ):
        done = look(
            page, DASHBOARDS["slack"], watch, answers, known, run="live", now=NOON + timedelta(days=9)
        )
        assert done.notices == ()
        assert done.watch.readings == {}
        assert done.watch.services == ("slack",)
