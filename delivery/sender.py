"""Bringing one event to one endpoint, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version

import httpcore
import httpx
from ssrfguard import BlockedAddressError

from delivery import connection
from delivery.errors import AddressRefused, DeliveryFailed
from delivery.guard import Guard, Route
from delivery.signing import signed_headers
from domain.delivery import Delivery, Endpoint

TIMEOUT = 10.0  # seconds for one try, from the look-up of the name to the answer

_GONE = 410
_BUSY = frozenset({429, 502, 503, 504})
_SHORTEST_PAUSE = timedelta(minutes=1)  # for a receiver that is busy and does not say how long
_LONGEST_ERROR = 300  # characters


class Sender:
    """Sends deliveries where ``guard`` allows it, and gives each at most ``timeout`` seconds."""

    def __init__(self, guard: Guard, timeout: float = TIMEOUT) -> None:
        self._guard = guard
        self._timeout = timeout
        self._tls = httpx.create_ssl_context()
        self._user_agent = _user_agent()

    def send(self, delivery: Delivery, endpoint: Endpoint, now: datetime) -> int:
        """The status, from 200 to 299, with which the receiver took the event. Raises ``DeliveryFailed``."""
        try:
            route = self._guard.route(endpoint.url, by_operator=endpoint.by_operator)
            body = delivery.event.body.encode()
            headers = self._headers(endpoint, delivery.event.id, body, now)
        except (AddressRefused, ValueError) as error:
            raise DeliveryFailed(str(error), permanent=True) from None
        status, answer = self._post(route, headers, body)
        if not httpx.codes.is_success(status):
            raise _refusal(status, answer, now)
        return status

    def _headers(self, endpoint: Endpoint, event_id: str, body: bytes, now: datetime) -> dict[str, str]:
        return {
            "content-type": "application/json",
            "user-agent": self._user_agent,
            "accept-encoding": "identity",
            **signed_headers(endpoint.secret, event_id, body, now),
        }

    def _post(self, route: Route, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        try:
            return connection.post(
                route, headers, body, seconds=self._timeout, tls=self._tls, resolver=self._guard.resolver
            )
        except BlockedAddressError:
            # Where it leads to is no business of whoever registered it.
            raise DeliveryFailed("the name leads to an address that is private or reserved") from None
        except httpcore.TimeoutException as error:
            raise DeliveryFailed(_why(error, f"no answer within {self._timeout:g} seconds")) from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise DeliveryFailed(_why(error, "the connection failed")) from None


def _why(error: Exception, what: str) -> str:
    detail = " ".join(str(error).split())
    return (f"{what}: {detail}" if detail else what)[:_LONGEST_ERROR]


def _refusal(status: int, answer: dict[str, str], now: datetime) -> DeliveryFailed:
    if status == _GONE:
        return DeliveryFailed("the receiver wants no more (410)", status=status, permanent=True, gone=True)
    if httpx.codes.is_redirect(status):
        return DeliveryFailed(f"answered {status}: redirects are not followed", status=status)
    pause = _pause_end(answer.get("retry-after"), now) if status in _BUSY else None
    return DeliveryFailed(f"answered {status}", status=status, slow_down_until=pause)


def _pause_end(retry_after: str | None, now: datetime) -> datetime:
    """The end of the pause that a Retry-After header asks for, in seconds or as a date (RFC 9110)."""
    asked = (retry_after or "").strip()
    try:
        if asked.isascii() and asked.isdigit():
            return now + timedelta(seconds=int(asked))
        at = parsedate_to_datetime(asked)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return now + _SHORTEST_PAUSE


def _user_agent() -> str:
    try:
        return f"Groundswell/{version('groundswell')}"
    except PackageNotFoundError:
        return "Groundswell"  # run from a folder that was never installed
