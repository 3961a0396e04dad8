"""Which pages are watched for the catalogue, and what of a page is about which service."""

from __future__ import annotations

import html
from collections.abc import Container, Iterable

import msgspec

from domain.service import Service
from ingest.dashboard import Reading


class OfficialPage(msgspec.Struct, frozen=True):
    """One official dashboard, and the services of the catalogue that it speaks of."""

    kind: str
    url: str
    services: tuple[Service, ...]


def pages_of(services: Iterable[Service], kinds: Container[str]) -> list[OfficialPage]:
    """The pages to watch, each once; those of no kind that can be read are left aside."""
    pages: dict[tuple[str, str], list[Service]] = {}
    for service in services:
        board = service.dashboard
        if board is not None and board.kind in kinds:
            pages.setdefault((board.kind, board.url.rstrip("/") + "/"), []).append(service)
    return [OfficialPage(kind, url, tuple(found)) for (kind, url), found in pages.items()]


def is_about(component: str | None, service: Service) -> bool:
    """Whether what a page says of a component concerns a service.

    A page that names no component speaks of all; a service that names none is hit by whatever fails there.
    """
    own = service.dashboard.component if service.dashboard else None
    return component is None or own is None or folded(component) == folded(own)


def said_of(service: Service, reading: Reading) -> Reading:
    """What of a reading concerns a service; a strange entry of no known component may concern it."""
    return Reading(
        tuple(claim for claim in reading.claims if is_about(claim.component, service)),
        tuple(out for out in reading.left_out if is_about(out.component, service)),
    )


def folded(name: str) -> str:
    """A component's name, so that two ways to write it are the same.

    >>> folded("iCloud Account &amp; Sign In ") == folded("icloud account & sign in")
    True
    """
    return " ".join(html.unescape(name).casefold().split())
