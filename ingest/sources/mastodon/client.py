"""One instance, asked through Mastodon.py by one thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import msgspec
import requests
from mastodon import Mastodon, StreamListener
from mastodon.errors import MastodonError
from pydantic import SecretStr
from urllib3.exceptions import HTTPError

from ingest.source import SourceFailed
from ingest.sources.mastodon.events import Told, events_in
from ingest.sources.mastodon.refusals import failure_of, unreachable
from ingest.sources.mastodon.wire import Wire

LIMIT = 40  # statuses in one answer; no instance gives more


class Client:
    """Asks the instance at ``url``, whose name is ``host``, and waits at most ``patience`` seconds."""

    def __init__(
        self, url: str, host: str, token: SecretStr | None, patience: float, clock: Callable[[], datetime]
    ) -> None:
        self._host = host
        self._patience = patience
        self._clock = clock
        self._wire = Wire()
        session = requests.Session()
        session.auth = _as_it_is  # or an entry of ~/.netrc would take the token's place
        for scheme in ("https://", "http://"):
            session.mount(scheme, self._wire)
        self._library = Mastodon(
            api_base_url=url,
            session=session,
            request_timeout=patience,
            ratelimit_method="throw",
            user_agent="Groundswell",
        )
        # Given to the constructor, a token that happens to be the name of a file would be read from there.
        self._library.access_token = None if token is None else token.get_secret_value()
        self._has_token = token is not None

    def after(self, timeline: str, status_id: str) -> Sequence[msgspec.Raw]:
        """The statuses of a timeline that come next after one: at most ``LIMIT``, in no certain order."""
        with self._asking():
            self._library.timeline(_path(timeline), min_id=status_id, limit=LIMIT)
        return self._statuses()

    def newest(self, timeline: str) -> Sequence[msgspec.Raw]:
        """The newest statuses of a timeline: at most ``LIMIT``, in no certain order."""
        with self._asking():
            self._library.timeline(_path(timeline), limit=LIMIT)
        return self._statuses()

    def listen(self, timeline: str, opened: Callable[[], None], tell: Callable[[Told], None]) -> None:
        """Open a timeline's stream, call ``opened``, and ``tell`` what comes until the server ends it."""
        listener = _Listener(self._wire, opened, tell)
        with self._asking():
            if timeline.startswith("tag:"):
                self._library.stream_hashtag(timeline[4:], listener, timeout=self._patience)
            else:
                self._library.stream_public(listener, timeout=self._patience, local=timeline == "local")

    def stop(self) -> None:
        """End what is under way; called from another thread."""
        self._wire.stop()

    def _statuses(self) -> Sequence[msgspec.Raw]:
        answer = self._wire.answer
        try:
            return msgspec.json.decode(answer.body if answer else b"", type=list[msgspec.Raw])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise SourceFailed(f"{self._host} answered with something that is no list of statuses") from None

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except (MastodonError, requests.RequestException, HTTPError, OSError) as error:
            answer = self._wire.answer
            if answer is None or answer.status < 400:
                raise unreachable(self._host, error, self._patience) from error
            raise failure_of(answer, self._host, has_token=self._has_token, now=self._clock()) from error


class _Listener(StreamListener):
    """Reads a stream in Mastodon.py's place."""

    def __init__(self, wire: Wire, opened: Callable[[], None], tell: Callable[[Told], None]) -> None:
        self._wire = wire
        self._opened = opened
        self._tell = tell

    def handle_stream(self, response: requests.Response) -> None:
        self._opened()
        for told in events_in(self._wire.pieces(response)):
            self._tell(told)


def _path(timeline: str) -> str:
    """Mastodon.py's name for a timeline.

    >>> _path("tag:outage"), _path("local")
    ('tag/outage', 'local')
    """
    return timeline.replace("tag:", "tag/", 1)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
