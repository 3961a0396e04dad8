"""Everything that lasts, in the memory of one process: for tests and for a backtest, which keeps nothing."""

from __future__ import annotations

from storage.memory_deliveries import MemoryDeliveries
from storage.memory_incidents import MemoryIncidents
from storage.memory_keys import MemoryKeys
from storage.memory_labels import MemoryLabels
from storage.memory_models import MemoryModels
from storage.memory_notices import MemoryNotices
from storage.memory_retrainings import MemoryRetrainings
from storage.memory_runs import MemoryRuns
from storage.memory_sources import MemorySources


class MemoryStores:
    """The twin of ``SqlStores``, under the same contract test."""

    def __init__(self) -> None:
        self.deliveries = MemoryDeliveries()
        self.sources = MemorySources()
        self.incidents = MemoryIncidents(self.deliveries, self.sources)
        self.notices = MemoryNotices()
        self.runs = MemoryRuns(self.incidents, self.notices)
        self.labels = MemoryLabels()
        self.models = MemoryModels()
        self.retrainings = MemoryRetrainings(self.models)
        self.keys = MemoryKeys()
