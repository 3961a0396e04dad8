"""``groundswell replay``: a recording through the running stack, told as it unfolds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from commands.telling import Line, story
from domain.moments import start_of_minute
from domain.notice import OfficialNotice
from domain.run import Run
from workers.house import House
from workers.replaying import Recording, ReplayOvertaken, hand_over_all

MOST_WAITING = 40  # batches in flight before the reader pauses, so that a long recording fits into memory
LOOK_EVERY = 0.1  # seconds
NO_SIGN_AFTER = 90.0  # seconds without any progress: no worker can be at work


class ReplayStalled(Exception):
    """Nothing has moved for a long time: no worker does its work."""


def replay(
    house: House,
    recording: Recording,
    *,
    note: str = "",
    notices: Sequence[OfficialNotice] = (),
    console: Console | None = None,
) -> Run:
    """Bring a recording through the running stack, and wait until its last minute is closed.

    With ``console`` a progress bar and the story's lines are shown while it goes on. An earlier replay of
    the same name is forgotten first.
    """
    run = Run(name=recording.name, started_at=datetime.now(UTC), note=note)
    house.begin(run, recording.first_minute)
    house.stores.notices.add(notices)
    watching = _Watching(house, run, recording, console)
    try:
        with watching.bar:
            hand_over_all(recording, house.reader, house.posts(run), watching.after_page)
            house.nudge(run.name)
            watching.until_finished()
    finally:
        house.abandon(run)
    house.posts(run).forget()
    return run


class _Watching:
    """How far a replay has come, shown as a bar below the lines of its story."""

    def __init__(self, house: House, run: Run, recording: Recording, console: Console | None) -> None:
        self._house = house
        self._run = run
        self._recording = recording
        self._told: set[Line] = set()
        self._moved_at = time.monotonic()
        self._minute = recording.first_minute
        self.bar = Progress(
            TextColumn("  {task.fields[clock]}"),
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            TextColumn("{task.fields[posts]:,} posts"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=console is None,
        )
        self._task: TaskID = self.bar.add_task(
            "replay",
            total=recording.end_minute - recording.first_minute,
            clock=f"{start_of_minute(recording.first_minute):%d %b %H:%M}Z",
            posts=0,
        )

    def after_page(self, handed: int) -> None:
        """Nudge the workers, and wait while they are far behind."""
        self._house.nudge(self._run.name)
        self.bar.update(self._task, posts=handed)
        store = self._house.posts(self._run)
        self._wait(lambda: store.backlog() <= MOST_WAITING)

    def until_finished(self) -> None:
        self._wait(self._is_finished)
        self._tell(final=True)

    def _is_finished(self) -> bool:
        run = self._house.stores.runs.get(self._run.name)
        if run is None or run.started_at != self._run.started_at:
            raise ReplayOvertaken(f"another replay of {self._run.name} has begun")
        return run.finished_at is not None

    def _wait(self, enough: Callable[[], bool]) -> None:
        while True:
            self._tell(final=False)
            if enough():
                return
            if time.monotonic() - self._moved_at > NO_SIGN_AFTER:
                raise ReplayStalled(
                    f"no minute was closed for {NO_SIGN_AFTER:.0f} s: see whether a worker is running"
                )
            time.sleep(LOOK_EVERY)

    def _tell(self, *, final: bool) -> None:
        detection = self._house.stores.incidents.detection(self._run.name)
        if detection is None or (detection.next_minute == self._minute and not final):
            return
        self._minute, self._moved_at = detection.next_minute, time.monotonic()
        if self.bar.disable:
            return
        now = start_of_minute(self._minute)
        self.bar.update(
            self._task, completed=self._minute - self._recording.first_minute, clock=f"{now:%d %b %H:%M}Z"
        )
        for line in story(self._house.stores, self._run.name, self._house.names):
            if line not in self._told and (line.at <= now or final):
                self._told.add(line)
                self.bar.console.print(line.text(), no_wrap=True, overflow="ellipsis")
