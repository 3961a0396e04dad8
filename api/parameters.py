"""Query parameters: one that nobody knows is refused, as it may be misspelt; and so is an unknown service."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request
from fastapi.routing import APIRoute

from api.house import House
from api.problems import FieldError, Refusal, bad_field


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


def check_service(house: House, service: str | None, field: str = "service") -> None:
    """Refuse a service that is not in the catalogue."""
    if service is not None and service not in house.catalogue.services:
        raise bad_field(field, f"no service {service!r} in the catalogue; /v1/services lists them")


def _known_to(request: Request) -> list[str]:
    route = request.scope["route"]
    if not isinstance(route, APIRoute):
        return []
    operation = request.app.openapi()["paths"][route.path][request.method.lower()]
    return [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
