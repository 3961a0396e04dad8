"""Query parameters: a name that a route does not know is refused, as it may be a misspelt filter."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request
from fastapi.routing import APIRoute

from api.problems import FieldError, Refusal


def only_known_parameters(request: Request) -> None:
    """Refuse what the route's own documentation does not name."""
    known = _known_to(request)
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        why = f"unknown; this path knows {', '.join(known) or 'no query parameters'}"
        raise Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "; ".join(f"{name}: {why}" for name in unknown),
            errors=[FieldError(field=name, why=why) for name in unknown],
        )


def _known_to(request: Request) -> list[str]:
    route = request.scope["route"]
    if not isinstance(route, APIRoute):
        return []
    operation = request.app.openapi()["paths"][route.path][request.method.lower()]
    return [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
