"""Answers of dashboards in the form of the real ones, with words of our own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from domain.service import Dashboard, Service

NOON = datetime(2025, 6, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

Json = dict[str, object]


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + minutes * MINUTE


def body_of(payload: object) -> bytes:
    return json.dumps(payload).encode()


def service(id_: str, kind: str, url: str, component: str | None = None) -> Service:
    return Service(id_, id_.title(), "vendor", "cloud", dashboard=Dashboard(kind, url, component))


# --- Apple: https://www.apple.com/support/systemstatus/ ---


def apple_event(
    start: datetime, end: datetime | None = None, *, over: bool | None = None, **fields: object
) -> Json:
    """One event; it is over if it has an end, unless ``over`` says otherwise."""
    is_over = end is not None if over is None else over
    return {
        "usersAffected": "Some users are affected",
        "epochStartDate": int(start.timestamp() * 1000),
        "epochEndDate": None if end is None else int(end.timestamp() * 1000),
        "messageId": "1000000001",
        "statusType": "Outage",
        "datePosted": "06/20/2025 06:30 PDT",
        "startDate": "06/20/2025 05:00 PDT",
        "endDate": None,
        "affectedServices": None,
        "eventStatus": "resolved" if is_over else "ongoing",
        "message": "Messages may be delayed.",
        **fields,
    }


def apple_feed(events: Mapping[str, Iterable[Json]] | None = None) -> Json:
    """A feed of some services, all of them well but for these events."""
    names = ["App Store", "FaceTime", "iCloud Account &amp; Sign In", "iMessage", "Siri"]
    told = dict.fromkeys(names, ()) | dict(events or {})
    return {
        "drpost": False,
        "drMessage": None,
        "services": [
            {"redirectUrl": None, "serviceName": name, "events": list(found)} for name, found in told.items()
        ],
    }


# --- Statuspage: https://www.githubstatus.com/api/v2/... ---


def component(name: str, status: str = "operational", **fields: object) -> Json:
    return {
        "id": f"id-{name}",
        "name": name,
        "status": status,
        "created_at": "2020-01-01T00:00:00.000Z",
        "updated_at": "2025-06-20T12:00:00.000Z",
        "position": 1,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": "page1",
        "group": False,
        "only_show_if_degraded": False,
        **fields,
    }


def incident(
    name: str = "Builds are slow",
    status: str = "investigating",
    *,
    start: datetime = NOON,
    end: datetime | None = None,
    components: Iterable[str] = ("Builds",),
    updates: Iterable[str] = ("We are looking into it.",),
    group: str | None = None,
    **fields: object,
) -> Json:
    """One incident; ``updates`` the newest first, as the page gives them."""
    names = list(components)
    told = list(updates)
    return {
        "id": "inc1",
        "name": name,
        "status": status,
        "created_at": start.isoformat(),
        "updated_at": (end or start).isoformat(),
        "monitoring_at": None,
        "resolved_at": None if end is None else end.isoformat(),
        "impact": "minor",
        "shortlink": "https://stspg.io/abc",
        "started_at": start.isoformat(),
        "page_id": "page1",
        "incident_updates": [
            {
                "id": f"update{number}",
                "status": status,
                "body": body,
                "incident_id": "inc1",
                "created_at": (start - number * MINUTE + HOUR).isoformat(),
                "updated_at": (start - number * MINUTE + HOUR).isoformat(),
                "display_at": (start - number * MINUTE + HOUR).isoformat(),
                "affected_components": [
                    {
                        "code": f"id-{one}",
                        "name": f"{group} - {one}" if group else one,
                        "old_status": "operational",
                        "new_status": "partial_outage",
                    }
                    for one in names
                ],
                "deliver_notifications": True,
                "custom_tweet": None,
                "tweet_id": None,
            }
            for number, body in enumerate(told)
        ],
        "components": [component(one, "partial_outage") for one in names],
        **fields,
    }


def work(status: str = "in_progress", *, start: datetime = NOON, **fields: object) -> Json:
    """A scheduled maintenance; its page calls the moment of its announcement its start."""
    return incident(
        "New disks",
        status,
        start=start - 48 * HOUR,
        **{
            "id": "work1",
            "impact": "maintenance",
            "scheduled_for": start.isoformat(),
            "scheduled_until": (start + 2 * HOUR).isoformat(),
            **fields,
        },
    )


def statuspage_page() -> Json:
    return {"id": "page1", "name": "Acme", "url": "https://status.acme.example", "time_zone": "Etc/UTC"}


def statuspage_summary(
    incidents: Iterable[Json] | None = (),
    works: Iterable[Json] | None = (),
    components: Iterable[Json] | None = None,
) -> Json:
    return {
        "page": statuspage_page(),
        "status": {"indicator": "none", "description": "All Systems Operational"},
        "components": [component("Builds"), component("Pages")] if components is None else list(components),
        "incidents": None if incidents is None else list(incidents),
        "scheduled_maintenances": None if works is None else list(works),
    }


def statuspage_incidents(*incidents: Json) -> Json:
    return {"page": statuspage_page(), "incidents": list(incidents)}


# --- Slack: https://slack-status.com/api/v2.0.0/... ---


def slack_incident(status: str = "active", **fields: object) -> Json:
    return {
        "id": 546,
        "date_created": "2025-06-20T05:00:00-07:00",
        "date_updated": "2025-06-20T05:30:00-07:00",
        "title": "Some messages do not arrive",
        "type": "incident",
        "status": status,
        "url": "https://slack-status.com/2025-06/7dea1cd14cd0f657",
        "services": ["Messaging", "Notifications"],
        "notes": [
            {"date_created": "2025-06-20T05:30:00-07:00", "body": "<p>We&#39;ve found the cause.</p>"},
            {"date_created": "2025-06-20T05:05:00-07:00", "body": "We are looking."},
        ],
        **fields,
    }


def slack_current(*incidents: Json) -> Json:
    return {
        "status": "active" if incidents else "ok",
        "date_created": "2025-06-20T05:00:00-07:00",
        "date_updated": "2025-06-20T05:30:00-07:00",
        "active_incidents": list(incidents),
    }


# --- Google: https://status.cloud.google.com/incidents.json, and that of Workspace ---


def google_incident(end: datetime | None = None, **fields: object) -> Json:
    status = "SERVICE_DISRUPTION" if end is None else "AVAILABLE"
    update = {
        "created": "2025-06-20T12:20:00+00:00",
        "modified": "2025-06-20T12:20:00+00:00",
        "when": "2025-06-20T12:20:00+00:00",
        "text": "**Title:**\nMail is late\n\n# Description\nWe see delays &amp; work on them.",
        "status": status,
        "affected_locations": [],
    }
    return {
        "id": "goog1",
        "number": "935382320540552",
        "begin": "2025-06-20T12:00:00+00:00",
        "created": "2025-06-20T12:20:00+00:00",
        "end": None if end is None else end.isoformat(),
        "modified": "2025-06-20T12:20:00+00:00",
        "external_desc": "Mail is late",
        "updates": [update],
        "most_recent_update": update,
        "status_impact": "SERVICE_DISRUPTION",
        "severity": "medium",
        "service_key": "key1",
        "service_name": "Multiple Products",
        "affected_products": [{"title": "Gmail", "id": "key1"}, {"title": "Google Chat", "id": "key2"}],
        "uri": "incidents/goog1",
        **fields,
    }
