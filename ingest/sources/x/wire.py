"""The HTTP beneath tweepy: the true address, the token, and the end of what it would wait for."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from threading import Event
from typing import Any

import requests
from pydantic import SecretStr
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, NewConnectionError

from ingest.source import SourceFailed
from ingest.sources.x.refusals import Answer, failure_of

TWEEPY_HOST = "https://api.twitter.com"  # which tweepy asks, whatever one wants
HIDDEN = "hidden"  # what tweepy takes for the token: it writes the headers of its requests to its log
MOST_BYTES = 20_000_000  # of one answer; a hundred of the longest posts have 10,000,000
_MOST_OF_A_REFUSAL = 100_000
_CONNECTING = 10.0  # seconds


class AnswerLost(SourceFailed):
    """X has answered, but its answer did not arrive whole. It may have to be paid for."""


class Wire(HTTPAdapter):
    """Sends what tweepy asks for to ``api``, and raises at once what is no success.

    So tweepy never sees an answer that it would sleep over, repeat for ever, or fail to understand.
    """

    def __init__(self, api: str, token: SecretStr, silence: float, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._api = api
        self._token = token
        self._silence = silence
        self._clock = clock
        self._stopped = Event()
        self._open: list[requests.Response] = []

    def mount_on(self, session: requests.Session) -> None:
        session.mount(TWEEPY_HOST, self)

    # Any: what requests hands over besides. Its timeout is tweepy's (21 seconds for a stream, else none)
    # and its proxies are those for tweepy's host, so both are ours instead.
    def send(
        self, request: requests.PreparedRequest, stream: bool = False, *_: Any, **how: Any
    ) -> requests.Response:
        if self._stopped.is_set():
            raise SourceFailed("X is asked no more")
        asked = request.copy()
        asked.url = self._api + str(request.url).removeprefix(TWEEPY_HOST)
        asked.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        try:
            response = super().send(
                asked,
                stream=True,
                timeout=(_CONNECTING, self._silence),
                verify=how.get("verify", True),
                proxies=get_environ_proxies(asked.url),
            )
        except requests.RequestException as error:
            raise self._unreachable(error) from None
        response.request = request  # without the token
        self._open.append(response)
        if self._stopped.is_set():
            self.stop()
        if response.status_code == 200 and stream:
            return response
        self._read(response)
        return response

    def stop(self) -> None:
        """End what is under way; called from another thread."""
        self._stopped.set()
        for response in list(self._open):
            # Closing it would wait for whoever reads it. A connection that is gone already needs no end.
            with suppress(ValueError, RuntimeError, OSError, AttributeError):
                response.raw.shutdown()
        self.close()

    def _read(self, response: requests.Response) -> None:
        """Read an answer to its end, and raise what is no success."""
        well = 200 <= response.status_code < 300
        most = MOST_BYTES if well else _MOST_OF_A_REFUSAL
        try:
            body = response.raw.read(most + 1, decode_content=True)
        except (HTTPError, OSError) as error:
            broken = f"the answer of X broke off ({said_of(error)})"
            raise (AnswerLost if well else SourceFailed)(broken) from None
        finally:
            self._open.remove(response)
            response.raw.close()
        if not well:
            headers = {name.lower(): value for name, value in response.headers.items()}
            raise failure_of(Answer(response.status_code, headers, body[:most]), self._clock())
        if len(body) > most:
            raise AnswerLost(f"an answer of X is longer than {most:,} bytes")
        response.raw = io.BytesIO(body)

    def _unreachable(self, error: requests.RequestException) -> SourceFailed:
        if any(isinstance(cause, NewConnectionError) for cause in _causes(error)):
            return SourceFailed(f"X cannot be reached ({said_of(error)})")
        if isinstance(error, requests.ConnectTimeout):
            return SourceFailed(f"X cannot be reached within {_CONNECTING:g} seconds")
        if isinstance(error, requests.Timeout):
            return SourceFailed(f"X has said nothing for {self._silence:g} seconds")
        if isinstance(error, requests.ConnectionError):
            return SourceFailed(f"the connection to X broke ({said_of(error)})")
        return SourceFailed(f"X cannot be asked ({said_of(error)})")


def said_of(error: BaseException) -> str:
    """What went wrong at the bottom of an error, without addresses and headers.

    >>> said_of(requests.ConnectionError(OSError(111, "Connection refused")))
    'Connection refused'
    """
    *_, last = _causes(error)
    return getattr(last, "strerror", None) or type(last).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, and what lies beneath it: the libraries hand causes on in several ways."""
    inner: BaseException | None = error
    while inner is not None:
        yield inner
        reasons = (getattr(inner, "reason", None), *reversed(inner.args), inner.__cause__)
        inner = next((reason for reason in reasons if isinstance(reason, BaseException)), None)
