from datetime import timedelta

import pytest
from msgspec.structs import replace
from starlette.testclient import TestClient

from api.app import create_app
from domain.activation import Why
from domain.model_version import ModelCard, ModelVersion
from domain.retraining import Figure, Measure, Retraining, RetrainingState, Trial
from models.shipped import shipped_version
from tests.api.house import KEY, NOW, small_house

HEADERS = {"Authorization": f"Bearer {KEY}"}
SHIPPED = shipped_version()
FIRST = SHIPPED.card.version
BAD = ModelVersion(ModelCard("2026-01-01-0badc0de", NOW, {}, {}, {}), b"GGUF")


@pytest.fixture
def house():
    house = small_house()
    for version in (SHIPPED, BAD):
        house.stores.models.add(version)
    house.stores.models.activate(FIRST, NOW - timedelta(days=1), why=Why.SHIPPED)
    return house


@pytest.fixture
def client(house):
    return TestClient(create_app(house, clock=lambda: NOW), headers=HEADERS)


def end(house, number, **fields):
    """Ask for a retraining and refuse it, so many hours after now."""
    at = NOW + timedelta(hours=number)
    house.stores.retrainings.begin(Retraining(f"ret_{number}", "ada", at))
    taken = house.stores.retrainings.take_up(f"ret_{number}", "here", at, silent_since=at)
    ended = replace(taken, state=RetrainingState.REFUSED, finished_at=at, reason="no better", **fields)
    assert house.stores.retrainings.conclude(ended)


# --- versions ---


def test_everyone_may_read_the_card_of_the_version_that_counts(house):
    answer = TestClient(create_app(house, clock=lambda: NOW)).get("/v1/classifier").json()
    assert answer["card"]["version"] == FIRST
    assert answer["card"]["figures"] == SHIPPED.card.figures
    assert (answer["since"], answer["why"]) == ("2012-11-17T20:51:00Z", "shipped")


def test_without_any_classifier_there_is_none_to_read():
    answer = TestClient(create_app(small_house())).get("/v1/classifier")
    assert answer.status_code == 404


def test_versions_come_with_their_history(client):
    answer = client.get("/v1/classifier/versions").json()
    assert {one["version"]: one["active"] for one in answer["items"]} == {
        FIRST: True,
        BAD.card.version: False,
    }
    assert [(one["version"], one["why"]) for one in answer["activations"]] == [(FIRST, "shipped")]


def test_a_version_is_activated_and_gone_back_from_by_hand(house, client):
    day = SHIPPED.card.trained_at + timedelta(days=1)
    second = f"{day:%Y-%m-%d}{FIRST[10:]}"
    house.stores.models.add(ModelVersion(replace(SHIPPED.card, version=second, trained_at=day), SHIPPED.body))
    answer = client.post(f"/v1/classifier/versions/{second}/activate")
    assert answer.status_code == 200
    assert answer.json() == {"version": second, "at": "2012-11-18T20:51:00Z", "why": "by_hand", "by": "tests"}
    assert client.get("/v1/classifier").json()["card"]["version"] == second
    back = client.post("/v1/classifier/rollback").json()
    assert (back["version"], back["why"]) == (FIRST, "rollback")
    nothing = client.post("/v1/classifier/rollback")
    assert nothing.status_code == 409
    assert "nothing to go back to" in nothing.json()["detail"]
    assert house.stores.models.active() == FIRST


def test_an_unknown_version_is_not_found(client):
    answer = client.post("/v1/classifier/versions/nothing/activate")
    assert answer.status_code == 404
    assert "/v1/classifier/versions" in answer.json()["detail"]


def test_a_bad_version_is_refused_by_name_and_reason_and_the_champion_stays(house, client):
    answer = client.post(f"/v1/classifier/versions/{BAD.card.version}/activate")
    assert answer.status_code == 409
    assert f"{BAD.card.version} is refused: the bytes are not those" in answer.json()["detail"]
    assert house.stores.models.active() == FIRST


# --- retrainings ---


def test_a_retraining_is_accepted_and_can_be_watched(client):
    answer = client.post("/v1/classifier/retrain")
    assert answer.status_code == 202
    told = answer.json()
    assert (told["asked_by"], told["state"], told["progress"]) == ("tests", "waiting", 0.0)
    assert client.get(answer.headers["Location"]).json() == told


def test_a_second_one_is_a_conflict_that_names_the_first(client):
    first = client.post("/v1/classifier/retrain").headers["Location"]
    second = client.post("/v1/classifier/retrain")
    assert second.status_code == 409
    assert first in second.json()["detail"]


def test_a_decision_is_told_with_its_figures_and_reason(house, client):
    figure = Figure(Trial.NEW_LABELS, Measure.SURPRISE, "all", 80, 0.5, 0.4, 0.05, 0.15)
    end(house, 1, figures=(figure,), set_aside={"mal": "9 of 10 verdicts contradict"})
    told = client.get("/v1/classifier/retrainings/ret_1").json()
    assert (told["state"], told["reason"]) == ("refused", "no better")
    assert told["set_aside"] == {"mal": "9 of 10 verdicts contradict"}
    assert told["figures"][0]["gain"] == pytest.approx(0.1)


def test_retrainings_come_the_latest_first_from_page_to_page(house, client):
    for number in range(3):
        end(house, number)
    first = client.get("/v1/classifier/retrainings", params={"limit": 2}).json()
    assert [one["id"] for one in first["items"]] == ["ret_2", "ret_1"]
    second = client.get("/v1/classifier/retrainings", params={"limit": 2, "cursor": first["next_cursor"]})
    assert [one["id"] for one in second.json()["items"]] == ["ret_0"]
    assert second.json()["next_cursor"] is None
    wrong = client.get("/v1/classifier/retrainings", params={"cursor": "nonsense"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "cursor")


def test_an_unknown_retraining_is_not_found(client):
    assert client.get("/v1/classifier/retrainings/ret_nothing").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "versions"),
        ("GET", "retrainings"),
        ("GET", "retrainings/ret_1"),
        ("POST", "retrain"),
        ("POST", "rollback"),
        ("POST", f"versions/{FIRST}/activate"),
    ],
    ids=lambda part: part.replace(FIRST, "first"),
)
def test_writes_and_whatever_names_people_need_a_key(house, method, path):
    client = TestClient(create_app(house, clock=lambda: NOW))
    assert client.request(method, f"/v1/classifier/{path}").status_code == 401
    assert house.stores.retrainings.under_way() is None
    assert len(house.stores.models.activations()) == 1
