"""Posts come over HTTP, the doubtful ones are asked about, and the classifier is swapped while they come."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from domain.model_version import ModelVersion
from domain.moments import MINUTES_PER_HOUR, minute_of
from domain.rate import MEASURES, Measure
from domain.run import LIVE, Run
from models.model_file import version_of
from models.shipped import shipped_version
from storage.interfaces import Models, Posts
from tests.flow.stack import Stack, new_stack, until

pytestmark = pytest.mark.slow

# Together they are of every shade, so that any classifier doubts some of them.
BEGINNINGS = ["spotify", "so spotify", "is it me or spotify", "they say spotify", "spotify again"]
ENDINGS = ["is odd today", "went quiet", "hm", "should work now", "and the wifi", "will not play", "is back"]
SWAPS = 5
SWAP_EVERY = 1.3  # seconds: longer than a worker takes to see it


@dataclass(frozen=True)
class Serving:
    """A stack at work, and a client that holds the first key."""

    stack: Stack
    client: httpx.Client

    def bring(self, *texts: str) -> int:
        """Bring posts, each by an author of their own, and say how many there were."""
        now = datetime.now(UTC)
        posts = [
            {"id": next(NUMBERS), "written_at": now.isoformat(), "text": text, "author": str(next(NUMBERS))}
            for text in texts
        ]
        answer = self.client.post("/v1/posts", content="\n".join(map(json.dumps, posts)))
        assert answer.status_code == 202, answer.text
        return int(answer.json()["mentions"])

    def queue(self) -> list[dict[str, Any]]:
        items = self.client.get("/v1/labels/queue", params={"most": 500}).json()["items"]
        return list(items)


NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    with new_stack() as stack, stack.serving() as printed:
        [key] = re.findall(r"gsk_[\w-]+", printed)
        bearer = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=stack.url, headers=bearer, timeout=30) as client:
            yield Serving(stack, client)


@pytest.fixture(scope="module")
def asked(serving: Serving) -> dict[str, Any]:
    """A post that the queue asks about."""
    serving.bring(*(" ".join(parts) for parts in itertools.product(BEGINNINGS, ENDINGS)))
    until(serving.queue)
    return serving.queue()[0]


def test_a_doubtful_post_is_asked_about_until_it_is_labelled(serving: Serving, asked: dict[str, Any]) -> None:
    assert "author" not in asked
    verdict = {"source": asked["source"], "post": asked["post"], "verdict": "real", "kind": "other"}
    answer = serving.client.post("/v1/labels", json=verdict).json()
    assert (answer["text"], answer["service"], answer["teaches"]) == (asked["text"], "spotify", True)
    assert asked["post"] not in {one["post"] for one in serving.queue()}
    [listed] = serving.client.get("/v1/labels", params={"post": asked["post"]}).json()["items"]
    assert listed["id"] == answer["id"]


@pytest.mark.usefixtures("asked")
def test_how_the_posts_were_judged_is_told(serving: Serving) -> None:
    until(lambda: serving.client.get("/v1/classifier/drift").json()["verdicts"] >= 35)
    told = serving.client.get("/v1/classifier/drift").json()
    assert told["version"] == shipped_version().card.version
    assert sum(share["now"] for share in told["kinds"]["shares"]) == pytest.approx(1, abs=0.001)
    assert "groundswell_verdicts" in serving.client.get("/metrics").text


@pytest.mark.usefixtures("asked")
def test_not_a_post_is_lost_or_counted_twice_while_versions_are_swapped(serving: Serving) -> None:
    posts = serving.stack.house().posts(Run(LIVE, datetime.now(UTC)))
    until(lambda: not posts.backlog())
    before, brought = _counts(posts), 0
    second = _another()
    with _swapping(serving.stack.house().stores.models, second) as swaps:
        while len(swaps) < SWAPS:
            brought += serving.bring(*("spotify will not play" for _ in range(20)))
    until(lambda: not posts.backlog())
    counted, verdicts = _counts(posts), posts.verdicts(_half_hour().start // MINUTES_PER_HOUR, 2)
    assert counted - before == brought
    assert sum(one.total for one in verdicts.values()) == counted  # each was judged by one of the two
    assert verdicts.keys() == {shipped_version().card.version, second.card.version}
    named = posts.rates(_half_hour().start, len(_half_hour())).versions
    assert {version for version in named if version} <= verdicts.keys()


@contextmanager
def _swapping(models: Models, second: ModelVersion) -> Iterator[list[str]]:
    """The shipped classifier and another take turns while the block lasts; gives those activated so far."""
    models.add(second)
    activated: list[str] = []
    ended = threading.Event()

    def swap() -> None:
        for version in itertools.cycle([second.card.version, shipped_version().card.version]):
            models.activate(version, datetime.now(UTC))
            activated.append(version)
            if ended.wait(SWAP_EVERY):
                return

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        yield activated
    finally:
        ended.set()
        swapping.join()


def _another() -> ModelVersion:
    """The shipped classifier's bytes, as if they had been trained a day later."""
    shipped = shipped_version()
    trained_at = shipped.card.trained_at + timedelta(days=1)
    card = replace(shipped.card, trained_at=trained_at, version=version_of(shipped.body, trained_at))
    return ModelVersion(card, shipped.body)


def _counts(posts: Posts) -> int:
    """How many people were counted as naming Spotify."""
    block = posts.rates(_half_hour().start, len(_half_hour()))
    return int(block.counts[MEASURES.index(Measure.MENTIONS), block.services.index("spotify")].sum())


def _half_hour() -> range:
    now = minute_of(datetime.now(UTC))
    return range(now - 30, now + 10)
