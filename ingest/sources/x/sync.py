"""The rules of X's stream, kept in step with what we want to hear."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TypeVar

from ingest.source import SourceRefused
from ingest.sources.x.client import Client, Fault
from ingest.sources.x.rules import OURS, Rule

log = logging.getLogger(__name__)

_AT_ONCE = 100  # rules in one request; X allows a hundred requests in 15 minutes
_DUPLICATE = "DuplicateRule"

_Some = TypeVar("_Some")


def keep_in_step(client: Client, wanted: Sequence[Rule], most: int) -> None:
    """Let X have these rules and no others of ours; what belongs to others stays as it is.

    ``wanted`` has the more important rules first, for not all may fit beside those of others. Raises
    ``SourceRefused`` when X takes none.
    """
    known = client.rules()
    ours = [rule for rule in known if (rule.tag or "").startswith(OURS)]
    wanted = _beside_others(wanted, most - len(known) + len(ours))
    values = {rule.value for rule in wanted}
    old = [rule.id for rule in ours if rule.value not in values]
    there = {rule.value for rule in known}
    new = [rule for rule in wanted if rule.value not in there]
    if len(known) + len(new) > most:
        _delete(client, old)
        faults = _add(client, new)
    else:  # nothing is unheard in between
        faults = _add(client, new)
        _delete(client, old)
    if faults and len(faults) == len(wanted):
        raise SourceRefused(
            f"X takes none of the rules: {_why(faults[0])}; lower GROUNDSWELL_X_LONGEST_RULE if it is about "
            "their length"
        )


def _beside_others(wanted: Sequence[Rule], room: int) -> Sequence[Rule]:
    if wanted and room <= 0:
        raise SourceRefused(
            "all the rules that GROUNDSWELL_X_MOST_RULES allows belong to other programs with this token; "
            "delete some of them, or give Groundswell an app of its own"
        )
    if len(wanted) > room:
        log.warning("%d of our %d rules find no room beside those of others", len(wanted) - room, len(wanted))
    return wanted[:room]


def _add(client: Client, rules: Sequence[Rule]) -> list[Fault]:
    """Add rules; those that X does not take are told, and the others added without them."""
    faults: list[Fault] = []
    for some in _parts(rules):
        while some:
            added = client.add(some)
            faults += [fault for fault in added.errors if fault.title != _DUPLICATE]
            # One bad rule may keep X from taking the others of its request.
            settled = {rule.value for rule in added.data} | {fault.value for fault in added.errors}
            rest = [rule for rule in some if rule.value not in settled]
            some = rest if added.errors and len(rest) < len(some) else []
    for fault in faults:
        log.error("X does not take the rule %s: %s", fault.value[:200], _why(fault))
    return faults


def _delete(client: Client, ids: Sequence[str]) -> None:
    for some in _parts(ids):
        client.delete(some)


def _parts(things: Sequence[_Some]) -> Iterator[Sequence[_Some]]:
    return (things[start : start + _AT_ONCE] for start in range(0, len(things), _AT_ONCE))


def _why(fault: Fault) -> str:
    return "; ".join(fault.details) or fault.detail or fault.title or "it does not say why"
