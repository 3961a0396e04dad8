"""What the API asks of the house behind it. ``workers/house.py`` joins the true one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Protocol

from fastapi import Depends, Request

from domain.activation import Activation
from domain.doubt import Doubt
from domain.drift import Drift
from domain.incident import Incident
from domain.label import Label
from domain.retraining import Retraining
from domain.source import SourceStatus
from models.catalogue import Catalogue
from storage.interfaces import Stores


class Rejected(Protocol):
    """A line that is no post: its number (from 1), the field at fault, and what is wrong with it."""

    @property
    def number(self) -> int: ...

    @property
    def field(self) -> str | None: ...

    @property
    def why(self) -> str: ...


class Intake(Protocol):
    """What became of the lines offered: posts accepted, those that name a service, and the bad lines."""

    @property
    def accepted(self) -> int: ...

    @property
    def mentions(self) -> int: ...

    @property
    def rejected(self) -> Sequence[Rejected]: ...


class Versions(Protocol):
    """What a person may do with the classifier's versions. Both raise ``ModelRefused`` for a bad one."""

    def activate(self, version: str, by: str, now: datetime) -> Activation:
        """Let a kept version count. Raises ``KeyError`` for an unknown one."""

    def roll_back(self, by: str, now: datetime) -> Activation:
        """Let the version count again that did before. Raises ``domain.activation.NothingBefore``."""


class House(Protocol):
    """The joined collaborators, as the API needs them."""

    @property
    def stores(self) -> Stores: ...

    @property
    def catalogue(self) -> Catalogue: ...

    @property
    def watched(self) -> Collection[str]:
        """The services whose official dashboard is looked at."""

    def take_in(self, lines: Iterable[bytes]) -> Intake:
        """Hand the posts among ``lines`` over to the live run. Raises ``domain.busy.Busy``."""

    def hearing(self) -> list[SourceStatus]:
        """How every source of the live run is doing, by name. Raises ``domain.busy.Busy`` without Redis."""

    def readiness(self) -> dict[str, str | None]:
        """For each part of the house: ``None`` when it is well, else what is wrong."""

    def completed(self, labels: Sequence[Label]) -> Sequence[Label]:
        """Labels with the words of their posts, and whatever else is known of these."""

    def doubts(self, service: str | None, most: int) -> Sequence[Doubt]:
        """The posts on which a verdict would teach most. Raises ``domain.busy.Busy`` without Redis."""

    def drift(self) -> Drift | None:
        """How far the active version has drifted in the last day; ``None`` when there is no version.

        Raises ``domain.busy.Busy`` without Redis.
        """

    @property
    def versions(self) -> Versions: ...

    def ask_retraining(self, by: str, now: datetime) -> Retraining | None:
        """A new retraining, on its way to a worker; ``None`` if one is under way."""

    def label(self, label: Label) -> Incident | None:
        """Keep a label; the incident it speaks of, as it is afterwards (a verdict may dismiss it)."""

    def check_endpoint(self, url: str) -> None:
        """Raises ``AddressRefused`` for an address that no webhook may be sent to."""

    def new_endpoint_secret(self) -> str:
        """A fresh Standard Webhooks secret ("whsec_...")."""


def _house_of(request: Request) -> House:
    house: House = request.app.state.house
    return house


def _time_of(request: Request) -> datetime:
    now: datetime = request.app.state.clock()
    return now


def wall_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


TheHouse = Annotated[House, Depends(_house_of)]
Now = Annotated[datetime, Depends(_time_of)]
