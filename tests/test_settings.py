"""A wrong setting stops the program at its start and is named; a right one is what it seems."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from settings import ROOT, Settings, WrongSettings, load_settings


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GROUNDSWELL_"):
            monkeypatch.delenv(name)


def test_without_any_setting_everything_runs_on_this_machine() -> None:
    settings = load_settings()
    assert settings.embedded_redis
    assert settings.host == "127.0.0.1"
    assert settings.redis_address == f"unix://{ROOT / 'var' / 'valkey.sock'}"
    assert settings.broker_address == f"redis+socket://{ROOT / 'var' / 'valkey.sock'}"
    assert settings.database_address == f"sqlite:///{ROOT / 'var' / 'groundswell.db'}"


WRONG = [
    ("PORT", "eighty"),
    ("PORT", "0"),
    ("PORT", "70000"),
    ("WORKERS", "0"),
    ("WORKERS", "many"),
    ("BUDGET", "0"),
    ("BUDGET", "nan"),
    ("BUDGET", "-1"),
    ("THREAD_HOURS", "48"),
    ("GRACE_SECONDS", "-1"),
    ("CLAIM_AFTER_SECONDS", "0"),
    ("BATCH_TRIES", "0"),
    ("REDIS_URL", "http://somewhere"),
    ("REDIS_URL", "redis://somewhere:port"),
    ("REDIS_URL", "redis://somewhere:70000"),
    ("AUTHOR_KEY", "short"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"GROUNDSWELL_{name}", value)
    with pytest.raises(WrongSettings) as wrong:
        load_settings()
    assert str(wrong.value).startswith(f"GROUNDSWELL_{name}: ")
    assert "\n" not in str(wrong.value)


def test_every_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_PORT", "eighty")
    with pytest.raises(WrongSettings) as wrong:
        load_settings(workers=0)
    assert [line.split(":")[0] for line in str(wrong.value).splitlines()] == [
        "GROUNDSWELL_PORT",
        "GROUNDSWELL_WORKERS",
    ]


def test_what_is_said_of_a_wrong_setting_never_shows_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_AUTHOR_KEY", "hushhush")
    monkeypatch.setenv("GROUNDSWELL_REDIS_URL", "rediss://:hushhush@somewhere:port")
    with pytest.raises(WrongSettings) as wrong:
        load_settings()
    assert "hushhush" not in str(wrong.value)
    assert wrong.value.__cause__ is None  # nor does a traceback


def test_settings_that_are_printed_hide_every_secret() -> None:
    settings = Settings(
        redis_url="redis://:hushhush@somewhere:6379/0",
        database_url="postgresql://me:hushhush@somewhere/db",
        author_key="hushhush-hushhush",
        webhook_url="https://chat.example/hooks/hushhush",
        webhook_secret="whsec_hushhush",
    )
    assert "hushhush" not in f"{settings!r} {settings!s}"
    assert settings.database_address == "postgresql://me:hushhush@somewhere/db"


def test_what_a_command_chose_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_BUDGET", "3")
    monkeypatch.setenv("GROUNDSWELL_WORKERS", "7")
    settings = load_settings(budget=0.5, workers=None)
    assert (settings.budget, settings.workers) == (0.5, 7)


def test_hosts_to_which_webhooks_may_go_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_WEBHOOK_ALLOW", "10.0.0.0/8, hooks.internal,")
    assert load_settings().webhook_allow == ("10.0.0.0/8", "hooks.internal")


def test_a_server_elsewhere_takes_the_place_of_the_private_one() -> None:
    settings = Settings(redis_url="redis://queue.internal:6379/2")
    assert not settings.embedded_redis
    assert settings.redis_address == settings.broker_address == "redis://queue.internal:6379/2"


def test_a_long_folder_gets_a_short_socket_of_its_own(tmp_path: Path) -> None:
    long, other = tmp_path / ("l" * 120), tmp_path / ("o" * 120)
    socket = Settings(var=long).socket
    assert len(os.fsencode(socket)) <= 100
    assert socket == Settings(var=long).socket
    assert socket != Settings(var=other).socket
