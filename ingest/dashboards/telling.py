"""What a page says of each trouble of one service: its claims, put together over components and addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from domain.notice import OfficialState
from ingest.dashboard import Claim, Reading
from ingest.dashboards.entries import cut

_WELL = OfficialState.WELL
_WORST_FIRST = (OfficialState.TROUBLE, OfficialState.MAINTENANCE, _WELL)

Said = tuple[OfficialState, datetime | None, datetime | None, str]  # state, start, end, text


class Heard(msgspec.Struct, frozen=True):
    """What one address of a page says of a service, as far as we know.

    ``reading``: now, or when it was last read (``None``: never). ``before``: at the look before this one.
    ``fresh``: it was read just now, or is known not to have changed. ``silent_at``: when it was last seen
    before now, and did not say yet what is new now.
    """

    reading: Reading | None
    before: Reading | None = None
    fresh: bool = True
    silent_at: datetime | None = None


class Telling(msgspec.Struct, frozen=True):
    """All that a page says just now of one trouble of one service.

    The fields are a claim's; ``silent_at`` is when the page was last seen and said nothing of it.
    """

    state: OfficialState
    id: str | None
    started_at: datetime | None
    ended_at: datetime | None
    text: str
    url: str | None
    planned: bool
    silent_at: datetime | None

    @property
    def over(self) -> bool:
        return self.state is _WELL

    @property
    def said(self) -> Said:
        """What of it is history when it changes."""
        return self.state, self.started_at, self.ended_at, self.text


def tellings(heard: Sequence[Heard]) -> list[Telling]:
    """One for each trouble, always in the same order, whatever the order of the claims.

    Claims with one id are about one trouble, of several components; so are claims that have none and start
    at the same time, or that tell neither, which mark the components that fail just now.
    """
    troubles: dict[tuple[str, str], list[tuple[Claim, datetime | None]]] = {}
    for claim, silent_at in _agreed(heard):
        start = "" if claim.id is not None or claim.started_at is None else claim.started_at.isoformat()
        troubles.setdefault((claim.id or "", start), []).append((claim, silent_at))
    return [_together(troubles[key]) for key in sorted(troubles)]


def _agreed(heard: Sequence[Heard]) -> Iterator[tuple[Claim, datetime | None]]:
    """The claims of all addresses; where two speak of the same trouble and component, one of them.

    One address may lag behind another by a minute. What is over for one of them is over; else the first one
    has the word. So a lagging answer cannot make a trouble go to and fro.
    """
    known = [(one.reading.claims if one.reading else (), one.silent_at) for one in heard]
    over = {_subject(claim) for claims, _ in known for claim in claims if claim.state is _WELL}
    told: set[tuple[str | None, str]] = set()
    for claims, silent_at in known:
        subjects = set()
        for claim in claims:
            subject = _subject(claim)
            if subject is not None:
                if subject in told or (subject in over and claim.state is not _WELL):
                    continue
                subjects.add(subject)
            yield claim, silent_at
        told |= subjects


def _subject(claim: Claim) -> tuple[str | None, str] | None:
    return None if claim.id is None else (claim.component, claim.id)


def _together(claims: Sequence[tuple[Claim, datetime | None]]) -> Telling:
    """A trouble lasts until it is over for every component, and is planned if all of it is."""
    all_of_it = [claim for claim, _ in claims]
    state = min((claim.state for claim in all_of_it), key=_WORST_FIRST.index)
    starts = [claim.started_at for claim in all_of_it if claim.started_at is not None]
    ends = [claim.ended_at for claim in all_of_it if claim.ended_at is not None]
    return Telling(
        state=state,
        id=all_of_it[0].id,
        started_at=min(starts, default=None),
        ended_at=max(ends, default=None) if state is _WELL else None,
        text=cut(" / ".join(sorted({claim.text for claim in all_of_it if claim.text}))),
        url=min((claim.url for claim in all_of_it if claim.url), default=None),
        planned=all(claim.planned for claim in all_of_it),
        silent_at=max((at for _, at in claims if at is not None), default=None),
    )
