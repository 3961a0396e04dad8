"""The whole stack: a day of posts from the reader to closed minutes, by true workers and in one process."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, figure_of, measured
from benchmarks.material import catalogue, demo, reader, repeated
from commands.replay import replay
from models.model_file import load_shipped
from settings import Settings
from workers.backtesting import backtest
from workers.replaying import Recording
from workers.stack import running_stack

TIMES = 2  # the demo, so much louder: a run of some seconds, with two days of minutes in it
RUNS = 3


def whole_stack() -> Iterator[Figure]:
    """Replay with one worker process and with two, then the same posts by a backtest."""
    loud = repeated(demo(), TIMES)
    one = _replayed(loud, 1)
    yield one
    yield _replayed(loud, 2).compared(one, "one worker's")
    alone = measured("backtest", "posts", lambda: _backtested(loud), runs=RUNS)
    yield alone.compared(one, "one worker's")


def _replayed(recording: Recording, workers: int) -> Figure:
    rates: list[float] = []
    with tempfile.TemporaryDirectory(prefix="groundswell-bench-") as folder:
        settings = Settings(var=Path(folder), workers=workers)
        with running_stack(settings, with_api=False) as house:
            replay(house, demo())  # only to warm up
            for _ in range(RUNS):
                began = time.perf_counter()
                replay(house, recording)
                rates.append(len(recording.posts) / (time.perf_counter() - began))
    return figure_of(f"replay, {workers} worker{'s' if workers > 1 else ''}", "posts", rates)


def _backtested(recording: Recording) -> int:
    classifier = load_shipped(catalogue())
    names = {service.id: service.name for service in catalogue()}
    backtest(recording, reader(), classifier, names=names, budget=1.0, model_version=classifier.version)
    return len(recording.posts)
