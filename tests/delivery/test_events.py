"""A change as an event, and its deliveries."""

from __future__ import annotations

import json
from datetime import timedelta, timezone

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.events import LARGEST_BODY, deliveries_for, event_of
from domain.delivery import DeliveryState, EventType
from domain.incident import Change, Evidence, Reason, Spillover, State
from domain.notice import OfficialNotice, OfficialState
from tests.delivery.incidents import AT, INCIDENT, OPENED, changed, endpoint, evidence


@pytest.mark.parametrize(
    ("change", "type_"),
    [
        (OPENED, EventType.OPENED),
        (changed(State.SUSPECTED, State.CONFIRMED, Reason.SUSTAINED), EventType.UPDATED),
        (changed(State.CONFIRMED, State.CONFIRMED, Reason.GROWTH), EventType.UPDATED),
        (changed(State.RECOVERING, State.CONFIRMED, Reason.RELAPSE), EventType.UPDATED),
        (changed(State.RECOVERING, State.RESOLVED, Reason.CALM), EventType.RESOLVED),
        (changed(State.SUSPECTED, State.DISMISSED, Reason.VERDICT), EventType.RESOLVED),
        (changed(State.RESOLVED, State.DISMISSED, Reason.VERDICT), EventType.RESOLVED),
        (changed(State.CONFIRMED, State.CONFIRMED, Reason.ACKNOWLEDGED), EventType.OFFICIAL_ACKNOWLEDGED),
        (changed(State.RESOLVED, State.RESOLVED, Reason.ACKNOWLEDGED), EventType.OFFICIAL_ACKNOWLEDGED),
        (changed(State.RESOLVED, State.RESOLVED, Reason.OFFICIAL_WELL), EventType.OFFICIAL_RESOLVED),
        (changed(State.CONFIRMED, State.CONFIRMED, Reason.SILENT), EventType.OFFICIAL_SILENT),
        (changed(State.CONFIRMED, State.CONFIRMED, Reason.SPILLS), EventType.UPDATED),
        (changed(State.CONFIRMED, State.CONFIRMED, Reason.SPILLOVER), EventType.UPDATED),
    ],
)
def test_a_change_makes_the_event_that_says_how_it_ended_up(change: Change, type_: EventType) -> None:
    event = event_of(change, service_name="iMessage")
    assert event is not None
    assert (event.type, event.incident, event.service, event.at) == (
        type_,
        INCIDENT.id,
        "imessage",
        change.at,
    )
    assert json.loads(event.body)["type"] == type_


def test_a_verdict_that_agrees_with_the_end_tells_nobody_anything() -> None:
    agreed = changed(State.RESOLVED, State.RESOLVED, Reason.VERDICT)
    assert event_of(agreed, service_name="iMessage") is None


def test_the_body_says_all_that_a_subscriber_needs() -> None:
    event = event_of(OPENED, run_note="reconstruction", service_name="iMessage", evidence=[evidence()])
    assert event is not None
    assert event.id == "evt_20121118T2005_11a0f937ca_0"
    assert event.body.startswith('{"type":"incident.opened","timestamp":"2012-11-18T20:05:00Z","data":{')
    assert json.loads(event.body)["data"] == {
        "incident": "inc_20121118T2005_11a0f937ca",
        "run": "live",
        "note": "reconstruction",
        "service": {"id": "imessage", "name": "iMessage"},
        "state": "suspected",
        "previous_state": None,
        "reason": "surge",
        "severity": "major",
        "onset_at": "2012-11-18T20:00:00Z",
        "onset_earliest_at": "2012-11-18T19:58:00Z",
        "onset_latest_at": "2012-11-18T20:01:00Z",
        "raised_at": "2012-11-18T20:05:00Z",
        "resolved_at": None,
        "expected": 0.8,
        "observed": 14,
        "spread": 0.9,
        "window_minutes": 5,
        "growth": 4.667,
        "score": 9.123,
        "threshold": 5.5,
        "chance_per_month": 3.25e-05,
        "relapse_of": "inc_20121118T1940_0123456789",
        "is_common_cause": False,
        "spillover_of": None,
        "spillover_count": 0,
        "spillovers": [],
        "model_version": "2012.11.1",
        "official": None,
        "lead_minutes": None,
        "evidence": [
            {
                "source": "x",
                "post_id": "270",
                "written_at": "2012-11-18T20:05:00Z",
                "text": "stuck at sending",
                "kind": "complaint",
                "probability": 0.935,
                "symptoms": ["sending"],
                "url": None,
            }
        ],
    }


def test_an_official_event_says_what_the_page_said_and_how_late_it_was() -> None:
    notice = OfficialNotice(
        run="live",
        service="imessage",
        state=OfficialState.TROUBLE,
        seen_at=AT + timedelta(minutes=57, seconds=30),
        text="Some users are affected",
        claimed_at=AT - timedelta(minutes=5),
        claimed_end_at=AT + timedelta(minutes=50),
        after_the_fact=True,
        url="https://status.example",
        event="apple:imessage:1",
    )
    incident = msgspec.structs.replace(INCIDENT, official_at=notice.seen_at, revision=1)
    event = event_of(
        Change(incident, incident.state, Reason.ACKNOWLEDGED, AT + timedelta(minutes=58), official=notice),
        service_name="iMessage",
    )
    assert event is not None
    data = json.loads(event.body)["data"]
    assert data["lead_minutes"] == 57.5
    assert data["reason"] == "acknowledged"
    assert data["official"] == {
        "state": "trouble",
        "seen_at": "2012-11-18T21:02:30Z",
        "claimed_at": "2012-11-18T20:00:00Z",
        "claimed_end_at": "2012-11-18T20:55:00Z",
        "after_the_fact": True,
        "text": "Some users are affected",
        "url": "https://status.example",
    }


