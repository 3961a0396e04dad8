"""Signatures by Standard Webhooks 1.0.0 (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime

PREFIX = "whsec_"
_NEW_SIZE = 32  # bytes
_SMALLEST, _LARGEST = 24, 64  # bytes, as the standard asks


def new_secret() -> str:
    """A secret for one endpoint, with 256 random bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_NEW_SIZE)).decode()


def check_secret(secret: str) -> None:
    """Raise ``ValueError``, which never repeats the secret, unless it is one by the standard."""
    _key(secret)


def signed_headers(secret: str, event_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The three headers of one try. The id is the same over all tries, the time is that of this one."""
    key = _key(secret)
    # From an aware time, whatever its zone: a receiver compares it with its own clock.
    timestamp = str(int(now.timestamp()))
    signature = hmac.new(key, b".".join((event_id.encode(), timestamp.encode(), body)), hashlib.sha256)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(signature.digest()).decode(),
    }


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        raise ValueError(f'a webhook secret begins with "{PREFIX}"')
    encoded = secret.removeprefix(PREFIX)
    try:
        # Some generators leave the padding out; the verifiers of the standard accept that.
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f'what follows "{PREFIX}" in a webhook secret has to be base64') from None
    if not _SMALLEST <= len(key) <= _LARGEST:
        raise ValueError(f"a webhook secret holds {_SMALLEST} to {_LARGEST} bytes, and this one {len(key)}")
    return key
