"""What was heard of an instance, made into pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from domain.post import Post
from ingest.source import Missed, Page, PostId, SourceFailed
from ingest.sources.mastodon.events import Event, Garbled, Heartbeat
from ingest.sources.mastodon.hearing import Begun, CaughtUp, Ended, Heard, Hole
from ingest.sources.mastodon.place import Place, cursor_of
from ingest.sources.mastodon.posts import (
    NAME,
    STATUS_ID,
    NoStatus,
    Recent,
    Status,
    post_of,
    status_of,
    uri_of,
)

PAGE = 500  # posts, or sentences about what was unreadable
KNOWN = 50_000  # statuses that are remembered

_LAG = timedelta(seconds=3)  # from when a status is public until the instance tells of it
_NO_BUSINESS_OF_OURS = frozenset(
    {"announcement", "announcement.delete", "announcement.reaction", "conversation", "encrypted_message"}
    | {"filters_changed", "notification", "notifications_merged"}
)


class Reading:
    """Turns what is heard into one page after the other, and moves the places along.

    ``uris`` are the names of statuses by the instance's own ids: they outlive a reading. ``failed`` says why
    there is no more to come, ``ended`` that there is none.
    """

    def __init__(
        self,
        host: str,
        places: Mapping[str, Place],
        uris: Recent,
        *,
        streaming: bool,
        clock: Callable[[], datetime],
    ) -> None:
        self.failed: SourceFailed | None = None
        self._host = host
        self._places = dict(places)
        self._uris = uris
        self._streaming = streaming
        self._clock = clock
        self._seen = Recent(KNOWN)  # what has been given; what only a page that came to nothing held is not
        for place in self._places.values():
            for status_id in place.given:
                self._seen[status_id] = ""
        self._open = set(self._places)
        self._behind = set(self._places)
        self._told: tuple[str | None, datetime | None] = None, None
        self._begin_page()

    @property
    def ended(self) -> bool:
        return self.failed is not None or not self._open

    @property
    def full(self) -> bool:
        return len(self._posts) >= PAGE or len(self._unreadable) >= PAGE or self._missed is not None

    def take(self, heard: Heard) -> None:
        """Take in one thing that was heard."""
        timeline, place, what = heard.timeline, self._places[heard.timeline], heard.what
        match what:
            case Event():
                self._take_event(what, place, timeline)
            case Garbled(why):
                self._cannot_read(timeline, why)
            case Begun(after):
                place.jump(after)
            case Hole():
                self._take_hole(what, place)
            case CaughtUp(at):
                self._behind.discard(timeline)
                place.hear(at - _LAG)
            case Ended(failed):
                self._open.discard(timeline)
                if self._streaming and failed is None:
                    failed = SourceFailed(f"{self._host} has closed the stream of the timeline {timeline}")
                self.failed = failed
            case Heartbeat():
                pass
        if timeline not in self._behind and isinstance(what, Event | Heartbeat | Garbled):
            place.hear(heard.at - _LAG)

    def page(self) -> Page:
        """What was taken in since the last page."""
        cursor, heard = cursor_of(self._places, self._clock()), self._heard_until()
        told, self._told = self._told, (cursor, heard)
        page = Page(
            posts=tuple(self._posts.values()),
            cursor=None if cursor == told[0] else cursor,
            heard_until=None if heard == told[1] else heard,
            withdrawn=tuple(self._withdrawn),
            missed=self._missed,
            unreadable=tuple(self._unreadable),
        )
        self._begin_page()
        return page

    def _begin_page(self) -> None:
        self._posts: dict[PostId, Post] = {}
        self._withdrawn: dict[PostId, None] = {}
        self._unreadable: list[str] = []
        self._missed: Missed | None = None

    def _take_event(self, event: Event, place: Place, timeline: str) -> None:
        if event.name in ("update", "status.update"):
            try:
                status = status_of(event.data)
            except NoStatus as error:
                self._cannot_read(timeline, f"a status is none: {error}")
            else:
                self._take_status(status, place, is_edit=event.name == "status.update")
        elif event.name == "delete":
            self._delete(event.data.decode("ascii", "replace").strip('" '), timeline)
        elif event.name not in _NO_BUSINESS_OF_OURS:
            self._cannot_read(timeline, f"an event is of an unknown kind, {event.name!r}")

    def _take_status(self, status: Status, place: Place, *, is_edit: bool) -> None:
        place.give(status.id, self._clock())
        if not status.is_public or (status.id in self._seen and not is_edit):
            return
        self._seen[status.id] = ""
        post = post_of(status, self._host, self._uris.get(status.in_reply_to_id))
        if status.reblog is not None:
            self._uris[status.reblog.id] = uri_of(status.reblog, self._host)
        self._uris[status.id] = post.id
        if is_edit:
            self._withdraw(post.id)
        self._posts[NAME, post.id] = post

    def _delete(self, status_id: str, timeline: str) -> None:
        """A status is gone; one that was never given, or so long ago that it is forgotten, is no matter."""
        if not STATUS_ID.fullmatch(status_id):
            self._cannot_read(timeline, "a status is deleted that has no id")
            return
        for place in self._places.values():
            place.forget(status_id)
        uri = self._uris.get(status_id)
        if uri is not None:
            self._withdraw(uri)

    def _withdraw(self, uri: str) -> None:
        self._posts.pop((NAME, uri), None)
        self._withdrawn[NAME, uri] = None

    def _take_hole(self, hole: Hole, place: Place) -> None:
        since = hole.since or place.heard or hole.until
        self._missed = Missed(since, max(since, hole.until), hole.why)
        if hole.after is not None:
            place.jump(hole.after)

    def _cannot_read(self, timeline: str, why: str) -> None:
        self._unreadable.append(f"the timeline {timeline}: {why}")

    def _heard_until(self) -> datetime | None:
        """Until when all timelines have been heard; unknown as long as one has to catch up."""
        heard = [place.heard for place in self._places.values() if place.heard is not None]
        return min(heard) if not self._behind and len(heard) == len(self._places) else None
