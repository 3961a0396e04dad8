"""Every kind of source and of dashboard. A new one is one file, and one line here."""

from __future__ import annotations

from ingest.dashboard import DashboardKind
from ingest.dashboards.apple import Apple
from ingest.dashboards.google import Google
from ingest.dashboards.slack import Slack
from ingest.dashboards.statuspage import Statuspage
from ingest.source import SourceKind
from ingest.sources.bluesky.source import Bluesky
from ingest.sources.folder.source import Folder
from ingest.sources.mastodon.source import Mastodon
from ingest.sources.x.source import X

SOURCES: dict[str, type[SourceKind]] = {
    "bluesky": Bluesky,
    "folder": Folder,
    "mastodon": Mastodon,
    "x": X,
}

DASHBOARDS: dict[str, DashboardKind] = {
    "apple": Apple(),
    "google": Google(),
    "slack": Slack(),
    "statuspage": Statuspage(),
}
