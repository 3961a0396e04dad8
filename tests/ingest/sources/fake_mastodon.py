"""A server that behaves as a Mastodon instance of version 4.4 does, as far as a reader can tell."""

from __future__ import annotations

import html
import json
import re
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Json = dict[str, Any]  # as the server says it; tests change whatever they like in it

TOKEN = "kept-to-itself-0123456789"  # a user's, which the public streams have asked for since version 4.2
LIMIT, DEFAULT_LIMIT = 40, 20

_CUT = b"cut"
_END = b"end"


class Stream:
    """One open stream: its timeline ("public"), and what is to be said on it."""

    def __init__(self, timeline: str) -> None:
        self.timeline = timeline
        self.mute = False
        self.said: Queue[bytes] = Queue()
        self.over = threading.Event()


class FakeMastodon:
    """Its ``statuses``, the oldest first; ``requests``, as path and headers; how it misbehaves.

    ``answers`` are statuses of HTTP and bodies that the next timelines are answered with, in place of the
    truth. ``first`` is how many of the oldest statuses it has forgotten.
    """

    def __init__(self, heartbeat: float = 0.1) -> None:
        self.heartbeat = heartbeat
        self.statuses: list[Json] = []
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.answers: list[tuple[int, bytes]] = []
        self.headers: dict[str, str] = {}  # sent beside a timeline
        self.streams: list[Stream] = []
        self.connects = 0
        self.refusal: int | None = None
        self.refusal_headers: dict[str, str] | None = None
        self.closes_at_once = False
        self.hangs = False
        self.members_only = False
        self.ignores_min_id = False
        self.streaming: str | None = None
        self.moved_to: str | None = None  # the address to which its streams are led
        self.over = threading.Event()
        self._lock = threading.RLock()
        self._number = 0
        self._server = _Server(self)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    # --- its people ---

    def write(self, text: str, **changes: Any) -> Json:
        """A new status, told on the streams; ``changes`` are of its JSON."""
        status = self.status(text, **changes)
        self.keep(status)
        self.tell(status)
        return status

    def status(self, text: str, **changes: Any) -> Json:
        """A status that nobody has been told of."""
        with self._lock:
            self._number += 1
            number = self._number
        now = datetime.now(UTC)
        name, id_ = f"user{number}", str(((int(now.timestamp() * 1000)) << 16) + number)
        return {
            "id": id_,
            "created_at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "in_reply_to_id": None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": "public",
            "language": "en",
            "uri": f"https://social.example/users/{name}/statuses/{id_}",
            "url": f"https://social.example/@{name}/{id_}",
            "content": f"<p>{html.escape(text)}</p>",
            "reblog": None,
            "account": {"id": str(number), "username": name, "acct": f"{name}@social.example"},
            "media_attachments": [],
            "tags": [{"name": tag.lower()} for tag in re.findall(r"#(\w+)", text)],
            **changes,
        }

    def keep(self, status: Json) -> None:
        with self._lock:
            self.statuses.append(status)
            self.statuses.sort(key=lambda each: (len(each["id"]), each["id"]))

    def tell(self, status: Json, event: str = "update") -> None:
        for timeline in _timelines_of(status):
            self.say(event, json.dumps(status), timeline)

    def edit(self, status: Json, text: str) -> None:
        status["content"] = f"<p>{html.escape(text)}</p>"
        self.tell(status, "status.update")

    def delete(self, uri: str) -> bool:
        with self._lock:
            gone = [each for each in self.statuses if each["uri"] == uri]
            self.statuses = [each for each in self.statuses if each["uri"] != uri]
        for status in gone:
            self.say("delete", status["id"])
        return bool(gone)

    # --- its streaming server ---

    def say(self, event: str, data: str, timeline: str = "public") -> None:
        self.say_raw(f"event: {event}\ndata: {data}\n\n".encode(), timeline)

    def say_raw(self, raw: bytes, timeline: str = "public") -> None:
        with self._lock:
            for stream in self.streams:
                if stream.timeline == timeline and not stream.mute:
                    stream.said.put(raw)

    def cut(self) -> None:
        """Drop every connection in the middle of what was to be said next."""
        self._end_streams(_CUT)
        self._server.drop_all()

    def end_streams(self) -> None:
        """End every stream as a server does that is shut down."""
        self._end_streams(_END)

    def _end_streams(self, how: bytes) -> None:
        with self._lock:
            ending = list(self.streams)
        for stream in ending:
            stream.said.put(how)
        for stream in ending:
            stream.over.wait(1)

    def hang(self, on: bool) -> None:
        with self._lock:
            self.hangs = on
            for stream in self.streams:
                stream.mute = True

    def wait_for_streams(self, number: int = 1) -> None:
        _until(lambda: len(self.streams) >= number)

    def open(self, timeline: str) -> Stream:
        stream = Stream(timeline)
        with self._lock:
            self.streams.append(stream)
        return stream

    def leave(self, stream: Stream) -> None:
        with self._lock:
            if stream in self.streams:
                self.streams.remove(stream)
        stream.over.set()

    def stop(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.drop_all()
        self._server.server_close()

    # --- what its API says ---

    def timeline(self, name: str, query: dict[str, str]) -> list[Json]:
        """As ``to_a_paginated_by_id`` does: the newest first, and with ``min_id`` those that come next."""
        limit = min(int(query.get("limit", DEFAULT_LIMIT)), LIMIT)
        with self._lock:
            found = [status for status in self.statuses if name in _timelines_of(status)]
        for bound in ("min_id", "since_id"):
            if bound in query and not (bound == "min_id" and self.ignores_min_id):
                found = [status for status in found if int(status["id"]) > int(query[bound])]
        if "min_id" in query and not self.ignores_min_id:
            return found[:limit][::-1]
        return found[::-1][:limit]

    def instance(self, version: int) -> Json:
        streaming = self.streaming or f"ws://{self.host}"
        if version == 1:
            return {"uri": self.host, "version": "4.4.1", "urls": {"streaming_api": streaming}}
        return {
            "domain": self.host,
            "version": "4.4.1",
            "configuration": {"urls": {"streaming": streaming}},
            "api_versions": {"mastodon": 6},
        }


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, fake: FakeMastodon) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _handler_for(fake, self.connections))

    def drop_all(self) -> None:
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is no news."""


def _handler_for(fake: FakeMastodon, connections: set[socket.socket]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            connections.add(self.connection)

        def finish(self) -> None:
            connections.discard(self.connection)
            with suppress(OSError):
                super().finish()

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            fake.requests.append((self.path, headers))
            streams = address.path.startswith("/api/v1/streaming/")
            if streams or (address.path.startswith("/api/v1/timelines/") and "min_id" not in query):
                fake.connects += streams or self._misbehaves()
            if fake.hangs:
                fake.over.wait()
                self.close_connection = True
            elif fake.closes_at_once:
                self._close_at_once(streams)
            elif fake.refusal is not None:
                self._refuse(fake.refusal)
            elif streams and fake.moved_to and fake.moved_to != f"http://{self.headers['Host']}":
                self._body(301, b"", {"Location": f"{fake.moved_to}{self.path}"})
            elif streams:
                self._stream(address.path.removeprefix("/api/v1/streaming/"), query)
            elif address.path.startswith("/api/v1/timelines/"):
                self._timeline(address.path.removeprefix("/api/v1/timelines/"), query)
            elif match := re.fullmatch(r"/api/v([12])/instance/?", address.path):
                self._json(200, fake.instance(int(match[1])))
            else:
                self._json(404, {"error": "Record not found"})

        def _misbehaves(self) -> bool:
            return fake.hangs or fake.closes_at_once or fake.refusal is not None

        def _close_at_once(self, streams: bool) -> None:
            self.close_connection = True
            if streams:
                self._begin_stream()
                self.wfile.write(b"0\r\n\r\n")

        def _refuse(self, status: int) -> None:
            reset = datetime.now(UTC) + timedelta(minutes=1)
            limits = {
                "X-RateLimit-Limit": "300",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": reset.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            }
            headers = limits if status == 429 else {}
            if fake.refusal_headers is not None:
                headers = fake.refusal_headers
            self._json(status, {"error": "This is what the server says"}, headers)

        def _timeline(self, name: str, query: dict[str, str]) -> None:
            if fake.members_only and not self._has_token():
                self._json(422, {"error": "This method requires an authenticated user"})
                return
            if fake.answers:
                status, body = fake.answers.pop(0)
                self._body(status, body, {})
                return
            name = "local" if query.get("local") == "1" else unquote(name).replace("tag/", "tag:")
            statuses = fake.timeline(name, query)
            reset = datetime.now(UTC) + timedelta(minutes=5)
            headers = {
                "X-RateLimit-Limit": "300",
                "X-RateLimit-Remaining": "299",
                "X-RateLimit-Reset": reset.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            }
            if statuses:
                here = f"{fake.url}/api/v1/timelines/{name}"
                headers["Link"] = (
                    f'<{here}?max_id={statuses[-1]["id"]}>; rel="next", '
                    f'<{here}?min_id={statuses[0]["id"]}>; rel="prev"'
                )
            self._json(200, statuses, {**headers, **fake.headers})

        def _stream(self, channel: str, query: dict[str, str]) -> None:
            if not self._has_token():
                self._json(401, {"error": "Missing access token"})
                return
            timeline = {"public": "public", "public/local": "local"}.get(channel, f"tag:{query.get('tag')}")
            stream = fake.open(timeline)
            try:
                self._begin_stream()
                self._chunk(b":)\n")
                self._go_on(stream)
            finally:
                fake.leave(stream)

        def _go_on(self, stream: Stream) -> None:
            while not fake.over.is_set():
                try:
                    said = stream.said.get(timeout=fake.heartbeat)
                except Empty:
                    said = b":thump\n"
                if stream.mute:
                    continue
                if said == _END:
                    self.wfile.write(b"0\r\n\r\n")
                    return
                if said == _CUT:
                    self._chunk(b'event: update\ndata: {"id":"1","content":"<p>half a st')
                    return
                if _CUT in list(stream.said.queue):  # it comes before this is said to its end
                    self._chunk(said[: len(said) // 2])
                    return
                self._chunk(said)

        def _begin_stream(self) -> None:
            self.close_connection = True
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

        def _has_token(self) -> bool:
            return self.headers.get("Authorization") == f"Bearer {TOKEN}"

        def _json(
            self, status: int, body: Json | Sequence[Json], headers: dict[str, str] | None = None
        ) -> None:
            self._body(status, json.dumps(body).encode(), headers or {})

        def _body(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
            pass

    return Handler


def _timelines_of(status: Json) -> list[str]:
    if status["visibility"] != "public":
        return []
    tags = [f"tag:{tag['name']}" for tag in status["tags"]]
    return ["public", *(["local"] if "@" not in status["account"]["acct"] else []), *tags]


def _until(true: Any, seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError("it did not come about in time")
        time.sleep(0.005)
