"""The rules of X's stream, and the queries of its search, that find every service of the catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from domain.service import Service
from ingest.sources.x.names import clauses_of

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

    Services that matter come first, in their order, and the surest names of each; when not all fit, the last
    are left out.
    """
    ranked = sorted(services, key=lambda one: matter.index(one.id) if one.id in matter else len(matter))
    first = _Packing(most, longest)
    for one in ranked:
        if one.id in matter:
            first.hold(one)
    others = _Packing(most - len(first.rules), longest)
    for one in ranked:
        if one.id not in matter:
            others.hold(one)
    left_out = [*first.too_long, *others.too_long]
    if unfit := [*first.unfit, *others.unfit]:
        left_out.append(
            f"{most:,} rules of {longest:,} characters do not hold all names of {', '.join(unfit)}"
        )
    return Rules(_tagged(first.rules, "first"), _tagged(others.rules, "others"), tuple(left_out))


class _Packing:
    """Clauses joined to as few rules as possible, and what could not be."""

    def __init__(self, most: int, longest: int) -> None:
        self.rules: list[list[str]] = []
        self.unfit: list[str] = []
        self.too_long: list[str] = []
        self._most = most
        self._longest = longest - len(_AROUND.format(""))
        self._room = 0  # characters left in the last rule
        self._held: set[str] = set()

    def hold(self, service: Service) -> None:
        """Add what finds a service, as far as it fits."""
        clauses, longer = clauses_of(service, self._longest)
        self.too_long += [
            f"no rule is long enough for {clause}, a name of {service.name}" for clause in longer
        ]
        fits = [self._add(clause) for clause in clauses if clause not in self._held]
        if not all(fits):
            self.unfit.append(service.name)

    def _add(self, clause: str) -> bool:
        if self.rules and len(_OR) + len(clause) <= self._room:
            self._room -= len(_OR) + len(clause)
        elif len(self.rules) < self._most:
            self.rules.append([])
            self._room = self._longest - len(clause)
        else:
            return False
        self.rules[-1].append(clause)
        self._held.add(clause)
        return True


def _tagged(rules: Iterable[Sequence[str]], group: str) -> tuple[Rule, ...]:
    values = [_AROUND.format(_OR.join(clauses)) for clauses in rules]
    return tuple(Rule(value, f"{OURS}{group}:{_digest(value)}") for value in values)


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:16]
