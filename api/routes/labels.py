"""Labels: people's verdicts, from which the next classifier learns."""

from __future__ import annotations

import secrets
from http import HTTPStatus

from fastapi import APIRouter

from api.house import House, Now, TheHouse
from api.keys import KeyHolder
from api.problems import bad_field, documented
from api.schemas import LabelAnswer, LabelRequest
from domain.label import Label

router = APIRouter(prefix="/v1/labels", tags=["labels"])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=documented(HTTPStatus.UNAUTHORIZED),
)
def add_label(house: TheHouse, now: Now, by: KeyHolder, asked: LabelRequest) -> LabelAnswer:
    """Say what an incident or a post truly was.

    An incident that is `not_an_outage` is dismissed. A later verdict of the same key on the same subject
    replaces the earlier one.
    """
    _check(house, asked)
    label = Label(id=f"lab_{secrets.token_hex(8)}", by=by, at=now, **asked.model_dump())
    incident = house.label(label)
    answer = LabelAnswer.model_validate(label)
    return answer.model_copy(update={"incident_state": incident.state if incident else None})


def _check(house: House, asked: LabelRequest) -> None:
    if asked.incident is not None and house.stores.incidents.get(asked.incident) is None:
        raise bad_field("incident", f"there is no incident {asked.incident!r}")
    if asked.service is not None and asked.service not in house.catalogue.services:
        raise bad_field("service", f"no service {asked.service!r} in the catalogue; /v1/services lists them")
