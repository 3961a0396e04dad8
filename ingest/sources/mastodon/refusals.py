"""What it means when an instance refuses: come again, come again then, or ask the operator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from ingest.source import RateLimited, SourceFailed, SourceRefused
from ingest.sources.mastodon.wire import Answer

_WINDOW = timedelta(minutes=5)  # over which an instance counts requests, should it not say when that ends
_SHORTEST, _LONGEST = timedelta(seconds=1), timedelta(hours=1)
_LONGEST_WHY = 200  # characters


def failure_of(answer: Answer, host: str, *, has_token: bool, now: datetime) -> SourceFailed:
    """The failure that an answer with a status of 400 or more is."""
    said = f"{host} answered {answer.status}"
    if answer.status == 429:
        return RateLimited(f"{said}: it wants to be asked less often", until=_reset(answer, now))
    if answer.status in (401, 403) or (answer.status == 422 and not answer.with_token):
        if not has_token:
            return SourceRefused(
                f"{said}: it shows this timeline to its members only; add {host}=... with a token of an "
                "account there to GROUNDSWELL_MASTODON_TOKENS"
            )
        if answer.with_token:
            return SourceRefused(
                f"{said}: it does not accept the token for {host} in GROUNDSWELL_MASTODON_TOKENS; "
                "make a new one there with the scope read:statuses, of an account that may read this timeline"
            )
        return SourceFailed(f"{said} to a request that was led elsewhere, and so came without the token")
    if answer.status in (404, 410):
        return SourceFailed(
            f"{said}: it has no such timeline; is it a Mastodon server? see GROUNDSWELL_MASTODON_INSTANCES"
        )
    return SourceFailed(said)


def unreachable(host: str, error: Exception, patience: float) -> SourceFailed:
    """The failure of a connection that could not be made, or broke."""
    why = " ".join(str(error).split()).removeprefix("Could not complete request: ")
    if "timed out" in why.lower():
        return SourceFailed(f"{host} has said nothing for {patience:g} seconds")
    return SourceFailed(f"the connection to {host} failed: {why}"[:_LONGEST_WHY])


def _reset(answer: Answer, now: datetime) -> datetime:
    """When an instance that counts requests begins to count anew, by our own clock."""
    asked = answer.headers.get("x-ratelimit-reset") or answer.headers.get("retry-after") or ""
    try:
        if asked.isascii() and asked.isdigit():
            # GoToSocial says seconds since 1970, proxies seconds from now.
            number = timedelta(seconds=int(asked))
            wait = number if number < timedelta(days=365) else datetime(1970, 1, 1, tzinfo=UTC) + number - now
        else:
            wait = datetime.fromisoformat(asked) - _server_time(answer, now)
    except (ValueError, TypeError, OverflowError):
        wait = _WINDOW
    return now + min(max(wait, _SHORTEST), _LONGEST)


def _server_time(answer: Answer, now: datetime) -> datetime:
    """The server's clock, which may differ from ours."""
    try:
        return parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return now
