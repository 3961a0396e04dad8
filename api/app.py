"""The API and the page, as one app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware import Middleware

from api import documentation, lead_page, page, problems
from api.house import House, wall_clock
from api.parameters import only_known_parameters
from api.routes import (
    classifier,
    drift,
    health,
    incidents,
    labels,
    lead,
    metrics,
    official,
    posts,
    services,
    sources,
    webhooks,
)
from api.security import SecurityHeaders

DESCRIPTION = """\
Groundswell hears an outage from the people it hits, before the official dashboard admits it.

Times are UTC. Lists page by an opaque cursor. An error is `application/problem+json` and says what you
can do about it. A write needs an API key, and so does whatever shows webhook addresses, or what
people said of posts. A query parameter that a path does not know is refused.
"""
TAGS = [
    {"name": "incidents", "description": "What is failing, what failed, and the evidence."},
    {
        "name": "services",
        "description": "The catalogue, the rates by minute, and the runs they were counted in.",
    },
    {"name": "lead", "description": "How far ahead of the official word we are, and what we missed."},
    {"name": "posts", "description": "Bring posts in."},
    {"name": "sources", "description": "Where posts come from, and when they could not be heard."},
    {"name": "labels", "description": "Say what an incident or a post truly was."},
    {"name": "classifier", "description": "What judges the posts, and how well."},
    {"name": "webhooks", "description": "Be told of incidents; see how the telling went."},
    {"name": "health", "description": "For the machines that watch over this one."},
]


class Api(FastAPI):
    """FastAPI, with its own shape of an error out of the description and ours in it."""

    # OpenAPI's own shape is a free one, hence Any.
    def openapi(self) -> dict[str, Any]:
        described = super().openapi()
        known = described["components"]["schemas"]
        for name in ("HTTPValidationError", "ValidationError"):
            known.pop(name, None)
        known.update(problems.schemas())
        return described


def create_app(house: House, *, clock: Callable[[], datetime] = wall_clock) -> FastAPI:
    """The app that shows ``house``; ``clock`` tells the present, in UTC."""
    app = Api(
        title="Groundswell",
        description=DESCRIPTION,
        version="1",
        openapi_tags=TAGS,
        docs_url=None,  # FastAPI's own pages load scripts from another host; ours is in documentation.py
        redoc_url=None,
        middleware=[Middleware(SecurityHeaders)],
    )
    app.state.house = house
    app.state.clock = clock
    problems.install(app)
    for part in (
        incidents,
        services,
        lead,
        official,
        posts,
        sources,
        labels,
        classifier,
        drift,
        webhooks,
        health,
        metrics,
    ):
        app.include_router(
            part.router, dependencies=[Depends(only_known_parameters)], responses=problems.documented()
        )
    for part in (page, lead_page, documentation):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=page.STATIC), name="static")
    return app
