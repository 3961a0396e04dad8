"""Everything that lasts, in one SQL database."""

from __future__ import annotations

from sqlalchemy import Engine

from storage.sql_deliveries import SqlDeliveries
from storage.sql_incidents import SqlIncidents
from storage.sql_keys import SqlKeys
from storage.sql_labels import SqlLabels
from storage.sql_models import SqlModels
from storage.sql_notices import SqlNotices
from storage.sql_retrainings import SqlRetrainings
from storage.sql_runs import SqlRuns
from storage.sql_sources import SqlSources


class SqlStores:
    """The stores over one engine of ``storage.database.open_database``, migrated."""

    def __init__(self, engine: Engine) -> None:
        self.runs = SqlRuns(engine)
        self.incidents = SqlIncidents(engine)
        self.notices = SqlNotices(engine)
        self.sources = SqlSources(engine)
        self.deliveries = SqlDeliveries(engine)
        self.labels = SqlLabels(engine)
        self.models = SqlModels(engine)
        self.retrainings = SqlRetrainings(engine)
        self.keys = SqlKeys(engine)
