"""Which sources are read, from the settings and from each source's own options."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.options import OptionsRefused
from ingest.registry import SOURCES
from ingest.source import Source, Surroundings
from settings import WrongSettings

ALL = "auto"  # every kind whose own options configure it


def configured_sources(wanted: Sequence[str], around: Surroundings) -> list[Source]:
    """The sources of the kinds that are wanted, each as its own options say.

    Raises ``WrongSettings`` for a kind that is unknown or lacks what it needs, and for options that are
    wrong.
    """
    kinds = list(SOURCES) if ALL in wanted else list(dict.fromkeys(wanted))
    return [source for kind in kinds for source in _of_kind(kind, around, by_name=kind in wanted)]


def _of_kind(kind: str, around: Surroundings, *, by_name: bool) -> Sequence[Source]:
    if kind not in SOURCES:
        known = ", ".join(sorted(SOURCES))
        raise WrongSettings(
            f"GROUNDSWELL_SOURCES: there is no source '{kind}'; there are {known}, and '{ALL}' for all"
        )
    source = SOURCES[kind]
    try:
        found = source.configured(source.Options.load(), around)
    except (OptionsRefused, ValueError) as wrong:
        raise WrongSettings(str(wrong)) from None
    if by_name and not found and source.needs is not None:
        raise WrongSettings(f"{source.needs}: is not set, and the source '{kind}' needs it")
    return found
