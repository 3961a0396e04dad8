"""What reading X may still cost: the purse of the house, held against what the operator allows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import date, datetime

import msgspec

from domain.spending import Spent
from ingest.source import BudgetSpent, Purse
from ingest.sources.x.calendar import is_near_midnight, next_day, next_month
from ingest.sources.x.posts import SOURCE

MOST_REMEMBERED = 200_000  # ids of one day; a post beyond them that comes twice is counted twice
_DOLLAR = 1_000_000


class Caps(msgspec.Struct, frozen=True):
    """What the operator allows; ``None``: there is no end. Money in millionths of a dollar."""

    posts_a_month: int | None = None
    day: int | None = None
    month: int | None = None


class _Allowance(msgspec.Struct, frozen=True):
    """One of the caps, and how much of it is spent."""

    setting: str
    what: str
    spent: int
    cap: int
    unit: int  # of which one post takes this much
    until: datetime

    @property
    def room(self) -> int:
        """Posts that it still allows."""
        return max(self.cap - self.spent, 0) // self.unit

    def __str__(self) -> str:
        whole = _DOLLAR if self.what.startswith("dollars") else 1
        return (
            f"{_number(self.spent, whole)} of {_number(self.cap, whole)} {self.what} are spent, and the next "
            f"posts could go beyond {self.setting}"
        )


class Budget:
    """Pays for posts, never for more than is allowed. Several threads may use it.

    X counts a post once a day (UTC), so the ids that were paid today are remembered; but not those of the
    minutes around midnight, when X's clock may show another day than ours.
    """

    def __init__(self, purse: Purse, clock: Callable[[], datetime], caps: Caps, price: int) -> None:
        self._ahead = 0  # posts that are paid and have not come
        self._purse = purse
        self._clock = clock
        self._caps = caps
        self._price = price
        self._lock = threading.RLock()
        self._day: date | None = None
        self._paid: set[str] = set()

    def room(self) -> int | None:
        """Posts that may still be paid for; ``None``: there is no end."""
        return min((allowance.room for allowance in self._allowances()), default=None)

    def is_half_spent(self) -> bool:
        """Whether half of an allowance is gone: the other half is for the services that matter."""
        return any(
            2 * (allowance.spent - self._ahead * allowance.unit) >= allowance.cap
            for allowance in self._allowances()
        )

    def pay(self, posts: int, *, least: int = 1) -> int:
        """Pay for so many posts, or for as many as there is room for; how many.

        Raises ``BudgetSpent`` when that is less than ``least``.
        """
        with self._lock:
            allowances = self._allowances()
            if full := [allowance for allowance in allowances if allowance.room < least]:
                last = max(full, key=lambda allowance: allowance.until)
                raise BudgetSpent(str(last), last.until)
            paid = min([posts, *(allowance.room for allowance in allowances)])
            self.book(paid, self.today())
            return paid

    def book(self, posts: int, day: date) -> None:
        """Write down so many posts of a day as paid, whatever is allowed; a negative number takes back."""
        if posts:
            self._purse.spend(SOURCE, day, Spent(posts=posts, micro_dollars=posts * self._price))

    def count_ahead(self, posts: int) -> None:
        """So many posts more are paid and have not come; a negative number has."""
        with self._lock:
            self._ahead += posts

    def new(self, ids: Iterable[str]) -> int:
        """How many of these posts cost something: all save those that were paid today."""
        with self._lock:
            now = self._clock()
            if self._day != now.date():
                self._day, self._paid = now.date(), set()
            remember = not is_near_midnight(now)
            return sum(1 for id_ in ids if not remember or self._is_new(id_))

    def today(self) -> date:
        return self._clock().date()

    def _is_new(self, id_: str) -> bool:
        if id_ in self._paid:
            return False
        if id_ and len(self._paid) < MOST_REMEMBERED:
            self._paid.add(id_)
        return True

    def _allowances(self) -> list[_Allowance]:
        now, caps = self._clock(), self._caps
        day, month = now.date(), now.date().replace(day=1)
        allowances: list[_Allowance] = []
        if caps.day is not None and self._price:
            spent = self._purse.spent(SOURCE, day).micro_dollars
            allowances.append(_money("day", "today", spent, caps.day, self._price, next_day(now)))
        if caps.month is None and caps.posts_a_month is None:
            return allowances
        so_far = self._purse.spent(SOURCE, month)
        if caps.month is not None and self._price:
            spent = so_far.micro_dollars
            allowances.append(_money("month", "this month", spent, caps.month, self._price, next_month(now)))
        if caps.posts_a_month is not None:
            setting, what = "GROUNDSWELL_X_POSTS_A_MONTH", "posts of this month"
            allowances.append(_Allowance(setting, what, so_far.posts, caps.posts_a_month, 1, next_month(now)))
        return allowances


class Advance:
    """Posts that are paid for before they come: what a crash or a lost answer leaves is not unpaid.

    Who may get posts says first how many he expects, and then which came; what is paid too much serves the
    posts after them, or is given back. ``block`` posts are paid at a time. ``spare`` posts more are always
    paid: so many may still be on their way when a stream is closed.
    """

    def __init__(self, budget: Budget, block: int = 1, spare: int = 0) -> None:
        self.spare = spare
        self._budget = budget
        self._block = block
        self._lock = threading.Lock()
        self._day = budget.today()
        self._paid = 0  # and not come
        self._expected = 0
        self._unseen = 0  # paid for good, unless they turn up

    def prepare(self) -> None:
        """Pay for the first posts. Raises ``BudgetSpent``."""
        with self._lock:
            self._begin_day()
            self._pay(1)

    def expect(self, posts: int) -> None:
        """Pay for so many more posts. Raises ``BudgetSpent``, but even then they are expected."""
        with self._lock:
            self._begin_day()
            self._expected += posts
            self._pay(0)

    def came(self, expected: int, ids: Iterable[str] = ()) -> int:
        """Of those expected so many are settled, and these came; how many of them cost something."""
        with self._lock:
            self._expected -= expected
            new = self._budget.new(ids)
            # If more came than were expected, they must be paid nevertheless.
            self._budget.book(max(new - self._paid, 0), self._day)
            self._move(-min(new, self._paid))
            return new

    def may_have_come(self, posts: int) -> None:
        """So many posts that we never saw may have to be paid, out of those that are paid already."""
        with self._lock:
            kept = min(posts, self._paid)
            self._move(-kept)
            self._unseen += kept

    def all_was_found(self) -> None:
        """Whatever may have come today has come by now, and was paid then."""
        with self._lock:
            if self._day == self._budget.today():
                self._budget.book(-self._unseen, self._day)
            self._unseen = 0

    def give_back(self) -> None:
        """Take back what was paid for posts that nobody expects any more."""
        with self._lock:
            self._take_back()

    def _begin_day(self) -> None:
        today = self._budget.today()
        if self._day != today:
            self._take_back()
            self._move(-self._paid)  # what was expected yesterday may have to be paid on either day
            self._day, self._unseen = today, 0

    def _pay(self, more: int) -> None:
        """Pay for what is expected, for what is spare, and for so many more."""
        short = self._expected + self.spare + more - self._paid
        if short > 0:
            self._move(self._budget.pay(max(short, self._block), least=short))

    def _take_back(self) -> None:
        unused = max(self._paid - self._expected, 0)
        self._budget.book(-unused, self._day)
        self._move(-unused)

    def _move(self, posts: int) -> None:
        self._paid += posts
        self._budget.count_ahead(posts)


def _money(span: str, when: str, spent: int, cap: int, price: int, until: datetime) -> _Allowance:
    setting = f"GROUNDSWELL_X_DOLLARS_A_{span.upper()}"
    return _Allowance(setting, f"dollars of {when}", spent, cap, price, until)


def _number(value: int, whole: int) -> str:
    return f"{value:,}" if whole == 1 else f"{value / whole:,.2f}"
