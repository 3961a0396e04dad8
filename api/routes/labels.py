"""Labels: people's verdicts, from which the next classifier learns."""

from __future__ import annotations

import secrets
from http import HTTPStatus

from fastapi import APIRouter

from api.house import House, Now, TheHouse
from api.keys import KeyHolder
from api.parameters import check_service
from api.problems import bad_field, documented
from api.schemas import LabelAnswer, LabelRequest
from domain.label import Label
from domain.official import events_of

router = APIRouter(prefix="/v1/labels", tags=["labels"])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=documented(HTTPStatus.UNAUTHORIZED),
)
def add_label(house: TheHouse, now: Now, by: KeyHolder, asked: LabelRequest) -> LabelAnswer:
    """Say what an incident, an official event or a post truly was.

    An incident that is `not_an_outage` is dismissed; an official event that is one could not be heard, and
    no longer counts as missed. A later verdict of the same key on the same subject replaces the earlier one.
    """
    _check(house, asked)
    label = Label(id=f"lab_{secrets.token_hex(8)}", by=by, at=now, **asked.model_dump())
    incident = house.label(label)
    answer = LabelAnswer.model_validate(label)
    return answer.model_copy(update={"incident_state": incident.state if incident else None})


def _check(house: House, asked: LabelRequest) -> None:
    if asked.incident is not None and house.stores.incidents.get(asked.incident) is None:
        raise bad_field("incident", f"there is no incident {asked.incident!r}")
    if asked.official is not None and not _is_official(house, asked.official):
        raise bad_field("official", f"there is no official event {asked.official!r}; /v1/official lists them")
    check_service(house, asked.service)


def _is_official(house: House, event: str) -> bool:
    """Whether an event was told in any run."""
    return any(
        known.name == event
        for run in house.stores.runs.all()
        for known in events_of(house.stores.notices.find(run.name))
    )
