"""The HTTP beneath Mastodon.py: what it hides is kept, and what must not happen does not."""

from __future__ import annotations

import io
import ipaddress
from collections.abc import Iterator, Mapping
from contextlib import suppress
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter

from ingest.source import SourceFailed, SourceRefused

MOST_BYTES = 20_000_000  # of one answer; forty statuses have about 200,000
_PIECE = 1 << 16
_TIMELINES = "/api/v1/timelines/"


class Answer(msgspec.Struct, frozen=True):
    """How an instance answered. The names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    with_token: bool


class Wire(HTTPAdapter):
    """Sends what Mastodon.py asks for, and keeps the last ``answer`` as it came.

    Of a timeline Mastodon.py itself is shown an empty list and no headers: it makes something of anything (a
    wrong date becomes ``None``, a number a text), takes a millisecond for each status, and raises
    what nobody expects at headers and objects that are odd enough.
    """

    answer: Answer | None = None

    def __init__(self) -> None:
        super().__init__()
        self._closed = Event()
        self._open: list[requests.Response] = []

    # Any: whatever else requests asks of an adapter is handed on as it is.
    def send(
        self, request: requests.PreparedRequest, stream: bool = False, *args: Any, **how: Any
    ) -> requests.Response:
        self.answer = None
        _refuse_in_clear(str(request.url))
        response = super().send(request, True, *args, **how)
        self._open.append(response)
        if self._closed.is_set():
            self.stop()
        lasting = stream and response.ok and not response.is_redirect
        body = b"" if lasting else self._body(response)
        headers = {name.lower(): value for name, value in response.headers.items()}
        self.answer = Answer(response.status_code, headers, body, "Authorization" in request.headers)
        if not lasting:
            response.raw = io.BytesIO(body)
        if urlsplit(str(request.url)).path.startswith(_TIMELINES) and not response.is_redirect:
            response.raw = io.BytesIO(b"[]")
            response.headers.clear()
        return response

    def stop(self) -> None:
        """End what is under way; called from another thread."""
        self._closed.set()
        for response in list(self._open):
            # Closing it would wait for whoever reads it. A connection that is gone already needs no end.
            with suppress(ValueError, RuntimeError, OSError, AttributeError):
                response.raw.shutdown()

    def pieces(self, response: requests.Response) -> Iterator[bytes]:
        """What a server says, as it comes."""
        while not self._closed.is_set():
            piece = response.raw.read1(_PIECE, decode_content=True)
            if not piece:
                return
            yield piece

    def _body(self, response: requests.Response) -> bytes:
        body = bytearray()
        for piece in self.pieces(response):
            body += piece
            if len(body) > MOST_BYTES:
                response.raw.close()
                raise SourceFailed(f"an answer is longer than {MOST_BYTES:,} bytes")
        self._open.remove(response)
        return bytes(body)


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine.

    >>> is_loopback("127.0.0.1"), is_loopback("mastodon.social")
    (True, False)
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _refuse_in_clear(url: str) -> None:
    """Refuse to send anything in clear: a redirect or an instance's own settings may ask for it."""
    address = urlsplit(url)
    if address.scheme != "https" and not is_loopback(address.hostname):
        raise SourceRefused(
            f"{address.hostname} is to be asked without encryption, which would give the token away; "
            "the instance is set up wrongly, so take it out of GROUNDSWELL_MASTODON_INSTANCES"
        )
