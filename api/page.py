"""The page: an operations wall for people, made here and complete without any script."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api import wording
from api.cards import card_of
from api.house import Now, TheHouse
from api.runs import choose_run, now_in
from api.story import story_of, web_address
from api.wall import wall_of
from domain.moments import minute_of

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_templates = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,  # posts are strangers' words
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters.update(
    clock=wording.clock,
    day=wording.day,
    figure=wording.figure,
    span=wording.span,
    web_address=web_address,
    with_code=wording.with_code,
)
_templates.globals.update(count=wording.count)


@router.get("/")
def show_wall(
    request: Request, house: TheHouse, now: Now, run: Annotated[str | None, Query()] = None
) -> HTMLResponse:
    """The wall of one run."""
    chosen = choose_run(house, run, now)
    if chosen is None:
        return missing(f"There is no run {run!r}.")
    return render("wall.html", wall=wall_of(house, chosen, now), host=request.url.netloc)


@router.get("/incidents/{incident_id}")
def show_incident(house: TheHouse, now: Now, incident_id: str) -> HTMLResponse:
    """One incident with its story and its evidence."""
    incident = house.stores.incidents.get(incident_id)
    run = choose_run(house, incident.run, now) if incident else None
    if incident is None or run is None:
        return missing(f"There is no incident {incident_id!r}.")
    notices = house.stores.notices.find(incident.run, incident.service)
    present = now_in(house, run, now)
    return render(
        "incident.html",
        run=run,
        now=present,
        card=card_of(house, incident, notices, present, minute_of(present) - 1),
        story=story_of(house, incident, notices),
        evidence=house.stores.incidents.evidence(incident_id),
    )


def missing(what: str) -> HTMLResponse:
    """A page that says what there is not."""
    return render("missing.html", HTTPStatus.NOT_FOUND, what=what)


def render(template: str, status: HTTPStatus = HTTPStatus.OK, **shown: object) -> HTMLResponse:
    """A template as an answer, with what it shows."""
    return HTMLResponse(_templates.get_template(template).render(shown), status)
