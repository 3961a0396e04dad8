"""A recording through the same steps as a replay, in one process and on the memory twins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from domain.kinship import Kinship
from domain.notice import OfficialNotice
from domain.run import Run
from storage.interfaces import Detection, DetectionStep, Stores
from storage.memory import MemoryStores
from storage.memory_posts import MemoryPosts
from workers.counting import Tagger, count_waiting
from workers.detecting import Detecting
from workers.official_side import SILENT_AFTER
from workers.reading import Reader
from workers.replaying import Recording, hand_over_all

NO_KIN = Kinship()


def backtest(
    recording: Recording,
    reader: Reader,
    tagger: Tagger,
    *,
    names: dict[str, str],
    budget: float,
    model_version: str | None,
    notices: Sequence[OfficialNotice] = (),
    silent_after: timedelta = SILENT_AFTER,
    kin: Kinship = NO_KIN,
    after_each: Callable[[int], None] = lambda _: None,
) -> Stores:
    """Bring a recording to its end; the stores returned hold its one run, under the recording's name."""
    posts, stores = MemoryPosts(), MemoryStores()
    run = Run(name=recording.name, started_at=datetime.now(UTC))
    stores.runs.start(run)
    stores.notices.add(notices)
    stores.incidents.save(
        DetectionStep(
            run=run.name,
            expected_minute=None,
            detection=Detection(next_minute=recording.first_minute, state=b""),
        )
    )

    def count(handed: int) -> None:
        while count_waiting(posts, lambda: tagger, "backtest", notices=stores.notices, run=run.name):
            pass
        after_each(handed)

    hand_over_all(recording, reader, posts, count)
    detecting = Detecting(
        run=run,
        posts=posts,
        stores=stores,
        names=names,
        budget=budget,
        grace=0,
        model_version=model_version,
        silent_after=silent_after,
        kin=kin,
    )
    while detecting.close_minutes(datetime.now(UTC)):
        pass
    return stores
