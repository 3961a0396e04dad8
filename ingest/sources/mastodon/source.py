"""Mastodon: public statuses of one instance, streamed or polled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from typing import ClassVar

from pydantic import SecretStr

from ingest.options import Options
from ingest.source import Page, Source, Surroundings, wall_clock
from ingest.sources.mastodon.client import Client
from ingest.sources.mastodon.hearing import Hearing
from ingest.sources.mastodon.options import SECONDS_PER_PAGE, Instance, MastodonOptions
from ingest.sources.mastodon.place import Place, places_at
from ingest.sources.mastodon.posts import NAME, Recent
from ingest.sources.mastodon.reading import KNOWN, Reading

SILENCE = 25.0  # seconds; the streaming server sends a heartbeat every 15
BEAT = 1.0  # seconds of a stream in one page
MOST_PAGES = 60  # of forty statuses, read to catch up: a fifth of what may be read in 15 minutes


class Mastodon:
    """Hears some timelines of one instance: streams them, or is polled ``every`` so many seconds.

    A stream in which not even a heartbeat comes for ``silence`` seconds has failed. ``beat`` is how many
    seconds of a stream make a page, ``most_pages`` how many pages of statuses are caught up with.
    """

    Options: ClassVar[type[Options]] = MastodonOptions
    about: ClassVar[str] = "Public posts of Mastodon instances: whole timelines, or hashtags."
    needs: ClassVar[str | None] = "GROUNDSWELL_MASTODON_INSTANCES"

    @classmethod
    def configured(cls, options: MastodonOptions, around: Surroundings) -> Sequence[Source]:
        """A source for each instance. Raises ``ValueError`` when polls would be too many for an instance."""
        sources = []
        for instance, token in options.wanted().items():
            polled = options.mode == "poll" or (options.mode == "auto" and token is None)
            needed = SECONDS_PER_PAGE * len(options.timelines)
            if polled and options.poll_seconds < needed:
                raise ValueError(
                    f"{options.variable('poll_seconds')}: {instance.host} may be asked for "
                    f"{len(options.timelines)} timelines every {needed:g} seconds, and no more often"
                )
            every = options.poll_seconds if polled else None
            sources.append(cls(instance, options.timelines, token, every=every, clock=around.clock))
        return sources

    def __init__(
        self,
        instance: Instance,
        timelines: Sequence[str],
        token: SecretStr | None = None,
        *,
        every: float | None = None,
        clock: Callable[[], datetime] = wall_clock,
        silence: float = SILENCE,
        beat: float = BEAT,
        most_pages: int | None = None,
    ) -> None:
        self.name = f"{NAME}:{instance.host}"
        self.every = every
        self._instance = instance
        self._timelines = timelines
        self._token = token
        self._clock = clock
        self._silence = silence
        self._beat = beat
        at_once = MOST_PAGES if every is None else int(0.9 * every / SECONDS_PER_PAGE)
        self._most_pages = most_pages or max(1, at_once // len(timelines))
        self._uris = Recent(KNOWN)
        self._closed = threading.Event()

    def pages(self, cursor: str | None) -> Generator[Page]:
        """What has come since ``cursor``; see ``ingest/source.py``."""
        try:
            places = places_at(cursor, self._timelines)
        except ValueError as error:
            places = places_at(None, self._timelines)
            yield Page(unreadable=(f"{error}; reading goes on from now",))
        with self._hearing(places) as hearing:
            reading = Reading(
                self._instance.host, places, self._uris, streaming=self.every is None, clock=self._clock
            )
            while not self._closed.is_set():
                page = self._next_page(hearing, reading)
                if self._closed.is_set():
                    return
                if page != Page() or not reading.ended:
                    yield page
                if reading.failed is not None:
                    raise reading.failed
                if reading.ended:
                    return

    def close(self) -> None:
        """End ``pages`` within a second."""
        self._closed.set()

    def _hearing(self, places: dict[str, Place]) -> Hearing:
        clients = {
            timeline: Client(self._instance.url, self._instance.host, self._token, self._silence, self._clock)
            for timeline in self._timelines
        }
        return Hearing(
            clients,
            places,
            streaming=self.every is None,
            silence=self._silence,
            most_pages=self._most_pages,
            clock=self._clock,
        )

    def _next_page(self, hearing: Hearing, reading: Reading) -> Page:
        """What is heard within a beat, or sooner if it fills a page."""
        end = time.monotonic() + self._beat
        while not (reading.full or reading.ended or self._closed.is_set()):
            left = end - time.monotonic()
            if left <= 0:
                break
            heard = hearing.take(min(left, 1.0))
            if heard is not None:
                reading.take(heard)
        return reading.page()
