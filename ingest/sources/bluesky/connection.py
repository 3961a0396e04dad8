"""One subscription to a host of Jetstream, which nobody ever has to wait for."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from time import monotonic

from websockets.exceptions import (
    ConnectionClosed,
    InvalidProxy,
    InvalidStatus,
    ProxyError,
    WebSocketException,
)
from websockets.sync.client import ClientConnection, connect

from ingest.faults import shown
from ingest.source import SourceFailed

_OPEN_WITHIN = 10.0  # seconds for the look-up of the name, the connection and both handshakes
_CLOSE_WITHIN = 1.0
_LARGEST = 4 * 2**20  # bytes of a message. Hosts are asked for less, and one that sends more is left.
_WAITING = 64  # messages that the library may hold for us before it stops reading


class HostRefused(SourceFailed):
    """A host answers the handshake with an HTTP status that is no success."""

    def __init__(self, why: str, status: int, retry_after: str | None) -> None:
        super().__init__(why)
        self.status = status
        self.retry_after = retry_after


class Subscription:
    """Messages from one address, until it fails or the caller has enough.

    A thread of its own opens the connection and closes it again. Looking up a name, a handshake, or a
    server that is slow to say goodbye may take their time there, while whoever reads can stop at once.
    """

    def __init__(self, host: str, address: str) -> None:
        self._host = host
        self._opened: SimpleQueue[ClientConnection | SourceFailed] = SimpleQueue()
        self._enough = threading.Event()
        threading.Thread(
            target=self._hold, args=(address,), name=f"subscription to {host}", daemon=True
        ).start()

    def messages(self, silence: float, wake: float, stopped: threading.Event) -> Iterator[bytes | None]:
        """Each message, and ``None`` whenever there is none for ``wake`` seconds; until ``stopped`` is set.

        Raises ``SourceFailed`` when the host cannot be reached, goes away, or says nothing for ``silence``
        seconds. What came before that is given first.
        """
        connection = yield from self._open(wake, stopped)
        heard = monotonic()
        while connection is not None and not stopped.is_set():
            try:
                # As bytes: text that is no UTF-8 would otherwise end the connection.
                message = connection.recv(timeout=wake, decode=False)
            except TimeoutError:
                if monotonic() - heard >= silence:
                    raise SourceFailed(f"{self._host} has sent nothing for {silence:g} s") from None
                yield None
            except ConnectionClosed as closed:
                raise SourceFailed(f"{self._host} {_goodbye(closed)}") from None
            else:
                yield message
                heard = monotonic()

    def end(self) -> None:
        """Let the connection go; its thread closes it, or gives up opening it."""
        self._enough.set()

    def _open(self, wake: float, stopped: threading.Event) -> Generator[None, None, ClientConnection | None]:
        while not stopped.is_set():
            try:
                opened = self._opened.get(timeout=wake)
            except Empty:
                yield None
            else:
                if isinstance(opened, SourceFailed):
                    raise opened
                return opened
        return None

    def _hold(self, address: str) -> None:
        """Open the connection, hand it over, and close it when there has been enough of it."""
        try:
            with _explained(self._host), _connection(address) as connection:
                self._opened.put(connection)
                self._enough.wait()
        except SourceFailed as failed:
            self._opened.put(failed)


def _connection(address: str) -> ClientConnection:
    return connect(
        address,
        # Hosts answer 400 to two kinds of compression at once, and this one costs them and us dear.
        compression=None,
        # As every program does, through the proxy of the environment into the world, and straight at home.
        proxy=True if address.startswith("wss:") else None,
        user_agent_header="Groundswell",
        open_timeout=_OPEN_WITHIN,
        close_timeout=_CLOSE_WITHIN,
        # Silence is noticed before a ping could be missed; the host's own pings are answered all the same.
        ping_interval=None,
        max_size=_LARGEST,
        max_queue=_WAITING,
    )


@contextmanager
def _explained(host: str) -> Iterator[None]:
    """Whatever goes wrong with a connection as a ``SourceFailed`` that says so in a sentence."""
    try:
        yield
    except InvalidStatus as answered:
        status, headers = answered.response.status_code, answered.response.headers
        pause = headers.get_all("Retry-After")
        raise HostRefused(
            f"{host} answered {status} instead of a stream", status, pause[0] if pause else None
        ) from None
    except (InvalidProxy, ProxyError, ImportError):
        # Its text may hold the password that is in the address of the proxy.
        raise SourceFailed(f"{host}: the proxy of the environment (HTTPS_PROXY) cannot be used") from None
    except TimeoutError:
        raise SourceFailed(f"{host} did not answer within {_OPEN_WITHIN:g} s") from None
    except (WebSocketException, OSError, ValueError) as error:
        raise SourceFailed(f"{host} cannot be reached: {_reason(error)}") from None


def _goodbye(closed: ConnectionClosed) -> str:
    if closed.rcvd is not None:
        return f"closed the connection ({closed.rcvd.code}{_quoted(closed.rcvd.reason)})"
    if closed.sent is not None:
        return f"broke the rules of the protocol ({closed.sent.code}{_quoted(closed.sent.reason)})"
    return "dropped the connection"


def _quoted(reason: str) -> str:
    return f" {shown(reason)}" if reason else ""


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
