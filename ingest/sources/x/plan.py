"""Whom to listen for on X: every service, or, once half of an allowance is spent, those that matter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from domain.service import Service
from ingest.sources.x.options import XOptions
from ingest.sources.x.rules import Rule, Rules, rules_of

_NO_END = 1_000_000  # of queries there may be as many as need be


class Plan(msgspec.Struct, frozen=True):
    """The rules and the queries of a catalogue, as the operator's plan at X allows them."""

    rules: Rules
    queries: Rules
    most_rules: int
    has_favourites: bool

    @classmethod
    def of(cls, options: XOptions, services: Iterable[Service]) -> Plan:
        """The plan for a catalogue. Raises ``ValueError`` for a service that matters and is not in it."""
        services = list(services)
        if unknown := set(options.services) - {service.id for service in services}:
            raise ValueError(
                f"GROUNDSWELL_X_SERVICES: the catalogue has no service {', '.join(sorted(unknown))}; "
                "data/services/ has the ids"
            )
        rules = rules_of(services, options.services, options.most_rules, options.longest_rule)
        queries = rules_of(services, options.services, _NO_END, options.longest_query)
        for group in (rules.first, queries.first) if options.services else (rules.others, queries.others):
            if not group:
                raise ValueError(
                    "GROUNDSWELL_X_LONGEST_RULE: the plan's rules or queries are too short for any name"
                )
        return cls(rules, queries, options.most_rules, has_favourites=bool(options.services))

    def wanted_rules(self, *, saving: bool) -> Sequence[Rule]:
        """The rules of the stream; fewer of them while the rest of an allowance is kept for what matters."""
        return self.rules.wanted(only_first=saving and self.has_favourites)

    def wanted_queries(self, *, saving: bool) -> Sequence[str]:
        """The queries of search, those that matter first."""
        return [rule.value for rule in self.queries.wanted(only_first=saving and self.has_favourites)]
