"""Signs of life: a process says that it still carries a retraining out; else another may take it up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from domain.retraining import Retraining
from storage.database import DatabaseUnavailable
from storage.interfaces import Retrainings

SIGN_EVERY = 5.0  # seconds
SILENT_AFTER = timedelta(seconds=60)  # a machine may swap, or a database restart, for so long

log = logging.getLogger(__name__)


@contextmanager
def signs_of_life(
    retrainings: Retrainings, taken: Retraining, clock: Callable[[], datetime], every: float = SIGN_EVERY
) -> Iterator[None]:
    """Give signs from a thread until the block ends: training is one long call that tells nothing."""
    done = threading.Event()

    def give_signs() -> None:
        while not done.wait(every):
            try:
                if not retrainings.give_sign(taken.id, taken.holder or "", clock()):
                    return
            except DatabaseUnavailable as unavailable:
                log.warning("no sign of life could be given: %s", unavailable)

    giver = threading.Thread(target=give_signs, name="signs-of-life", daemon=True)
    giver.start()
    try:
        yield
    finally:
        done.set()
        giver.join()
