"""Which sources are read follows from the settings, and every mistake in them is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.registry import SOURCES
from ingest.source import Surroundings
from settings import WrongSettings
from storage.memory_sources import MemorySources
from tests.workers.records import SERVICES
from workers.sources import configured_sources

AROUND = Surroundings(services=SERVICES, purse=MemorySources())


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of whoever runs the tests says anything of a source."""
    for name in list(os.environ):
        if name.startswith(("GROUNDSWELL_", "X_BEARER")):
            monkeypatch.delenv(name)


def names(*wanted: str) -> list[str]:
    return [source.name for source in configured_sources(wanted, AROUND)]


def test_without_any_setting_nothing_is_read() -> None:
    assert names() == []


def test_by_default_live_listens_to_the_source_that_works_for_everyone() -> None:
    assert names("auto") == ["bluesky"]


def test_sources_join_when_what_they_need_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("X_BEARER_TOKEN", "a-token")
    monkeypatch.setenv("GROUNDSWELL_MASTODON_TOKENS", "mastodon.example=secret")
    monkeypatch.setenv("GROUNDSWELL_FOLDER_PATH", str(tmp_path))
    assert set(names("auto")) == {"bluesky", "x", "mastodon:mastodon.example", "folder"}
    assert names("x") == ["x"]
    assert names("folder", "bluesky", "folder") == ["folder", "bluesky"]


def test_a_token_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("a-token\n")
    monkeypatch.setenv("X_BEARER_TOKEN_FILE", str(tmp_path / "token"))
    assert names("auto") == ["bluesky", "x"]
    monkeypatch.setenv("X_BEARER_TOKEN_FILE", str(tmp_path / "none"))
    with pytest.raises(WrongSettings, match=r"X_BEARER_TOKEN_FILE: .* cannot be read"):
        names("auto")


def test_an_unknown_source_is_named_with_those_there_are() -> None:
    with pytest.raises(WrongSettings, match=r"no source 'twitter'; there are bluesky, .*x"):
        names("twitter")


@pytest.mark.parametrize("kind", [kind for kind, source in SOURCES.items() if source.needs])
def test_a_source_that_was_asked_for_says_what_it_lacks(kind: str) -> None:
    with pytest.raises(WrongSettings, match=f"{SOURCES[kind].needs}: is not set"):
        names(kind)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GROUNDSWELL_BLUESKY_HOSTS", "ftp://example.com"),
        ("GROUNDSWELL_MASTODON_INSTANCES", "not a host"),
        ("GROUNDSWELL_FOLDER_PATH", "/no/such/folder"),
    ],
)
def test_a_wrong_option_names_its_variable_and_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv("GROUNDSWELL_MASTODON_TOKENS", "a.example=topsecret")
    monkeypatch.setenv(variable, value)
    with pytest.raises(WrongSettings) as refused:
        names("auto")
    assert variable in str(refused.value)
    assert "topsecret" not in str(refused.value)
