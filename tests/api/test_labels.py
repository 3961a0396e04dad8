import pytest
from starlette.testclient import TestClient

from api.app import create_app
from domain.incident import State
from tests.api.house import KEY, NOW, an_incident, save, small_house, with_live

HEADERS = {"Authorization": f"Bearer {KEY}"}
INCIDENT = an_incident().id


@pytest.fixture
def house():
    house = with_live(small_house())
    save(house, "live", NOW, incidents=[an_incident()])
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


@pytest.mark.parametrize(
    "label",
    [
        {"verdict": "real"},
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
