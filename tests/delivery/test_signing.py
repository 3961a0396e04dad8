"""Signatures, checked by the verifier of the ``standardwebhooks`` package."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from delivery.signing import check_secret, new_secret, signed_headers


@given(st.text(), st.integers(-12, 14))
def test_the_verifier_accepts_any_body_signed_at_a_time_of_any_zone(body: str, offset: int) -> None:
    secret = new_secret()
    now = datetime.now(timezone(timedelta(hours=offset)))
    headers = signed_headers(secret, "evt_1", body.encode("utf-8", "replace"), now)
    Webhook(secret).verify(body.encode("utf-8", "replace"), headers, json_parse=False)


def test_the_verifier_refuses_another_body_another_id_and_another_secret() -> None:
    secret = new_secret()
    headers = signed_headers(secret, "evt_1", b"{}", datetime.now(UTC))
    forgeries = [
        (secret, b"[]", headers),
        (secret, b"{}", {**headers, "webhook-id": "evt_2"}),
        (new_secret(), b"{}", headers),
    ]
    for key, body, sent in forgeries:
        with pytest.raises(WebhookVerificationError):
            Webhook(key).verify(body, sent)


def test_a_new_secret_is_a_good_one_and_never_the_same() -> None:
    secrets = {new_secret() for _ in range(20)}
    assert len(secrets) == 20
    for secret in secrets:
        check_secret(secret)


@pytest.mark.parametrize("size", [24, 64])
def test_secrets_of_24_to_64_bytes_are_accepted_with_and_without_padding(size: int) -> None:
    encoded = base64.b64encode(bytes(range(size))).decode()
    for secret in ("whsec_" + encoded, "whsec_" + encoded.rstrip("=")):
        check_secret(secret)
        headers = signed_headers(secret, "evt_1", b"{}", datetime.now(UTC))
        Webhook(secret).verify(b"{}", headers)


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("", "begins with"),
        ("sk_abcdefghijklmnopqrstuvwxyz0123", "begins with"),
        ("whsec_", "this one 0"),
        ("whsec_" + base64.b64encode(bytes(23)).decode(), "24 to 64 bytes, and this one 23"),
        ("whsec_" + base64.b64encode(bytes(65)).decode(), "this one 65"),
        ("whsec_not/base64!not/base64!not/base64!", "base64"),
        ("whsec_ÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿ", "base64"),
    ],
)
def test_a_bad_secret_is_refused_and_not_repeated(secret: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        check_secret(secret)
    assert secret == "" or secret.removeprefix("whsec_") == "" or secret not in str(refused.value)
