"""The longest tests first, so that two workers end at about the same time.

It holds with ``--dist loadfile --no-loadscope-reorder``: a file's tests stay with one worker, which makes
each stack once, and files are given out in this order. (``--dist loadgroup`` of pytest-xdist 3.8 does
not see its groups under pytest 9.2: pytest-xdist issue 1386.)
"""

from __future__ import annotations

import pytest

LONGEST = "test_real_streams.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: (item.path.name != LONGEST, "slow" not in item.keywords))
