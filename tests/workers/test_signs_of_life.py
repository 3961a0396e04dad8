"""A process at work says so, until it is done or the work is another's."""

from __future__ import annotations

import threading
from datetime import timedelta

from domain.retraining import Retraining
from storage.database import DatabaseUnavailable
from storage.memory import MemoryStores
from storage.memory_retrainings import MemoryRetrainings
from tests.models.people import NOON
from workers.signs_of_life import signs_of_life

LATER = NOON + timedelta(minutes=1)
PATIENCE = 10.0  # seconds


class Counting(MemoryRetrainings):
    """Says when enough signs were given; the first one finds the database away."""

    def __init__(self, enough: int = 3) -> None:
        super().__init__(MemoryStores().models)
        self.signs = 0
        self.heard = threading.Event()
        self._enough = enough

    def give_sign(self, *sign: object) -> bool:
        self.signs += 1
        if self.signs >= self._enough:
            self.heard.set()
        if self.signs == 1:
            raise DatabaseUnavailable("away for a moment")
        return super().give_sign(*sign)  # type: ignore[arg-type]  # handed through


def taken_up(retrainings: MemoryRetrainings) -> Retraining:
    retrainings.begin(Retraining("ret_1", "ada", NOON))
    taken = retrainings.take_up("ret_1", "here", NOON, silent_since=NOON)
    assert taken is not None
    return taken


def givers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "signs-of-life"]


def test_signs_are_given_while_the_block_lasts_even_if_the_database_was_away() -> None:
    retrainings = Counting()
    with signs_of_life(retrainings, taken_up(retrainings), lambda: LATER, every=0.01):
        assert retrainings.heard.wait(PATIENCE)
    one = retrainings.get("ret_1")
    assert one is not None
    assert one.alive_at == LATER
    assert givers() == []


def test_no_sign_is_given_for_what_is_anothers_by_now() -> None:
    retrainings = Counting(enough=2)
    taken = taken_up(retrainings)
    retrainings.take_up("ret_1", "there", LATER, silent_since=LATER)
    with signs_of_life(retrainings, taken, lambda: LATER + timedelta(hours=1), every=0.01):
        assert retrainings.heard.wait(PATIENCE)
        for giver in givers():
            giver.join(PATIENCE)
        assert givers() == []
    one = retrainings.get("ret_1")
    assert one is not None
    assert (one.holder, one.alive_at) == ("there", LATER)
