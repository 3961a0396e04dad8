"""Metrics in the text format of Prometheus.

The figures lie in Redis and SQL, where every process puts them, so they are gathered at each request: what
one process of the API counted by itself would be a part of the truth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from api.house import House, Now, TheHouse
from api.runs import closed_until
from domain.busy import Busy
from domain.drift import Drift
from domain.run import LIVE
from domain.source import SourceState, SourceStatus

router = APIRouter(tags=["health"])


@router.get("/metrics", response_class=Response)
def show_metrics(house: TheHouse, now: Now) -> Response:
    """Sources, detection, open incidents and the classifier's drift in the live run, for Prometheus."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gathered(list(_metrics(house, now))))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Gathered(Collector):
    """Metrics that were gathered before."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _metrics(house: House, now: datetime) -> Iterator[Metric]:
    for part, fault in house.readiness().items():
        name = f"groundswell_{part}_up"
        yield GaugeMetricFamily(name, f"Whether the part {part} is well.", value=float(fault is None))
    yield from _of_detection(house, now)
    try:
        statuses, drift = house.hearing(), house.drift()
    except Busy:
        return  # without Redis nothing is known of sources and verdicts; groundswell_redis_up says so
    yield from _of_sources(statuses, now)
    if drift is not None:
        yield from _of_drift(drift)


def _of_detection(house: House, now: datetime) -> Iterator[Metric]:
    closed = closed_until(house, LIVE)
    if closed is not None:
        behind = (now - closed).total_seconds()
        text = "From the end of the last closed minute to now."
        yield GaugeMetricFamily("groundswell_detection_lag_seconds", text, value=behind)
    incidents = GaugeMetricFamily(
        "groundswell_open_incidents", "Open incidents of the live run.", labels=["service", "severity"]
    )
    for incident in house.stores.incidents.open_in(LIVE):
        incidents.add_metric([incident.service, incident.severity], 1.0)
    yield incidents


def _of_drift(drift: Drift) -> Iterator[Metric]:
    psi = GaugeMetricFamily(
        "groundswell_drift_psi",
        "Population stability index of the last day's verdicts against the training's; above 0.25 drifted.",
        labels=["of", "version"],
    )
    shares = GaugeMetricFamily(
        "groundswell_verdict_share",
        "Share of the last day's verdicts; trained: of those on posts held out in the training.",
        labels=["of", "name", "when"],
    )
    for of, shift in (("kinds", drift.kinds), ("scores", drift.scores)):
        if shift.psi is not None:
            psi.add_metric([of, drift.version], shift.psi)
        for when, values in (("now", shift.now), ("trained", shift.trained)):
            for name, share in zip(shift.names, values, strict=False):  # a card may tell of no training
                shares.add_metric([of, name, when], share)
    yield GaugeMetricFamily(
        "groundswell_verdicts", "Verdicts of the active classifier in the last day.", value=drift.verdicts
    )
    yield from (psi, shares)


def _of_sources(statuses: Iterable[SourceStatus], now: datetime) -> Iterator[Metric]:
    counters = {
        name: CounterMetricFamily(f"groundswell_source_{name}", text, labels=["source"])
        for name, text in (
            ("posts", "Posts read."),
            ("mentions", "Posts read that name a service."),
            ("errors", "Failures of the source or of its reader."),
            ("unreadable", "Messages that could not be understood."),
        )
    }
    lag = GaugeMetricFamily(
        "groundswell_source_lag_seconds", "How far behind the present it is heard.", labels=["source"]
    )
    blind = GaugeMetricFamily(
        "groundswell_source_blind", "Whether its silence means nothing just now.", labels=["source"]
    )
    state = GaugeMetricFamily(
        "groundswell_source_state", "1 for the state it is in.", labels=["source", "state"]
    )
    for status in statuses:
        for name, counter in counters.items():
            counter.add_metric([status.name], getattr(status, name))
        if (behind := status.lag(now)) is not None:
            lag.add_metric([status.name], behind.total_seconds())
        blind.add_metric([status.name], float(status.is_blind(now)))
        for one in SourceState:
            state.add_metric([status.name, one.value], float(one is status.state))
    yield from (*counters.values(), lag, blind, state)
