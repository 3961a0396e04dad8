"""Labels: people's verdicts, from which the next classifier learns."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query

from api.cursors import BadCursor, cursor_after, place_in
from api.house import House, Now, TheHouse
from api.keys import KeyHolder
from api.parameters import check_service
from api.problems import bad_field, documented, not_found, not_now
from api.schemas import DoubtAnswer, DoubtList, LabelAnswer, LabelPage, LabelRequest, NewLabelAnswer
from domain.busy import Busy
from domain.doubt import Doubt
from domain.label import Label
from domain.mention import KINDS
from domain.official import events_of

router = APIRouter(prefix="/v1/labels", tags=["labels"])


@router.get("", responses=documented(HTTPStatus.UNAUTHORIZED))
def list_labels(
    house: TheHouse,
    _by: KeyHolder,
    incident: Annotated[str | None, Query(description="Only of this incident.")] = None,
    official: Annotated[str | None, Query(description="Only of this event of /v1/official.")] = None,
    source: Annotated[str | None, Query(description="Only of posts from this source.")] = None,
    post: Annotated[str | None, Query(description="Only of posts with this id.")] = None,
    by: Annotated[str | None, Query(description="Only this person's.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="At most so many.")] = 50,
    cursor: Annotated[str | None, Query(description="The `next_cursor` of the page before.")] = None,
) -> LabelPage:
    """What people said, the latest first; verdicts of several people on one thing stand side by side."""
    wanted = {"incident": incident, "official": official, "source": source, "post": post, "by": by}
    try:
        after = None if cursor is None else place_in(cursor, repr(wanted))
        found = house.stores.labels.find(**wanted, after=after, most=limit + 1)
    except BadCursor as error:
        raise bad_field("cursor", str(error)) from error
    except KeyError as error:
        raise bad_field("cursor", "the label it points to is gone; start again without one") from error
    page, more = found[:limit], len(found) > limit
    return LabelPage(
        items=[LabelAnswer.model_validate(label) for label in page],
        next_cursor=cursor_after(page[-1].id, repr(wanted)) if more else None,
    )


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=documented(HTTPStatus.UNAUTHORIZED),
)
def add_label(house: TheHouse, now: Now, by: KeyHolder, asked: LabelRequest) -> NewLabelAnswer:
    """Say what an incident, an official event or a post truly was.

    An incident that is `not_an_outage` is dismissed; an official event that is one could not be heard, and
    no longer counts as missed. A later verdict of the same key on the same subject replaces the earlier one.
    The words of a post are looked up where they are not sent; the answer says whether it teaches.
    """
    _check(house, asked)
    [label] = house.completed([Label(id=f"lab_{secrets.token_hex(8)}", by=by, at=now, **asked.model_dump())])
    incident = house.label(label)
    answer = NewLabelAnswer.model_validate(label)
    return answer.model_copy(update={"incident_state": incident.state if incident else None})


@router.get("/queue", responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE))
def list_doubts(
    house: TheHouse,
    _by: KeyHolder,
    service: Annotated[
        str | None, Query(description="Only judged for this service, by its id.", examples=["imessage"])
    ] = None,
    most: Annotated[int, Query(ge=1, le=500, description="At most so many.")] = 20,
) -> DoubtList:
    """The posts of the last day on which a verdict would teach most: the classifier is unsure of them.

    Of near-identical texts one is shown. What is labelled, or deleted by its author, is shown no longer.
    """
    check_service(house, service)
    try:
        return DoubtList(items=[_answer(doubt) for doubt in house.doubts(service, most)])
    except Busy as busy:
        raise not_now(busy) from busy


@router.delete(
    "/{label_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND),
)
def remove_label(house: TheHouse, by: KeyHolder, label_id: str) -> None:
    """Take back a label of one's own. An incident that it dismissed stays dismissed."""
    if not house.stores.labels.remove(label_id, by):
        raise not_found(f"You have no label {label_id!r}; /v1/labels?by={by} lists yours.")


def _answer(doubt: Doubt) -> DoubtAnswer:
    return DoubtAnswer(
        source=doubt.source,
        post=doubt.post,
        service=doubt.service,
        text=doubt.text,
        written_at=doubt.written_at,
        url=doubt.url,
        lang=doubt.lang,
        kind=doubt.kind,
        probabilities={kind: round(one, 4) for kind, one in zip(KINDS, doubt.probabilities, strict=True)},
        unsure=doubt.unsure,
    )


def _check(house: House, asked: LabelRequest) -> None:
    if asked.incident is not None and house.stores.incidents.get(asked.incident) is None:
        raise bad_field("incident", f"there is no incident {asked.incident!r}")
    if asked.official is not None and not _is_official(house, asked.official):
        raise bad_field("official", f"there is no official event {asked.official!r}; /v1/official lists them")
    check_service(house, asked.service)
    check_service(house, asked.instead_of, "instead_of")


def _is_official(house: House, event: str) -> bool:
    """Whether an event was told in any run."""
    return any(
        known.name == event
        for run in house.stores.runs.all()
        for known in events_of(house.stores.notices.find(run.name))
    )
