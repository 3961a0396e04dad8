"""What ``groundswell live`` shows, and the mistakes that end it and ``listen`` with a sentence."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

import commands.live
from commands.live import watch_sources
from domain.source import SourceState, SourceStatus
from storage.memory import MemoryStores
from tests.commands.test_cli import Groundswell, assert_refused, groundswell

__all__ = ["groundswell"]  # the fixture is the same


@dataclass
class Statuses:
    """What the sources say, each time they are asked."""

    says: Callable[[], list[SourceStatus]]

    def statuses(self) -> list[SourceStatus]:
        return self.says()


@dataclass
class House:
    """As much of a house as is watched."""

    source_statuses: Statuses
    sources: dict[str, object]
    stores: MemoryStores = field(default_factory=MemoryStores)
    names: dict[str, str] = field(default_factory=dict)


def shown(house: House, monkeypatch: pytest.MonkeyPatch) -> tuple[bool, str]:
    monkeypatch.setattr(commands.live, "LOOK_EVERY", 0.01)
    console = Console(file=io.StringIO(), width=100)
    heard = watch_sources(house, console, 0.05)  # type: ignore[arg-type]  # a part of a house
    file = console.file
    assert isinstance(file, io.StringIO)
    return heard, file.getvalue()


def test_every_source_is_shown_with_what_it_brought_since_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    posts = iter([100, 1300])

    def says() -> list[SourceStatus]:
        now = datetime.now(UTC)
        number = next(posts, 1300)
        return [
            SourceStatus(
                "bluesky",
                SourceState.LISTENING,
                now,
                posts=number,
                mentions=24,
                heard_until=now - timedelta(seconds=3.5),
            ),
            SourceStatus(
                "x",
                SourceState.STOPPED,
                now,
                errors=1,
                heard_until=now - timedelta(minutes=9.5),
                last_error="X_BEARER_TOKEN is not valid",
            ),
        ]

    house = House(Statuses(says), {"bluesky": None, "x": None, "folder": None})
    heard, text = shown(house, monkeypatch)
    assert heard
    assert "1,200" in text
    assert "3 s" in text
    assert "blind" in text
    assert "9 min" in text
    assert "x: X_BEARER_TOKEN is not valid" in text
    assert "starting" in text


def test_without_a_post_nothing_was_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    heard, _ = shown(House(Statuses(list), {"bluesky": None}), monkeypatch)
    assert not heard


def test_an_unknown_source_ends_live_before_anything_is_started(
    groundswell: Groundswell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDSWELL_SOURCES", "twitter")
    assert_refused(groundswell("live"), "GROUNDSWELL_SOURCES", "no source 'twitter'", "bluesky")


@pytest.mark.parametrize(
    ("source", "said"),
    [("nosuch", "no source nosuch is configured; there are: bluesky"), ("folder", "polled")],
)
def test_only_a_configured_stream_has_a_process_of_its_own(
    groundswell: Groundswell, monkeypatch: pytest.MonkeyPatch, tmp_path, source: str, said: str
) -> None:
    monkeypatch.setenv("GROUNDSWELL_SOURCES", "bluesky,folder")
    monkeypatch.setenv("GROUNDSWELL_FOLDER_PATH", str(tmp_path))
    assert_refused(groundswell("listen", source), said)
