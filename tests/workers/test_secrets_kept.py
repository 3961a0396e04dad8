"""A secret that the house makes is made once, whole, and for its owner's eyes only."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from workers.secrets_kept import kept_secret


def test_a_secret_is_made_at_the_first_call_and_then_kept(tmp_path: Path) -> None:
    secret = kept_secret(tmp_path / "var" / "author.key")
    assert len(secret) == 32
    assert kept_secret(tmp_path / "var" / "author.key") == secret
    assert kept_secret(tmp_path / "var" / "webhook.key") != secret


def test_only_its_owner_may_read_it_and_no_draft_is_left(tmp_path: Path) -> None:
    kept_secret(tmp_path / "author.key")
    assert stat.S_IMODE((tmp_path / "author.key").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["author.key"]


def test_processes_that_come_at_once_get_the_same_secret(tmp_path: Path) -> None:
    with get_context("spawn").Pool(4) as processes:
        found = processes.map(kept_secret, [tmp_path / "author.key"] * 8, chunksize=1)
    assert len(set(found)) == 1
    assert len(found[0]) == 32


def test_threads_that_come_at_once_get_the_same_secret(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / f"{number}.key"
        with ThreadPoolExecutor(8) as threads:
            found = set(threads.map(kept_secret, [path] * 8))
        assert {len(secret) for secret in found} == {32}
        assert len(found) == 1
