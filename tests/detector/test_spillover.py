"""Who is to blame when several services surge together: pure judgements on what one minute holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.spill_guard import Judgement, judge
from detector.spillover import EARLIER, FOLLOWS, LINGERS, explains
from detector.surging import Named, Surging
from domain.kinship import Kinship
from domain.service import Service

NOW = 10_000  # the minute that is judged
CARRIERS = Kinship.of(
    Service(name, name, name, "carrier", siblings=siblings)
    for name, siblings in [("o2", ("ee", "vodafone")), ("ee", ()), ("vodafone", ())]
)
CLOUDS = ("aws", "azure")
MANY = Kinship.of(
    Service(name, name, name, "cloud" if name in CLOUDS else "games")
    for name in (*CLOUDS, *(f"game{n}" for n in range(40)))
)


def surging(service: str, observed: int = 60, *, since: int = 10, **fields: object) -> Surging:
    """A service with one usual complaint a window, whose surge began so many minutes ago."""
    given: dict[str, object] = {"score": 9.0, "is_near": True, "is_opening": True, **fields}
    onset = NOW + 1 - since
    return Surging(service, onset, onset, 1.0, observed, since, **given)  # type: ignore[arg-type]


def failing(service: str, observed: int = 60, *, since: int = 10, **fields: object) -> Surging:
    """One with an open incident."""
    return surging(service, observed, since=since, is_opening=False, is_open=True, **fields)


def near(service: str, observed: int = 60, *, since: int = 10) -> Surging:
    """One that does not reach the threshold yet."""
    return surging(service, observed, since=since, score=4.0, is_opening=False)


def nobody(_: str) -> Mapping[str, float]:
    """No complaint names another service."""
    return {}


def judged(*those: Surging, kin: Kinship = CARRIERS, named: Named = nobody) -> Judgement:
    return judge(NOW, those, kin, named)


def raised(judgement: Judgement, *those: Surging) -> set[str]:
    held = judgement.blamed.keys() | judgement.waiting
    return {one.service for one in those if one.is_opening and one.service not in held}


# --- siblings ---


def test_much_smaller_surges_of_siblings_are_spillovers_of_the_largest() -> None:
    those = [surging("ee", 12), surging("o2", 100), surging("vodafone", 15)]
    for order in permutations(those):
        judgement = judged(*order)
        assert judgement.blamed == {"ee": "o2", "vodafone": "o2"}
        assert raised(judgement, *order) == {"o2"}


def test_a_sibling_that_surges_as_much_is_raised_by_itself() -> None:
    those = [surging("o2", 100), surging("ee", 90)]
    assert raised(judged(*those), *those) == {"o2", "ee"}


def test_services_that_are_no_siblings_are_raised_however_small() -> None:
    those = [surging("o2", 500), surging("spotify", 8)]
    assert raised(judged(*those), *those) == {"o2", "spotify"}


@pytest.mark.parametrize(
    ("o2", "ee", "explained"),
    [
        ({"since": 10}, {"since": 10}, True),
        ({"since": 10}, {"since": 10 + EARLIER}, True),
        ({"since": 10}, {"since": 11 + EARLIER}, False),  # it began before: a cause comes first
        ({"since": 10 + FOLLOWS}, {"since": 10}, True),
        ({"since": 11 + FOLLOWS}, {"since": 10}, False),  # people blame a sibling soon, or not at all
        ({"since": 10, "eased_for": LINGERS}, {"since": 10}, True),
        ({"since": 10, "eased_for": LINGERS + 1}, {"since": 10}, False),  # it goes on after the other eased
        ({"since": 10, "observed": 100}, {"since": 10, "observed": 30}, True),
        ({"since": 10, "observed": 100}, {"since": 10, "observed": 60}, False),
        ({"since": 10, "observed": 3}, {"since": 10, "observed": 3}, True),  # three posts decide nothing
    ],
)
def test_a_spillover_begins_with_its_cause_is_smaller_and_ends_with_it(
    o2: dict[str, int], ee: dict[str, int], explained: bool
) -> None:
    blamed = failing("o2", **{"observed": 400, **o2})
    assert explains(blamed, surging("ee", **{"observed": 12, **ee})) is explained


@pytest.mark.parametrize(
    ("o2", "ee"), [(failing("o2", 100), surging("ee", 60)), (failing("o2", 400, since=60), surging("ee", 12))]
)
def test_complaints_that_name_the_other_too_make_a_larger_or_a_later_one_a_spillover(
    o2: Surging, ee: Surging
) -> None:
    assert judged(o2, ee).blamed == {}
    assert judged(o2, ee, named=lambda _: {"o2": 0.3}).blamed == {"ee": "o2"}


def test_of_two_siblings_the_one_that_the_complaints_name_is_to_blame() -> None:
    those = [failing("o2", 500), failing("vodafone", 400), surging("ee", 20)]
    kin = msgspec.structs.replace(CARRIERS, pairs=CARRIERS.pairs | {("vodafone", "ee"), ("ee", "vodafone")})
    assert judged(*those, kin=kin).blamed == {"ee": "o2"}
    assert judged(*those, kin=kin, named=lambda _: {"vodafone": 0.2}).blamed == {"ee": "vodafone"}


@pytest.mark.parametrize("other", [surging("o2", 4, since=3), near("o2", 5, since=3)])
def test_an_alarm_waits_a_few_minutes_until_it_is_clear_who_is_to_blame(other: Surging) -> None:
    assert "ee" in judged(surging("ee", 4, since=3), other).waiting
    assert "ee" not in judged(surging("ee", 4, since=4), other).waiting


def test_after_the_wait_the_strongest_is_raised() -> None:
    those = [surging("o2", 5, since=4), surging("ee", 4, since=4)]
    assert raised(judged(*those), *those) == {"o2"}


def test_an_open_incident_is_marked_when_a_sibling_dwarfs_it() -> None:
    judgement = judged(failing("ee", 8), surging("o2", 200))
    assert judgement.blamed == {}
    judgement = judged(failing("ee", 8), failing("o2", 200))
    assert judgement.blamed == {"ee": "o2"}


# --- a common cause ---


def games(number: int, observed: int = 30, **fields: object) -> list[Surging]:
    return [surging(f"game{n}", observed + n, **fields) for n in range(number)]  # type: ignore[arg-type]


def test_many_that_fail_at_once_are_one_alarm_of_the_cloud_that_surges_too() -> None:
    those = [*games(40), surging("aws", 9)]
    judgement = judged(*those, kin=MANY)
    assert judgement.cause == "aws"
    assert raised(judgement, *those) == {"aws"}
    assert judgement.blamed == {f"game{n}": "aws" for n in range(40)}


def test_the_cloud_is_named_even_when_it_has_not_reached_the_threshold() -> None:
    judgement = judged(*games(40), near("aws", 5), kin=MANY)
    assert (judgement.cause, len(judgement.blamed)) == ("aws", 40)


def test_of_two_clouds_the_one_that_the_complaints_name_is_the_cause() -> None:
    those = [*games(6), surging("aws", 9), surging("azure", 30, score=12.0)]
    assert judged(*those, kin=MANY).cause == "azure"
    assert judged(*those, kin=MANY, named=lambda _: {"aws": 0.05}).cause == "aws"


def test_without_a_cloud_the_strongest_stands_for_all() -> None:
    those = games(40)
    judgement = judged(*those, kin=MANY)
    assert judgement.cause == "game39"
    assert raised(judgement, *those) == {"game39"}


def test_without_a_cloud_an_incident_that_is_open_needs_no_further_alarm() -> None:
    those = [*games(6)[1:], failing("game0", 10)]
    judgement = judged(*those, kin=MANY)
    assert judgement.cause == "game0"
    assert raised(judgement, *those) == set()


def test_four_vendors_may_be_chance() -> None:
    those = games(4)
    judgement = judged(*those, kin=MANY)
    assert judgement.cause is None
    assert len(raised(judgement, *those)) == 4


def test_many_services_of_one_vendor_are_no_common_cause_of_many() -> None:
    kin = Kinship.of(Service(f"game{n}", "", "one", "games") for n in range(8))
    assert judged(*games(8), kin=kin).cause is None


def test_an_old_incident_has_no_part_in_a_common_cause() -> None:
    those = [*games(4), failing("game30", since=300)]
    assert judged(*those, kin=MANY).cause is None


def test_the_first_alarms_wait_while_many_others_are_near() -> None:
    first, others = games(2, since=2), [near(f"game{n}") for n in range(10, 14)]
    assert judged(*first, *others, kin=MANY).waiting == {"game0", "game1"}
    late = games(2, since=4)
    assert raised(judged(*late, *others, kin=MANY), *late) == {"game0", "game1"}


def test_what_begins_soon_after_joins_the_common_cause() -> None:
    aws = failing("aws", 9, since=20, is_common_cause=True)
    those = [surging("game7", 900, since=5), surging("game8", since=60)]
    judgement = judged(aws, *those, kin=MANY)
    assert judgement.blamed == {"game7": "aws"}
    assert raised(judgement, *those) == {"game8"}


def test_what_goes_on_when_the_cause_has_eased_is_raised_once_again() -> None:
    aws = failing("aws", 9, since=90, is_common_cause=True, eased_for=LINGERS + 1)
    those = games(9, since=88)
    judgement = judged(aws, *those, kin=MANY)
    assert raised(judgement, *those) == {"game8"}
    assert judgement.cause == "game8"


def test_a_cloud_that_surges_only_later_takes_the_place_of_the_strongest() -> None:
    first = failing("game39", since=12, is_common_cause=True)
    those = [*games(9), surging("aws", 9)]
    judgement = judged(first, *those, kin=MANY)
    assert (judgement.cause, raised(judgement, *those)) == ("aws", {"aws"})
    assert judgement.blamed["game39"] == "aws"


def test_a_cloud_may_be_the_common_cause_though_it_is_some_members_sibling() -> None:
    """People blame a cloud when its largest customer fails: alone, it would be that one's spillover."""
    kin = msgspec.structs.replace(MANY, pairs=frozenset({("aws", "game39"), ("game39", "aws")}))
    those = [*games(40, 60), surging("aws", 9)]
    judgement = judged(*those, kin=kin)
    assert (judgement.cause, raised(judgement, *those)) == ("aws", {"aws"})


