"""The record of the lead over HTTP and on its page."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from domain.incident import Incident, State
from domain.label import Label, Verdict
from domain.notice import OfficialNotice, OfficialState
from domain.run import Run
from tests.api.house import NOW, RAISED, SmallHouse, admission, an_incident, save, small_house, with_live

NASTY = "<script>alert(1)</script>"
FIGURES = {"us": 1, "them": 1, "never_admitted": 0, "pending": 1, "unwatched": 1, "missed": 1}


def resolved(service: str, raised_at_minutes: int) -> Incident:
    at = RAISED + timedelta(minutes=raised_at_minutes)
    return msgspec.structs.replace(
        an_incident(service, raised_at=at), state=State.RESOLVED, resolved_at=at + timedelta(minutes=40)
    )


def trouble(service: str, minutes: int, state: OfficialState = OfficialState.TROUBLE) -> OfficialNotice:
    """What the page says of a service, so many minutes after ``RAISED``, and of nobody's incident."""
    return OfficialNotice(
        "live",
        service,
        state,
        RAISED + timedelta(minutes=minutes),
        text=NASTY,
        url="javascript:alert(1)",
        event=f"apple:{service}:1",
    )


@pytest.fixture
def house() -> SmallHouse:
    """One incident of each sort, and one official trouble that nobody heard."""
    house = with_live(small_house())
    incidents = [
        an_incident("imessage"),
        resolved("imessage", -600),
        resolved("spotify", -300),
        resolved("facetime", -800),
    ]
    save(house, "live", NOW, incidents=incidents)
    house.stores.notices.add(
        [
            admission("imessage", after=40),
            admission("imessage", after=-605),
            trouble("facetime", -300),
            trouble("facetime", -240, OfficialState.WELL),
        ]
    )
    return house


def ask(house: SmallHouse, path: str = "/v1/lead", **asked: object) -> dict:
    answer = TestClient(create_app(house, clock=lambda: NOW)).get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_record_says_who_was_first_and_by_how_much(house):
    told = ask(house)
    assert told["run"] == "live"
    assert {name: told["total"][name] for name in FIGURES} == FIGURES
    assert told["total"]["incidents"] == 4
    assert told["total"]["median_minutes"] == 17.5
    assert told["total"]["quantiles"]["p50"] == 17.5
    bins = {(one["above_minutes"], one["up_to_minutes"]): one["count"] for one in told["total"]["histogram"]}
    assert {span: count for span, count in bins.items() if count} == {(-10, 0): 1, (30, 60): 1}
    assert bins.keys() >= {(None, -60), (60, None)}


def test_services_and_vendors_have_figures_of_their_own(house):
    told = ask(house)
    assert told["by_service"]["imessage"]["median_minutes"] == 17.5
    assert (told["by_service"]["facetime"]["missed"], told["by_service"]["facetime"]["median_minutes"]) == (
        1,
        None,
    )
    assert told["by_service"]["facetime"]["quantiles"] is None
    assert told["by_vendor"]["Apple"]["incidents"] == 3
    assert list(told["by_service"])[:2] == ["facetime", "imessage"]


def test_a_miss_is_shown_with_all_that_was_said_of_it(house):
    [miss] = ask(house)["misses"]
    assert (miss["event"], miss["service"], miss["state"]) == ("apple:facetime:1", "facetime", "well")
    assert (miss["heard"], miss["missed"], miss["labels"]) == (None, True, [])
    assert [one["state"] for one in miss["history"]] == ["trouble", "well"]


def test_a_person_may_excuse_a_miss_which_is_then_shown_and_not_counted(house):
    label = Label("lab_1", "ann", NOW, Verdict.NOT_AN_OUTAGE, official="apple:facetime:1")
    house.stores.labels.add(label)
    told = ask(house)
    assert told["total"]["missed"] == 0
    [miss] = told["misses"]
    assert miss["missed"] is False
    assert [(one["by"], one["verdict"]) for one in miss["labels"]] == [("ann", "not_an_outage")]


def test_a_later_verdict_takes_an_excuse_back(house):
    for number, verdict in enumerate([Verdict.NOT_AN_OUTAGE, Verdict.REAL]):
        at = NOW + timedelta(minutes=number)
        house.stores.labels.add(
            Label(f"lab_{number}", f"p{number}", at, verdict, official="apple:facetime:1")
        )
    assert ask(house)["total"]["missed"] == 1


def test_an_incident_that_was_called_none_is_left_out(house):
    [outage] = house.stores.incidents.open_in("live")
    house.stores.labels.add(Label("lab_1", "ann", NOW, Verdict.NOT_AN_OUTAGE, incident=outage.id))
    assert ask(house)["total"]["incidents"] == 3


