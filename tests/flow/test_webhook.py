"""One stack that serves: the demo is replayed into it, posts come over HTTP, and a real receiver is told."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from delivery.signing import new_secret
from tests.delivery.receiver import Answer, Receiver, Request, receiving
from tests.flow.stack import DEMO, Stack, new_stack, until

pytestmark = pytest.mark.slow

RUN = "demo_and_after"
SERVICE = "whatsapp"
AUTHORS = 12


@dataclass(frozen=True)
class Serving:
    """A stack at work, the receiver that it tells, its secret, and a client that holds the first key."""

    stack: Stack
    receiver: Receiver
    secret: str
    client: httpx.Client


@pytest.fixture(scope="module")
def serving():
    secret = new_secret()
    with (
        receiving(Answer(status=503)) as receiver,
        new_stack(
            GROUNDSWELL_WEBHOOK_URL=receiver.url,
            GROUNDSWELL_WEBHOOK_SECRET=secret,
            GROUNDSWELL_GRACE_SECONDS="5",
        ) as stack,
        stack.serving() as printed,
    ):
        [key] = re.findall(r"gsk_[\w-]+", printed)
        bearer = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=stack.url, headers=bearer, timeout=30) as client:
            yield Serving(stack, receiver, secret, client)


# --- the demo, told to a receiver -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """The demo, and after it the hours of its first, ordinary day again, in which every incident ends."""
    with gzip.open(DEMO, "rt") as file:
        demo = [json.loads(line) for line in file]
    ordinary = [post for post in demo if "2012-11-17T06:00" < post["written_at"] < "2012-11-18"]
    after = [
        {**post, "id": f"{post['id']}-again", "written_at": post["written_at"].replace("11-17T", "11-19T")}
        for post in ordinary
    ]
    assert after[0]["written_at"] > demo[-1]["written_at"]
    path = tmp_path_factory.mktemp("recording") / f"{RUN}.jsonl"
    path.write_text("".join(json.dumps(post) + "\n" for post in [*demo, *after]))
    return path


@pytest.fixture(scope="module")
def incidents(serving, recording):
    """The incidents of that recording, once the receiver has been told of all their ends."""
    lines = serving.stack.run("replay", recording, "--json").splitlines()
    found = [json.loads(line) for line in lines]
    assert {incident["state"] for incident in found} == {"resolved"}
    until(lambda: _ended(serving.receiver) >= {incident["id"] for incident in found})
    return found


def test_every_incident_is_opened_then_updated_then_resolved(serving, incidents):
    assert incidents
    for incident in incidents:
        told = [_body(request)["type"] for request in _accepted(serving.receiver, incident["id"])]
        assert told[0] == "incident.opened"
        assert told[-1] == "incident.resolved"
        assert set(told[1:-1]) == {"incident.updated"}


def test_an_update_never_overtakes_the_one_before(serving, incidents):
    for incident in incidents:
        told = [_body(request)["timestamp"] for request in _accepted(serving.receiver, incident["id"])]
        assert told == sorted(told)


@pytest.mark.usefixtures("incidents")
def test_a_refused_event_comes_again_under_the_same_id(serving):
    """The first request of all was answered with 503."""
    seen = Counter(_id(request) for request in _of_replay(serving.receiver))
    refused = _id(serving.receiver.requests[0])
    assert seen.pop(refused) == 2
    assert set(seen.values()) == {1}


@pytest.mark.usefixtures("incidents")
def test_the_public_verifier_accepts_every_request(serving):
    """The posts are of 2012, but the signed time is that of the attempt."""
    for request in _of_replay(serving.receiver):
        Webhook(serving.secret).verify(request.body, request.headers)


@pytest.mark.usefixtures("incidents")
def test_another_secret_is_not_accepted(serving):
    request = serving.receiver.requests[0]
    with pytest.raises(Exception, match="signature"):
        Webhook(new_secret()).verify(request.body, request.headers)


def test_the_api_shows_the_same_incidents(serving, incidents):
    shown = serving.client.get("/v1/incidents", params={"run": RUN}).json()["items"]
    assert {one["id"] for one in shown} == {one["id"] for one in incidents}


# --- posts over HTTP ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def burst(serving):
    """Complaints of several authors about one service, written now; and two lines that are no posts."""
    at = datetime.now(UTC)
    complaints = [
        _line(f"burst-{number}", f"author{number}", at, "whatsapp is down, can't send messages at all")
        for number in range(AUTHORS)
    ]
    future = _line("ahead", "somebody", at + timedelta(hours=1), "whatsapp is down")
    nameless = json.dumps({"written_at": at.isoformat(), "text": "whatsapp is down"})
    body = "\n".join([*complaints, future, nameless])
    answers = [serving.client.post("/v1/posts", content=body) for _ in range(2)]
    return at.replace(second=0, microsecond=0), answers


def test_posts_over_http_are_taken_in(burst):
    _, answers = burst
    assert [answer.status_code for answer in answers] == [202, 202]
    assert [answer.json()["accepted"] for answer in answers] == [AUTHORS, AUTHORS]


def test_a_bad_line_is_named_by_number_and_field(burst):
    _, answers = burst
    rejected = [(bad["line"], bad["field"]) for bad in answers[0].json()["rejected"]]
    assert rejected == [(AUTHORS + 1, "written_at"), (AUTHORS + 2, "id")]


def test_a_post_from_the_future_is_refused(burst):
    _, answers = burst
    assert "future" in answers[0].json()["rejected"][0]["error"]


def test_posts_are_counted_once_however_often_they_come(serving, burst):
    """Both were handed over before their minute closed."""
    minute, _ = burst
    until(lambda: _rate(serving.client, minute))
    rate = _rate(serving.client, minute)
    assert rate["complaints"] == AUTHORS
    assert rate["mentions"] == AUTHORS


def test_posts_need_a_key(serving):
    answer = httpx.post(f"{serving.stack.url}/v1/posts", content="{}")
    assert answer.status_code == 401


def _line(post: str, author: str, at: datetime, text: str) -> str:
    return json.dumps({"id": post, "author": author, "written_at": at.isoformat(), "text": text})


def _rate(client: httpx.Client, minute: datetime):
    """The rate of one closed minute; ``None`` as long as it is open."""
    asked = {"from": minute.isoformat(), "until": (minute + timedelta(minutes=1)).isoformat()}
    answer = client.get(f"/v1/services/{SERVICE}/rates", params=asked)
    return next(iter(answer.raise_for_status().json()["minutes"]), None)


def _id(request: Request) -> str:
    return request.headers["webhook-id"]


def _body(request: Request):
    return json.loads(request.body)


def _of_replay(receiver: Receiver) -> list[Request]:
    return [request for request in receiver.requests if _body(request)["data"]["run"] == RUN]


def _accepted(receiver: Receiver, incident: str) -> list[Request]:
    """What was told of one incident, without the request that was answered with 503."""
    return [request for request in receiver.requests[1:] if _body(request)["data"]["incident"] == incident]


def _ended(receiver: Receiver) -> set[str]:
    return {
        _body(request)["data"]["incident"]
        for request in receiver.requests
        if _body(request)["type"] == "incident.resolved"
    }
