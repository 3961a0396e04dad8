"""Hours name the version that counted each of their minutes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rate import MEASURES, RateBlock, RateHour
from workers.pass_rates import PassRates

FIRST = 600  # the start of an hour


def rates_of(versions: list[str | None], first: int = FIRST) -> PassRates:
    counts = np.ones((len(MEASURES), 1, len(versions)), dtype=np.int32)
    block = RateBlock(first_minute=first, services=("siri",), counts=counts, versions=tuple(versions))
    return PassRates(block, ("siri",))


def hour_in(*passes: list[str | None]) -> RateHour:
    """The hour that successive passes leave."""
    begun: dict[str, RateHour] = {}
    first = FIRST
    for versions in passes:
        (row,) = rates_of(versions, first).hours(begun, "active")
        begun, first = {"siri": row}, first + len(versions)
    return begun["siri"]


@pytest.mark.parametrize(
    ("versions", "last", "swaps"),
    [
        (["v1", "v1"], "v1", ()),
        ([None, "v1", None], "v1", ()),
        ([None, None], "active", ()),
        (["v1", None, "v2", "v2"], "v2", ((0, "v1"), (2, "v2"))),
        (["v1", "v2", "v1"], "v1", ((0, "v1"), (1, "v2"), (2, "v1"))),
    ],
)
def test_an_hour_tells_where_one_version_took_over_from_another(
    versions: list[str | None], last: str, swaps: tuple[tuple[int, str], ...]
) -> None:
    row = hour_in(versions)
    assert (row.model_version, row.swaps) == (last, swaps)


def test_a_minute_without_a_count_has_the_version_before_it() -> None:
    rates = rates_of([None, "v1", None, "v2"])
    assert [rates.version_at(offset) for offset in range(4)] == [None, "v1", "v1", "v2"]


def test_a_block_that_names_no_version_leaves_the_active_one() -> None:
    block = RateBlock(FIRST, ("siri",), np.ones((len(MEASURES), 1, 2), dtype=np.int32))
    (row,) = PassRates(block, ("siri",)).hours({}, "active")
    assert row.versions == ("active", "active")


VERSIONS = st.lists(st.sampled_from(["v1", "v2", None]), min_size=1, max_size=12)


@given(versions=VERSIONS.filter(lambda some: some[0] is not None), cut=st.integers(1, 11))
def test_every_minute_names_its_version_however_the_hour_is_cut_into_passes(
    versions: list[str | None], cut: int
) -> None:
    expected: list[str | None] = []
    for version in versions:
        expected.append(version or expected[-1])
    row = hour_in(*(some for some in (versions[:cut], versions[cut:]) if some))
    assert list(row.versions) == expected
    assert row == hour_in(versions)
