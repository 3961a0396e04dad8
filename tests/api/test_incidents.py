from datetime import timedelta

import msgspec
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from domain.incident import Change, Incident, Reason, Spillover, State
from domain.moments import minute_of, start_of_minute
from domain.notice import OfficialNotice, OfficialState
from domain.run import Run
from tests.api.house import (
    NOW,
    RAISED,
    SmallHouse,
    a_post,
    admission,
    an_incident,
    hour_of,
    save,
    small_house,
    with_live,
)


def api_of(house: SmallHouse) -> TestClient:
    return TestClient(create_app(house, clock=lambda: NOW))


def house_with(*incidents: Incident) -> SmallHouse:
    house = with_live(small_house())
    save(house, "live", NOW, incidents=incidents, evidence=[a_post("imessage is stuck")])
    return house


def many(number: int) -> list[Incident]:
    return [an_incident(raised_at=RAISED + timedelta(minutes=minute)) for minute in range(number)]


def test_the_latest_raised_come_first_and_pages_follow_each_other_without_gap():
    incidents = many(5)
    api = api_of(house_with(*incidents))
    seen, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = api.get("/v1/incidents", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [one["id"] for one in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
    assert pages == 3
    assert seen == [one.id for one in reversed(incidents)]


def test_a_cursor_of_other_filters_is_refused():
    api = api_of(house_with(*many(3)))
    cursor = api.get("/v1/incidents", params={"limit": 1}).json()["next_cursor"]
    answer = api.get("/v1/incidents", params={"limit": 1, "cursor": cursor, "state": "open"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize("cursor", ["nonsense", "", "W10", "é", "eyJhIjoxfQ"])
def test_what_is_no_cursor_is_refused(cursor):
    answer = api_of(house_with()).get("/v1/incidents", params={"cursor": cursor})
    assert answer.status_code == 422
    assert "cursor" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"service": "imessage"}, 1),
        ({"service": "facetime"}, 0),
        ({"state": "open"}, 1),
        ({"state": "confirmed"}, 1),
        ({"state": ["resolved", "dismissed"]}, 0),
        ({"raised_from": "2012-11-18T20:04:00Z"}, 1),
        ({"raised_from": "2012-11-18T20:04:01Z"}, 0),
        ({"raised_until": "2012-11-18T20:04:00Z"}, 0),
        ({"run": "all"}, 1),
    ],
)
def test_filters_narrow_the_list(asked, found):
    api = api_of(house_with(an_incident()))
    assert len(api.get("/v1/incidents", params=asked).json()["items"]) == found


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"run": "never"}, "run"),
        ({"service": "nobody"}, "service"),
        ({"state": "on_fire"}, "state.0"),
        ({"limit": 0}, "limit"),
        ({"limit": 201}, "limit"),
        ({"raised_from": "2012-11-18T20:04:00"}, "raised_from"),
        ({"sevice": "imessage"}, "sevice"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(asked, field):
    answer = api_of(house_with()).get("/v1/incidents", params=asked)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_the_lead_is_positive_when_we_were_first():
    house = house_with(an_incident())
    house.stores.notices.add([admission(after=57)])
    [incident] = api_of(house).get("/v1/incidents").json()["items"]
    assert incident["lead_minutes"] == 57
    assert incident["official_at"] == "2012-11-18T21:01:00Z"


@pytest.mark.parametrize(
    "notice",
    [
        admission("facetime"),
        admission(after=-6 - 61),  # more than an hour before the onset
        OfficialNotice("live", "imessage", OfficialState.WELL, RAISED),
    ],
)
def test_a_notice_about_something_else_gives_no_lead(notice):
    house = house_with(an_incident())
    house.stores.notices.add([notice])
    [incident] = api_of(house).get("/v1/incidents").json()["items"]
    assert incident["lead_minutes"] is None


def test_an_incident_tells_what_is_known_of_the_official_side():
    house = house_with(an_incident())
    late = msgspec.structs.replace(admission(after=20), after_the_fact=True, claimed_end_at=RAISED)
    over = msgspec.structs.replace(late, state=OfficialState.WELL, after_the_fact=False)
    house.stores.notices.add([late, over])
    incident = api_of(house).get(f"/v1/incidents/{an_incident().id}").json()
    assert incident["admitted_after_the_fact"] is True
    assert incident["official_well_at"] == incident["official_at"] == "2012-11-18T20:24:00Z"
    told = [entry for entry in incident["timeline"] if entry["type"] == "official"]
    assert [(entry["state"], entry["after_the_fact"]) for entry in told] == [
        ("trouble", True),
        ("well", False),
    ]


def test_what_a_notice_tells_is_not_told_twice_and_silence_is():
    house = house_with(an_incident())
    incident = an_incident()
    for number, reason in enumerate([Reason.SILENT, Reason.ACKNOWLEDGED, Reason.OFFICIAL_WELL], start=1):
        after = msgspec.structs.replace(incident, silent_at=NOW, revision=number)
        assert house.stores.incidents.change(Change(after, incident.state, reason, NOW), ())
    told = api_of(house).get(f"/v1/incidents/{incident.id}").json()
    assert [entry["reason"] for entry in told["timeline"]] == ["surge", "silent"]
    assert told["silent_at"] == "2012-11-18T20:51:00Z"


def test_an_incident_tells_its_story_in_order_of_time():
    house = house_with(an_incident())
    house.stores.notices.add([admission(after=57), admission(after=-30)])
    incident = api_of(house).get(f"/v1/incidents/{an_incident().id}").json()
    assert [entry["type"] for entry in incident["timeline"]] == ["official", "change", "official"]
    assert incident["lead_minutes"] == -30
    assert incident["evidence"][0]["text"] == "imessage is stuck"
    assert (incident["observed"], incident["expected"], incident["window"]) == (142, 1.3, 10)
    assert (incident["threshold"], incident["model_version"]) == (6.0, "words-1")


def test_an_unknown_incident_is_a_problem_that_says_so():
    answer = api_of(small_house()).get("/v1/incidents/inc_nowhere")
    assert answer.status_code == 404
    assert "inc_nowhere" in answer.json()["detail"]


def test_runs_are_kept_apart():
    house = house_with(an_incident())
    house.stores.runs.start(Run("demo", NOW, note="a reconstruction"))
    save(house, "demo", NOW, incidents=[an_incident(run="demo"), an_incident("facetime", run="demo")])
    api = api_of(house)
    counts = {
        run: len(api.get("/v1/incidents", params={"run": run}).json()["items"])
        for run in ("live", "demo", "all")
    }
    assert counts == {"live": 1, "demo": 2, "all": 3}
    assert [run["name"] for run in api.get("/v1/runs").json()["items"]] == ["demo", "live"]


def test_an_incident_names_what_surges_with_it():
    note = Spillover("facetime", RAISED - timedelta(minutes=4), RAISED, 0.5, 9, 4)
    one = msgspec.structs.replace(an_incident(), spillovers=(note,), spillover_of="inc_other")
    api = api_of(house_with(one))
    for answer in (api.get("/v1/incidents").json()["items"][0], api.get(f"/v1/incidents/{one.id}").json()):
        assert (answer["is_common_cause"], answer["spillover_of"]) == (False, "inc_other")
        assert answer["spillovers"] == [
            {
                "service": "facetime",
                "since": "2012-11-18T20:00:00Z",
                "noted_at": "2012-11-18T20:04:00Z",
                "raised_at": None,
                "expected": 0.5,
                "observed": 9,
                "window": 4,
            }
        ]


def test_an_incident_explains_itself():
    one = msgspec.structs.replace(
        an_incident(), onset_earliest_at=RAISED - timedelta(minutes=7), growth=2.5, relapse_of="inc_before"
    )
    answer = api_of(house_with(one)).get(f"/v1/incidents/{one.id}").json()
    assert answer["onset_earliest_at"] == one.onset_earliest_at.isoformat().replace("+00:00", "Z")
    assert answer["onset_latest_at"] is None
    assert (answer["growth"], answer["relapse_of"]) == (2.5, "inc_before")
    assert answer["chance_per_month"] == pytest.approx(43_200 * 10**-one.score)


@pytest.mark.parametrize(("minutes", "growth"), [([1] * 10 + [5] * 10, 51 / 11), ([4] * 20, 1.0)])
def test_an_open_incident_says_how_it_grows_now(minutes, growth):
    house, one = small_house(), an_incident()
    house.stores.runs.start(Run("live", NOW - timedelta(days=2)))
    hour = minute_of(one.raised_at) // 60
    until = start_of_minute((hour + 1) * 60)
    save(house, "live", until, incidents=[one], rates=[hour_of("imessage", hour, [9] * 40 + minutes)])
    answer = api_of(house).get(f"/v1/incidents/{one.id}").json()
    assert answer["growth_now"] == growth


def test_an_incident_that_is_over_grows_no_more():
    over = msgspec.structs.replace(an_incident(), state=State.RESOLVED, resolved_at=NOW)
    assert api_of(house_with(over)).get(f"/v1/incidents/{over.id}").json()["growth_now"] is None
