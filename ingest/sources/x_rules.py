"""The rules of X's filtered stream, and the queries of its search, that find every service of the catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from domain.service import Service
from ingest.sources.x_names import clauses_of

OURS = "groundswell:"  # how our tags begin: a rule with another tag, or none, belongs to somebody else
_AROUND = "({}) -is:retweet"  # a repost is paid for like a post, and is nobody's own complaint
_OR = " OR "


class Rule(msgspec.Struct, frozen=True):
    """One rule, and its tag: ours, whether its services matter, and a digest of the rule itself."""

    value: str
    tag: str


class Rules(msgspec.Struct, frozen=True):
    """The rules of the services that matter and of all the others; and, in sentences, what did not fit."""

    first: tuple[Rule, ...]
    others: tuple[Rule, ...]
    left_out: tuple[str, ...] = ()

    def wanted(self, *, only_first: bool) -> tuple[Rule, ...]:
        """The rules to read by, those that matter before the others."""
        return self.first if only_first else self.first + self.others


def rules_of(services: Iterable[Service], matter: Sequence[str], most: int, longest: int) -> Rules:
    """At most ``most`` rules of at most ``longest`` characters, which find every post that names a service.

    Services that matter come first, in their order, and when not all fit, the last are left out as a whole.
    """
    ranked = sorted(services, key=lambda one: matter.index(one.id) if one.id in matter else len(matter))
    left_out: list[str] = []
    first = _Packing(most, longest)
    unfit = [one.name for one in ranked if one.id in matter and not first.hold(one, left_out)]
    others = _Packing(most - len(first.rules), longest)
    unfit += [one.name for one in ranked if one.id not in matter and not others.hold(one, left_out)]
    if unfit:
        left_out.append(f"{most:,} rules of {longest:,} characters do not hold {', '.join(unfit)}")
    return Rules(_tagged(first.rules, "first"), _tagged(others.rules, "others"), tuple(left_out))


class _Packing:
    """Clauses joined to as few rules as possible."""

    def __init__(self, most: int, longest: int) -> None:
        self.rules: list[list[str]] = []
        self._most = most
        self._longest = longest - len(_AROUND.format(""))
        self._held: set[str] = set()

    def hold(self, service: Service, too_long: list[str]) -> bool:
        """Add what finds a service, or nothing if it does not fit; names no rule can hold are told."""
        clauses, longer = clauses_of(service, self._longest)
        rules = [list(rule) for rule in self.rules[-1:]]
        for clause in clauses:
            if clause in self._held:
                continue
            if not rules or len(_OR.join([*rules[-1], clause])) > self._longest:
                rules.append([])
            rules[-1].append(clause)
        if len(self.rules[:-1]) + len(rules) > self._most:
            return False
        self.rules[-1:] = rules
        self._held.update(clauses)
        too_long += [
            f"no rule is long enough for {clause}, by which {service.name} is known" for clause in longer
        ]
        return True


def _tagged(rules: Iterable[Sequence[str]], group: str) -> tuple[Rule, ...]:
    values = [_AROUND.format(_OR.join(clauses)) for clauses in rules]
    return tuple(Rule(value, f"{OURS}{group}:{_digest(value)}") for value in values)


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:16]
