"""The page of the lead: who was first with each outage, and what we missed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from api.headlines import name_of
from api.house import House, Now, TheHouse
from api.page import missing, render
from api.runs import choose_run, now_in
from api.wording import count, span
from domain.label import Verdict
from domain.lead_record import Bin, Figures, Miss
from domain.notice import OfficialNotice
from domain.official import OfficialEvent
from workers.comparing import compare

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

COUNTS = {
    "us": "First heard by us",
    "them": "First told by them",
    "never_admitted": "Never admitted",
    "pending": "Not admitted yet",
    "unwatched": "No dashboard watched",
    "missed": "Missed by us",
}
COLUMNS = ("us", "them", "never", "not yet", "no dashboard", "missed")  # the same, in a word or two
VERDICTS = {Verdict.REAL: "it could be heard", Verdict.NOT_AN_OUTAGE: "it could not be heard"}
MOST_MISSES = 50
BAR_WIDTH, BAR_HEIGHT = 200, 14  # of the picture; the page stretches it


@dataclass(frozen=True)
class Row:
    """The figures of a service or of a vendor; ``median`` is the lead's, in words."""

    name: str
    counts: list[int]
    median: str


@dataclass(frozen=True)
class Bar:
    """One bin of the histogram."""

    label: str
    count: int
    drawn: Markup


@dataclass(frozen=True)
class Missed:
    """An official trouble that we did not hear, and what people say of that."""

    name: str
    event: OfficialEvent
    said: OfficialNotice
    verdicts: list[str]


@router.get("/lead")
def show_lead(house: TheHouse, now: Now, run: Annotated[str | None, Query()] = None) -> HTMLResponse:
    """The record of one run."""
    chosen = choose_run(house, run, now)
    if chosen is None:
        return missing(f"There is no run {run!r}.")
    record = compare(house.stores, chosen, tuple(house.catalogue), now, watched=house.watched)
    total = record.total
    return render(
        "lead.html",
        run=chosen,
        now=now_in(house, chosen, now),
        figures=[(words, getattr(total, count)) for count, words in COUNTS.items()],
        summary=_summary(total),
        bars=[_bar(one, total) for one in total.histogram] if total.leads else [],
        columns=COLUMNS,
        groups=[
            ("Service", _rows(record.by_service, partial(name_of, house))),
            ("Vendor", _rows(record.by_vendor, partial(vendor_of, house))),
        ],
        misses=[_missed(house, miss) for miss in record.misses[: -MOST_MISSES - 1 : -1]],
        more_misses=max(0, len(record.misses) - MOST_MISSES),
    )


def vendor_of(house: House, vendor: str) -> str:
    """What people call a vendor."""
    known = house.catalogue.services.get(vendor)
    return known.name if known else vendor.capitalize()


def _summary(total: Figures) -> str:
    if not total.leads:
        return "No outage was admitted yet that we raised."
    median = timedelta(minutes=total.median or 0)
    side = "before" if median > timedelta() else "after"
    return (
        f"We were first with {total.us} of {count(total.us + total.them, 'admitted outage')}; "
        f"in the median {span(median)} {side} the official word."
    )


def _bar(one: Bin, total: Figures) -> Bar:
    share = one.count / max(other.count for other in total.histogram)
    ours = one.start is not None and one.start >= 0
    drawn = Markup(
        '<svg class="bar-of {}" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{}" height="{}"/></svg>'
    ).format("ours" if ours else "theirs", BAR_WIDTH, BAR_HEIGHT, round(BAR_WIDTH * share, 1), BAR_HEIGHT)
    return Bar(_bounds(one), one.count, drawn)


def _bounds(one: Bin) -> str:
    if one.start is None:
        return f"{-(one.end or 0)} min and more after"
    if one.end is None:
        return f"more than {one.start} min before"
    if one.start < 0:
        return f"{-one.end} to {-one.start} min after"
    return f"{one.start} to {one.end} min before"


def _rows(groups: Mapping[str, Figures], name: Callable[[str], str]) -> list[Row]:
    return [
        Row(name(group), [getattr(figures, count) for count in COUNTS], _signed(figures.median))
        for group, figures in groups.items()
    ]


def _signed(median: float | None) -> str:
    return "" if median is None else f"{int(median):+d} min".replace("-", "\N{MINUS SIGN}")


def _missed(house: House, miss: Miss) -> Missed:
    event = miss.event
    said = next((one for one in event.statements if one.text), event.statements[0])
    labels = house.stores.labels.find(official=event.name)
    return Missed(
        name_of(house, event.service),
        event,
        said,
        [f"{label.by}: {VERDICTS.get(label.verdict, label.verdict)}" for label in labels],
    )