@pytest.mark.parametrize(
    ("asked", "incidents", "missed"),
    [
        ({"service": "imessage"}, 2, 0),
        ({"service": "facetime"}, 1, 1),
        ({"service": "netflix"}, 0, 0),
        ({"vendor": "Apple"}, 3, 1),
        ({"vendor": "Spotify"}, 1, 0),
        ({"from": "2012-11-18T20:00:00Z"}, 1, 0),
        ({"from": "2012-11-18T15:04:00Z", "until": "2012-11-18T15:05:00Z"}, 1, 1),
        ({"until": "2012-11-18T15:04:00Z"}, 2, 0),
    ],
)
def test_the_record_can_be_narrowed(house, asked, incidents, missed):
    told = ask(house, **asked)
    assert (told["total"]["incidents"], told["total"]["missed"], len(told["misses"])) == (
        incidents,
        missed,
        missed,
    )


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"run": "never"}, "run"),
        ({"run": "all"}, "run"),
        ({"service": "nobody"}, "service"),
        ({"vendor": "nobody"}, "vendor"),
        ({"from": "2012-11-18T20:00:00"}, "from"),
        ({"from": "2012-11-18T20:00:00Z", "until": "2012-11-18T20:00:00Z"}, "from"),
        ({"vender": "Apple"}, "vender"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(house, asked, field):
    answer = TestClient(create_app(house, clock=lambda: NOW)).get("/v1/lead", params=asked)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_whose_kind_of_dashboard_has_ever_spoken_is_watched(house):
    """A command beside the stack does not know the stack's settings."""
    house.watched = frozenset()
    assert ask(house)["total"]["unwatched"] == 1
    house.stores.notices.add([msgspec.structs.replace(trouble("netflix", -5), event="web:netflix:1")])
    told = ask(house)
    assert (told["total"]["unwatched"], told["total"]["pending"]) == (0, 2)


def test_an_empty_run_has_an_empty_record():
    told = ask(small_house())
    assert told["total"]["incidents"] == told["total"]["missed"] == 0
    assert (told["by_service"], told["by_vendor"], told["misses"]) == ({}, {}, [])


def test_a_replay_has_a_record_up_to_its_last_closed_minute(house):
    house.stores.runs.start(Run("demo", NOW + timedelta(days=5000)))
    ended = msgspec.structs.replace(
        an_incident(run="demo"), state=State.RESOLVED, resolved_at=RAISED + timedelta(minutes=30)
    )
    save(house, "demo", NOW, incidents=[ended])
    house.stores.notices.add([admission(run="demo", after=20), admission("facetime", run="demo", after=90)])
    told = ask(house, run="demo")
    assert (told["total"]["us"], told["total"]["unwatched"], told["total"]["missed"]) == (1, 0, 0)
    save(house, "demo", NOW + timedelta(days=1))
    assert ask(house, run="demo")["total"]["missed"] == 1


# --- the page ---


def page_of(house: SmallHouse, path: str) -> str:
    answer = TestClient(create_app(house, clock=lambda: NOW)).get(path)
    assert answer.status_code == 200
    return answer.text


def test_the_page_tells_the_record_and_what_was_missed(house):
    page = page_of(house, "/lead?run=live")
    assert (
        "We were first with 1 of 2 admitted outages; in the median 17 min before the official word." in page
    )
    assert page.index("By service") < page.index("By vendor") < page.index("Missed <small>")
    assert "apple:facetime:1" in page
    assert "18 November 2012" in page


def test_the_page_tells_what_people_said_of_a_miss(house):
    house.stores.labels.add(Label("l", "ann", NOW, Verdict.NOT_AN_OUTAGE, official="apple:facetime:1"))
    assert "ann: it could not be heard" in page_of(house, "/lead?run=live")


def test_strangers_words_are_never_markup(house):
    page = page_of(house, "/lead?run=live")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "javascript:" not in page


def test_an_empty_record_is_a_page_too():
    page = page_of(small_house(), "/lead")
    assert "No outage was admitted yet that we raised." in page
    assert "By service" not in page


def test_the_wall_leads_to_the_lead_of_its_run(house):
    assert 'href="/lead?run=live"' in page_of(house, "/?run=live")


def test_a_run_that_never_was_is_a_page_too(house):
    answer = TestClient(create_app(house, clock=lambda: NOW)).get("/lead?run=never")
    assert answer.status_code == 404
    assert "Go to the wall" in answer.text
