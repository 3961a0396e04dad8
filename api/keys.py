"""API keys: who may write, and who may see webhook addresses."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.house import TheHouse
from api.problems import Refusal

HOW_TO_GET_ONE = (
    "Send `Authorization: Bearer gsk_...`. The key was shown at the first start; "
    "`groundswell key new` makes another."
)
_bearer = HTTPBearer(
    auto_error=False, scheme_name="API key", bearerFormat="gsk_...", description=HOW_TO_GET_ONE
)


def digest_of(key: str) -> bytes:
    """What is kept of a key.

    >>> digest_of("gsk_example").hex()[:16]
    '03991086354a2cf4'
    """
    return hashlib.sha256(key.encode()).digest()


def _holder(house: TheHouse, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    if sent is None:
        raise _unauthorized("This needs an API key.")
    holder = house.stores.keys.name_of(digest_of(sent.credentials))
    if holder is None:
        raise _unauthorized("This API key is unknown or was revoked.")
    return holder


def _unauthorized(why: str) -> Refusal:
    return Refusal(
        HTTPStatus.UNAUTHORIZED,
        f"{why} {HOW_TO_GET_ONE}",
        headers={"WWW-Authenticate": 'Bearer realm="groundswell"'},
    )


KeyHolder = Annotated[str, Depends(_holder)]
"""The name of the key that the request was made with."""
