"""Official events over HTTP: what was said, what we heard of it, and what we missed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from domain.notice import OfficialNotice, OfficialState
from tests.api.house import NOW, RAISED, SmallHouse, an_incident, save, small_house, with_live

TROUBLE, MAINTENANCE, WELL = OfficialState.TROUBLE, OfficialState.MAINTENANCE, OfficialState.WELL


def said(
    minutes: int,
    state: OfficialState = TROUBLE,
    event: str = "a",
    service: str = "imessage",
    **fields: object,
) -> OfficialNotice:
    """What is first seen so many minutes after ``RAISED``."""
    seen_at = RAISED + timedelta(minutes=minutes)
    return OfficialNotice(
        "live",
        service,
        state,
        seen_at,
        event=event,
        **fields,  # type: ignore[arg-type]  # as given
    )


@pytest.fixture
def house() -> SmallHouse:
    """A trouble that we heard, one that we missed, planned work, and one that may yet be heard."""
    house = with_live(small_house())
    save(house, "live", NOW, incidents=[an_incident("imessage")])
    house.stores.notices.add(
        [
            said(20, text="Some users are affected", claimed_at=RAISED, url="https://status.example/1"),
            said(30, text="Most users", claimed_at=RAISED - timedelta(minutes=9)),
            said(-300, event="b", service="facetime", after_the_fact=True),
            said(-300, WELL, event="b", service="facetime", claimed_end_at=RAISED - timedelta(minutes=400)),
            said(-200, MAINTENANCE, event="c", service="spotify"),
            said(10, event="d", service="netflix"),
        ]
    )
    return house


def api_of(house: SmallHouse) -> TestClient:
    return TestClient(create_app(house, clock=lambda: NOW))


def listed(house: SmallHouse, **asked: object) -> list[dict]:
    answer = api_of(house).get("/v1/official", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_events_come_the_latest_first_with_what_was_heard_of_them(house):
    assert [(one["event"], one["heard"], one["missed"]) for one in listed(house)] == [
        ("a", an_incident("imessage").id, False),
        ("d", None, False),
        ("c", None, False),
        ("b", None, True),
    ]


def test_an_event_says_how_it_stands_and_all_that_was_said(house):
    event = listed(house, service="imessage")[0]
    assert event["state"] == "trouble"
    assert (event["first_seen_at"], event["claimed_at"]) == ("2012-11-18T20:24:00Z", "2012-11-18T19:55:00Z")
    assert (event["text"], event["url"]) == ("Some users are affected", "https://status.example/1")
    assert [one["text"] for one in event["history"]] == ["Some users are affected", "Most users"]
    late = listed(house, service="facetime")[0]
    assert (late["state"], late["after_the_fact"], late["claimed_end_at"]) == (
        "well", True, "2012-11-18T13:24:00Z",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "events"),
    [
        ({"missed": "true"}, ["b"]),
        ({"missed": "false"}, ["a", "d", "c"]),
        ({"service": "netflix"}, ["d"]),
        ({"service": "netflix", "missed": "true"}, []),
    ],
)
def test_the_list_can_be_narrowed(house, asked, events):
    assert [one["event"] for one in listed(house, **asked)] == events


def test_pages_follow_each_other_without_gap(house):
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        asked = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = api_of(house).get("/v1/official", params=asked).json()
        seen += [one["event"] for one in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
    assert (seen, pages) == (["a", "d", "c", "b"], 2)


def test_a_cursor_of_other_filters_or_of_an_event_that_is_gone_is_refused(house):
    api = api_of(house)
    cursor = api.get("/v1/official", params={"limit": 1}).json()["next_cursor"]
    other = api.get("/v1/official", params={"limit": 1, "missed": True, "cursor": cursor})
    assert other.status_code == 422
    house.stores.notices.forget("live")
    gone = api.get("/v1/official", params={"limit": 1, "cursor": cursor})
    assert (gone.status_code, gone.json()["errors"][0]["field"]) == (422, "cursor")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"run": "never"}, "run"),
        ({"run": "all"}, "run"),
        ({"service": "nobody"}, "service"),
        ({"missed": "perhaps"}, "missed"),
        ({"limit": 0}, "limit"),
        ({"mised": "true"}, "mised"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(house, asked, field):
    answer = api_of(house).get("/v1/official", params=asked)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_miss_that_a_person_labels_is_missed_no_longer(house):
    api = api_of(house)
    label = {"official": "b", "verdict": "not_an_outage"}
    answer = api.post("/v1/labels", json=label, headers={"Authorization": "Bearer gsk_for-tests"})
    assert answer.status_code == 201
    [event] = listed(house, service="facetime")
    assert (event["missed"], [one["by"] for one in event["labels"]]) == (False, ["tests"])
