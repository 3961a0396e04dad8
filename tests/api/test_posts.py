import json

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.routes.posts import MOST_BYTES, MOST_LINES, Busy
from tests.api.house import KEY, NOW, SmallHouse, small_house

GOOD = json.dumps({"id": "1", "written_at": "2012-11-18T20:03:11Z", "text": "imessage is down"}).encode()
HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson"}


def send(body: object, house: SmallHouse | None = None, **headers: str):
    api = TestClient(create_app(house or small_house(), clock=lambda: NOW))
    return api.post("/v1/posts", content=body, headers=HEADERS | headers)


def test_posts_are_accepted_and_bad_lines_reported_by_number():
    answer = send(GOOD + b"\nnonsense\n" + GOOD + b"\n")
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 2,
        "mentions": 2,
        "rejected": [{"line": 2, "field": "text", "error": "is missing"}],
    }


def test_a_body_may_come_in_pieces_of_any_size():
    body = GOOD + b"\n" + GOOD
    answer = send(bytes([letter]) for letter in body)
    assert answer.json()["accepted"] == 2


def test_nothing_but_bad_lines_is_a_problem_that_names_them():
    answer = send(b"one\ntwo")
    assert answer.status_code == 400
    assert [line["line"] for line in answer.json()["rejected"]] == [1, 2]


@pytest.mark.parametrize("body", [b"", b"\n\n", b"  \n"])
def test_no_posts_at_all_is_a_problem(body):
    assert send(body).status_code == 400


def test_the_most_lines_are_taken_and_one_more_is_not():
    assert send((GOOD + b"\n") * MOST_LINES).status_code == 202
    assert send((GOOD + b"\n") * MOST_LINES + GOOD).status_code == 413


def test_too_many_bytes_are_refused_announced_or_not():
    assert send(b"x" * (MOST_BYTES + 1)).status_code == 413
    assert send(b"x" * 1_000_000 for _ in range(11)).status_code == 413


@pytest.mark.parametrize(("behind", "status"), [(True, 429), (False, 503)])
def test_a_busy_house_says_when_to_come_back(behind, status):
    house = small_house()
    house.busy = Busy("the workers are behind", retry_after=5, behind=behind)
    answer = send(GOOD, house)
    assert answer.status_code == status
    assert answer.headers["retry-after"] == "5"
    assert "behind" in answer.json()["detail"]


def test_a_compressed_body_is_refused_rather_than_misread():
    assert send(GOOD, **{"Content-Encoding": "gzip"}).status_code == 415
