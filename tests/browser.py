"""A Chromium for the tests that need a real browser: found, or else fetched; never silently gone without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
CACHES = (".cache/ms-playwright", "Library/Caches/ms-playwright")  # Linux, macOS; under the home folder
IN_CACHE = (
    "chromium*/chrome-*/headless_shell",
    "chromium*/chrome-*/chrome-headless-shell",
    "chromium*/chrome-*/chrome",
    "chromium*/chrome-*/*.app/Contents/MacOS/*",
)
PATIENCE = 600  # seconds for a download
HOW_TO_GET_ONE = (
    "This test needs Chromium, and none was found or could be fetched. Install one "
    "(`.venv/bin/playwright install chromium-headless-shell`; Debian: `sudo apt-get install -y chromium`), "
    "or name one in the variable CHROMIUM."
)


def find_chromium() -> Path:
    """Where a Chromium lies; fails the test with the command to run if there is none to be had."""
    for fetch in (_from_playwright, _from_debian):
        if found := next(_candidates(), None):
            return found
        fetch()
    if found := next(_candidates(), None):
        return found
    pytest.fail(HOW_TO_GET_ONE)


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("CHROMIUM"):
        if not os.access(named, os.X_OK):
            pytest.fail(f"CHROMIUM names {named}, which is no program that can be run.")
        yield Path(named)
    yield from (Path(path) for name in NAMES if (path := shutil.which(name)))
    yield from (Path(path) for path in APPLICATIONS if os.access(path, os.X_OK))
    for cache in _caches():
        yield from (path for pattern in IN_CACHE for path in sorted(cache.glob(pattern), reverse=True))


def _caches() -> Iterator[Path]:
    if named := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        yield Path(named)
    yield from (Path.home() / cache for cache in CACHES)


def _from_playwright() -> None:
    _try(sys.executable, "-m", "playwright", "install", "chromium-headless-shell")


def _from_debian() -> None:
    if shutil.which("apt-get") and os.geteuid() == 0:
        _try("apt-get", "update")
        _try("apt-get", "install", "-y", "--no-install-recommends", "chromium")


def _try(*command: str) -> None:
    """Run a command that may fail: whether it helped is seen by looking again."""
    try:
        subprocess.run(command, check=False, capture_output=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        warnings.warn(f"{command[0]} did not bring a Chromium: {error}", stacklevel=2)
