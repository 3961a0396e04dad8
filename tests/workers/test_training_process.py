"""A retraining runs in a process of its own, and whatever becomes of that, the worker goes on."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.retraining import RetrainingState
from settings import Settings
from workers.asking import ask
from workers.house import House
from workers.training_process import carry_out_apart


def test_a_retraining_ends_in_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without labels it is refused at once."""
    monkeypatch.setenv("GROUNDSWELL_VAR", str(tmp_path))
    house = House(Settings(var=tmp_path))
    house.prepare()
    asked = ask(house.stores, "ann", datetime.now(UTC))
    assert asked is not None
    carry_out_apart(asked.id)
    ended = house.stores.retrainings.get(asked.id)
    assert ended is not None
    assert (ended.state, ended.tries) == (RetrainingState.REFUSED, 1)
    assert ended.alive_at is not None


def test_a_process_that_dies_is_told_in_the_log_and_kills_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("GROUNDSWELL_VAR", str(tmp_path / "never prepared"))
    with caplog.at_level(logging.ERROR):
        carry_out_apart("ret_1")
    assert "the process of retraining ret_1 ended with status 1" in caplog.text
