"""How long X and its reader take for things. Tests take shorter ones."""

from __future__ import annotations

from datetime import timedelta

import msgspec


class Timing(msgspec.Struct, frozen=True):
    """Times that are no operator's business. Plain numbers are seconds."""

    silence: float = 25.0  # X sends an empty line every 20 seconds
    patience: float = 28.0  # for one whole answer of search, so that a failure is told within 30 seconds
    rules: float = 120.0  # for bringing all rules in step, which takes several requests
    look: float = 0.1  # between two looks whether X has answered, while other things go on
    tick: float = 1.0  # between two pages when there is nothing to bring
    late: timedelta = timedelta(seconds=8)  # X delivers 99 of 100 posts within 7 seconds
    held_back: timedelta = timedelta(seconds=30)  # search shows no post that is younger
    overlap: timedelta = timedelta(seconds=30)  # read again after a disconnection: posts come in no order
    settled: timedelta = timedelta(seconds=10)  # the same between two searches, which are behind anyway
    again: timedelta = timedelta(seconds=30)  # until a search that failed is tried again
    filling: timedelta = timedelta(minutes=30)  # for the filling of one gap; older posts tell of no present


TIMING = Timing()
REACH = timedelta(days=7) - timedelta(minutes=1)  # how far back search looks, less what it takes to ask
LONG_AGO = timedelta(hours=1)  # a gap that is older may take no more than a share of what is left to spend
SHARE = 4  # that share is one part in four
