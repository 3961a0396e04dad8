"""A server on this machine that behaves as version 1 of Jetstream does."""

from __future__ import annotations

import http
import itertools
import json
import logging
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.sync.server import Server, ServerConnection, serve

from ingest.source import wall_clock
from ingest.sources.bluesky.events import COLLECTION, microseconds


class NoText(bytes):
    """Bytes that are sent as text, which they are not."""


BAD_MESSAGES: tuple[str | bytes, ...] = (
    '{"did":"did:plc:cut","time_us":17259111623293',
    "good evening",
    "",
    "[]",
    "null",
    '{"did":"did:plc:nameless"}',
    '{"did":"did:plc:unknown","time_us":%(now)d,"kind":"sync","sync":{}}',
    '{"did":"did:plc:empty","time_us":%(now)d,"kind":"commit"}',
    '{"did":"did:plc:odd","time_us":"now","kind":"commit","commit":[]}',
    '{"did":"did:plc:future","time_us":9999999999999999,"kind":"identity"}',
    '{"$type":"message","payload":{"seq":5}}',
    b"\x28\xb5\x2f\xfd\x04\x00",  # a frame of zstd, which nobody asked for
    b"\xff\xfe\xfd",
    NoText(b'{"did":"did:plc:\xff\xfe"}'),
)

_MOST_AT_ONCE = 100
_WAKE = 0.01


@dataclass
class Log:
    """Everything that was ever said, with the time of it; several servers may tell of one log."""

    entries: list[tuple[int, Mapping[str, Any] | str | bytes]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, said: Mapping[str, Any] | str | bytes, at: int | None = None) -> int:
        """Say something now, or at another time (microseconds); events have their time put in."""
        with self.changed:
            latest = self.entries[-1][0] if self.entries else 0
            now = at if at is not None else max(microseconds(wall_clock()), latest + 1)
            self.entries.append((now, said))
            self.changed.notify_all()
        return now


