"""The catalogue: which services there are, and how people call them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from domain.service import Service
from models.catalogue_file import CatalogueError, Entry, read_entries

__all__ = ["SHIPPED", "Catalogue", "CatalogueError", "load_catalogue"]

SHIPPED = Path(__file__).parent.parent / "data" / "services"


class Catalogue:
    """Services by id, in the order of their files.

    ``official_handles`` maps each account that speaks for a service, in lower case, to the service's id.
    """

    def __init__(self, services: dict[str, Service]) -> None:
        self.services = services
        self.official_handles = {
            handle: service.id for service in services.values() for handle in service.handles_official
        }
        self._vendor_wide = {service.id for service in services.values() if service.id == service.vendor}

    def __len__(self) -> int:
        return len(self.services)

    def __iter__(self) -> Iterator[Service]:
        return iter(self.services.values())

    def gives_way(self, service: str, to: str) -> bool:
        """Whether a service stands for its whole vendor and the other is one of that vendor's products."""
        return (
            service in self._vendor_wide
            and to != service
            and self.services[to].vendor == self.services[service].vendor
        )


def _files_of(path: Path) -> list[Path]:
    return (sorted(path.glob("*.yaml")) if path.is_dir() else []) or [path]


def load_catalogue(*paths: Path) -> Catalogue:
    """All services of these files; a later file replaces a service of an earlier one as a whole.

    A folder stands for its ``*.yaml`` files, by name. Raises ``CatalogueError``, which tells every mistake of
    all files with its line.
    """
    entries: dict[str, Entry] = {}
    mistakes: list[str] = []
    for path in chain.from_iterable(map(_files_of, paths)):
        read, wrong = read_entries(path)
        mistakes += wrong
        mistakes += _ids_used_twice(read)
        entries |= {entry.service.id: entry for entry in read}
    # What one entry claims of another can be judged only when every entry could be read.
    mistakes = mistakes or [*_unknown_siblings(entries), *_names_claimed_twice(entries)]
    if mistakes:
        raise CatalogueError(mistakes)
    return Catalogue({id_: entry.service for id_, entry in entries.items()})


def _ids_used_twice(entries: list[Entry]) -> Iterator[str]:
    first: dict[str, Entry] = {}
    for entry in entries:
        other = first.setdefault(entry.service.id, entry)
        if other is not entry:
            yield entry.mistake(
                "id", entry.service.id, f"already used on line {other.line}; give each its own"
            )


def _unknown_siblings(entries: dict[str, Entry]) -> Iterator[str]:
    for entry in entries.values():
        for sibling in entry.service.siblings:
            if sibling == entry.service.id:
                yield entry.mistake("siblings", sibling, "a service is not its own sibling; take it out")
            elif sibling not in entries:
                yield entry.mistake("siblings", sibling, f"no service '{sibling}'; add it or take it out")


def _names_claimed_twice(entries: dict[str, Entry]) -> Iterator[str]:
    """Only a word that needs company may belong to several services, if no other owns it as an alias."""
    owners: dict[tuple[str, str], Entry] = {}
    for entry in entries.values():
        for field, sign, name in _sole_names(entry.service):
            owner = owners.setdefault((sign, name), entry)
            if owner is not entry:
                yield entry.mistake(field, name, _claimed(sign + name, owner, entry))
    for entry in entries.values():
        for needy in entry.service.needs_company:
            other = owners.get(("", needy.word))
            if other is not None:
                yield entry.mistake("needs_company", needy.word, _claimed(needy.word, other, entry))


def _claimed(name: str, owner: Entry, by: Entry) -> str:
    if owner is by:
        return f"'{name}' is also an alias of this service; keep one of the two"
    return (
        f"'{name}' already names '{owner.service.id}' ({owner.path}:{owner.line}); take it from one of them"
    )


def _sole_names(service: Service) -> Iterator[tuple[str, str, str]]:
    """Field, sign and name of all that may name one service only."""
    yield from (("aliases", "", name) for name in service.aliases)
    yield from (("handles", "@", name) for name in service.handles)
    yield from (("handles_official", "@", name) for name in service.handles_official)
    yield from (("hashtags", "#", name) for name in service.hashtags)
