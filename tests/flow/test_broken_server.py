"""Valkey is killed without warning while the stack serves; nothing that was handed over is lost."""

from __future__ import annotations

import json
import os
import re
import signal
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.flow.stack import kill_group, new_stack, until

pytestmark = pytest.mark.slow

AUTHORS = 7


@pytest.fixture(scope="module")
def stack():
    with new_stack(GROUNDSWELL_GRACE_SECONDS="5") as stack:
        yield stack


@pytest.fixture(scope="module")
def client(stack):
    """A client with the stack's first key, while it serves."""
    with stack.serving() as printed:
        [key] = re.findall(r"gsk_[\w-]+", printed)
        bearer = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=stack.url, headers=bearer, timeout=30) as client:
            yield client


def test_a_killed_server_comes_back_with_all_that_was_handed_over(stack, client):
    worker, valkey = stack.process_of("celery"), stack.process_of("valkey")
    assert client.get("/readyz").status_code == 200

    # Held still, so that the posts are in the server and nowhere else when it is killed.
    os.killpg(worker, signal.SIGSTOP)
    at = datetime.now(UTC)
    assert client.post("/v1/posts", content=_complaints(at)).status_code == 202
    kill_group(valkey)
    until(lambda: client.get("/readyz").status_code == 503)
    os.killpg(worker, signal.SIGCONT)

    until(lambda: client.get("/readyz").status_code == 200)
    assert stack.process_of("valkey") not in (valkey, None)
    assert stack.process_of("celery") == worker  # it found the new server by itself
    minute = at.replace(second=0, microsecond=0)
    until(lambda: _rates(client, minute))
    [rate] = _rates(client, minute)
    assert rate["complaints"] == AUTHORS


def _complaints(at: datetime) -> str:
    return "\n".join(
        json.dumps(
            {
                "id": f"{at.timestamp()}-{number}",
                "author": f"author{number}",
                "written_at": at.isoformat(),
                "text": "whatsapp is down, can't send messages at all",
            }
        )
        for number in range(AUTHORS)
    )


def _rates(client: httpx.Client, minute: datetime):
    """The rate of one closed minute; nothing as long as it is open."""
    asked = {"from": minute.isoformat(), "until": (minute + timedelta(minutes=1)).isoformat()}
    return client.get("/v1/services/whatsapp/rates", params=asked).raise_for_status().json()["minutes"]
