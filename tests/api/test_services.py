import pytest
from starlette.testclient import TestClient

from api.app import create_app
from tests.api.house import NOW, an_incident, save, small_house, with_live


@pytest.fixture
def api():
    house = with_live(small_house())
    save(house, "live", NOW, incidents=[an_incident()])
    return TestClient(create_app(house, clock=lambda: NOW))


def test_services_come_by_name_with_their_open_incident(api):
    services = api.get("/v1/services").json()["items"]
    assert [one["name"] for one in services] == ["FaceTime", "iMessage", "Netflix", "Spotify"]
    assert [one["open_incident"] for one in services] == [None, an_incident().id, None, None]
    assert services[0]["official_page"] == "https://facetime.example/status"


def test_rates_cover_the_last_three_hours_unless_asked_otherwise(api):
    rates = api.get("/v1/services/spotify/rates").json()
    assert (rates["from"], rates["until"]) == ("2012-11-18T17:51:00Z", "2012-11-18T20:51:00Z")
    assert len(rates["minutes"]) == 180
    assert rates["minutes"][0]["at"] == "2012-11-18T17:51:00Z"
    assert rates["minutes"][-1]["at"] == "2012-11-18T20:50:00Z"


def test_a_minute_holds_every_measure_and_what_was_expected(api):
    asked = {"from": "2012-11-18T20:01:00Z", "until": "2012-11-18T20:02:00Z"}
    [minute] = api.get("/v1/services/spotify/rates", params=asked).json()["minutes"]
    assert minute == {
        "at": "2012-11-18T20:01:00Z",
        "complaints": 1,
        "questions": 0,
        "echoes": 0,
        "recoveries": 0,
        "mentions": 1,
        "expected": 0.13,
        "upper": 3.0,
        "blind": False,
        "model_version": "words-1",
    }


def test_a_minute_that_is_not_closed_is_not_shown(api):
    asked = {"from": "2012-11-18T20:49:00Z", "until": "2012-11-18T20:59:00Z"}
    minutes = api.get("/v1/services/spotify/rates", params=asked).json()["minutes"]
    assert [minute["at"][11:16] for minute in minutes] == ["20:49", "20:50"]


@pytest.mark.parametrize(
    "asked",
    [
        {"from": "2012-11-01T00:00:00Z"},
        {"from": "2012-11-18T21:00:00Z", "until": "2012-11-18T20:00:00Z"},
        {"run": "all"},
        {"run": "never"},
        {"since": "2012-11-18T20:00:00Z"},
    ],
)
def test_an_unfit_span_or_run_is_refused(api, asked):
    assert api.get("/v1/services/spotify/rates", params=asked).status_code == 422


def test_an_unknown_service_is_not_found(api):
    assert api.get("/v1/services/nobody/rates").status_code == 404
