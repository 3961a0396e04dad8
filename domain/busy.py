"""Busy: the house can't take posts in just now."""

from __future__ import annotations


class Busy(Exception):
    """Nothing was taken in; the same may be offered again after ``retry_after`` seconds.

    ``behind``: all is well, but more is brought than can be done; whoever brings it should slow down.
    """

    def __init__(self, why: str, retry_after: int, *, behind: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after = retry_after
        self.behind = behind
