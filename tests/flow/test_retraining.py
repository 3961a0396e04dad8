"""A replay goes on undisturbed while a challenger is trained beside it and versions are swapped under it."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from domain.model_version import ModelVersion
from domain.moments import MINUTES_PER_HOUR
from domain.rate import RateHour
from models.model_file import version_of
from models.shipped import shipped_version
from settings import load_settings
from storage.interfaces import Stores
from tests.flow.stack import DEMO, Stack, Started, new_stack, until
from tests.models.slang import HONEST, labels
from tests.workers.records import PlainTagger
from workers.backtesting import backtest
from workers.house import House
from workers.replaying import Recording, load_recording

pytestmark = pytest.mark.slow

LABELS = 5_000
SWAP_EVERY = 1.2  # seconds: longer than a worker takes to see it
CHAMPION = shipped_version()


@dataclass(frozen=True)
class Outcome:
    """What was left when a replay and a retraining had gone on at the same time."""

    mentions: dict[tuple[str, int], tuple[int, ...]]
    versions: set[str | None]
    retraining: dict[str, Any]  # as the API tells it
    seen: list[tuple[str, float]]  # its states and progress, as they were watched
    activated: list[str]


@pytest.fixture(scope="module")
def recording() -> Recording:
    return load_recording(DEMO)


@pytest.fixture(scope="module")
def other() -> ModelVersion:
    """The shipped classifier under another day's name."""
    at = CHAMPION.card.trained_at + timedelta(days=1)
    return ModelVersion(
        replace(CHAMPION.card, trained_at=at, version=version_of(CHAMPION.body, at)), CHAMPION.body
    )


@pytest.fixture(scope="module")
def outcome(recording: Recording, other: ModelVersion) -> Iterator[Outcome]:
    with new_stack() as stack, stack.serving() as printed:
        house = stack.house()
        house.label_all(labels(HONEST, LABELS))
        house.stores.models.add(other)
        with client_of(stack, printed) as client:
            asked = client.post("/v1/classifier/retrain")
            assert asked.status_code == 202, asked.text
            watch = _Watch(client, asked.headers["Location"])
            until(lambda: watch.state() == "training")
            with stack.started("replay", DEMO, "--json") as replay:
                _swap_while_at_work(client, replay, other, watch)
                assert replay.process.returncode == 0, replay.printed()
            until(lambda: watch.state() not in ("training", "judging"))
            hours = rates(house.stores, recording)
            yield Outcome(
                mentions=mentions(hours),
                versions={version for hour in hours for version in hour.versions},
                retraining=watch.told,
                seen=watch.seen,
                activated=[one.version for one in house.stores.models.activations()],
            )


def test_a_retraining_ran_to_its_decision_beside_the_replay(outcome: Outcome) -> None:
    told = outcome.retraining
    assert told["state"] in ("promoted", "refused", "held"), told["reason"]
    assert (told["labels"], told["champion"]) == (LABELS, CHAMPION.card.version)
    assert {figure["trial"] for figure in told["figures"]} == {"new_labels", "core"}
    progress = [how_far for _, how_far in outcome.seen]
    assert progress == sorted(progress)
    assert len(set(progress)) > 2


def test_versions_were_swapped_while_the_replay_went_on(outcome: Outcome, other: ModelVersion) -> None:
    assert len(outcome.activated) > 2
    both = {CHAMPION.card.version, other.card.version}
    assert both <= outcome.versions <= both | {outcome.retraining["challenger"], None}


def test_not_a_post_was_lost_or_counted_twice(outcome: Outcome, recording: Recording) -> None:
    """A mention is one whatever its kind: every version counts as many of them, in the same minutes."""
    reader = House(load_settings()).reader_with(b"a key of the test's own")
    undisturbed = backtest(recording, reader, PlainTagger(), names={}, budget=1.0, model_version=None)
    assert outcome.mentions == mentions(rates(undisturbed, recording))
    assert sum(map(sum, outcome.mentions.values())) > 5_000


@dataclass
class _Watch:
    """Looks at a retraining, and remembers what it saw."""

    client: httpx.Client
    address: str
    told: dict[str, Any] = field(default_factory=dict)  # JSON of the API
    seen: list[tuple[str, float]] = field(default_factory=list)

    def state(self) -> str:
        self.told = self.client.get(self.address).json()
        self.seen.append((self.told["state"], self.told["progress"]))
        return str(self.told["state"])


def client_of(stack: Stack, printed: str) -> httpx.Client:
    [key] = re.findall(r"gsk_[\w-]+", printed)
    return httpx.Client(base_url=stack.url, headers={"Authorization": f"Bearer {key}"}, timeout=30)


def _swap_while_at_work(client: httpx.Client, replay: Started, other: ModelVersion, watch: _Watch) -> None:
    """Activate another version and go back, until the replay has ended."""
    steps = itertools.cycle([f"versions/{other.card.version}/activate", "rollback"])
    while replay.process.poll() is None:
        # A promotion may come between the two: then there is something else to go back to.
        answer = client.post(f"/v1/classifier/{next(steps)}")
        assert answer.status_code == 200, answer.text
        watch.state()
        time.sleep(SWAP_EVERY)


def rates(stores: Stores, recording: Recording) -> list[RateHour]:
    first, end = (minute // MINUTES_PER_HOUR for minute in (recording.first_minute, recording.end_minute))
    return stores.incidents.rates(recording.name, first, end)


def mentions(hours: Sequence[RateHour]) -> dict[tuple[str, int], tuple[int, ...]]:
    """The mentions of each service and hour, by the minute."""
    return {(hour.service, hour.hour): hour.mentions for hour in hours if any(hour.mentions)}