def test_the_same_change_is_the_same_event_and_the_next_change_another() -> None:
    again = event_of(OPENED, service_name="iMessage")
    following = event_of(changed(State.SUSPECTED, State.CONFIRMED, Reason.SUSTAINED), service_name="iMessage")
    assert event_of(OPENED, service_name="iMessage") == again
    assert again is not None
    assert following is not None
    assert again.id != following.id


def test_times_are_told_in_utc() -> None:
    elsewhere = Change(INCIDENT, None, Reason.SURGE, AT.astimezone(timezone(timedelta(hours=-8))))
    event = event_of(elsewhere, service_name="iMessage")
    assert event is not None
    assert json.loads(event.body)["timestamp"] == "2012-11-18T20:05:00Z"


def test_spillovers_are_told_with_their_names() -> None:
    note = Spillover("facetime", AT - timedelta(minutes=4), AT, 0.51234, 9, 4)
    incident = msgspec.structs.replace(INCIDENT, spillovers=(note,), is_common_cause=True)
    event = event_of(
        Change(incident, None, Reason.COMMON_CAUSE, AT),
        service_name="iMessage",
        names={"facetime": "FaceTime"},
    )
    assert event is not None
    assert event.type is EventType.OPENED
    data = json.loads(event.body)["data"]
    assert (data["is_common_cause"], data["spillover_count"]) == (True, 1)
    assert data["spillovers"] == [
        {
            "service": {"id": "facetime", "name": "FaceTime"},
            "since": "2012-11-18T20:01:00Z",
            "raised_at": None,
            "expected": 0.512,
            "observed": 9,
            "window_minutes": 4,
        }
    ]


def test_who_asked_for_a_service_that_the_event_speaks_for_gets_it_too() -> None:
    event = event_of(OPENED, service_name="iMessage")
    assert event is not None
    narrow = endpoint("https://a.example", services=("facetime",))
    for concerned, told in (((), 0), (("facetime", "icloud"), 1), (("spotify",), 0)):
        sent = deliveries_for(event, [narrow], live=True, sequence=0, now=AT, concerned=concerned)
        assert len(sent) == told


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
LONG = st.builds(
    lambda sign, size: sign * size, st.sampled_from(["a", "\0", "🎉", '"', "\ud800"]), st.integers(1, 3000)
)
POSTS = st.lists(
    st.builds(evidence, ANY_TEXT | LONG, st.none() | ANY_TEXT | LONG, ANY_TEXT | LONG), max_size=6
)


@settings(max_examples=50)
@given(POSTS, LONG)
def test_the_body_is_below_20_kb_and_json_whatever_people_write(posts: list[Evidence], long: str) -> None:
    notes = (Spillover(long, AT, AT, 0.5, 9, 4),) * 100
    incident = msgspec.structs.replace(
        INCIDENT, run=long, service=long, id=long, score=float("inf"), model_version=long, spillovers=notes
    )
    notice = OfficialNotice(long, long, OfficialState.TROUBLE, AT, long, url=long, event=long)
    change = Change(incident, None, Reason.SURGE, AT, official=notice)
    event = event_of(change, run_note=long, service_name=long, evidence=posts)
    assert event is not None
    assert len(event.body.encode()) < LARGEST_BODY
    assert len(json.loads(event.body)["data"]["evidence"]) <= 5


def test_each_endpoint_that_wants_an_event_gets_one_delivery_due_at_once() -> None:
    event = event_of(OPENED, service_name="iMessage")
    assert event is not None
    url = "https://hooks.example/1"
    wanting, narrow = endpoint(url, id="ep_1"), endpoint(url, id="ep_2", services=("imessage",))
    others = [
        endpoint(url, id="ep_3", services=("spotify",)),
        endpoint(url, id="ep_4", events=(EventType.RESOLVED,)),
        endpoint(url, id="ep_5", disabled_at=AT),
    ]
    deliveries = deliveries_for(event, [wanting, narrow, *others], live=True, sequence=3, now=AT)
    assert [one.endpoint for one in deliveries] == ["ep_1", "ep_2"]
    assert [one.id for one in deliveries] == [
        f"dlv_20121118T2005_11a0f937ca_0_{ep}" for ep in ("ep_1", "ep_2")
    ]
    for one in deliveries:
        assert (one.state, one.tries, one.sequence, one.next_try_at) == (DeliveryState.WAITING, 0, 3, AT)


def test_a_replay_is_told_only_to_those_who_asked_for_replays() -> None:
    event = event_of(OPENED, service_name="iMessage")
    assert event is not None
    both = [endpoint("https://a.example", id="ep_1"), endpoint("https://a.example", id="ep_2", replays=True)]
    assert [one.endpoint for one in deliveries_for(event, both, live=False, sequence=0, now=AT)] == ["ep_2"]
