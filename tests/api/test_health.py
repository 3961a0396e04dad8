from starlette.testclient import TestClient

from api.app import create_app
from tests.api.house import NOW, small_house


def test_a_well_house_is_ready():
    api = TestClient(create_app(small_house(), clock=lambda: NOW))
    assert api.get("/healthz").json() == {"status": "ok"}
    assert api.get("/readyz").status_code == 200


def test_what_is_wrong_is_named_while_the_process_still_lives():
    house = small_house()
    house.failing = {"redis": "does not answer"}
    api = TestClient(create_app(house, clock=lambda: NOW))
    answer = api.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "redis: does not answer"
    assert answer.json()["parts"] == {"redis": "does not answer", "database": None, "worker": None}
    assert api.get("/healthz").status_code == 200
