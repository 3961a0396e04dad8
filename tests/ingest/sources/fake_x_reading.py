"""Readers of a fake X: as in earnest, only quicker."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

from pydantic import SecretStr

from domain.service import Service
from ingest.source import Page, Purse, Surroundings
from ingest.sources.x.listening import Listening
from ingest.sources.x.options import XOptions
from ingest.sources.x.plan import Plan
from ingest.sources.x.polling import Polling
from ingest.sources.x.timing import Timing
from models.catalogue import SHIPPED, load_catalogue
from storage.memory_sources import MemorySources
from tests.ingest.sources.fake_x import TOKEN, FakeX

SHORT = Timing(
    silence=0.4,
    patience=0.6,
    rules=5.0,
    look=0.005,
    tick=0.01,
    late=timedelta(),
    held_back=timedelta(),
    overlap=timedelta(seconds=5),
    settled=timedelta(seconds=1),
    again=timedelta(seconds=0.2),
)
PATIENCE = 20.0  # seconds: a busy machine may be slow
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands still, and is set forward."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **how: float) -> None:
        self.now += timedelta(**how)


@cache
def services(*ids: str) -> tuple[Service, ...]:
    catalogue = load_catalogue(SHIPPED)
    return tuple(catalogue.services[id_] for id_ in ids or ("spotify", "netflix"))


def options(url: str, **chosen: object) -> XOptions:
    """What an operator might choose, and a cap that no test reaches by accident."""
    return XOptions.load(
        **{
            "bearer_token": SecretStr(TOKEN),
            "api": url,
            "dollars_a_day": Decimal(1_000),
            "longest_query": 1_024,
            **chosen,
        }
    )


@dataclass
class Reader:
    """Reads a fake X; ``purse`` outlives its sources, as in earnest."""

    x: FakeX
    purse: Purse = field(default_factory=MemorySources)
    timing: Timing = SHORT
    of: Sequence[Service] = field(default_factory=services)

    def listening(self, **chosen: object) -> Listening:
        how = options(self.x.url, **chosen)
        return Listening(how, self._around(), Plan.of(how, self.of), self.timing)

    def polling(self, **chosen: object) -> Polling:
        how = options(self.x.url, mode="search", **chosen)
        return Polling(how, self._around(), Plan.of(how, self.of), self.timing)

    def _around(self) -> Surroundings:
        return Surroundings(self.of, self.purse, self.x.clock)


@dataclass
class Brought:
    """What the pages of a source have brought so far."""

    pages: Generator[Page]
    all: list[Page] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [post.text for page in self.all for post in page.posts]

    @property
    def ids(self) -> list[str]:
        return [post.id for page in self.all for post in page.posts]

    @property
    def cursor(self) -> str:
        return [page.cursor for page in self.all if page.cursor is not None][-1]

    @property
    def heard_until(self) -> datetime | None:
        heard = [page.heard_until for page in self.all if page.heard_until is not None]
        return heard[-1] if heard else None

    @property
    def missed(self) -> list[str]:
        return [page.missed.why for page in self.all if page.missed is not None]

    @property
    def unreadable(self) -> list[str]:
        return [why for page in self.all for why in page.unreadable]

    def next(self) -> Page:
        page = next(self.pages)
        self.all.append(page)
        return page

    def until(self, true: Callable[[], object]) -> Brought:
        """Read on until something is true."""
        ends = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < ends, f"waited in vain; {self.all[-3:]}"
            self.next()
        return self

    def rest(self) -> Brought:
        """Read to the end."""
        self.all += self.pages
        return self
