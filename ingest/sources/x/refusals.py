"""What it means when X refuses: come again, come again then, or ask the operator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from ingest.source import BudgetSpent, RateLimited, SourceFailed, SourceRefused
from ingest.sources.x.calendar import next_day

TOKEN = "X_BEARER_TOKEN"  # noqa: S105 - the name of the setting, not a token
_CREDITS = timedelta(hours=1)  # until we look whether the operator has bought more
_WINDOW = timedelta(minutes=1)  # to wait where X does not say how long
_SHORTEST, _LONGEST = timedelta(seconds=1), timedelta(days=1)
_LONGEST_WHY = 200  # characters


class Answer(msgspec.Struct, frozen=True):
    """How X answered. The names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotUnderstood(SourceFailed):
    """X found fault with what it was asked; ``body`` tells what."""

    def __init__(self, why: str, body: bytes) -> None:
        super().__init__(why)
        self.body = body


class _Problem(msgspec.Struct):
    """What X tells of a problem, in whichever of its fields."""

    title: str = ""
    detail: str = ""
    type: str = ""
    message: str = ""
    connection_issue: str = ""

    def is_(self, *names: str) -> bool:
        return self.title in names or self.type.rpartition("/")[2] in names

    def __str__(self) -> str:
        said = " ".join(f"{self.detail or self.message or self.title}".split())
        return "".join(sign for sign in said if sign.isprintable())[:_LONGEST_WHY]


class _Problems(msgspec.Struct):
    errors: list[msgspec.Raw] = []


_problem = msgspec.json.Decoder(_Problem)
_problems = msgspec.json.Decoder(_Problems)


def failure_of(answer: Answer, now: datetime) -> SourceFailed:
    """The failure that an answer other than success is."""
    problem = _first(answer.body)
    said = f"X answered {answer.status}" + (f" ({problem})" if str(problem) else "")
    if known := _known(problem, said, now):
        return known
    match answer.status:
        case 401:
            return SourceRefused(
                f"{said}: it does not accept the bearer token; set {TOKEN} to that of an app in a project "
                "(https://console.x.com)"
            )
        case 402:
            return BudgetSpent(f"{said}: buy credits at https://console.x.com", now + _CREDITS)
        case 403:
            return SourceRefused(
                f"{said}: the app whose token is in {TOKEN} may not do this; its project needs a plan that "
                "reads posts (https://console.x.com)"
            )
        case 429:
            return RateLimited(f"{said}: it wants to be asked less often", _reset(answer, now))
        case 400 | 422:
            return NotUnderstood(said, answer.body)
    return SourceFailed(said)


def failure_told(body: bytes, now: datetime) -> SourceFailed:
    """The failure that a stream told of before it ended."""
    problem = _first(body)
    said = f"X has ended the stream ({problem})"
    return _known(problem, said, now) or SourceFailed(said)


def _known(problem: _Problem, said: str, now: datetime) -> SourceFailed | None:
    """The failure of a problem that means the same wherever it is told."""
    if problem.is_("UsageCapExceeded", "usage-capped") and problem.title != "Too Many Requests":
        # When the plan's month begins is not said, so we look again tomorrow, which costs nothing.
        return BudgetSpent(f"{said}: X gives no more posts on this plan", next_day(now))
    if problem.is_("CreditsDepleted", "credits"):
        return BudgetSpent(f"{said}: buy credits at https://console.x.com", now + _CREDITS)
    if problem.connection_issue == "TooManyConnections":
        return SourceFailed(f"{said}: another program holds the stream of the token in {TOKEN}")
    if problem.is_("RulesCapExceeded", "rule-cap"):
        return SourceRefused(f"{said}: the plan allows fewer rules than GROUNDSWELL_X_MOST_RULES; lower it")
    return None


def _first(body: bytes) -> _Problem:
    """The first problem of a message that tells us anything."""
    for told in _told(body):
        try:
            problem = _problem.decode(told)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        if problem.title or problem.type or problem.detail or problem.message:
            return problem
    return _Problem()


def _told(body: bytes) -> Iterator[bytes | msgspec.Raw]:
    try:
        yield from _problems.decode(body).errors
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return
    yield body


def _reset(answer: Answer, now: datetime) -> datetime:
    """When the count of requests begins anew, by our own clock."""
    try:
        wait = timedelta(seconds=int(answer.headers["x-rate-limit-reset"])) - _server_time(answer, now)
    except (KeyError, ValueError, OverflowError):
        wait = _WINDOW
    return now + min(max(wait, _SHORTEST), _LONGEST)


def _server_time(answer: Answer, now: datetime) -> timedelta:
    """The server's clock, which may differ from ours, since 1970."""
    try:
        at = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        at = now
    return timedelta(seconds=at.timestamp())
