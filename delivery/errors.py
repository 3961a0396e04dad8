"""What can go wrong on the way to a subscriber."""

from __future__ import annotations

from datetime import datetime


class AddressRefused(Exception):
    """A webhook address that may not be used. ``why`` is a sentence for whoever registered it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class DeliveryFailed(Exception):
    """One try to bring an event to an endpoint failed.

    ``status`` is the HTTP status, if one came. ``permanent`` means that another try can change nothing;
    ``gone``, that the receiver asked never to be called again (410), so that its endpoint is to be disabled.
    Before ``slow_down_until`` the receiver wants no further try.
    """

    def __init__(
        self,
        why: str,
        *,
        status: int | None = None,
        permanent: bool = False,
        gone: bool = False,
        slow_down_until: datetime | None = None,
    ) -> None:
        super().__init__(why)
        self.why = why
        self.status = status
        self.permanent = permanent
        self.gone = gone
        self.slow_down_until = slow_down_until
