import pytest
from starlette.testclient import TestClient

from api.app import create_app
from tests.api.house import KEY, NOW, small_house

GUARDED = [
    ("POST", "/v1/posts"),
    ("POST", "/v1/labels"),
    ("GET", "/v1/labels"),
    ("GET", "/v1/labels/queue"),
    ("DELETE", "/v1/labels/lab_1"),
    ("POST", "/v1/webhooks"),
    ("GET", "/v1/webhooks"),
    ("DELETE", "/v1/webhooks/whk_1"),
    ("GET", "/v1/webhooks/whk_1/deliveries"),
    ("POST", "/v1/deliveries/dlv_1/replay"),
]


@pytest.fixture
def house():
    return small_house()


@pytest.fixture
def api(house):
    return TestClient(create_app(house, clock=lambda: NOW))


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize("sent", [None, "Bearer gsk_wrong", f"Basic {KEY}", "Bearer", KEY])
def test_without_a_key_it_is_refused_and_told_how_to_get_one(api, method, path, sent):
    answer = api.request(method, path, headers={"Authorization": sent} if sent else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "groundswell key new" in answer.json()["detail"]


def test_a_revoked_key_is_no_key(api, house):
    headers = {"Authorization": f"Bearer {KEY}"}
    assert api.get("/v1/webhooks", headers=headers).status_code == 200
    house.stores.keys.revoke("tests", NOW)
    assert api.get("/v1/webhooks", headers=headers).status_code == 401


def test_every_write_of_the_api_needs_a_key(api):
    for path, methods in api.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            if method != "get":
                assert operation.get("security"), f"{method} {path}"
