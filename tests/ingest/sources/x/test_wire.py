"""What X answers and refuses, and that the token goes to X and nowhere else."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ingest.source import BudgetSpent, RateLimited, SourceFailed, SourceRefused
from ingest.sources.x.client import Client
from ingest.sources.x.refusals import Answer, NotUnderstood, failure_of, failure_told
from ingest.sources.x.wire import AnswerLost
from tests.ingest.sources.fake_x import (
    BROKE,
    BUSY,
    CAPPED,
    DISCONNECTED,
    FORBIDDEN,
    TOKEN,
    TOO_MANY,
    UNAUTHORIZED,
    FakeX,
    fake_x,
)
from tests.ingest.sources.fake_x_reading import NOON

SEARCH = "/2/tweets/search/recent"


@pytest.fixture
def x() -> Iterator[FakeX]:
    with fake_x() as world:
        yield world


def client(url: str, token: str = TOKEN, silence: float = 2.0) -> Client:
    return Client(url, SecretStr(token), silence, lambda: datetime.now(UTC))


def failure(asking: Client) -> SourceFailed:
    with pytest.raises(SourceFailed) as failed:
        asking.results("spotify", 1, None, 10)
    return failed.value


def answer(status: int, problem: object = None, **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, sent, json.dumps(problem).encode() if problem is not None else b"")


# --- what a refusal means ---


@pytest.mark.parametrize(
    ("said", "kind", "sentence"),
    [
        (answer(401, UNAUTHORIZED), SourceRefused, "does not accept the bearer token; set X_BEARER_TOKEN"),
        (answer(403, FORBIDDEN), SourceRefused, "the app whose token is in X_BEARER_TOKEN may not do this"),
        (answer(402, BROKE), BudgetSpent, "buy credits at https://console.x.com"),
        (answer(402), BudgetSpent, "buy credits"),
        (answer(429, TOO_MANY), RateLimited, "it wants to be asked less often"),
        (answer(429, CAPPED), BudgetSpent, "X gives no more posts on this plan"),
        (answer(429, BUSY), SourceFailed, "another program holds the stream of the token in X_BEARER_TOKEN"),
        (answer(400, {"title": "Invalid Request"}), NotUnderstood, "X answered 400 (Invalid Request)"),
        (answer(503), SourceFailed, "X answered 503"),
        (answer(302, None, location="http://elsewhere"), SourceFailed, "X answered 302"),
        (answer(500, {"detail": "a\nb\x1b[31m"}), SourceFailed, "X answered 500 (a b[31m)"),
        (answer(400, {"errors": [{"message": "Invalid 'query'"}]}), NotUnderstood, "Invalid 'query'"),
        (answer(500, ["?"]), SourceFailed, "X answered 500"),
        (answer(500, {"errors": 5, "title": {}}), SourceFailed, "X answered 500"),
    ],
)
def test_a_refusal_says_what_it_means_and_whom_it_concerns(
    said: Answer, kind: type[SourceFailed], sentence: str
) -> None:
    failed = failure_of(said, NOON)
    assert type(failed) is kind
    assert sentence in str(failed)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[" * 90_000, b"\xff\xfe", b'{"errors": [[], 5, null]}'])
@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_refusal_that_nobody_understands_is_one_by_its_status(status: int, body: bytes) -> None:
    failed = failure_of(Answer(status, {}, body), NOON)
    assert str(failed).startswith(f"X answered {status}")
    assert len(str(failed)) < 400


@pytest.mark.parametrize(
    ("problem", "kind", "sentence"),
    [
        ({"errors": [DISCONNECTED]}, SourceFailed, "disconnected upstream for operational reasons"),
        (CAPPED, BudgetSpent, "X gives no more posts on this plan"),
        ({"errors": [CAPPED]}, BudgetSpent, "X gives no more posts on this plan"),
        (BUSY, SourceFailed, "another program holds the stream"),
        ({"errors": ["?"]}, SourceFailed, "X has ended the stream"),
    ],
)
def test_what_a_stream_tells_before_it_ends_is_understood(
    problem: object, kind: type[SourceFailed], sentence: str
) -> None:
    failed = failure_told(answer(200, problem).body, NOON)
    assert type(failed) is kind
    assert sentence in str(failed)


def test_a_plan_that_is_used_up_is_asked_again_tomorrow() -> None:
    failed = failure_of(answer(429, CAPPED), NOON)
    assert isinstance(failed, BudgetSpent)
    assert failed.until == datetime(2026, 11, 19, tzinfo=UTC)


def epoch(at: datetime) -> str:
    return str(int(at.timestamp()))


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x_rate_limit_reset": epoch(NOON + timedelta(minutes=7))}, timedelta(minutes=7)),
        (  # a server whose clock is an hour ahead of ours
            {
                "x_rate_limit_reset": epoch(NOON + timedelta(minutes=67)),
                "date": format_datetime(NOON + timedelta(minutes=60)),
            },
            timedelta(minutes=7),
        ),
        ({"x_rate_limit_reset": epoch(NOON - timedelta(minutes=7))}, timedelta(seconds=1)),
        ({"x_rate_limit_reset": "9" * 12}, timedelta(days=1)),
        ({"x_rate_limit_reset": "9" * 400}, timedelta(minutes=1)),
        ({"x_rate_limit_reset": "soon"}, timedelta(minutes=1)),
        ({"x_rate_limit_reset": epoch(NOON + timedelta(minutes=7)), "date": "today"}, timedelta(minutes=7)),
        ({}, timedelta(minutes=1)),
    ],
)
def test_a_rate_limit_is_waited_out_as_its_header_says(headers: dict[str, str], wait: timedelta) -> None:
    failed = failure_of(answer(429, TOO_MANY, **headers), NOON)
    assert isinstance(failed, RateLimited)
    assert failed.until == NOON + wait


# --- the wire itself ---


def test_tweepy_is_led_to_the_address_of_the_settings(x: FakeX) -> None:
    assert client(x.url).results("spotify", 17, None, 10) == b'{"meta": {"result_count": 0}}'
    [(method, path, how)] = x.asked
    assert (method, path) == ("GET", SEARCH)
    assert how["query"] == "spotify"
    assert how["since_id"] == "17"
    assert how["max_results"] == "10"
    assert how["expansions"] == "author_id"
    assert "referenced_tweets" in how["tweet.fields"]


def test_a_proxy_with_a_path_of_its_own_may_stand_for_x(x: FakeX) -> None:
    failed = failure(client(f"{x.url}/through/here"))
    assert "X answered 404" in str(failed)
    assert [path for _, path, _ in x.asked] == [f"/through/here{SEARCH}"]


def test_a_wrong_token_is_refused(x: FakeX) -> None:
    assert isinstance(failure(client(x.url, token="wrong")), SourceRefused)


def test_a_rate_limit_of_search_is_told_with_its_end(x: FakeX) -> None:
    x.searches_left = 0
    failed = failure(client(x.url))
    assert isinstance(failed, RateLimited)
    assert timedelta(minutes=14) < failed.until - datetime.now(UTC) < timedelta(minutes=16)


def test_a_redirect_is_not_followed(x: FakeX) -> None:
    with fake_x() as elsewhere:
        x.refuse(302, {}, {"location": f"{elsewhere.url}{SEARCH}"})
        assert "X answered 302" in str(failure(client(x.url)))
        assert elsewhere.asked == []


def test_nobody_at_the_address_is_a_failure(x: FakeX) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    failed = failure(client(f"http://127.0.0.1:{port}"))
    assert str(failed) == "X cannot be reached (Connection refused)"


def test_silence_is_a_failure(x: FakeX) -> None:
    x.hanging = True
    assert "X has said nothing for 0.2 seconds" in str(failure(client(x.url, silence=0.2)))


def test_an_answer_that_breaks_off_is_lost_and_may_have_to_be_paid(x: FakeX) -> None:
    x.breaking_answers = True
    assert isinstance(failure(client(x.url)), AnswerLost)


def test_a_connection_that_is_closed_without_a_word_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            connection, _ = server.accept()
            connection.recv(65_536)
            connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        failed = failure(client(f"http://127.0.0.1:{server.getsockname()[1]}"))
    assert str(failed).startswith("the connection to X broke (")
    assert not isinstance(failed, AnswerLost)


def test_what_is_under_way_can_be_ended_from_another_thread(x: FakeX) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{")
            time.sleep(10)

        threading.Thread(target=drip, daemon=True).start()
        asking = client(f"http://127.0.0.1:{server.getsockname()[1]}", silence=9)
        threading.Timer(0.2, asking.stop).start()
        began = time.monotonic()
        assert isinstance(failure(asking), AnswerLost)
        assert time.monotonic() - began < 2
    assert str(failure(asking)) == "X is asked no more"


def test_proxies_and_passwords_that_are_meant_for_another_host_are_not_used(
    x: FakeX, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.twitter.com login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert client(x.url).results("spotify", 1, None, 10)


# --- the token ---


def everything_said(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_the_token_is_in_no_error_and_in_no_log(
    x: FakeX, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    x.refuse(status)
    asking = client(x.url)
    failed: list[BaseException] = [failure(asking)]
    x.hanging = True
    failed.append(failure(client(x.url, silence=0.1)))
    failed.append(failure(client("http://127.0.0.1:9")))
    said = caplog.text + repr(asking) + str(vars(asking)) + "".join(map(everything_said, failed))
    assert TOKEN not in said
    assert "hidden" in said  # which is what tweepy takes for the token


def test_the_token_is_not_in_the_answer_that_tweepy_gets(x: FakeX) -> None:
    asking: Any = client(x.url)
    got = asking._search.search_recent_tweets("spotify", max_results=10)
    assert TOKEN not in str(got.request.headers)
