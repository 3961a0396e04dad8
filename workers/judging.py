"""From a person's verdict to what it changes."""

from __future__ import annotations

from collections.abc import Mapping

from detector.decisions import dismissed
from domain.incident import Incident
from domain.label import Label, Verdict
from storage.interfaces import Stores
from workers.announcing import deliveries_of


def judge(label: Label, stores: Stores, names: Mapping[str, str]) -> Incident | None:
    """Keep a verdict, and give its incident back: "not an outage" dismisses one that is still open.

    ``None`` for the verdict on a post, or on an incident that nobody knows.
    """
    stores.labels.add(label)
    while label.incident is not None and (incident := stores.incidents.get(label.incident)):
        if label.verdict is not Verdict.NOT_AN_OUTAGE or not incident.state.is_open:
            return incident
        change = dismissed(incident, label.at)
        run = stores.runs.get(incident.run)
        deliveries = deliveries_of(
            change,
            stores.incidents.evidence(incident.id),
            stores.deliveries.endpoints(),
            run_note=run.note if run else "",
            names=names,
            now=label.at,
        )
        if stores.incidents.change(change, deliveries):
            return change.incident
        # A worker changed it meanwhile: decide again from what it is now.
    return None