# --- whatever happens ---

NAMES = ("o2", "ee", "vodafone", "aws", "azure", *(f"game{n}" for n in range(6)))
ALL = Kinship.of(
    [
        Service("o2", "", "o2", "carrier", siblings=("ee", "vodafone", "aws")),
        *(Service(name, "", name, "cloud" if name in CLOUDS else "games") for name in NAMES if name != "o2"),
    ]
)


@st.composite
def any_minute(draw: st.DrawFn) -> list[Surging]:
    kinds = {"opening": surging, "open": failing, "near": near}
    those = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        kind = draw(st.sampled_from(sorted(kinds)))
        one = kinds[kind](name, draw(st.integers(2, 300)), since=draw(st.integers(1, 90)))
        stands = kind == "open" and draw(st.booleans())
        those.append(replace(one, is_common_cause=stands))
    return those


SHARES = st.dictionaries(st.sampled_from(NAMES), st.floats(0, 1), max_size=3)


@given(any_minute(), SHARES, st.randoms(use_true_random=False))
def test_the_order_in_which_services_stand_changes_nothing_and_someone_is_always_told(
    those: list[Surging], shares: dict[str, float], random: Random
) -> None:
    judgement = judged(*those, kin=ALL, named=lambda _: shares)
    shuffled = list(those)
    random.shuffle(shuffled)
    assert judged(*shuffled, kin=ALL, named=lambda _: shares) == judgement
    told = raised(judgement, *those) | {one.service for one in those if one.is_open}
    below = {one.service for one in those if not one.is_open and not one.is_opening} & {judgement.cause}
    assert set(judgement.blamed.values()) <= told | below
    assert judgement.waiting.isdisjoint(judgement.blamed)
    assert all(service != blamed for service, blamed in judgement.blamed.items())
