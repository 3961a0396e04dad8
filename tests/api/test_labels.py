import pytest
from starlette.testclient import TestClient

from api.app import create_app
from domain.incident import State
from domain.notice import OfficialNotice, OfficialState
from tests.api.house import KEY, NOW, an_incident, save, small_house, with_live

HEADERS = {"Authorization": f"Bearer {KEY}"}
INCIDENT = an_incident().id
OFFICIAL = "statuspage:spotify:1"


@pytest.fixture
def house():
    house = with_live(small_house())
    save(house, "live", NOW, incidents=[an_incident()])
    house.stores.notices.add([OfficialNotice("live", "spotify", OfficialState.TROUBLE, NOW, event=OFFICIAL)])
    return house


def send(house, label):
    return TestClient(create_app(house, clock=lambda: NOW)).post("/v1/labels", json=label, headers=HEADERS)


def test_not_an_outage_dismisses_the_incident_under_the_keys_name(house):
    answer = send(house, {"incident": INCIDENT, "verdict": "not_an_outage"})
    assert answer.status_code == 201
    assert (answer.json()["by"], answer.json()["incident_state"]) == ("tests", "dismissed")
    assert house.stores.incidents.get(INCIDENT).state is State.DISMISSED
    assert [label.by for label in house.stores.labels.find(incident=INCIDENT)] == ["tests"]


def test_a_posts_label_keeps_its_words(house):
    label = {
        "source": "api",
        "post": "7",
        "verdict": "real",
        "kind": "echo",
        "text": "lol imessage",
        "service": "imessage",
    }
    assert send(house, label).status_code == 201
    assert house.stores.labels.find()[0].text == "lol imessage"


@pytest.mark.parametrize("verdict", ["real", "not_an_outage"])
def test_an_official_event_may_be_labelled_as_one_that_could_be_heard_or_not(house, verdict):
    answer = send(house, {"official": OFFICIAL, "verdict": verdict})
    assert answer.status_code == 201
    assert (answer.json()["official"], answer.json()["incident_state"]) == (OFFICIAL, None)
    assert [label.verdict for label in house.stores.labels.find(official=OFFICIAL)] == [verdict]


@pytest.mark.parametrize(
    "label",
    [
        {"verdict": "real"},
        {"verdict": "real", "official": "statuspage:spotify:2"},
        {"verdict": "real", "official": OFFICIAL, "incident": INCIDENT},
        {"verdict": "real", "official": OFFICIAL, "source": "api", "post": "7"},
        {"verdict": "real", "official": OFFICIAL, "kind": "echo"},
        {"verdict": "real", "official": OFFICIAL, "service": "spotify"},
        {"verdict": "wrong_service", "official": OFFICIAL},
        {"verdict": "real", "post": "7"},
        {"verdict": "real", "source": "api"},
        {"verdict": "real", "incident": INCIDENT, "source": "api", "post": "7"},
        {"verdict": "real", "incident": INCIDENT, "kind": "echo"},
        {"verdict": "perhaps", "incident": INCIDENT},
        {"verdict": "real", "incident": "inc_nowhere"},
        {"verdict": "wrong_service", "incident": INCIDENT, "service": "nobody"},
        {"verdict": "real", "incident": INCIDENT, "verdikt": "real"},
    ],
)
def test_a_label_that_cannot_be_meant_is_refused(house, label):
    answer = send(house, label)
    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert house.stores.labels.find() == []
