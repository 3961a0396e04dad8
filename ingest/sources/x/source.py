"""X (Twitter): its filtered stream, or its search."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import ClassVar

from ingest.options import Options
from ingest.source import Source, Surroundings
from ingest.sources.x.listening import Listening
from ingest.sources.x.options import XOptions
from ingest.sources.x.plan import Plan
from ingest.sources.x.polling import Polling

log = logging.getLogger(__name__)


class X:
    """Sources that read X, which is paid for post by post."""

    Options: ClassVar[type[Options]] = XOptions
    about: ClassVar[str] = "Posts on X that name a service of the catalogue, for half a US cent each."
    needs: ClassVar[str | None] = "X_BEARER_TOKEN"

    @classmethod
    def configured(cls, options: XOptions, around: Surroundings) -> Sequence[Source]:
        """The one reader of X, if there is a token. Raises ``ValueError`` for services that are unknown."""
        if options.bearer_token is None or not options.bearer_token.get_secret_value():
            return []
        plan = Plan.of(options, around.services)
        if options.mode == "search":
            for why in plan.queries.left_out:
                log.warning("x: %s", why)
            return [Polling(options, around, plan)]
        for why in plan.rules.left_out:
            log.warning("x: %s", why)
        return [Listening(options, around, plan)]
