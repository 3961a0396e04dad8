"""Bluesky, through Jetstream: every public post of the network, free and without an account."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Generator, Sequence
from datetime import datetime
from time import monotonic
from typing import Annotated, ClassVar

from pydantic import Field, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from ingest.options import Options, separated
from ingest.source import Page, Source, SourceFailed, Surroundings, wall_clock
from ingest.sources.bluesky.connection import HostRefused, Subscription
from ingest.sources.bluesky.events import AHEAD, EARLIEST, SOURCE, microseconds
from ingest.sources.bluesky.hosts import PUBLIC_HOSTS, Hosts, host_address
from ingest.sources.bluesky.page import REWIND, PageInTheMaking, Progress

SILENCE = 25.0  # seconds; the network has some fifty posts in each of them
PACE = 1.0  # seconds for which a page gathers
WAKE = 0.1  # seconds without a message after which it is looked whether to go on


class BlueskyOptions(Options):
    """Whom to ask, and what to keep."""

    model_config = SettingsConfigDict(env_prefix="GROUNDSWELL_BLUESKY_")

    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=PUBLIC_HOSTS,
        validate_default=True,
        description="Hosts of Jetstream, separated by commas, that take over from each other: names, or"
        " addresses (wss://... or ws://...). The default is Bluesky's own public ones.",
    )
    langs: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Languages (en, pt, ...), separated by commas, whose posts are kept, with those that name"
        " none; all of them by default.",
    )

    @field_validator("hosts", "langs", mode="before")
    @classmethod
    def _separated(cls, value: object) -> object:
        return separated(value)

    @field_validator("hosts")
    @classmethod
    def _as_addresses(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        if not hosts:
            raise ValueError("names no host; leave it away for the public ones")
        return tuple(dict.fromkeys(map(host_address, hosts)))

    @field_validator("langs")
    @classmethod
    def _as_languages(cls, langs: tuple[str, ...]) -> tuple[str, ...]:
        for lang in langs:
            if not (lang.isascii() and lang.isalpha() and 2 <= len(lang) <= 3):
                raise ValueError(f"'{lang}' is no language; write its two or three letters, like en")
        return tuple(lang.lower() for lang in langs)


class Bluesky:
    """Reads the posts of Bluesky from whichever host of Jetstream is well.

    Version 1 of the protocol, whose cursor is a time (``time_us``): each host stamps an event when it gets
    it, so a cursor of one is good for all of them to within seconds. Version 2 numbers the events of each
    host by itself; such a number means nothing to another host, or worse, something else. To be sure of
    the seconds, five of them are read again after each connection, and what was given before is left out.

    Every failure ends ``pages``, and the next call asks the next host.
    """

    name = SOURCE
    every: float | None = None
    Options: ClassVar[type[Options]] = BlueskyOptions
    about: ClassVar[str] = "Every public post of Bluesky, as it is written; free, and without an account."
    needs: ClassVar[str | None] = None

    @classmethod
    def configured(cls, options: BlueskyOptions, around: Surroundings) -> Sequence[Source]:
        return [cls(options.hosts, langs=options.langs, clock=around.clock)]

    def __init__(
        self,
        hosts: Sequence[str],
        *,
        langs: Collection[str] = (),
        silence: float = SILENCE,
        pace: float = PACE,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:
        self._hosts = Hosts(hosts, BlueskyOptions.variable("hosts"))
        self._langs = frozenset(langs)
        self._silence = silence
        self._pace = pace
        self._clock = clock
        self._progress = Progress()
        self._closed = threading.Event()

    def close(self) -> None:
        self._closed.set()

    def pages(self, cursor: str | None) -> Generator[Page]:
        heard, complaint = self._place(cursor)
        if complaint is not None:
            yield Page(unreadable=(complaint,))
        if heard != self._progress.heard:
            # The caller goes on from elsewhere: what we remember to have given, it may not have.
            self._progress = Progress(heard)
        try:
            yield from self._read(heard)
        except HostRefused as refusal:
            raise self._hosts.refused(refusal, self._clock()) from None
        except SourceFailed:
            self._hosts.failed()
            raise

    def _read(self, heard: int | None) -> Generator[Page]:
        """Pages of one connection, from ``heard`` on."""
        asked = None if heard is None else heard - REWIND
        subscription = Subscription(self._hosts.name, self._hosts.subscription(asked))
        try:
            yield from self._gather(subscription, asked)
        finally:
            subscription.end()

    def _gather(self, subscription: Subscription, asked: int | None) -> Generator[Page]:
        page, due = self._new_page(asked, resumed=asked is not None), monotonic() + self._pace
        try:
            for message in subscription.messages(self._silence, min(WAKE, self._pace), self._closed):
                if message is not None:
                    self._hosts.worked()
                    page.take(message)
                if page.is_full or monotonic() >= due:
                    yield page.page()
                    page, due = self._turned(page, asked), monotonic() + self._pace
        except SourceFailed:
            if not page.is_empty:
                yield page.page()
                page.brought()
            raise

    def _turned(self, page: PageInTheMaking, asked: int | None) -> PageInTheMaking:
        """The next page, after one that has been brought."""
        page.brought()
        return self._new_page(asked, resumed=page.awaits_first)

    def _new_page(self, asked: int | None, *, resumed: bool) -> PageInTheMaking:
        now = microseconds(self._clock())
        return PageInTheMaking(self._progress, now, self._langs, asked=asked, resumed=resumed)

    def _place(self, cursor: str | None) -> tuple[int | None, str | None]:
        """Where to go on, and what is wrong with the cursor, if anything is: then we go on from now."""
        if cursor is None:
            return None, None
        is_number = cursor.isascii() and cursor.isdigit() and len(cursor) < 20
        if not is_number or int(cursor) < EARLIEST + REWIND:
            return None, "the cursor is no time of Jetstream; reading goes on from now"
        if int(cursor) > microseconds(self._clock()) + AHEAD:
            return None, "the cursor lies in the future: is a clock wrong? Reading goes on from now"
        return int(cursor), None
