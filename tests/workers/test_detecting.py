"""From counts to incidents: minutes close once, in order, and the cut into passes changes nothing."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workers.detecting
from domain.delivery import Endpoint, EventType
from domain.incident import Incident
from domain.label import Label, Verdict
from domain.moments import milliseconds, minute_of, start_of_minute
from domain.notice import OfficialNotice, OfficialState
from domain.post import Post
from domain.run import LIVE, Run
from storage.interfaces import Detection, DetectionStep, IncidentFilter, Step
from storage.memory import MemoryStores
from storage.memory_posts import MemoryPosts
from tests.workers.records import START, PlainTagger, post, reader
from workers.counting import count_waiting
from workers.detecting import Detecting
from workers.judging import judge

FIRST = minute_of(START)
DAY = 24 * 60
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def chatter(minutes: int, every: int = 10) -> list[Post]:
    """A quiet service: a mention every ten minutes, a complaint every two hours."""
    return [
        post(minute, "imessage broken" if minute % 120 == 0 else "imessage is nice", minutes=minute)
        for minute in range(0, minutes, every)
    ]


def outage(at: int, minutes: int = 30) -> list[Post]:
    return [
        post(100_000 + minute * 10 + number, "imessage broken", minutes=minute + number / 10)
        for minute in range(at, at + minutes)
        for number in range(5)
    ]


class House:
    """One run on the memory twins."""

    def __init__(self, run: str = "recording", silent_after: timedelta = timedelta(hours=1)) -> None:
        self.run = Run(name=run, started_at=NOW)
        self.watched: tuple[str, ...] = ()
        self.silent_after = silent_after
        self.posts = MemoryPosts()
        self.stores = MemoryStores()
        self.stores.runs.start(self.run)
        self.stores.incidents.save(DetectionStep(run, None, Detection(next_minute=FIRST, state=b"")))

    def bring(self, posts: Sequence[Post], end: int | None = None) -> None:
        ordered = sorted(posts, key=lambda one: one.written_at)
        expected = self.posts.cursor("x")
        step = Step(str(len(ordered)) + str(expected), expected, milliseconds(ordered[-1].written_at))
        reader().hand_over(ordered, "x", self.posts, step)
        if end is not None:
            self.posts.end(milliseconds(start_of_minute(FIRST + end)))

    def count(self) -> None:
        count_waiting(self.posts, PlainTagger, "worker", notices=self.stores.notices, run=self.run.name)

    def close(self, now: datetime = NOW) -> int | None:
        return self.detecting().close_minutes(now)

    def detecting(self) -> Detecting:
        return Detecting(
            run=self.stores.runs.get(self.run.name) or self.run,
            posts=self.posts,
            stores=self.stores,
            names={},
            budget=1.0,
            grace=20_000,
            watched=self.watched,
            silent_after=self.silent_after,
        )

    def tell(self, *notices: OfficialNotice) -> None:
        self.stores.notices.add(notices)

    def told(self) -> list[tuple[EventType, dict[str, object]]]:
        """The official events that went out, with what they say, in their order."""
        sent = sorted(self.stores.deliveries.find(), key=lambda one: (one.event.incident, one.sequence))
        official = [one.event for one in sent if one.event.type.startswith("official.")]
        return [(event.type, json.loads(event.body)["data"]) for event in official]

    def close_all(self) -> None:
        while self.close():
            pass

    def incidents(self) -> list[Incident]:
        return self.stores.incidents.find(IncidentFilter(), after=None, most=100)

    def next_minute(self) -> int:
        detection = self.stores.incidents.detection(self.run.name)
        assert detection is not None
        return detection.next_minute - FIRST


def test_a_surge_raises_an_incident_with_its_evidence() -> None:
    house = House()
    house.bring([*chatter(3 * DAY), *outage(2 * DAY)], end=3 * DAY)
    house.count()
    house.close_all()
    (incident,) = house.incidents()
    assert incident.service == "imessage"
    late = incident.raised_at - (START + timedelta(days=2))
    assert timedelta(0) < late <= timedelta(minutes=10)
    assert incident.resolved_at is not None
    assert {one.text for one in house.stores.incidents.evidence(incident.id)} == {"imessage broken"}


def test_an_outage_that_eases_and_comes_back_within_minutes_is_one_incident() -> None:
    """Three bursts of ten minutes, a quarter of an hour apart."""
    house = House()
    bursts = [outage(2 * DAY + start, 10) for start in (0, 25, 50)]
    house.bring([*chatter(3 * DAY), *chain.from_iterable(bursts)], end=3 * DAY)
    house.count()
    house.close_all()
    (incident,) = house.incidents()
    assert incident.resolved_at is not None
    assert incident.resolved_at > START + timedelta(days=2, minutes=60)
    assert incident.relapse_of is None


@pytest.mark.parametrize("most", [1, 1440])
def test_an_outage_that_comes_back_within_an_hour_of_its_end_is_told_as_a_relapse(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers.detecting, "MOST_MINUTES", most)
    house = House()
    bursts = [outage(SHORT + start, 15) for start in (0, 110, 420)]
    house.bring([*chatter(DAY + SHORT, every=2), *chain.from_iterable(bursts)], end=DAY + SHORT)
    house.count()
    house.close_all()
    first, back, other = reversed(house.incidents())
    assert first.resolved_at is not None
    assert timedelta(0) < back.raised_at - first.resolved_at <= timedelta(hours=1)
    assert (first.relapse_of, back.relapse_of, other.relapse_of) == (None, first.id, None)


def test_chatter_alone_raises_nothing() -> None:
    house = House()
    house.bring(chatter(3 * DAY), end=3 * DAY)
    house.count()
    house.close_all()
    assert house.incidents() == []


def test_a_minute_with_a_post_in_flight_stays_open() -> None:
    house = House()
    house.bring([post(1, "imessage", minutes=7), post(2, "imessage", minutes=30)])
    house.close_all()
    assert house.next_minute() == 7
    house.count()
    house.close_all()
    assert house.next_minute() == 30


def test_a_replay_is_finished_when_its_last_minute_is_closed() -> None:
    house = House()
    house.bring([post(1, "imessage", minutes=7)], end=8)
    house.count()
    house.close_all()
    run = house.stores.runs.get("recording")
    assert (house.next_minute(), run and run.finished_at) == (8, NOW)


def test_a_live_minute_closes_with_the_clock_after_its_grace() -> None:
    house = House(LIVE)
    assert house.close(START + timedelta(minutes=2, seconds=19)) == 1
    assert house.close(START + timedelta(minutes=2, seconds=19)) == 0
    assert house.close(START + timedelta(minutes=2, seconds=20)) == 1


def test_a_large_live_outage_is_raised_before_its_minute_has_ended() -> None:
    house = House(LIVE)
    begin = DAY + 600
    house.bring(
        [*chatter(begin), *(post(50_000 + n, "imessage broken", minutes=begin + n / 60) for n in range(30))]
    )
    house.count()
    while house.close(START + timedelta(minutes=begin, seconds=5)):
        pass
    assert house.incidents() == []
    now = START + timedelta(minutes=begin, seconds=40)
    assert house.detecting().look_ahead(now) == 1
    (incident,) = house.incidents()
    assert incident.raised_at == now >= incident.onset_at
    assert house.next_minute() <= begin
    assert house.detecting().look_ahead(now + timedelta(seconds=1)) == 0
    while house.close(START + timedelta(minutes=begin + 2)):
        pass
    assert [one.id for one in house.incidents()] == [incident.id]


def test_a_surge_that_a_person_dismissed_is_not_raised_again_and_a_later_one_is() -> None:
    house = House(LIVE)
    begin, later = DAY, 2 * DAY
    house.bring([*chatter(3 * DAY), *outage(begin, 30), *outage(later, 30)])
    house.count()
    while not house.incidents():
        house.close(START + timedelta(minutes=house.next_minute() + 1, seconds=20))
    (raised,) = house.incidents()
    at = START + timedelta(minutes=house.next_minute())
    label = Label(id="l", by="ann", at=at, verdict=Verdict.NOT_AN_OUTAGE, incident=raised.id)
    assert judge(label, house.stores, {}) is not None
    assert house.detecting().look_ahead(at + timedelta(seconds=1)) == 0
    while house.close(START + timedelta(minutes=later)):
        pass
    assert [one.id for one in house.incidents()] == [raised.id]
    while house.close(START + timedelta(minutes=later + 30)):
        pass
    assert len(house.incidents()) == 2


def test_looking_ahead_at_a_quiet_minute_changes_nothing() -> None:
    house = House(LIVE)
    house.bring(chatter(600))
    house.count()
    while house.close(START + timedelta(minutes=595)):
        pass
    before = house.stores.incidents.detection(LIVE)
    assert house.detecting().look_ahead(START + timedelta(minutes=596)) == 0
    assert house.stores.incidents.detection(LIVE) == before


def test_a_second_worker_that_comes_late_saves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    house.bring([*chatter(DAY)], end=DAY)
    house.count()
    before = house.stores.incidents.detection("recording")
    house.close()
    monkeypatch.setattr(house.stores.incidents, "detection", lambda run: before)
    assert house.close() is None


def test_the_rates_of_each_hour_are_kept_with_what_was_expected() -> None:
    house = House()
    house.bring([*chatter(120), post(9, "imessage broken", minutes=15.5)], end=120)
    house.count()
    house.close_all()
    hour = FIRST // 60
    first, second = house.stores.incidents.rates("recording", hour, hour + 1)
    assert (len(first.mentions), len(second.mentions)) == (60, 60)
    assert (first.complaints[15], first.mentions[15], first.mentions[14]) == (1, 1, 0)
    assert all(upper >= expected >= 0 for upper, expected in zip(first.upper, first.expected, strict=True))


def test_every_change_becomes_a_delivery_for_each_endpoint_that_wants_it() -> None:
    house = House()
    wanted = Endpoint("all", "https://example.com", "whsec_", NOW, replays=True)
    house.stores.deliveries.add_endpoint(wanted)
    house.stores.deliveries.add_endpoint(Endpoint("live-only", "https://example.com", "whsec_", NOW))
    house.bring([*chatter(3 * DAY), *outage(2 * DAY)], end=3 * DAY)
    house.count()
    house.close_all()
    (incident,) = house.incidents()
    sent = sorted(house.stores.deliveries.find(), key=lambda delivery: delivery.sequence)
    assert {delivery.endpoint for delivery in sent} == {"all"}
    assert [delivery.sequence for delivery in sent] == list(range(incident.revision + 1))
    assert (sent[0].event.type, sent[-1].event.type) == (EventType.OPENED, EventType.RESOLVED)


# --- the official side ---

BEGIN = DAY  # of the outage in the recordings below


def official(
    minutes: float,
    state: OfficialState = OfficialState.TROUBLE,
    event: str = "apple:imessage:1",
    **fields: object,
) -> OfficialNotice:
    """What the official page of iMessage says, so many minutes after the outage began."""
    return OfficialNotice(
        run="recording",
        service="imessage",
        state=state,
        seen_at=START + timedelta(minutes=BEGIN + minutes),
        event=event,
        **fields,  # type: ignore[arg-type]  # as given
    )


def house_with_outage(*notices: OfficialNotice, lasting: int = 30, days: int = 2) -> House:
    """A recording of so many days with one outage, which ends soon after its last complaint."""
    house = House()
    house.stores.deliveries.add_endpoint(Endpoint("all", "https://example.com", "whsec_", NOW, replays=True))
    house.tell(*notices)
    house.bring([*chatter(days * DAY, every=2), *outage(BEGIN, lasting)], end=days * DAY)
    house.count()
    house.close_all()
    return house


def test_an_admission_and_its_end_are_told_with_the_lead() -> None:
    house = house_with_outage(official(20), official(50, OfficialState.WELL))
    (incident,) = house.incidents()
    (first, admitted), (second, over) = house.told()
    assert (first, second) == (EventType.OFFICIAL_ACKNOWLEDGED, EventType.OFFICIAL_RESOLVED)
    assert (incident.official_at, incident.official_well_at) == (
        official(20).seen_at,
        official(50).seen_at,
    )
    lead = (official(20).seen_at - incident.raised_at) / timedelta(minutes=1)
    assert admitted["lead_minutes"] == over["lead_minutes"] == lead > 0
    assert admitted["evidence"]
    assert incident.silent_at is None


def test_the_events_of_an_incident_keep_their_order_with_the_official_ones_among_them() -> None:
    house = house_with_outage(official(20), official(50, OfficialState.WELL))
    (incident,) = house.incidents()
    sent = sorted(house.stores.deliveries.find(), key=lambda delivery: delivery.sequence)
    assert [delivery.sequence for delivery in sent] == list(range(incident.revision + 1))
    assert [one.event.at for one in sent] == sorted(one.event.at for one in sent)
    assert len(house.stores.incidents.timeline(incident.id)) == incident.revision + 1


def test_an_outage_may_be_admitted_when_it_is_over() -> None:
    late = {
        "after_the_fact": True,
        "claimed_at": official(-5).seen_at,
        "claimed_end_at": official(30).seen_at,
    }
    house = house_with_outage(official(600, **late), official(600, OfficialState.WELL, **late))
    (incident,) = house.incidents()
    assert incident.resolved_at is not None
    assert incident.resolved_at < official(600).seen_at == incident.official_at == incident.official_well_at
    (silence, _), (_, admitted), (_, over) = house.told()
    assert silence is EventType.OFFICIAL_SILENT
    assert admitted["state"] == over["state"] == "resolved"
    assert [one["text"] for one in admitted["evidence"]] == ["imessage broken"] * 5  # type: ignore[index, attr-defined]  # parsed JSON


def test_what_is_said_days_later_is_told_of_no_incident() -> None:
    house = house_with_outage(official(27 * 60, after_the_fact=True), days=3)
    assert [type_ for type_, _ in house.told()] == [EventType.OFFICIAL_SILENT]


def test_a_page_that_says_nothing_of_a_sure_incident_is_told_to_be_silent_once() -> None:
    house = house_with_outage(official(150), lasting=120)
    (incident,) = house.incidents()
    (silence, told), (admission, _) = house.told()
    assert (silence, admission) == (EventType.OFFICIAL_SILENT, EventType.OFFICIAL_ACKNOWLEDGED)
    assert incident.silent_at == incident.raised_at + timedelta(hours=1)
    assert (told["official"], told["lead_minutes"], told["reason"]) == (None, None, "silent")


def test_where_nobody_could_speak_nobody_is_silent() -> None:
    assert house_with_outage(lasting=120).told() == []


def test_an_account_that_never_spoke_before_is_not_silent() -> None:
    assert [
        type_
        for type_, _ in house_with_outage(official(100, event="account:imessage:x:1"), lasting=120).told()
    ] == [EventType.OFFICIAL_ACKNOWLEDGED]


@pytest.mark.parametrize(
    ("watched", "silent_after", "silent"),
    [(("imessage",), 60, True), ((), 60, False), (("spotify",), 60, False), (("imessage",), 0, False)],
)
def test_live_only_a_watched_page_is_silent(
    watched: tuple[str, ...], silent_after: int, silent: bool
) -> None:
    house = House(LIVE, silent_after=timedelta(minutes=silent_after))
    house.watched = watched
    begin = DAY
    house.bring([*chatter(begin + 200), *outage(begin, 120)])
    house.count()
    while house.close(START + timedelta(minutes=begin + 110)):
        pass
    (incident,) = house.incidents()
    assert (incident.silent_at is not None) is silent


def test_live_a_notice_that_comes_late_is_told_with_the_next_minute() -> None:
    house = House(LIVE)
    begin = DAY
    house.bring([*chatter(begin + 200), *outage(begin, 60)])
    house.count()
    while house.close(START + timedelta(minutes=begin + 30, seconds=20)):
        pass
    seen_at = START + timedelta(minutes=begin + 20)
    house.tell(OfficialNotice(LIVE, "imessage", OfficialState.TROUBLE, seen_at, event="apple:imessage:1"))
    assert house.close(START + timedelta(minutes=begin + 31, seconds=20)) == 1
    (incident,) = house.incidents()
    assert incident.official_at == seen_at
    assert house.stores.incidents.timeline(incident.id)[-1].at == START + timedelta(minutes=begin + 31)


def test_a_look_ahead_tells_nothing_of_the_official_side() -> None:
    house = House(LIVE)
    begin = DAY
    house.bring(
        [*chatter(begin), *(post(90_000 + n, "imessage broken", minutes=begin + n / 60) for n in range(30))]
    )
    house.count()
    while house.close(START + timedelta(minutes=begin, seconds=5)):
        pass
    now = START + timedelta(minutes=begin, seconds=40)
    house.tell(OfficialNotice(LIVE, "imessage", OfficialState.TROUBLE, now - timedelta(seconds=9), event="a"))
    assert house.detecting().look_ahead(now) == 1
    (incident,) = house.incidents()
    assert (incident.official_at, incident.revision) == (None, 0)
    while house.close(now + timedelta(minutes=1)):
        pass
    (incident,) = house.incidents()
    assert incident.official_at is not None


def test_a_dismissed_incident_is_told_nothing_of() -> None:
    house = House(LIVE)
    begin = DAY
    house.bring([*chatter(begin + 200), *outage(begin, 60)])
    house.count()
    while not house.incidents():
        house.close(START + timedelta(minutes=house.next_minute() + 1, seconds=20))
    (raised,) = house.incidents()
    at = START + timedelta(minutes=house.next_minute())
    judge(Label(id="l", by="ann", at=at, verdict=Verdict.NOT_AN_OUTAGE, incident=raised.id), house.stores, {})
    house.tell(OfficialNotice(LIVE, "imessage", OfficialState.TROUBLE, at, event="apple:imessage:1"))
    while house.close(START + timedelta(minutes=begin + 150)):
        pass
    (dismissed,) = house.incidents()
    assert dismissed.official_at is None


def test_a_second_worker_tells_no_admission_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    house = house_with_outage(official(20))
    (incident,) = house.incidents()
    before = house.stores.incidents.detection("recording")
    monkeypatch.setattr(house.stores.incidents, "detection", lambda run: before)
    house.posts.end(milliseconds(START + timedelta(days=3)))
    house.close()
    assert house.close() is None
    assert house.incidents() == [incident]
    assert len(house.told()) == 1


SAID = [
    official(20),
    official(20, event="apple:imessage:2"),
    official(33, OfficialState.MAINTENANCE, event="apple:imessage:3"),
    official(45, OfficialState.WELL),
    official(150, OfficialState.WELL, event="apple:imessage:2"),
    official(400, event="apple:imessage:4", after_the_fact=True, claimed_end_at=official(40).seen_at),
    official(-300),
    official(85, event="account:imessage:x:9"),
]
SHORT = 900  # where the outage of the cut recordings begins


@settings(max_examples=6, deadline=None)
@given(
    most=st.sampled_from([1, 7, 59, 60, 61, 500, 1440]),
    pages=st.integers(1, 4),
    said=st.sets(st.sampled_from(range(len(SAID)))),
    lasting=st.sampled_from([20, 90]),
)
def test_the_passes_into_which_a_run_is_cut_change_nothing(
    most: int, pages: int, said: set[int], lasting: int
) -> None:
    posts = sorted([*chatter(DAY, every=2), *outage(SHORT, lasting)], key=lambda one: one.written_at)
    earlier = timedelta(minutes=BEGIN - SHORT)
    notices = [
        msgspec.structs.replace(SAID[index], seen_at=SAID[index].seen_at - earlier, claimed_end_at=None)
        for index in said
    ]

    def outcome(passes: int, cut: int) -> tuple[object, ...]:
        house = House()
        house.tell(*notices)
        size = -(-len(posts) // cut)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(workers.detecting, "MOST_MINUTES", passes)
            for start in range(0, len(posts), size):
                last = start + size >= len(posts)
                house.bring(posts[start : start + size], end=DAY if last else None)
                house.count()
                house.close_all()
        incidents = house.incidents()
        hours = house.stores.incidents.rates("recording", FIRST // 60, FIRST // 60 + 24)
        return incidents, [house.stores.incidents.timeline(one.id) for one in incidents], hours

    assert outcome(most, pages) == outcome(1440, 1)


def test_an_incident_names_the_version_that_counted_what_raised_it() -> None:
    """Not the one that is active when its minutes are closed."""
    house = House()
    house.bring([*chatter(3 * DAY), *outage(2 * DAY)], end=3 * DAY)
    house.count()
    while dataclasses.replace(house.detecting(), model_version="active").close_minutes(NOW):
        pass
    (incident,) = house.incidents()
    assert incident.model_version == PlainTagger.version
    hours = house.stores.incidents.rates("recording", FIRST // 60, FIRST // 60 + 72)
    assert {version for hour in hours for version in hour.versions} == {PlainTagger.version}
