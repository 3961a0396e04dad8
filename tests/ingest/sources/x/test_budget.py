"""What reading X may cost, and that it never costs more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.spending import Spent
from ingest.source import BudgetSpent
from ingest.sources.x.budget import MOST_REMEMBERED, Advance, Budget, Caps
from storage.memory_sources import MemorySources
from tests.ingest.sources.fake_x_reading import NOON, Clock

PRICE = 5_000
TODAY = NOON.date()


def budget_of(caps: Caps, purse: MemorySources | None = None, clock: Clock | None = None) -> Budget:
    return Budget(purse or MemorySources(), clock or Clock(), caps, PRICE)


def ids(number: int, start: int = 0) -> list[str]:
    return [str(one) for one in range(start, start + number)]


@pytest.mark.parametrize(
    ("caps", "until", "setting"),
    [
        (Caps(day=10 * PRICE), datetime(2026, 11, 19, tzinfo=UTC), "GROUNDSWELL_X_DOLLARS_A_DAY"),
        (Caps(month=10 * PRICE), datetime(2026, 12, 1, tzinfo=UTC), "GROUNDSWELL_X_DOLLARS_A_MONTH"),
        (Caps(posts_a_month=10), datetime(2026, 12, 1, tzinfo=UTC), "GROUNDSWELL_X_POSTS_A_MONTH"),
        (Caps(10, 10 * PRICE, 10 * PRICE), datetime(2026, 12, 1, tzinfo=UTC), "_A_MONTH"),
        (Caps(1_000, 10 * PRICE, 100 * PRICE), datetime(2026, 11, 19, tzinfo=UTC), "_A_DAY"),
    ],
)
def test_what_is_allowed_is_paid_and_no_post_more(caps: Caps, until: datetime, setting: str) -> None:
    purse = MemorySources()
    budget = budget_of(caps, purse)
    assert budget.pay(7) == 7
    assert budget.room() == 3
    assert budget.pay(7) == 3
    with pytest.raises(BudgetSpent, match=setting) as spent:
        budget.pay(1)
    assert spent.value.until == until
    assert purse.spent("x", TODAY) == Spent(posts=10, micro_dollars=10 * PRICE)


def test_the_sentence_says_how_much_is_spent_of_how_much() -> None:
    budget = budget_of(Caps(day=5_000_000))
    budget.pay(1_000)
    with pytest.raises(BudgetSpent, match=r"5\.00 of 5\.00 dollars of today are spent"):
        budget.pay(1)


def test_without_caps_there_is_no_end() -> None:
    budget = budget_of(Caps())
    assert budget.room() is None
    assert budget.pay(1_000_000) == 1_000_000
    assert not budget.is_half_spent()


def test_a_cap_of_nothing_allows_nothing() -> None:
    with pytest.raises(BudgetSpent):
        budget_of(Caps(day=0)).pay(1)


def test_what_costs_nothing_is_still_counted() -> None:
    budget = Budget(MemorySources(), Clock(), Caps(5, 0, 0), price=0)
    assert budget.pay(9) == 5


def test_a_new_day_and_a_new_month_bring_new_allowances() -> None:
    clock = Clock(datetime(2026, 12, 31, 12, tzinfo=UTC))
    budget = budget_of(Caps(posts_a_month=15, day=10 * PRICE), clock=clock)
    assert budget.pay(10) == 10
    clock.forward(days=1)
    assert budget.pay(10) == 10
    clock.forward(days=1)
    assert budget.pay(10) == 5


def test_half_of_an_allowance_is_noticed_whichever_it_is() -> None:
    budget = budget_of(Caps(posts_a_month=100, day=20 * PRICE))
    budget.pay(9)
    assert not budget.is_half_spent()
    budget.pay(1)
    assert budget.is_half_spent()


def test_what_is_only_paid_ahead_is_no_half_spent() -> None:
    budget = budget_of(Caps(posts_a_month=100))
    advance = Advance(budget)
    advance.expect(60)
    assert not budget.is_half_spent()
    advance.came(60, ids(50))
    assert budget.is_half_spent()


def test_a_post_is_paid_once_a_day() -> None:
    clock = Clock()
    budget = budget_of(Caps(), clock=clock)
    assert budget.new(ids(3)) == 3
    assert budget.new(ids(4)) == 1
    clock.forward(days=1)
    assert budget.new(ids(4)) == 4


def test_around_midnight_a_post_is_paid_each_time_for_clocks_may_differ() -> None:
    clock = Clock(datetime(2026, 11, 18, 23, 59, 30, tzinfo=UTC))
    budget = budget_of(Caps(), clock=clock)
    assert [budget.new(ids(2)), budget.new(ids(2))] == [2, 2]
    clock.forward(seconds=45)
    assert [budget.new(ids(2)), budget.new(ids(2))] == [2, 2]
    clock.forward(minutes=2)
    assert [budget.new(ids(2)), budget.new(ids(2))] == [2, 0]


def test_a_post_without_a_name_is_paid_each_time() -> None:
    assert budget_of(Caps()).new(["", "", "1"]) == 3


def test_memory_of_paid_posts_has_an_end() -> None:
    budget = budget_of(Caps())
    budget.new(ids(MOST_REMEMBERED + 10))
    assert budget.new(ids(20, start=MOST_REMEMBERED)) == 20


# --- paid before it comes ---


def test_posts_are_paid_before_they_come() -> None:
    purse = MemorySources()
    advance = Advance(budget_of(Caps(), purse), block=20)
    advance.expect(1)
    assert purse.spent("x", TODAY).posts == 20
    for _ in range(19):
        advance.expect(1)
    assert purse.spent("x", TODAY).posts == 20
    advance.expect(1)
    assert purse.spent("x", TODAY).posts == 40
    advance.came(21, ids(21))
    advance.give_back()
    assert purse.spent("x", TODAY).posts == 21


def test_what_comes_again_costs_nothing_and_pays_for_the_next() -> None:
    purse = MemorySources()
    advance = Advance(budget_of(Caps(), purse))
    advance.expect(100)
    assert advance.came(100, ids(30)) == 30
    advance.expect(70)
    assert purse.spent("x", TODAY).posts == 100
    assert advance.came(70, ids(40)) == 10
    advance.give_back()
    assert purse.spent("x", TODAY).posts == 40


def test_more_than_was_asked_for_is_paid_nevertheless() -> None:
    purse = MemorySources()
    advance = Advance(budget_of(Caps(day=10 * PRICE), purse))
    advance.expect(10)
    advance.came(10, ids(15))
    assert purse.spent("x", TODAY).posts == 15


def test_what_is_still_expected_is_not_given_back() -> None:
    purse = MemorySources()
    advance = Advance(budget_of(Caps(), purse))
    advance.expect(10)
    advance.came(4, ids(2))
    advance.give_back()
    assert purse.spent("x", TODAY).posts == 2 + 6


def test_what_is_on_its_way_at_midnight_is_paid_on_the_new_day() -> None:
    purse, clock = MemorySources(), Clock(datetime(2026, 11, 18, 23, 58, tzinfo=UTC))
    advance = Advance(budget_of(Caps(), purse, clock), block=20)
    advance.expect(5)
    clock.forward(minutes=4)
    advance.expect(1)
    advance.came(6, ids(6))
    advance.give_back()
    tomorrow = date(2026, 11, 19)
    assert purse.spent("x", tomorrow).posts == 6
    assert purse.spent("x", TODAY).posts == 6 + 5  # X may have sent five before midnight


def test_spare_posts_are_always_paid_while_a_stream_is_open() -> None:
    purse = MemorySources()
    advance = Advance(budget_of(Caps(posts_a_month=100), purse), block=20, spare=10)
    advance.prepare()
    assert purse.spent("x", TODAY).posts == 20
    advance.spare = 30
    advance.expect(1)
    assert purse.spent("x", TODAY).posts == 40
    advance.came(1, ids(1))
    for number in range(69):
        advance.expect(1)
        advance.came(1, ids(1, start=number + 1))
    with pytest.raises(BudgetSpent):
        advance.expect(1)
    assert purse.spent("x", TODAY).posts == 100
    advance.came(1, ids(1, start=70))
    advance.give_back()
    assert purse.spent("x", TODAY).posts == 71


def test_what_may_have_come_unseen_stays_paid_until_it_is_found() -> None:
    purse = MemorySources()
    advance = Advance(budget_of(Caps(), purse), block=20, spare=10)
    advance.prepare()
    advance.may_have_come(7)
    advance.give_back()
    assert purse.spent("x", TODAY).posts == 7
    advance.prepare()
    assert purse.spent("x", TODAY).posts == 27
    advance.all_was_found()
    advance.give_back()
    assert purse.spent("x", TODAY).posts == 0


def test_what_may_have_come_yesterday_stays_paid() -> None:
    purse, clock = MemorySources(), Clock()
    advance = Advance(budget_of(Caps(), purse, clock), block=20)
    advance.prepare()
    advance.may_have_come(7)
    advance.give_back()
    clock.forward(days=1)
    advance.all_was_found()
    assert purse.spent("x", TODAY).posts == 7


# --- never more ---

SPARE = 10


class World:
    """X, which bills each post once a day, and a reader that may die at any moment and begin anew.

    X may send up to ``SPARE`` posts more into a connection that has come to its end.
    """

    def __init__(self, caps: Caps) -> None:
        self.caps = caps
        self.clock = Clock()
        self.purse = MemorySources()
        self.billed: dict[date, set[str]] = defaultdict(set)
        self.numbers = count()
        self.sent: list[str] = []
        self.start()

    def start(self) -> None:
        """A new process, which knows nothing but the purse."""
        self.budget = Budget(self.purse, self.clock, self.caps, PRICE)
        self.searching = Advance(self.budget)
        self.streaming = Advance(self.budget, block=20, spare=SPARE)
        self.is_open = False
        self.waiting: list[str] = []

    def connect(self) -> None:
        if not self.is_open:
            with suppress(BudgetSpent):
                self.streaming.prepare()
                self.is_open = True

    def post(self, again: bool) -> str:
        if not again or not self.sent:
            self.sent.append(str(next(self.numbers)))
        self.billed[self.clock().date()].add(self.sent[-1])
        return self.sent[-1]

    def arrive(self, number: int, late: int, again: bool) -> None:
        for _ in range(number):
            if not self.is_open:
                return
            self.waiting.append(self.post(again))
            try:
                self.streaming.expect(1)
            except BudgetSpent:
                self.end(max(late - 1, 0))  # one of the spare has come already

    def take(self) -> None:
        self.streaming.came(len(self.waiting), self.waiting)
        self.waiting = []

    def end(self, late: int) -> None:
        if self.is_open:
            self.is_open = False
            self.take()
            for _ in range(late):
                self.post(again=False)
            self.streaming.may_have_come(late)
            self.streaming.give_back()

    def die(self, late: int) -> None:
        if self.is_open:
            for _ in range(late):
                self.post(again=False)
        self.start()

    def search(self, hits: int, outcome: str) -> None:
        room = self.budget.room()
        size = min(max(room if room is not None else 100, 10), 100)
        found: list[str] = []
        try:
            self.searching.expect(size)
            found = self.sent[-min(hits, size) :] if hits else []
            self.billed[self.clock().date()].update(found)
            if outcome == "lost":
                self.searching.may_have_come(size)
                found = []
        except BudgetSpent:
            pass
        if outcome == "died":
            self.start()
        else:
            self.searching.came(size, found)

    def in_bounds(self) -> bool:
        days = {day: len(posts) for day, posts in self.billed.items()}
        months: dict[tuple[int, int], int] = defaultdict(int)
        for day, posts in days.items():
            months[day.year, day.month] += posts
        caps = self.caps
        return (
            all(caps.day is None or posts * PRICE <= caps.day for posts in days.values())
            and all(caps.month is None or posts * PRICE <= caps.month for posts in months.values())
            and all(caps.posts_a_month is None or posts <= caps.posts_a_month for posts in months.values())
        )

    def is_paid(self) -> bool:
        """Whether no post is unpaid, though it may be paid on the day after."""
        paid = self.purse.spent("x", date.min)
        return paid.posts >= sum(len(posts) for posts in self.billed.values())


CAPS = st.builds(
    Caps,
    posts_a_month=st.none() | st.integers(0, 300),
    day=st.none() | st.integers(0, 200).map(lambda posts: posts * PRICE + 17),
    month=st.none() | st.integers(0, 400).map(lambda posts: posts * PRICE + 17),
)
LATE = st.integers(0, SPARE)
EVENTS: st.SearchStrategy[Callable[[World], None]] = st.one_of(
    st.just(World.connect),
    st.just(World.take),
    st.builds(
        lambda number, late, again: lambda world: world.arrive(number, late, again),
        st.integers(1, 60),
        LATE,
        st.booleans(),
    ),
    st.builds(lambda late: lambda world: world.end(late), LATE),
    st.builds(lambda late: lambda world: world.die(late), LATE),
    st.builds(
        lambda hits, outcome: lambda world: world.search(hits, outcome),
        st.integers(0, 120),
        st.sampled_from(["found", "lost", "died"]),
    ),
    st.builds(
        lambda hours: lambda world: world.clock.forward(hours=hours),
        st.sampled_from([0.1, 3, 13, 24, 24 * 20]),
    ),
)


@settings(max_examples=300, deadline=None)
@given(CAPS, st.lists(EVENTS, max_size=40))
def test_whatever_happens_no_cap_is_passed(caps: Caps, events: list[Callable[[World], None]]) -> None:
    world = World(caps)
    for event in events:
        event(world)
        assert world.in_bounds()
        assert world.is_paid()
