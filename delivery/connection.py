"""One HTTP request to a checked address, with an end to it.

Ssrfguard looks the name up once, checks every answer, and connects to an answer that it checked. Around it
stands a clock: time limits of single reads would let a server that drips bytes hold a worker for hours.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import httpcore
from ssrfguard import Policy, Resolver
from ssrfguard.httpx import SafeBackend

from delivery.guard import Route

# One row of what ``socket.getaddrinfo`` gives. The last part has two members for IPv4 and four for IPv6,
# whence ``Any``: it is passed on untouched.
ResolverAnswer = tuple[int, int, int, str, tuple[Any, ...]]

MOST_READ = 4096  # bytes of an answer's body
_DRAINING = 1.0  # seconds for reading them; the status is known by then


class Clock:
    """How much of a span of time is left."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, never less than a millisecond: to a socket, zero means something else."""
        return max(self._end - time.monotonic(), 0.001)

    def shorten(self, seconds: float) -> None:
        """Let it end in ``seconds`` at the latest."""
        self._end = min(self._end, time.monotonic() + seconds)


def post(
    route: Route,
    headers: Mapping[str, str],
    body: bytes,
    *,
    seconds: float,
    tls: ssl.SSLContext,
    resolver: Resolver | None = None,
) -> tuple[int, dict[str, str]]:
    """The status and the headers (names in lower case) that the receiver answers with, in time.

    Redirects are not followed and no proxy is used. Raises httpcore's errors, and ssrfguard's
    ``BlockedAddressError`` when the name leads to an address that may not be called.
    """
    clock = Clock(seconds)
    target = route.target
    url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=route.path)
    backend = _TimedBackend(route.policy, resolver, clock)
    with (
        httpcore.ConnectionPool(ssl_context=tls, network_backend=backend) as connections,
        connections.stream("POST", url, headers=list(headers.items()), content=body) as answer,
    ):
        clock.shorten(_DRAINING)
        _drain(answer)
        return answer.status, {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers
        }


def _drain(answer: httpcore.Response) -> None:
    """Read a little of the body, so that an honest receiver is not cut off while it answers."""
    read = 0
    # The receiver has said what it had to say: what happens to the rest changes nothing.
    with suppress(httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
        for part in answer.iter_stream():
            read += len(part)
            if read >= MOST_READ:
                return


class _TimedBackend(httpcore.NetworkBackend):
    """Ssrfguard's guarded connections, under a clock."""

    def __init__(self, policy: Policy, resolver: Resolver | None, clock: Clock) -> None:
        # Half of the time is for the look-up, the other half for the addresses that are tried in turn.
        self._share = clock.seconds / 2
        self._attempts = policy.max_connection_attempts
        self._guarded = SafeBackend(policy=policy, resolver=_in_time(resolver, self._share))
        self._clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the clock knows better
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._guarded.connect_tcp(
            host, port, self._share / self._attempts, local_address, socket_options
        )
        return _TimedStream(stream, self._clock)


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends with the clock."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - as above
        return self._stream.read(max_bytes, self._clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        self._stream.write(buffer, self._clock.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._clock.left())
        return _TimedStream(secured, self._clock)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _in_time(resolver: Resolver | None, seconds: float) -> Resolver:
    """A resolver that gives up: the system's own can wait as long as a hostile name server likes."""

    def look_up(*question: object) -> Iterable[ResolverAnswer]:
        answer: Future[Iterable[ResolverAnswer]] = Future()
        lookup = resolver or socket.getaddrinfo
        # A thread that is stuck in a look-up cannot be stopped, only left behind.
        threading.Thread(target=_settle, args=(answer, lookup, question), daemon=True).start()
        try:
            return answer.result(seconds)
        except TimeoutError:
            raise TimeoutError("the name server did not answer in time") from None
        except UnicodeError as error:
            raise socket.gaierror(socket.EAI_NONAME, f"no name that can be looked up: {error}") from None

    return look_up


def _settle(answer: Future[Iterable[ResolverAnswer]], lookup: Resolver, question: tuple[object, ...]) -> None:
    try:
        answer.set_result(lookup(*question))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised again in the caller's thread
        answer.set_exception(error)
