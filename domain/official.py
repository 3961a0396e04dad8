"""Official events: what is said officially of one trouble of one service, statement after statement."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from domain.notice import OfficialNotice, OfficialState

SPOKEN = ""  # the trouble of statements that name none, as those of an account
FORGOTTEN = timedelta(hours=6)  # after which a statement that names no trouble begins a new one
_ACCOUNT = "account:"


class OfficialEvent(msgspec.Struct, frozen=True):
    """One trouble (or planned work) of one service, as the official side told it.

    ``statements`` are what it said, the earliest seen first; there is at least one.
    """

    run: str
    service: str
    name: str
    statements: tuple[OfficialNotice, ...]

    @property
    def first_seen_at(self) -> datetime:
        return self.statements[0].seen_at

    @property
    def state(self) -> OfficialState:
        """What is claimed now."""
        return OfficialState.WELL if says_over(self.statements[-1]) else self.statements[-1].state

    @property
    def after_the_fact(self) -> bool:
        return self.statements[0].after_the_fact

    @property
    def admissions(self) -> list[OfficialNotice]:
        """The statements that admit a failure: the first one, and each that takes back an "all is well".

        What is said in between only goes on with it.
        """
        found, admitted = [], False
        for statement in self.statements:
            if is_admission(statement) and not admitted:
                found.append(statement)
            admitted = (admitted or is_admission(statement)) and not says_over(statement)
        return found

    def goes_on(self, at: datetime) -> bool:
        """Whether it was admitted before ``at`` and not called over by then. An account's word fades."""
        said = [statement for statement in self.statements if statement.seen_at < at]
        if not any(is_admission(statement) for statement in said) or says_over(said[-1]):
            return False
        return trouble_of(said[-1]) != SPOKEN or at - said[-1].seen_at <= FORGOTTEN

    @property
    def claimed_at(self) -> datetime | None:
        """The start that is claimed; what was said last counts, as it may be set back."""
        return next((one.claimed_at for one in reversed(self.statements) if one.claimed_at), None)

    @property
    def claimed_end_at(self) -> datetime | None:
        return next((one.claimed_end_at for one in reversed(self.statements) if one.claimed_end_at), None)

    @property
    def began_at(self) -> datetime:
        """The claimed start, or else when it was first spoken of."""
        return min(self.claimed_at or self.first_seen_at, self.first_seen_at)

    @property
    def ended_at(self) -> datetime | None:
        """The claimed end, or else when it was called over; ``None`` while it goes on."""
        if self.state is not OfficialState.WELL:
            return None
        return max(self.claimed_end_at or self.statements[-1].seen_at, self.began_at)


def account_event(service: str, source: str, post: str) -> str:
    """The name of what an official account says in one post, whoever reads it, and in whatever order.

    >>> account_event("spotify", "x", "77")
    'account:spotify:x:77'
    """
    return f"{_ACCOUNT}{service}:{source}:{post}"


def is_of_account(notice: OfficialNotice) -> bool:
    """Whether an account said it, and not a dashboard."""
    return notice.event.startswith(_ACCOUNT)


def trouble_of(notice: OfficialNotice) -> str:
    """The trouble that a notice speaks of. An account names none: its "all clear" ends all it spoke of."""
    return SPOKEN if is_of_account(notice) else notice.event


def is_admission(notice: OfficialNotice) -> bool:
    """Whether a notice says that something failed, be it when it was over. Planned work is no failure."""
    if notice.state is OfficialState.WELL:
        return notice.after_the_fact
    return notice.state is OfficialState.TROUBLE


def says_over(notice: OfficialNotice) -> bool:
    """Whether a notice says that all is well; one that was made after the fact does so in any case."""
    return notice.state is OfficialState.WELL or notice.after_the_fact


def by_service(notices: Iterable[OfficialNotice]) -> Mapping[str, list[OfficialNotice]]:
    """Notices by service; a service of which nothing was said has none."""
    said: dict[str, list[OfficialNotice]] = defaultdict(list)
    for notice in notices:
        said[notice.service].append(notice)
    return said


def events_of(notices: Iterable[OfficialNotice]) -> list[OfficialEvent]:
    """Notices put together to events, the one first seen first. Nothing but "all is well" is no event."""
    told: dict[tuple[str, str, str], list[OfficialNotice]] = defaultdict(list)
    for notice in sorted(notices, key=_order):
        told[notice.run, notice.service, trouble_of(notice)].append(notice)
    events = [
        event
        for (run, service, trouble), of_trouble in told.items()
        for event in (
            [OfficialEvent(run, service, trouble, tuple(of_trouble))]
            if trouble
            else _named(run, service, _in_turn(of_trouble))
        )
        if any(not _is_all_clear(statement) for statement in event.statements)
    ]
    return sorted(events, key=lambda event: (event.first_seen_at, event.service, event.name))


def _in_turn(statements: Iterable[OfficialNotice]) -> Iterator[tuple[OfficialNotice, ...]]:
    """Statements that name no trouble, cut behind each that calls it over, and after a long silence."""
    told: list[OfficialNotice] = []
    for statement in statements:
        if told and (says_over(told[-1]) or statement.seen_at - told[-1].seen_at > FORGOTTEN):
            yield tuple(told)
            told = []
        told.append(statement)
    if told:
        yield tuple(told)


def _named(run: str, service: str, troubles: Iterable[tuple[OfficialNotice, ...]]) -> Iterator[OfficialEvent]:
    """The events of troubles without a name, each with one of its own, also if they were seen at once."""
    given: Counter[str] = Counter()
    for statements in troubles:
        name = _name_of(statements[0])
        given[name] += 1
        number = f":{given[name]}" if given[name] > 1 else ""
        yield OfficialEvent(run, service, name + number, statements)


def _is_all_clear(notice: OfficialNotice) -> bool:
    return notice.state is OfficialState.WELL and not notice.after_the_fact


def _name_of(first: OfficialNotice) -> str:
    return first.event or f"notice:{first.service}:{first.seen_at:%Y%m%dT%H%M%S}"


def _order(notice: OfficialNotice) -> tuple[datetime, bool, str, str]:
    return notice.seen_at, says_over(notice), notice.event, notice.state
