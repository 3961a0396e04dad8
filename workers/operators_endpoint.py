"""The operator's own webhook endpoint, which the settings name: kept in step with them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from delivery.errors import AddressRefused
from delivery.guard import Guard
from delivery.signing import PREFIX, check_secret
from domain.delivery import Endpoint
from settings import Settings, WrongSettings
from storage.interfaces import Deliveries
from workers.secrets_kept import kept_secret

OPERATOR = "operator"  # its id


def keep_operators_endpoint(settings: Settings, guard: Guard, deliveries: Deliveries) -> str | None:
    """Keep the endpoint, replace it, or remove it when the setting is gone; its secret, if one was just made.

    Raises ``WrongSettings`` for an address or a secret that cannot be used.
    """
    url, known = settings.webhook_url, deliveries.endpoint(OPERATOR)
    if url is None:
        if known is not None:
            deliveries.remove_endpoint(OPERATOR)
        return None
    try:
        guard.check_url(url, by_operator=True)
    except AddressRefused as refused:
        raise WrongSettings(f"GROUNDSWELL_WEBHOOK_URL: {refused}") from None
    secret, is_new = _secret(settings)
    if known is None or (known.url, known.secret) != (url, secret):
        deliveries.add_endpoint(
            Endpoint(
                id=OPERATOR,
                url=url,
                secret=secret,
                created_at=datetime.now(UTC),
                replays=True,
                by_operator=True,
            )
        )
    return secret if is_new else None


def _secret(settings: Settings) -> tuple[str, bool]:
    """The secret of the settings; without one, one made from bytes kept in ``var``, and if they are new."""
    if settings.webhook_secret is None:
        file = settings.var / "webhook.key"
        is_new = not file.exists()
        return PREFIX + base64.b64encode(kept_secret(file)).decode(), is_new
    secret = settings.webhook_secret.get_secret_value()
    try:
        check_secret(secret)
    except ValueError as wrong:
        raise WrongSettings(f"GROUNDSWELL_WEBHOOK_SECRET: {wrong}") from None
    return secret, False
