"""What runs on this machine, asked without any program that a small machine may lack."""

from __future__ import annotations

import os
from collections.abc import Iterable

import psutil


def is_alive(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be buried."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def command_of(pid: int) -> str:
    """A process's whole command; empty when there is no such process."""
    try:
        return " ".join(psutil.Process(pid).cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ""


def of_groups(leaders: Iterable[int]) -> list[int]:
    """The living processes of some process groups."""
    wanted = set(leaders)
    return [pid for pid in psutil.pids() if _group_of(pid) in wanted and is_alive(pid)]


def knowing(word: str) -> dict[int, str]:
    """The living processes with a word in their command or their environment, and their commands."""
    return {pid: command_of(pid) for pid in psutil.pids() if is_alive(pid) and word in _all_of(pid)}


def _all_of(pid: int) -> str:
    try:
        return command_of(pid) + " ".join(psutil.Process(pid).environ().values())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return command_of(pid)


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except (ProcessLookupError, PermissionError):
        return None
