"""What reading a paid source has cost."""

from __future__ import annotations

import msgspec


class Spent(msgspec.Struct, frozen=True):
    """Posts and requests paid for over some days, and their price in millionths of a US dollar.

    Whole numbers, so that a cap is compared exactly.

    >>> Spent(posts=2, micro_dollars=10_000) + Spent(requests=1, micro_dollars=5_000)
    Spent(posts=2, requests=1, micro_dollars=15000)
    """

    posts: int = 0
    requests: int = 0
    micro_dollars: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.posts + other.posts,
            self.requests + other.requests,
            self.micro_dollars + other.micro_dollars,
        )
