"""X's API as a local server: the filtered stream, its rules, and recent search, with what they cost."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ingest.sources.x.cursor import id_at, time_of
from tests.ingest.sources.fake_x_rules import InvalidRule, Said, parsed

TOKEN = "AAAAAAAAAAAAAAAAAAAAA%2Fsecret%3Dtoken"
_CUT, _END = b"\x00cut", b"\x00end"  # said to a stream's own thread, never to a client
_WINDOW = 900
_STREAM = "/2/tweets/search/stream"

UNAUTHORIZED = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
FORBIDDEN = {
    "title": "Client Forbidden",
    "type": "https://api.twitter.com/2/problems/client-forbidden",
    "reason": "client-not-enrolled",
    "detail": "When authenticating requests to the API, you must use keys from an App in a Project.",
}
TOO_MANY = {"title": "Too Many Requests", "type": "about:blank", "status": 429, "detail": "Too Many Requests"}
UNWELL = {
    "title": "Service Unavailable",
    "type": "about:blank",
    "status": 503,
    "detail": "Service Unavailable",
}
BUSY = {
    "title": "ConnectionException",
    "detail": "This stream is currently at the maximum allowed connection limit.",
    "connection_issue": "TooManyConnections",
    "type": "https://api.twitter.com/2/problems/streaming-connection",
}
CAPPED = {
    "title": "UsageCapExceeded",
    "period": "Monthly",
    "scope": "Product",
    "detail": "Usage cap exceeded: Monthly product cap",
    "type": "https://api.twitter.com/2/problems/usage-capped",
}
DISCONNECTED = {
    "title": "operational-disconnect",
    "disconnect_type": "UpstreamOperationalDisconnect",
    "detail": "This stream has been disconnected upstream for operational reasons.",
    "type": "https://api.twitter.com/2/problems/operational-disconnect",
}
BROKE = {
    "title": "CreditsDepleted",
    "detail": "Your enrolled account does not have any credits to fulfill this request.",
    "type": "https://api.twitter.com/2/problems/credits",
}
PROBLEMS = {401: UNAUTHORIZED, 402: BROKE, 403: FORBIDDEN, 429: TOO_MANY}


@dataclass
class FakeX:
    """What X knows, and how it behaves. ``write`` adds a post; ``billed`` has the posts paid on each day."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    keep_alive: float = 0.01
    held_back: timedelta = timedelta()  # how old a post is when search shows it
    everything: bool = True  # the stream sends every post, whatever the rules say
    most_rules: int = 1_000
    page: int = 100
    searches_left: int = 1_000_000
    pace: float = 0.0  # seconds between two posts on a stream; X sends 250 a second at the most

    url: str = ""
    posts: list[dict[str, Any]] = field(default_factory=list)
    rules: dict[str, dict[str, str]] = field(default_factory=dict)
    billed: dict[date, set[str]] = field(default_factory=lambda: defaultdict(set))
    connects: int = 0
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)  # method, path, parameters
    refusal: tuple[int, dict[str, Any], dict[str, str]] | None = None
    refused_paths: tuple[str, ...] = ("",)  # how the path of a refused request begins
    closing_at_once: bool = False
    hanging: bool = False
    hanging_paths: tuple[str, ...] = ("",)  # how the path of a request begins that is not answered
    breaking_answers: bool = False  # search breaks off in the middle of its answer
    told_rules: bytes | None = None  # instead of what they are
    told_results: bytes | None = None  # instead of what a search finds
    bad_rule: Callable[[str], bool] = lambda _: False
    stopped: threading.Event = field(default_factory=threading.Event)
    _streams: list[queue.Queue[bytes]] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1 << 22)))

    # --- what happens at X ---

    def write(self, text: str, author: str | None = None, at: datetime | None = None, **more: Any) -> str:
        """A new post, by an author of its own if none is named; its id."""
        with self._lock:
            number = next(self._numbers)
            at = at or self.clock()
            id_ = str(id_at(at) + number)
            author_id = str(10_000 + number)
            post = {
                "id": id_,
                "text": text,
                "created_at": time_of(int(id_)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "author_id": author_id,
                "lang": "en",
                "edit_history_tweet_ids": [id_],
                **more,
            }
            self.posts.append({"post": post, "username": author or f"Author{number}"})
            for stream in self._streams:
                if tags := self._matching(post, author or ""):
                    stream.put(self._line(post, tags))
            return id_

    def say(self, *lines: bytes) -> None:
        """Something else on every stream."""
        with self._lock:
            for stream in self._streams:
                for line in lines:
                    stream.put(line)

    def repeat(self, id_: str) -> None:
        """A post once more on every stream."""
        with self._lock:
            [found] = [one["post"] for one in self.posts if one["post"]["id"] == id_]
            self.say(self._line(found, [{"id": "1", "tag": "groundswell:others:0"}]))

    def cut(self) -> None:
        """Drop every stream in the middle of a line."""
        self.say(_CUT)

    def end_streams(self) -> None:
        """End every stream cleanly."""
        self.say(_END)

    def refuse(
        self,
        status: int | None,
        problem: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *paths: str,
    ) -> None:
        """Answer new requests, to some paths, with a status; ``None``: be well again."""
        if status is None:
            self.refusal = None
            return
        sent = {"x-rate-limit-reset": str(int(time.time()) + 60)} if status == 429 else {}
        self.refused_paths = paths or ("",)
        self.refusal = (status, dict(problem or PROBLEMS.get(status, UNWELL)), {**sent, **(headers or {})})

    @property
    def streams(self) -> int:
        return len(self._streams)

    def searches(self) -> list[dict[str, Any]]:
        return [how for _, path, how in self.asked if path == "/2/tweets/search/recent"]

    # --- how it answers ---

    def _matching(self, post: Mapping[str, Any], author: str) -> list[dict[str, str]]:
        said = Said.by(str(post["text"]), author)
        return [
            {"id": id_, "tag": rule["tag"]}
            for id_, rule in self.rules.items()
            if self.everything or parsed(rule["value"])(said)
        ] or ([{"id": "1", "tag": ""}] if self.everything else [])

    def _line(self, post: Mapping[str, Any], tags: list[dict[str, str]]) -> bytes:
        return json.dumps({"data": post, "includes": self._includes([post]), "matching_rules": tags}).encode()

    def _includes(self, posts: list[Mapping[str, Any]]) -> dict[str, Any]:
        wanted = {post.get("author_id") for post in posts}
        return {
            "users": [
                {"id": one["post"]["author_id"], "name": "A name", "username": one["username"]}
                for one in self.posts
                if one["post"]["author_id"] in wanted
            ]
        }

    def bill(self, ids: list[str]) -> None:
        with self._lock:
            self.billed[self.clock().date()].update(ids)

    def listen(self) -> queue.Queue[bytes]:
        stream: queue.Queue[bytes] = queue.Queue()
        with self._lock:
            self._streams.append(stream)
        return stream

    def leave(self, stream: queue.Queue[bytes]) -> None:
        with self._lock:
            self._streams.remove(stream)

    def found(self, query: str, since: int, page: str | None, most: int) -> dict[str, Any]:
        test = parsed(query)
        newest = self.clock() - self.held_back
        hits = [
            one["post"]
            for one in reversed(self.posts)
            if int(one["post"]["id"]) > since
            and time_of(int(one["post"]["id"])) <= newest
            and test(Said.by(one["post"]["text"], one["username"]))
        ]
        start = int(page or 0)
        size = min(most, self.page)
        here = hits[start : start + size]
        self.bill([post["id"] for post in here])
        meta: dict[str, Any] = {"result_count": len(here)}
        if start + size < len(hits):
            meta["next_token"] = str(start + size)
        answer: dict[str, Any] = {"meta": meta}
        if here:
            answer |= {"data": here, "includes": self._includes(here)}
        return answer

    def known_rules(self) -> dict[str, Any]:
        return {"data": list(self.rules.values()), "meta": {}} if self.rules else {"meta": {}}

    def change_rules(self, body: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            if "delete" in body:
                for id_ in body["delete"]["ids"]:
                    self.rules.pop(id_, None)
                return {"meta": {"summary": {"deleted": len(body["delete"]["ids"]), "not_deleted": 0}}}
            faults = [fault for rule in body["add"] for fault in self._faults(rule)]
            known = {rule["value"] for rule in self.rules.values()}
            # One rule that is invalid keeps X from adding the others of the request.
            invalid = any(fault["title"] == "Invalid Rule" for fault in faults)
            new = [] if invalid else [rule for rule in body["add"] if rule["value"] not in known]
            added = [{"id": f"17{next(self._numbers):06}", **rule} for rule in new]
            self.rules |= {rule["id"]: rule for rule in added}
            summary = {"created": len(added), "not_created": len(faults)}
            return {"data": added, "meta": {"summary": summary}, **({"errors": faults} if faults else {})}

    def _faults(self, rule: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        value = rule["value"]
        if any(value == known["value"] for known in self.rules.values()):
            kind = "https://api.twitter.com/2/problems/duplicate-rules"
            yield {"value": value, "id": "1", "title": "DuplicateRule", "type": kind}
            return
        try:
            parsed(value)
            wrong = "not allowed here" if self.bad_rule(value) else None
        except InvalidRule as invalid:
            wrong = str(invalid)
        if wrong:
            kind = "https://api.twitter.com/2/problems/invalid-rules"
            yield {"value": value, "details": [wrong], "title": "Invalid Rule", "type": kind}


@contextmanager
def fake_x(**how: Any) -> Iterator[FakeX]:
    """X, until the block ends."""
    world = FakeX(**how)
    stop = serve(world)
    try:
        yield world
    finally:
        stop()


def serve(world: FakeX) -> Callable[[], None]:
    """Let a world listen on 127.0.0.1; what ends it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(world))
    server.daemon_threads = True
    server.block_on_close = False
    world.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()

    def stop() -> None:
        world.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


def _handler_for(world: FakeX) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # or every answer takes 40 milliseconds

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            how = {name: values[0] for name, values in parse_qs(address.query).items()}
            self._answer(address.path, how)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self._answer(urlsplit(self.path).path, json.loads(body))

        def _answer(self, path: str, how: dict[str, Any]) -> None:
            world.asked.append((self.command, path, how))
            self._hang(path)
            try:
                self._route(path, how)
            except OSError:
                self.close_connection = True  # the client has gone away

        def _route(self, path: str, how: dict[str, Any]) -> None:
            is_stream = path == _STREAM
            refusal = world.refusal
            if refusal and path.startswith(world.refused_paths):
                world.connects += 1
                self._say(refusal[0], refusal[1], refusal[2])
                return
            if self.headers.get("authorization") != f"Bearer {TOKEN}":
                self._say(401, UNAUTHORIZED)
            elif is_stream:
                world.connects += 1
                self._stream()
            elif path == "/2/tweets/search/stream/rules" and self.command == "GET":
                self._say(200, world.told_rules or world.known_rules())
            elif path == "/2/tweets/search/stream/rules":
                self._say(201, world.change_rules(how))
            elif path == "/2/tweets/search/recent":
                self._search(how)
            else:
                self._say(404, {"title": "Not Found", "type": "about:blank", "status": 404})

        def _search(self, how: dict[str, Any]) -> None:
            world.searches_left -= 1
            if world.searches_left < 0:
                self._say(429, TOO_MANY, {"x-rate-limit-reset": str(int(time.time()) + _WINDOW)})
                return
            found = world.found(
                how["query"], int(how.get("since_id", 0)), how.get("next_token"), int(how["max_results"])
            )
            if world.breaking_answers:
                self.send_response(200)
                self.send_header("content-length", "100000")
                self.end_headers()
                self.wfile.write(b'{"data":[')
                self.close_connection = True
                return
            self._say(200, world.told_results or found, {"x-rate-limit-remaining": str(world.searches_left)})

        def _stream(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json; charset=utf-8")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            self.close_connection = True
            if world.closing_at_once:
                self.wfile.write(b"0\r\n\r\n")
                return
            stream = world.listen()
            try:
                self._speak(stream)
            finally:
                world.leave(stream)

        def _speak(self, stream: queue.Queue[bytes]) -> None:
            while not world.stopped.is_set():
                try:
                    line = stream.get(timeout=world.keep_alive)
                except queue.Empty:
                    line = b""
                self._hang(_STREAM)
                if line == _CUT:
                    self.wfile.write(b'40\r\n{"data": {"id": "17')
                    return
                if line == _END:
                    self.wfile.write(b"0\r\n\r\n")
                    return
                self._chunk(line + b"\r\n")
                with suppress(ValueError, KeyError, TypeError):
                    world.bill([json.loads(line)["data"]["id"]] if line else [])
                time.sleep(world.pace if line else 0)

        def _chunk(self, data: bytes) -> None:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

        def _hang(self, path: str) -> None:
            while world.hanging and path.startswith(world.hanging_paths) and not world.stopped.wait(0.02):
                pass

        def _say(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
            sent = json.dumps(body).encode() if not isinstance(body, bytes) else body
            self.send_response(status)
            for name, value in {"content-length": str(len(sent)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(sent)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return format_datetime(datetime.fromtimestamp(timestamp or time.time(), UTC), usegmt=True)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
            pass

    return Handler
