"""Google's two status dashboards: Cloud and Workspace give one list of incidents of the same form."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urljoin

import msgspec

from ingest.dashboard import Claim, Reading
from ingest.dashboards.entries import (
    about_each,
    decode,
    entry,
    identified,
    in_order,
    moment,
    named,
    plain,
    read_each,
    state_of,
    web_address,
    word,
)

_AVAILABLE = ("available", "available_information")
_STATES = (*_AVAILABLE, "service_information", "service_disruption", "service_outage")
_SEVERAL = "multiple products"  # stands where a product's name should be


class _Product(msgspec.Struct):
    title: str


class _Update(msgspec.Struct):
    status: str
    text: str | None = None


class _Incident(msgspec.Struct):
    id: str
    begin: str
    affected_products: list[_Product]
    end: str | None = None
    external_desc: str | None = None
    service_name: str | None = None
    most_recent_update: _Update | None = None
    uri: str | None = None


class Google:
    """Reads the list of incidents. It is a history: what has no end and is not available again goes on."""

    about = "Google's dashboards of Cloud and of Workspace"
    ids_last = True

    def addresses(self, page: str) -> Sequence[str]:
        return [urljoin(page, "incidents.json")]

    def read(self, address: str, body: bytes) -> Reading:
        return read_each(
            decode(body, list[msgspec.Raw]), lambda raw: _incident(raw, address), "incident", named_by="id"
        )


def _incident(raw: msgspec.Raw, address: str) -> Reading:
    incident = entry(raw, _Incident)
    update = incident.most_recent_update
    status = word(update.status, _STATES, "status") if update else None
    started_at, ended_at = moment(incident.begin, "begin"), moment(incident.end, "end")
    in_order(started_at, ended_at)
    claim = Claim(
        component=None,
        state=state_of(over=ended_at is not None or status in _AVAILABLE, planned=False),
        id=identified(incident.id, "id"),
        started_at=started_at,
        ended_at=ended_at,
        text=plain((update and update.text) or incident.external_desc),
        url=web_address(urljoin(address, incident.uri)) if incident.uri else None,
    )
    return about_each(claim, _products(incident))


def _products(incident: _Incident) -> list[str]:
    products = [named(product.title, "affected_products") for product in incident.affected_products]
    sole = incident.service_name
    if products or not sole or sole.strip().lower() == _SEVERAL:
        return products
    return [named(sole, "service_name")]
