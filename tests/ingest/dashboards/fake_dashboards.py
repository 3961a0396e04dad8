"""A real HTTP server on this machine with the status pages of the world on it."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Reply:
    """What an address says: nothing when ``silent``, one byte every ``drip`` seconds, or all at once."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    silent: bool = False
    drip: float = 0.0


@dataclass(frozen=True)
class Request:
    """What was asked. The names of the headers are in lower case."""

    path: str
    headers: dict[str, str]


class FakeDashboards:
    """Bodies by path, packed and with an ETag as the real ones are; a ``Reply`` there goes out as it is."""

    def __init__(self) -> None:
        self.url = ""
        self.pages: dict[str, bytes | Reply] = {}
        self.requests: list[Request] = []
        self.closing = threading.Event()

    def asked(self, path: str) -> list[dict[str, str]]:
        """The headers of each request for a path."""
        return [request.headers for request in self.requests if request.path == path]

    def reply(self, request: Request) -> Reply:
        said = self.pages.get(request.path, Reply(404))
        if isinstance(said, Reply):
            return said
        etag = f'"{sha256(said).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == etag:
            return Reply(304, {"etag": etag})
        packed = gzip.compress(said)
        return Reply(200, {"etag": etag, "content-encoding": "gzip", "set-cookie": "seen=1; Path=/"}, packed)


@contextmanager
def fake_dashboards() -> Iterator[FakeDashboards]:
    """Dashboards that can be asked on 127.0.0.1 until the block ends; ``url`` ends with a slash."""
    dashboards = FakeDashboards()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(dashboards))
    server.daemon_threads = True
    dashboards.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield dashboards
    finally:
        dashboards.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler_for(dashboards: FakeDashboards) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.path, headers)
            dashboards.requests.append(request)
            self.close_connection = True
            try:
                self._say(dashboards.reply(request))
            except OSError:
                return  # whoever asked has gone away, which some tests want

        def _say(self, reply: Reply) -> None:
            if reply.silent:
                dashboards.closing.wait()
                return
            self.send_response(reply.status)
            length = {} if reply.status == 304 else {"content-length": str(len(reply.body))}
            for name, value in {**length, **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if not reply.drip:
                self.wfile.write(reply.body)
                return
            for byte in reply.body:
                self.wfile.write(bytes([byte]))
                if dashboards.closing.wait(reply.drip):
                    return

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
            pass

    return Handler
