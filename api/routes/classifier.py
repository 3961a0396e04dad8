"""The classifier: which version counts, which there are, and how new ones are trained and judged."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.cursors import BadCursor, cursor_after, place_in
from api.house import House, Now, TheHouse
from api.keys import KeyHolder
from api.problems import Refusal, bad_field, documented, not_found
from api.schemas_classifier import (
    ActivationAnswer,
    CardAnswer,
    ClassifierAnswer,
    RetrainingAnswer,
    RetrainingPage,
    VersionAnswer,
    VersionList,
)
from domain.activation import NothingBefore
from models.shipped import ModelRefused

router = APIRouter(prefix="/v1/classifier", tags=["classifier"])

_ALL = "retrainings"  # the list has no filters


@router.get("", responses=documented(HTTPStatus.NOT_FOUND))
def read_classifier(house: TheHouse) -> ClassifierAnswer:
    """The version that counts, since when and why, with its card."""
    activations = house.stores.models.activations()
    if not activations:
        raise not_found("No classifier is active yet: start the workers once.")
    last = activations[-1]
    card = next(card for card in house.stores.models.cards() if card.version == last.version)
    return ClassifierAnswer(card=CardAnswer.model_validate(card), since=last.at, why=last.why)


@router.get("/versions", responses=documented(HTTPStatus.UNAUTHORIZED))
def list_versions(house: TheHouse, _by: KeyHolder) -> VersionList:
    """Every version that is kept, and every activation. Of challengers that never counted, the latest ten."""
    active = house.stores.models.active()
    cards = [CardAnswer.model_validate(card) for card in house.stores.models.cards()]
    activations = reversed(house.stores.models.activations())
    return VersionList(
        items=[VersionAnswer(**card.model_dump(), active=card.version == active) for card in cards],
        activations=[ActivationAnswer.model_validate(one) for one in activations],
    )


@router.post(
    "/versions/{version}/activate",
    responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
)
def activate_version(house: TheHouse, now: Now, by: KeyHolder, version: str) -> ActivationAnswer:
    """Let a version count. Every worker takes it up within a second, between two batches.

    One that cannot be loaded here is refused with the reason, and the version at work stays.
    """
    try:
        return ActivationAnswer.model_validate(house.versions.activate(version, by, now))
    except KeyError:
        raise not_found(f"No version {version!r} is kept; /v1/classifier/versions lists them.") from None
    except ModelRefused as refused:
        raise _conflict(str(refused)) from refused


@router.post("/rollback", responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.CONFLICT))
def roll_back(house: TheHouse, now: Now, by: KeyHolder) -> ActivationAnswer:
    """Let the version count again that did before; going back again goes further back."""
    try:
        return ActivationAnswer.model_validate(house.versions.roll_back(by, now))
    except NothingBefore as nothing:
        raise _conflict(f"There is nothing to go back to: {nothing}.") from nothing
    except ModelRefused as refused:
        raise _conflict(str(refused)) from refused


@router.post(
    "/retrain",
    status_code=HTTPStatus.ACCEPTED,
    responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.CONFLICT),
)
def ask_retraining(house: TheHouse, now: Now, by: KeyHolder, response: Response) -> RetrainingAnswer:
    """Train a challenger on the corpus and the labels, and promote it if it is better beyond chance.

    `Location` is where its progress can be watched. One retraining at a time is under way.
    """
    asked = house.ask_retraining(by, now)
    if asked is None:
        one = house.stores.retrainings.under_way()
        address = f"/v1/classifier/retrainings/{one.id}" if one else "/v1/classifier/retrainings"
        raise _conflict(f"A retraining is under way: watch {address}, and ask again when it has ended.")
    response.headers["Location"] = f"/v1/classifier/retrainings/{asked.id}"
    return RetrainingAnswer.model_validate(asked)


@router.get("/retrainings", responses=documented(HTTPStatus.UNAUTHORIZED))
def list_retrainings(
    house: TheHouse,
    _by: KeyHolder,
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 50,
    cursor: Annotated[str | None, Query(description="The `next_cursor` of the page before.")] = None,
) -> RetrainingPage:
    """Every retraining with its figures and its reason, the latest asked for first."""
    found = _page_of(house, cursor, limit + 1)
    page, more = found[:limit], len(found) > limit
    return RetrainingPage(items=page, next_cursor=cursor_after(page[-1].id, _ALL) if more else None)


@router.get(
    "/retrainings/{retraining_id}", responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
)
def read_retraining(house: TheHouse, _by: KeyHolder, retraining_id: str) -> RetrainingAnswer:
    """How far a retraining has come, and how it ended."""
    one = house.stores.retrainings.get(retraining_id)
    if one is None:
        raise not_found(f"No retraining {retraining_id!r}; /v1/classifier/retrainings lists them.")
    return RetrainingAnswer.model_validate(one)


def _page_of(house: House, cursor: str | None, most: int) -> list[RetrainingAnswer]:
    try:
        after = None if cursor is None else place_in(cursor, _ALL)
        found = house.stores.retrainings.find(after=after, most=most)
    except BadCursor as error:
        raise bad_field("cursor", str(error)) from error
    except KeyError as error:
        raise bad_field("cursor", "the retraining it points to is gone; start again without one") from error
    return [RetrainingAnswer.model_validate(one) for one in found]


def _conflict(why: str) -> Refusal:
    return Refusal(HTTPStatus.CONFLICT, why)
