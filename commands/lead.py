"""``groundswell lead``: who was first with each outage, by how much, and what we missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from commands.telling import quoted
from domain.lead_record import QUANTILES, Bin, Figures, LeadRecord, Miss

_WIDEST_BAR, _NAME_WIDTH, _SAID_WIDTH = 40, 22, 62  # columns
_UNDER_TIMES = " " * 17
_LONGEST_EVENT = 500  # characters: a label needs the whole of it
_MOST_MISSES = 10
_COUNTS = {  # what a person reads for each count
    "us": "first heard by us",
    "them": "first told by them",
    "never_admitted": "never admitted",
    "pending": "not admitted yet",
    "unwatched": "no dashboard watched",
    "missed": "missed by us",
}


def lead_json(record: LeadRecord, run: str) -> str:
    """The record as one JSON object."""
    told = {
        "run": run,
        "total": _plain(record.total),
        "by_service": {name: _plain(figures) for name, figures in record.by_service.items()},
        "by_vendor": {name: _plain(figures) for name, figures in record.by_vendor.items()},
        "misses": [_plain_miss(miss) for miss in record.misses],
    }
    return msgspec.json.encode(told).decode()


def lead_report(record: LeadRecord, run: str, names: Mapping[str, str]) -> Group:
    """The record for a person, narrow enough for 80 columns. ``names`` are those of services."""
    parts: list[RenderableType] = [*_heading(record.total, run)]
    if record.total.leads:
        parts += ["", _middle(record.total), "", _indented(_histogram(record.total.histogram))]
    if record.by_service:
        vendors = {vendor: names.get(vendor, vendor.capitalize()) for vendor in record.by_vendor}
        parts += ["", _indented(_table("service", record.by_service, names))]
        parts += ["", _indented(_table("vendor", record.by_vendor, vendors))]
    if record.misses:
        parts += ["", *_missed(record.misses, names)]
    return Group(*parts)


def _heading(total: Figures, run: str) -> Iterator[RenderableType]:
    of = "1 incident" if total.incidents == 1 else f"{total.incidents:,} incidents"
    yield Text(f"The lead in run {run}: {of}", "bold")
    for field, words in _COUNTS.items():
        yield Text(f"{getattr(total, field):>7,}  {words}")


def _middle(total: Figures) -> Text:
    low, high = (total.quantile(QUANTILES[name]) for name in ("p25", "p75"))
    return Text.assemble(
        ("  lead  ", "dim"),
        (f"median {_minutes(total.median)}", "bold"),
        f", half of them from {_minutes(low)} to {_minutes(high)}",
    )


def _histogram(bins: Sequence[Bin]) -> Table:
    table = _plain_table("minutes")
    table.add_column("incidents")
    for one in bins:
        width = round(_WIDEST_BAR * one.count / max(_WIDEST_BAR, *(other.count for other in bins)))
        ours = one.start is not None and one.start >= 0
        table.add_row(
            _bounds(one), Text.assemble(("█" * width, "green" if ours else "yellow"), f" {one.count}")
        )
    return table


def _table(of: str, groups: Mapping[str, Figures], names: Mapping[str, str]) -> Table:
    table = _plain_table(of)
    for heading in ("us", "them", "never", "not yet", "no board", "missed", "median"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, figures in groups.items():
        counts = (str(getattr(figures, field) or "·") for field in _COUNTS)
        table.add_row(names.get(name, name), *counts, _minutes(figures.median))
    return table


def _plain_table(first: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    table.add_column(first, no_wrap=True, overflow="ellipsis", max_width=_NAME_WIDTH)
    return table


def _indented(table: Table) -> Padding:
    return Padding(table, (0, 0, 0, 2))


def _missed(misses: Sequence[Miss], names: Mapping[str, str]) -> Iterator[Text]:
    """The latest of what was missed, each with the name under which a label may speak of it."""
    yield Text("  missed", "dim")
    for miss in misses[-_MOST_MISSES:]:
        event = miss.event
        said = next((one.text for one in event.statements if one.text), "")
        yield Text.assemble(
            (f"  {event.began_at:%d %b %H:%M}Z  ", "dim"),
            (names.get(event.service, event.service), "bold"),
            ("  a person says: no outage" if miss.excused else "", "dim"),
        )
        yield Text(_UNDER_TIMES + quoted(said, _SAID_WIDTH))
        yield Text(_UNDER_TIMES + quoted(event.name, _LONGEST_EVENT), "dim")
    if len(misses) > _MOST_MISSES:
        yield Text(f"  and {len(misses) - _MOST_MISSES:,} before them; --json tells all", "dim")


def _bounds(one: Bin) -> str:
    if one.start is None:
        return f"up to {one.end}"
    return f"above {one.start}" if one.end is None else f"{one.start} to {one.end}"


def _minutes(lead: float | None) -> str:
    return "" if lead is None else f"{int(lead):+d} min"


def _plain(figures: Figures) -> dict[str, object]:
    return {
        "incidents": figures.incidents,
        **{field: getattr(figures, field) for field in _COUNTS},
        "median_minutes": figures.median,
        "quantiles": figures.quantiles,
        "histogram": [
            {"above_minutes": one.start, "up_to_minutes": one.end, "count": one.count}
            for one in figures.histogram
        ],
    }


def _plain_miss(miss: Miss) -> dict[str, object]:
    event = miss.event
    return {
        "event": event.name,
        "service": event.service,
        "state": event.state,
        "first_seen_at": event.first_seen_at,
        "claimed_at": event.claimed_at,
        "claimed_end_at": event.claimed_end_at,
        "after_the_fact": event.after_the_fact,
        "missed": not miss.excused,
        "history": event.statements,
    }
