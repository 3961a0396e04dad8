"""Asking a page's address, politely: seldom, only for what has changed, and not before we may."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from ipaddress import ip_address

import httpx
import msgspec
from msgspec.structs import replace

from ingest.faults import shown

TIMEOUT = 10.0  # seconds for each step of a request: to connect, and to wait for the next bytes
LONGEST_ANSWER = 30.0  # seconds for a whole body
LARGEST_BODY = 5_000_000  # bytes, unpacked; the largest known list has 400 kB
MOST_REDIRECTS = 3
JITTER = 0.1  # of a pause, either way
LONGEST_PAUSE = timedelta(minutes=5)  # after failures in a row; a page may fail because its vendor does
LONGEST_WAIT = timedelta(days=1)  # that a page may ask us for

_OK, _UNCHANGED = 200, 304
_LONGEST_VALIDATOR = 500  # characters


class Visit(msgspec.Struct, frozen=True, omit_defaults=True):
    """How the last visits of one address went; the next one depends on it.

    ``next_at``: not before. ``seen_at``: when it last gave a body, or said that nothing had changed.
    ``etag`` and ``last_modified`` name what was read then. ``failures`` counts those in a row.
    """

    next_at: datetime | None = None
    seen_at: datetime | None = None
    etag: str | None = None
    last_modified: str | None = None
    failures: int = 0

    def is_due(self, now: datetime) -> bool:
        """Whether the address may be asked again."""
        return self.next_at is None or self.next_at <= now

    def forgetful(self) -> Visit:
        """The same, so that the next visit brings the whole body, changed or not."""
        return replace(self, etag=None, last_modified=None)


class Answer(msgspec.Struct, frozen=True):
    """What a visit brought: a body, or that nothing has changed since, or a failure told in a sentence."""

    visit: Visit
    body: bytes | None = None
    unchanged: bool = False
    failure: str | None = None


class _Failed(Exception):
    """The address gave no answer that can be used. The text says why."""

    def __init__(self, why: str, not_before: datetime | None = None) -> None:
        super().__init__(why)
        self.not_before = not_before


class Fetcher:
    """Asks addresses, each of them every ``every`` seconds, give or take a tenth.

    ``timeout`` is for one step of a request, ``longest`` for a whole body. ``chance`` gives a number from
    0 to 1. Several threads may use one at a time.
    """

    def __init__(
        self,
        every: float = 60.0,
        *,
        timeout: float = TIMEOUT,
        longest: float = LONGEST_ANSWER,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._every = timedelta(seconds=every)
        self._longest = longest
        self._chance = chance
        self._client = httpx.Client(
            timeout=timeout,
            headers={"user-agent": _user_agent(), "accept": "application/json, text/javascript"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # none is kept
            # A connection kept for a minute is one that the page closes just as we ask again.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def close(self) -> None:
        self._client.close()

    def fetch(self, address: str, visit: Visit, now: datetime) -> Answer:
        """What the address says. A failure is told, never raised; when to come again is in the visit."""
        try:
            return self._ask(address, visit, now)
        except _Failed as failed:
            return self._failure(visit, now, str(failed), failed.not_before)
        except httpx.TimeoutException:
            return self._failure(visit, now, "did not answer in time")
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            detail = " ".join(str(error).split())[:200] or type(error).__name__
            return self._failure(visit, now, f"could not be asked: {detail}")

    def _ask(self, address: str, visit: Visit, now: datetime) -> Answer:
        known = {"if-none-match": visit.etag, "if-modified-since": visit.last_modified}
        headers = {name: value for name, value in known.items() if value is not None}
        request = self._client.build_request("GET", address, headers=headers)
        for _ in range(1 + MOST_REDIRECTS):
            if not may_be_asked(request.url, httpx.URL(address)):
                raise _Failed(f"leads to {shown(str(request.url))}, which is not https")
            with closing(self._client.send(request, stream=True)) as response:
                if response.next_request is None:
                    return self._answer(response, visit, now, asked_for_changes=bool(headers))
                request = response.next_request
        raise _Failed(f"redirects more than {MOST_REDIRECTS} times")

    def _answer(
        self, response: httpx.Response, visit: Visit, now: datetime, *, asked_for_changes: bool
    ) -> Answer:
        unchanged = response.status_code == _UNCHANGED and asked_for_changes
        if not unchanged and response.status_code != _OK:
            retry_after = response.headers.get("retry-after")
            raise _Failed(f"answered {response.status_code}", _not_before(retry_after, now))
        body = None if unchanged else self._body(response)
        seen = Visit(
            next_at=now + spread(self._every, self._chance()),
            seen_at=now,
            etag=_validator(response, "etag") or (visit.etag if unchanged else None),
            last_modified=_validator(response, "last-modified")
            or (visit.last_modified if unchanged else None),
        )
        return Answer(seen, body, unchanged)

    def _body(self, response: httpx.Response) -> bytes:
        ends = time.monotonic() + self._longest
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > LARGEST_BODY:
                raise _Failed(f"has more than {LARGEST_BODY:,} bytes to say")
            if time.monotonic() > ends:
                raise _Failed(f"had not ended its answer after {self._longest:g} seconds")
        return bytes(body)

    def _failure(self, visit: Visit, now: datetime, why: str, not_before: datetime | None = None) -> Answer:
        failures = visit.failures + 1
        longest = max(LONGEST_PAUSE, self._every)
        pause = spread(min(self._every * 2 ** min(failures - 1, 20), longest), self._chance())
        again_at = max(now + pause, not_before or now)
        return Answer(replace(visit, next_at=again_at, failures=failures), failure=why)


def spread(pause: timedelta, chance: float) -> timedelta:
    """A pause give or take a tenth, so that not all pages are asked at the same moment.

    >>> [spread(timedelta(seconds=60), chance).total_seconds() for chance in (0.0, 0.5, 1.0)]
    [54.0, 60.0, 66.0]
    """
    return pause * (1 + JITTER * (2 * chance - 1))


def may_be_asked(url: httpx.URL, first: httpx.URL) -> bool:
    """Whether ``first`` may lead us there: to https alone, but from this machine to itself by http too.

    >>> page = httpx.URL("https://status.example/")
    >>> [may_be_asked(httpx.URL(url), page) for url in ("https://other.example/", "http://localhost/")]
    [True, False]
    """
    on_this_machine = _is_loopback(url.host) and _is_loopback(first.host)
    return url.scheme == "https" or (url.scheme == "http" and on_this_machine)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _not_before(retry_after: str | None, now: datetime) -> datetime | None:
    """When a page asks to be asked again, in seconds or as a date (RFC 9110); never in more than a day."""
    asked = (retry_after or "").strip()
    try:
        if asked.isascii() and asked.isdigit():
            return now + min(timedelta(seconds=int(asked)), LONGEST_WAIT)
        at = parsedate_to_datetime(asked)
        return min(at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC), now + LONGEST_WAIT)
    except OverflowError:
        return now + LONGEST_WAIT
    except ValueError:
        return None


def _validator(response: httpx.Response, name: str) -> str | None:
    """A header that will be sent back as it came, if it can be."""
    value: str = response.headers.get(name, "")
    return value if value and value.isascii() and len(value) <= _LONGEST_VALIDATOR else None


def _user_agent() -> str:
    try:
        return f"Groundswell/{version('groundswell')} (reads public status pages)"
    except PackageNotFoundError:
        return "Groundswell (reads public status pages)"  # run from a folder that was never installed
