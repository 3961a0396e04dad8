"""What the answers of an instance mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ingest.source import RateLimited, SourceFailed, SourceRefused
from ingest.sources.mastodon.refusals import failure_of
from ingest.sources.mastodon.wire import Answer

NOW = datetime(2026, 11, 18, 20, 0, tzinfo=UTC)
HOST = "social.example"


def failure(status: int, *, token: bool = True, sent: bool = True, **headers: str) -> SourceFailed:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return failure_of(Answer(status, named, b"", token and sent), HOST, has_token=token, now=NOW)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_not_accepted_needs_the_operator(status: int) -> None:
    refused = failure(status)
    assert isinstance(refused, SourceRefused)
    assert "the token for social.example in GROUNDSWELL_MASTODON_TOKENS" in str(refused)


@pytest.mark.parametrize("status", [401, 403, 422])
def test_an_instance_for_members_only_needs_a_token(status: int) -> None:
    refused = failure(status, token=False)
    assert isinstance(refused, SourceRefused)
    assert "add social.example=... with a token" in str(refused)


def test_a_request_that_lost_its_token_on_the_way_is_no_refusal_of_the_token() -> None:
    assert type(failure(401, sent=False)) is SourceFailed


@pytest.mark.parametrize("status", [404, 410, 418, 422, 500, 502, 503, 504])
def test_any_other_failure_may_pass(status: int) -> None:
    failed = failure(status)
    assert type(failed) is SourceFailed
    assert str(failed).startswith(f"social.example answered {status}")


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"x_ratelimit_reset": "2026-11-18T20:01:00.123456Z"}, timedelta(minutes=1, microseconds=123456)),
        ({"x_ratelimit_reset": "2026-11-18T21:01:00+01:00"}, timedelta(minutes=1)),
        ({"x_ratelimit_reset": str(int(NOW.timestamp()) + 90)}, timedelta(seconds=90)),
        ({"retry_after": "30"}, timedelta(seconds=30)),
        (
            {"x_ratelimit_reset": "2026-11-18T22:02:00Z", "date": "Wed, 18 Nov 2026 22:00:00 GMT"},
            timedelta(minutes=2),
        ),
        ({"x_ratelimit_reset": "2026-11-18T19:00:00Z"}, timedelta(seconds=1)),
        ({"x_ratelimit_reset": "2036-11-18T19:00:00Z"}, timedelta(hours=1)),
        ({"x_ratelimit_reset": "2026-11-18T20:01:00"}, timedelta(minutes=5)),
        ({"x_ratelimit_reset": "soon"}, timedelta(minutes=5)),
        ({"x_ratelimit_reset": "9" * 5000}, timedelta(minutes=5)),
        ({"x_ratelimit_reset": "2026-11-18T20:01:00Z", "date": "now"}, timedelta(minutes=1)),
        ({}, timedelta(minutes=5)),
    ],
)
def test_an_instance_that_is_asked_too_often_says_when_to_come_again(
    headers: dict[str, str], pause: timedelta
) -> None:
    limited = failure(429, **headers)
    assert isinstance(limited, RateLimited)
    assert limited.until == NOW + pause
