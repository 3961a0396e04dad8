"""What the house does with labels, doubts, drift and swaps, on a real Valkey and a real SQLite."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from domain.busy import Busy
from domain.doubt import Doubt
from domain.drift import Verdicts
from domain.label import Label, Verdict
from domain.mention import Kind
from domain.model_version import ModelVersion
from models.model_file import version_of
from models.shipped import shipped_version
from settings import Settings
from tests.storage.servers import running_valkey
from workers.at_work import AtWork
from workers.house import House

NOW = datetime.now(UTC)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="gs-") as name:
        yield Path(name)


@pytest.fixture
def house(folder: Path) -> Iterator[House]:
    with running_valkey(folder) as url:
        house = House(Settings(var=folder / "var", redis_url=url))
        house.prepare()
        yield house


@pytest.fixture
def deaf(folder: Path) -> House:
    """A house without its Redis."""
    house = House(Settings(var=folder / "var", redis_url=f"unix://{folder}/nothing.sock"))
    house.prepare()
    return house


def a_doubt(post: str) -> Doubt:
    return Doubt("http", post, "spotify", f"{post} is odd", NOW, (0.5, 0.4, 0.1, 0.0, 0.0), 0.9, lang="en")


def on_post(post: str, **more: object) -> Label:
    fields = {"source": "http", "post": post, "kind": Kind.ECHO} | more
    return Label(f"lab_{post}", "ann", NOW, Verdict.REAL, **fields)  # type: ignore[arg-type]  # as given


def waiting(house: House) -> list[str]:
    return [doubt.post for doubt in house.doubts(None, 99)]


def test_a_label_takes_its_words_from_the_queue_and_its_post_out_of_it(house: House) -> None:
    house.posts(house.live).label_queue.offer([a_doubt("one"), a_doubt("two")], NOW)
    (label,) = house.completed([on_post("one")])
    assert house.label(label) is None
    assert [(kept.text, kept.service) for kept in house.stores.labels.find()] == [("one is odd", "spotify")]
    assert waiting(house) == ["two"]


def test_many_labels_at_once_leave_the_queue_too(house: House) -> None:
    posts = ["first", *(f"p{number}" for number in range(1198)), "last"]
    house.posts(house.live).label_queue.offer([a_doubt("first"), a_doubt("last"), a_doubt("two")], NOW)
    labels = house.completed([on_post(post) for post in posts])
    assert (house.label_all(labels), house.label_all(labels)) == (1200, 0)
    assert [label.text for label in house.stores.labels.of_posts()] == ["first is odd", "last is odd"]
    assert waiting(house) == ["two"]


def test_without_redis_a_verdict_is_kept_all_the_same(deaf: House) -> None:
    (label,) = deaf.completed([on_post("one", text="one is odd", service="spotify")])
    deaf.label(label)
    deaf.label_all([on_post("two")])
    assert len(deaf.stores.labels.find()) == 2
    with pytest.raises(Busy):
        deaf.doubts(None, 9)
    with pytest.raises(Busy):
        deaf.drift()


def test_drift_is_that_of_the_active_version(house: House) -> None:
    drift = house.drift()
    assert drift is not None
    assert (drift.version, drift.verdicts) == (shipped_version().card.version, 0)
    assert drift.kinds.now == Verdicts().kinds


def another_version() -> ModelVersion:
    """The shipped classifier's bytes, as if they had been trained a day later."""
    shipped = shipped_version()
    trained_at = shipped.card.trained_at + timedelta(days=1)
    card = replace(shipped.card, trained_at=trained_at, version=version_of(shipped.body, trained_at))
    return ModelVersion(card, shipped.body)


def test_the_classifier_at_work_is_the_active_one(house: House) -> None:
    at_work = AtWork(house.classifier, clock=iter(range(100)).__next__)  # a second passes with every look
    first, second = shipped_version(), another_version()
    house.stores.models.add(second)
    for version in (first, second, first):
        house.stores.models.activate(version.card.version, NOW)
        assert [at_work().version for _ in range(2)] == [version.card.version] * 2


def test_a_refused_version_leaves_the_one_before_at_work_and_is_told_once(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    before, damaged = house.classifier(), another_version()
    house.stores.models.add(ModelVersion(replace(damaged.card, version="2026-01-01-damaged0"), damaged.body))
    house.stores.models.activate("2026-01-01-damaged0", NOW)
    with caplog.at_level(logging.ERROR):
        assert [house.classifier() for _ in range(5)] == [before] * 5
    (told,) = [record.message for record in caplog.records if "is refused" in record.message]
    assert "2026-01-01-damaged0" in told
    house.stores.models.add(damaged)
    house.stores.models.activate(damaged.card.version, NOW)
    assert house.classifier().version == damaged.card.version
