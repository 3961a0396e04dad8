"""Webhooks: who is told of incidents, and how the telling went."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.house import House, Now, TheHouse
from api.keys import KeyHolder
from api.problems import Refusal, bad_field, documented, not_found
from api.schemas import (
    DeliveryAnswer,
    DeliveryList,
    NewWebhookAnswer,
    WebhookAnswer,
    WebhookList,
    WebhookRequest,
)
from delivery.errors import AddressRefused
from domain.delivery import DeliveryState, Endpoint

router = APIRouter(prefix="/v1", tags=["webhooks"])


@router.post(
    "/webhooks",
    status_code=HTTPStatus.CREATED,
    responses=documented(HTTPStatus.UNAUTHORIZED),
)
def add_webhook(
    house: TheHouse, now: Now, _by: KeyHolder, asked: WebhookRequest, response: Response
) -> NewWebhookAnswer:
    """Have events sent to an address, signed by Standard Webhooks.

    The answer holds the secret that verifies the signatures; it is shown this once.
    """
    _check(house, asked)
    endpoint = Endpoint(
        id=f"whk_{secrets.token_hex(8)}",
        url=asked.url,
        secret=house.new_endpoint_secret(),
        created_at=now,
        services=tuple(asked.services),
        events=tuple(asked.events),
        replays=asked.replays,
    )
    house.stores.deliveries.add_endpoint(endpoint)
    response.headers["Cache-Control"] = "no-store"
    return NewWebhookAnswer.model_validate(endpoint)


@router.get("/webhooks", responses=documented(HTTPStatus.UNAUTHORIZED))
def list_webhooks(house: TheHouse, _by: KeyHolder) -> WebhookList:
    """Every webhook, without its secret."""
    endpoints = house.stores.deliveries.endpoints()
    return WebhookList(items=[WebhookAnswer.model_validate(endpoint) for endpoint in endpoints])


@router.delete(
    "/webhooks/{webhook_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def remove_webhook(house: TheHouse, _by: KeyHolder, webhook_id: str) -> None:
    """Send nothing more to an address."""
    if _known(house, webhook_id).by_operator:
        raise Refusal(
            HTTPStatus.CONFLICT,
            "This webhook comes from the settings: take GROUNDSWELL_WEBHOOK_URL out and start again.",
        )
    house.stores.deliveries.remove_endpoint(webhook_id)


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND),
)
def list_deliveries(
    house: TheHouse,
    _by: KeyHolder,
    webhook_id: str,
    state: Annotated[DeliveryState | None, Query(description="Only those that stand so.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="At most so many.")] = 100,
) -> DeliveryList:
    """What was sent to a webhook, or waits to be: the latest event first."""
    _known(house, webhook_id)
    found = house.stores.deliveries.find(endpoint=webhook_id, state=state, most=limit)
    return DeliveryList(items=[DeliveryAnswer.model_validate(delivery) for delivery in found])


@router.post(
    "/deliveries/{delivery_id}/replay",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND),
)
def replay_delivery(house: TheHouse, now: Now, _by: KeyHolder, delivery_id: str) -> None:
    """Try a parked delivery again, at once and with all its tries ahead of it."""
    if not house.stores.deliveries.replay(delivery_id, now):
        raise not_found(f"No delivery {delivery_id!r} is parked; ?state=parked lists those of a webhook.")


def _known(house: House, webhook_id: str) -> Endpoint:
    endpoint = house.stores.deliveries.endpoint(webhook_id)
    if endpoint is None:
        raise not_found(f"There is no webhook {webhook_id!r}; /v1/webhooks lists them.")
    return endpoint


def _check(house: House, asked: WebhookRequest) -> None:
    for service in asked.services:
        if service not in house.catalogue.services:
            raise bad_field("services", f"no service {service!r} in the catalogue; /v1/services lists them")
    try:
        house.check_endpoint(asked.url)
    except AddressRefused as refused:
        raise bad_field("url", str(refused)) from refused
