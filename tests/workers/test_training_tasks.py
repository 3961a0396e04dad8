"""The tasks of retraining, on a real Valkey and a real SQLite; only the training itself is a small one."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import OperationalError
from msgspec.structs import replace

from domain.retraining import Retraining
from settings import Settings
from tests.models.slang import ALONE, HONEST, ONE_HOSTILE, People, champion, core, corpus, labels, learn
from tests.storage.servers import running_valkey
from workers import tasks
from workers.broker import TRAINING
from workers.house import House

NOW = datetime.now(UTC)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The house of the tasks, with a champion of plain words; a retraining runs in this process."""
    with tempfile.TemporaryDirectory(prefix="gs-") as name, running_valkey(Path(name)) as url:
        house = House(Settings(var=Path(name) / "var", redis_url=url))
        house.prepare()
        house.stores.models.add(champion())
        house.versions.activate(champion().card.version, "test", NOW)
        monkeypatch.setattr("workers.retraining.retrain", learn)
        monkeypatch.setattr("models.corpus.read_corpus", lambda _: corpus())
        monkeypatch.setattr("models.corpus.read_core", core)
        monkeypatch.setattr(tasks, "house", lambda: house)
        monkeypatch.setattr(tasks, "carry_out_apart", lambda one: house.retrainer().carry_out(one, "here"))
        yield house


def waiting(house: House) -> list[dict[str, Any]]:  # a message is JSON of any shape
    """The messages in the queue of training, the latest first."""
    return [json.loads(message) for message in house.redis.lrange(TRAINING, 0, -1)]


def carried_out(house: House, asked: Retraining) -> Retraining:
    tasks.retrain(asked.id)
    ended = house.stores.retrainings.get(asked.id)
    assert ended is not None
    return ended


def test_what_is_asked_for_waits_in_the_queue_of_training(house: House) -> None:
    asked = house.ask_retraining("ann", NOW)
    assert asked is not None
    (message,) = waiting(house)
    assert (message["headers"]["task"], message["headers"]["argsrepr"]) == ("retrain", f"['{asked.id}']")
    assert house.ask_retraining("ben", NOW) is None
    assert len(waiting(house)) == 1


@pytest.mark.parametrize(
    ("people", "state"),
    [(HONEST, "promoted"), (ONE_HOSTILE, "held"), (ALONE, "refused")],
    ids=["honest people", "one hostile of three", "a lone labeller who turns 30% round"],
)
def test_what_honest_people_taught_is_promoted_and_what_a_hostile_one_flipped_is_not(
    house: House, people: People, state: str
) -> None:
    house.label_all(labels(people))
    asked = house.ask_retraining("ann", NOW)
    assert asked is not None
    ended = carried_out(house, asked)
    assert ended.state == state
    assert house.stores.models.active() == (
        ended.challenger if state == "promoted" else champion().card.version
    )
    assert house.classifier().version == house.stores.models.active()


def test_a_nudge_that_came_twice_retrains_once(house: House) -> None:
    house.label_all(labels(HONEST))
    asked = house.ask_retraining("ann", NOW)
    assert asked is not None
    first = carried_out(house, asked)
    assert carried_out(house, asked) == first
    tasks.retrain("ret_nothing")
    assert len(house.stores.models.cards()) == 3  # the shipped one, the champion, one challenger


def test_the_look_after_begins_what_is_due_and_nudges_what_waits(house: House) -> None:
    tasks.look_after_retraining()
    assert waiting(house) == []
    house.label_all([replace(label, at=NOW) for label in labels(HONEST)])
    tasks.look_after_retraining()
    begun = house.stores.retrainings.under_way()
    assert begun is not None
    assert begun.asked_by == "schedule"
    tasks.look_after_retraining()
    assert len(waiting(house)) == 2
    assert carried_out(house, begun).state == "promoted"
    tasks.look_after_retraining()
    assert len(waiting(house)) == 2


def test_zero_hours_are_never(house: House) -> None:
    house.label_all(labels(HONEST))
    never = House(house.settings.model_copy(update={"retrain_hours": 0.0}))
    never.look_after_retraining(NOW + timedelta(days=99))
    assert never.stores.retrainings.under_way() is None


def test_without_a_broker_what_is_asked_for_waits_for_the_next_look(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("the server is away")

    with monkeypatch.context() as patch:
        patch.setattr(house.broker, "send_task", away)
        assert house.ask_retraining("ann", NOW) is not None
    assert waiting(house) == []
    house.look_after_retraining(NOW)
    assert len(waiting(house)) == 1
