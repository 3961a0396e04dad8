"""Every error as application/problem+json (RFC 9457), so that a program and a person can both read it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from domain.busy import Busy

MEDIA_TYPE = "application/problem+json"

log = logging.getLogger(__name__)


class FieldError(BaseModel):
    """One thing wrong with a request, and where."""

    field: str = Field(
        examples=["limit"], description="Where: a parameter, or the path to a field of the body."
    )
    why: str = Field(examples=["Input should be less than or equal to 200"])


class Problem(BaseModel):
    """What went wrong, and what you can do about it."""

    type: str = Field("about:blank", description="Always `about:blank`: the status says which kind it is.")
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["limit: Input should be less than or equal to 200"])
    instance: str = Field(examples=["/v1/incidents"], description="The path that was asked for.")
    errors: list[FieldError] = Field(
        default=[], description="Each fault of the request, where there are several."
    )


class Refusal(HTTPException):
    """An answer of the API that is a problem; ``extra`` adds members to it."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: list[FieldError] | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(status, detail, headers)
        self.errors = errors or []
        self.extra = extra or {}


def not_found(what: str) -> Refusal:
    return Refusal(HTTPStatus.NOT_FOUND, what)


def not_now(busy: Busy) -> Refusal:
    return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, busy.why, headers={"Retry-After": str(busy.retry_after)})


def bad_field(field: str, why: str) -> Refusal:
    return Refusal(
        HTTPStatus.UNPROCESSABLE_ENTITY, f"{field}: {why}", errors=[FieldError(field=field, why=why)]
    )


# OpenAPI's own shape is a free one, hence Any.
def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The problems a route may answer with, as FastAPI's ``responses`` wants them.

    An unfit request is one of them everywhere; left out here, FastAPI would describe an answer of its own.
    """
    return {
        status.value: {
            "description": status.phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in (*statuses, HTTPStatus.UNPROCESSABLE_ENTITY)
    }


def schemas() -> dict[str, Any]:
    """The shape of a problem, for the OpenAPI's components."""
    described = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**described.pop("$defs"), "Problem": described}


def install(app: FastAPI) -> None:
    """Make every error of ``app`` a problem."""
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(Exception, _on_bug)


def _answer(
    request: Request,
    status: int,
    detail: str,
    *,
    errors: list[FieldError] | None = None,
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, object] | None = None,
) -> JSONResponse:
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=request.url.path,
        errors=errors or [],
    )
    body = problem.model_dump(exclude_defaults=False) | dict(extra or {})
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def _on_http_error(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, Refusal):
        return _answer(
            request,
            error.status_code,
            error.detail,
            errors=error.errors,
            headers=error.headers,
            extra=error.extra,
        )
    if isinstance(error, HTTPException):
        return _answer(request, error.status_code, error.detail, headers=error.headers)
    raise error


def _on_invalid_request(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [FieldError(field=_place(fault["loc"]), why=fault["msg"]) for fault in error.errors()]
    detail = "; ".join(f"{fault.field}: {fault.why}" for fault in errors)
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)


def _place(loc: tuple[int | str, ...]) -> str:
    """Where a fault is, without FastAPI's "query" or "body" before it.

    >>> _place(("query", "limit")), _place(("body", "services", 0)), _place(("body",))
    ('limit', 'services.0', 'body')
    """
    return ".".join(str(part) for part in loc[1:]) or str(loc[0])


def _on_bug(request: Request, error: Exception) -> JSONResponse:
    """Starlette raises ``error`` again after this answer, so that the server logs its traceback."""
    log.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__)
    return _answer(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "This is a fault of Groundswell's, not of your request. Its log has the details.",
    )
