"""Names in scripts without spaces ("iMessageが送れない"), where they end amid what looks like one word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

from domain.service import Service
from models.folding import goes_on

_NEVER = re.compile(r"(?!)")


class RunOnNames:
    """Masks the names that a text masked by words still shows."""

    def __init__(self, services: Iterable[Service] = ()) -> None:
        self._services = {service.id: service for service in services}
        self._patterns: dict[str, re.Pattern[str]] = {}

    def mask(self, masked: str, service: str, others: Iterable[str]) -> str:
        """A masked text, in which names in the midst of other signs are masked as well.

        >>> slack = Service("slack", "Slack", "slack", "messaging")
        >>> RunOnNames([slack]).mask("slackが落ちた", "slack", ())
        'xsvcが落ちた'
        """
        masked = self._of(service).sub(partial(_marked, "xsvc"), masked)
        for other in others:
            masked = self._of(other).sub(partial(_marked, "xother"), masked)
        return masked

    def _of(self, service: str) -> re.Pattern[str]:
        found = self._patterns.get(service)
        if found is None:
            found = self._patterns[service] = _any_of(self._services.get(service))
        return found


def _any_of(service: Service | None) -> re.Pattern[str]:
    if service is None:
        return _NEVER
    names = {service.name.lower(), *service.aliases, *(needy.word for needy in service.needs_company)}
    return re.compile("|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name)))))


def _marked(mark: str, name: re.Match[str]) -> str:
    text, start, end = name.string, name.start(), name.end()
    if (start and goes_on(text[start - 1])) or (end < len(text) and goes_on(text[end])):
        return name.group()
    return mark
