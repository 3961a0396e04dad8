"""Every kind of source and of dashboard. A new one is one file, and one line here."""

from __future__ import annotations

from ingest.dashboard import DashboardKind
from ingest.source import SourceKind

SOURCES: dict[str, type[SourceKind]] = {}

DASHBOARDS: dict[str, DashboardKind] = {}