class FakeJetstream:
    """Gives what is in its log to whoever subscribes, from a cursor or from now on; and has faults.

    ``lookback`` is how far back it keeps events: an older cursor is taken for the oldest of them, without
    a word. ``stamps_later`` is how much later than others this host gets and stamps its events.
    """

    def __init__(
        self,
        log: Log | None = None,
        *,
        lookback: timedelta = timedelta(hours=36),
        stamps_later: timedelta = timedelta(),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.log = log or Log()
        self.connects = 0
        self.asked: list[dict[str, str]] = []  # the query of each subscription
        self._lookback = lookback // timedelta(microseconds=1)
        self._later = stamps_later // timedelta(microseconds=1)
        self._places: dict[ServerConnection, int] = {}  # where each one begins, until it is served
        self._numbers = itertools.count(1)
        self._refusal: tuple[int, Mapping[str, str]] | None = None
        self._closes_at_once = False
        self._hangs = False
        self._stopped = False
        self._tls = tls
        logger = logging.getLogger("tests.fake_jetstream")
        logger.setLevel(logging.CRITICAL)  # dropped connections are its daily bread
        self._server: Server = serve(
            self._tell, "127.0.0.1", 0, ssl=tls, process_request=self._admit, compression=None, logger=logger
        )
        self._server.SHUTDOWN_POLLING_INTERVAL = 0.01
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        port = self._server.socket.getsockname()[1]
        return f"wss://localhost:{port}" if self._tls else f"ws://127.0.0.1:{port}"

    # --- what people do ---

    def create(
        self,
        text: str,
        *,
        did: str | None = None,
        rkey: str | None = None,
        at: int | None = None,
        **record: Any,
    ) -> str:
        """A new post, of a new author unless one is named; what we call it."""
        number = next(self._numbers)
        did, rkey = did or f"did:plc:author{number}", rkey or f"3k{number:011d}"
        self._commit("create", did, rkey, text, record, at)
        return f"{did}/{rkey}"

    def update(self, post_id: str, text: str, *, at: int | None = None, **record: Any) -> None:
        did, rkey = post_id.split("/")
        self._commit("update", did, rkey, text, record, at)

    def delete(self, post_id: str, *, at: int | None = None) -> None:
        did, rkey = post_id.split("/")
        self._commit("delete", did, rkey, None, {}, at)

    def identity(self, at: int | None = None) -> int:
        """Somebody takes another handle; when that was."""
        identity = {"did": "did:plc:mover", "handle": "mover.example", "seq": 1}
        return self.log.add({"did": "did:plc:mover", "kind": "identity", "identity": identity}, at)

    def account(self, at: int | None = None) -> int:
        """Somebody leaves; when that was."""
        account = {"active": False, "did": "did:plc:leaver", "seq": 2, "status": "deleted"}
        return self.log.add({"did": "did:plc:leaver", "kind": "account", "account": account}, at)

    # --- faults ---

    def cut(self) -> int:
        """Drop every connection in the middle of a message; how many there were."""
        connections = self._server.connections
        for connection in connections:
            with suppress(OSError):
                connection.socket.sendall(b"\x81\x7e\x10\x00" + b'{"did":"did:plc:half')
                connection.socket.shutdown(socket.SHUT_RDWR)
        return len(connections)

    def refuse(self, status: int | None, **headers: str) -> None:
        """Answer each handshake with a status and headers; ``None``: be well again."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._refusal = None if status is None else (status, named)

    def close_at_once(self, on: bool) -> None:
        self._closes_at_once = on
        if on:
            for connection in self._server.connections:
                connection.close()

    def hang(self, on: bool) -> None:
        self._hangs = on

    def garble(self) -> int:
        for bad in BAD_MESSAGES:
            now = microseconds(wall_clock())
            self.log.add(bad.replace("%(now)d", str(now)) if isinstance(bad, str) else bad)
        return len(BAD_MESSAGES)

    def stop(self) -> None:
        self._stopped = True
        self._server.shutdown()
        self._thread.join()

    # --- serving ---

    def _commit(
        self, operation: str, did: str, rkey: str, text: str | None, record: dict[str, Any], at: int | None
    ) -> None:
        number = next(self._numbers)
        commit: dict[str, Any] = {
            "rev": f"3rev{number:09d}",
            "operation": operation,
            "collection": COLLECTION,
        }
        commit["rkey"] = rkey
        if text is not None:
            said = at if at is not None else microseconds(wall_clock())
            created = {"$type": COLLECTION, "createdAt": _iso(said), "langs": ["en"], "text": text}
            commit |= {"record": created | record, "cid": f"bafyrei{number}"}
        self.log.add({"did": did, "kind": "commit", "commit": commit}, at)

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        url = urlsplit(request.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        place = self._place(query.get("cursor", ""))
        self.connects += 1  # whoever sees this may write, and expects it to be heard
        if self._refusal is not None:
            status, headers = self._refusal
            refusal = connection.respond(http.HTTPStatus(status), "no\n")
            refusal.headers.update(headers)
            return refusal
        if url.path != "/subscribe":
            return connection.respond(http.HTTPStatus.NOT_FOUND, "not found\n")
        if query.get("compress") == "true" and "Sec-WebSocket-Extensions" in request.headers:
            return connection.respond(http.HTTPStatus.BAD_REQUEST, "choose one compression scheme\n")
        if not query.get("cursor", "0").isdigit():
            return connection.respond(http.HTTPStatus.BAD_REQUEST, "invalid cursor\n")
        self._places[connection] = place
        self.asked.append(query)
        return None

    def _tell(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        place = self._places.pop(connection)
        while not self._closes_at_once and not self._stopped and connection.protocol.state is State.OPEN:
            try:
                for entry in self._entries(place):
                    self._send(connection, *entry, query)
                    place += 1
            except (ConnectionClosed, OSError):
                return

    def _entries(self, place: int) -> list[tuple[int, Mapping[str, Any] | str | bytes]]:
        """What there is to say from a place on, or nothing when nothing has come for a moment."""
        with self.log.changed:
            self.log.changed.wait_for(
                lambda: not self._hangs and place < len(self.log.entries), timeout=_WAKE
            )
            return [] if self._hangs else self.log.entries[place : place + _MOST_AT_ONCE]

    def _place(self, cursor: str) -> int:
        """Where in the log a subscription begins."""
        now = microseconds(wall_clock())
        if not cursor.isdigit() or int(cursor) > now:
            return len(self.log.entries)
        if int(cursor) < 10**15:
            return int(cursor)  # a sequence number
        since = max(int(cursor), now - self._lookback) - self._later
        return next(
            (place for place, (at, _) in enumerate(self.log.entries) if at >= since), len(self.log.entries)
        )

    def _send(
        self,
        connection: ServerConnection,
        at: int,
        said: Mapping[str, Any] | str | bytes,
        query: Mapping[str, list[str]],
    ) -> None:
        if isinstance(said, str | bytes):
            connection.send(said, text=isinstance(said, str | NoText))
            return
        collection = said.get("commit", {}).get("collection")
        wanted = query.get("wantedCollections")
        if collection is not None and wanted and collection not in wanted:
            return
        event = json.dumps({**said, "time_us": at + self._later})
        if (
            len(event) <= int(query.get("maxMessageSizeBytes", ["0"])[-1])
            or "maxMessageSizeBytes" not in query
        ):
            connection.send(event)


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000_000, wall_clock().tzinfo).isoformat(timespec="milliseconds")
