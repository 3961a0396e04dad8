from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from domain.delivery import Delivery, DeliveryState, Endpoint, Event, EventType
from tests.api.house import KEY, NOW, an_incident, save, small_house, with_live

HEADERS = {"Authorization": f"Bearer {KEY}"}
URL = "https://example.com/hook"


@pytest.fixture
def house():
    return with_live(small_house())


@pytest.fixture
def api(house):
    return TestClient(create_app(house, clock=lambda: NOW), headers=HEADERS)


def test_the_secret_is_shown_once_and_never_again(api):
    made = api.post("/v1/webhooks", json={"url": URL})
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert made.json()["secret"].startswith("whsec_")
    listed = api.get("/v1/webhooks")
    assert [one["url"] for one in listed.json()["items"]] == [URL]
    assert "whsec_" not in listed.text


def test_what_is_wanted_is_kept(api, house):
    asked = {"url": URL, "services": ["imessage"], "events": ["incident.opened"], "replays": True}
    endpoint = house.stores.deliveries.endpoint(api.post("/v1/webhooks", json=asked).json()["id"])
    assert (endpoint.services, endpoint.events, endpoint.replays) == (
        ("imessage",),
        (EventType.OPENED,),
        True,
    )


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": URL, "services": ["nobody"]}, "services"),
        ({"url": URL, "events": ["incident.exploded"]}, "events.0"),
        ({"url": URL, "secret": "mine"}, "secret"),
        ({}, "url"),
    ],
)
def test_an_unfit_webhook_is_refused_by_field(api, house, asked, field):
    answer = api.post("/v1/webhooks", json=asked)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert house.stores.deliveries.endpoints() == []


def test_a_removed_webhook_is_gone(api):
    id_ = api.post("/v1/webhooks", json={"url": URL}).json()["id"]
    assert api.delete(f"/v1/webhooks/{id_}").status_code == 204
    assert api.delete(f"/v1/webhooks/{id_}").status_code == 404
    assert api.get(f"/v1/webhooks/{id_}/deliveries").status_code == 404


def test_the_operators_own_webhook_is_removed_in_the_settings_only(api, house):
    house.stores.deliveries.add_endpoint(Endpoint("operator", URL, "whsec_x", NOW, by_operator=True))
    answer = api.delete("/v1/webhooks/operator")
    assert answer.status_code == 409
    assert "GROUNDSWELL_WEBHOOK_URL" in answer.json()["detail"]


def test_a_parked_delivery_is_shown_and_can_be_tried_again(api, house):
    id_ = api.post("/v1/webhooks", json={"url": URL}).json()["id"]
    park_one(house, id_)
    path = f"/v1/webhooks/{id_}/deliveries"
    [parked] = api.get(path, params={"state": "parked"}).json()["items"]
    assert (parked["webhook"], parked["event"]["type"], parked["last_status"]) == (
        id_,
        "incident.opened",
        500,
    )
    assert api.post(f"/v1/deliveries/{parked['id']}/replay").status_code == 204
    assert api.post(f"/v1/deliveries/{parked['id']}/replay").status_code == 404
    assert [one["state"] for one in api.get(path).json()["items"]] == ["waiting"]


def park_one(house, endpoint):
    incident = an_incident()
    event = Event("evt_1", EventType.OPENED, incident.id, incident.service, NOW, "{}")
    delivery = Delivery("dlv_1", endpoint, event, 0, DeliveryState.WAITING, 0, NOW)
    save(house, "live", NOW, incidents=[incident], deliveries=[delivery])
    [due] = house.stores.deliveries.claim_due(NOW, NOW + timedelta(minutes=1), 10)
    house.stores.deliveries.record_failure(due, status=500, error="it answered 500", again_at=None)
