"""The API's documentation as a page of our own: it loads nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.page import render

router = APIRouter(include_in_schema=False)

# OpenAPI's own shape is a free one, hence Any throughout this file.
Schema = dict[str, Any]

WORDS = {"date-time": "time", "string": "text", "integer": "whole number"}


@dataclass(frozen=True)
class Field:
    """A parameter, or a field of a body or of an answer."""

    name: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True)
class Operation:
    """One thing that the API does."""

    method: str
    path: str
    anchor: str
    tag: str
    description: str
    needs_key: bool
    parameters: list[Field]
    body: list[Field]
    example: str | None
    answers: list[tuple[str, str]]
    fields: list[Field]


@router.get("/docs")
def show_documentation(request: Request) -> HTMLResponse:
    """Every path of the API, from the same description that programs get at /openapi.json."""
    described: Schema = request.app.openapi()
    operations = list(_operations(described))
    return render(
        "docs.html",
        about=described["info"]["description"],
        tags=[(tag, [one for one in operations if one.tag == tag["name"]]) for tag in described["tags"]],
    )


def _operations(described: Schema) -> Iterator[Operation]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield _operation(method, path, operation, described["components"]["schemas"])


def _operation(method: str, path: str, operation: Schema, schemas: Schema) -> Operation:
    body: Schema = next(iter(operation.get("requestBody", {}).get("content", {}).values()), {})
    good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    content: Schema = next(iter(good.get("content", {}).values()), {})
    return Operation(
        method=method.upper(),
        path=path,
        anchor=operation["operationId"],
        tag=operation["tags"][0],
        description=operation.get("description", ""),
        needs_key=bool(operation.get("security")),
        parameters=[_parameter(one, schemas) for one in operation.get("parameters", [])],
        body=_fields(body.get("schema", {}), schemas),
        example=body.get("example"),
        answers=[(status, answer["description"]) for status, answer in operation["responses"].items()],
        fields=_fields(content.get("schema", {}), schemas),
    )


def _parameter(parameter: Schema, schemas: Schema) -> Field:
    schema = parameter["schema"]
    text = parameter.get("description", "")
    if schema.get("default") is not None:
        text = f"{text} Default: {schema['default']}.".strip()
    return Field(parameter["name"], _type(schema, schemas), parameter["required"], text)


def _fields(schema: Schema, schemas: Schema) -> list[Field]:
    """The fields of an object, those of the objects in it after theirs, under a dotted name."""
    known = _resolved(schema, schemas)
    required = known.get("required", [])
    found = []
    for name, one in known.get("properties", {}).items():
        found.append(Field(name, _type(one, schemas), name in required, one.get("description", "")))
        inner = one.get("items", one)
        for variant in inner.get("oneOf", [inner]):
            found += [
                Field(f"{name}.{field.name}", field.type, field.required, field.description)
                for field in _fields(variant, schemas)
            ]
    return found


def _type(schema: Schema, schemas: Schema) -> str:
    """A type in a few words."""
    if "anyOf" in schema:
        return " or ".join(_type(one, schemas) for one in schema["anyOf"])
    known = _resolved(schema, schemas)
    if "enum" in known:
        return ", ".join(f"“{value}”" for value in known["enum"])
    if "const" in known:
        return f"“{known['const']}”"
    if known.get("type") == "array":
        return "list of objects" if "oneOf" in known["items"] else f"list of {_type(known['items'], schemas)}"
    name: str = known.get("format") or known.get("type") or "any"
    return WORDS.get(name, name)


def _resolved(schema: Schema, schemas: Schema) -> Schema:
    if "$ref" in schema:
        resolved: Schema = schemas[schema["$ref"].rpartition("/")[2]]
        return resolved
    return schema
