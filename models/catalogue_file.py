"""One catalogue file, read: services with the line on which each thing stands, and every mistake in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from domain.mention import Symptom
from domain.service import Dashboard, NeedsCompany, Service
from models.company import NAME, Company
from models.folding import fold, goes_on

SHORTEST_ALIAS = 3  # characters; shorter names turn up everywhere and need company

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one, where PyYAML was built with it
_ID = re.compile(r"[a-z0-9][a-z0-9_]*")
_HANDLE = re.compile(r"\w[\w.-]*")
_TAG = re.compile(r"\w+")
_KIND = re.compile(r"[a-z][a-z0-9_]*")
_REQUIRED = ("id", "name", "vendor", "category")
_NAMING = ("aliases", "needs_company", "handles", "handles_official", "hashtags")

Read = TypeVar("Read")


class CatalogueError(ValueError):
    """A catalogue cannot be used. Its message has one line for each mistake: where it is, and the mend."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class Entry(msgspec.Struct, frozen=True):
    """One service as a file describes it. ``lines`` tells on which line each value of a field stands."""

    service: Service
    path: Path
    line: int
    lines: dict[tuple[str, str], int]

    def mistake(self, field: str, value: str, why: str) -> str:
        """A sentence that says where this entry is wrong."""
        line = self.lines.get((field, value), self.line)
        return f"{self.path}:{line}: service '{self.service.id}', field '{field}': {why}"


def read_entries(path: Path) -> tuple[list[Entry], list[str]]:
    """The services of a file that could be read, and what is wrong with the rest."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except UnicodeDecodeError as error:
        return [], [f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8"]
    except OSError as error:
        return [], [f"{path}: cannot be read: {error.strerror}; give the path of a YAML file"]
    except RecursionError:
        return [], [f"{path}: lists are nested too deep; a service needs no list inside a list inside a list"]
    except yaml.YAMLError as error:
        return [], [_not_yaml(path, error)]
    mistakes: list[str] = []
    entries: list[Entry] = []
    for node in _service_nodes(root, path, mistakes):
        reader = _Reader(path, node, mistakes)
        entry = reader.entry()
        if entry is not None:
            entries.append(entry)
    return entries, mistakes


def _not_yaml(path: Path, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"{path}:{mark.line + 1}" if mark else str(path)
    why = getattr(error, "problem", None) or " ".join(str(error).split())
    return f"{where}: not YAML: {why}; mend the indentation, brackets or quotes there"


def _service_nodes(root: yaml.Node | None, path: Path, mistakes: list[str]) -> list[yaml.MappingNode]:
    shape = "a catalogue is 'services:' followed by a list of services"
    if not isinstance(root, yaml.MappingNode):
        mistakes.append(f"{path}:1: {shape}")
        return []
    nodes: list[yaml.MappingNode] = []
    seen = False
    for key, value in root.value:
        if key.value == "services" and isinstance(value, yaml.SequenceNode):
            seen = True
            for node in value.value:
                if isinstance(node, yaml.MappingNode):
                    nodes.append(node)
                else:
                    mistakes.append(f"{path}:{_line(node)}: a service is a block of 'field: value' lines")
        elif key.value != "lists":  # its only use is to hold YAML anchors
            mistakes.append(f"{path}:{_line(key)}: '{key.value}' does not belong here; {shape}")
    if not seen and not mistakes:
        mistakes.append(f"{path}:1: no services; {shape}")
    return nodes


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


class _Reader:
    """Reads one service. A mistake is noted and the field left out, so that all mistakes are told at once."""

    def __init__(self, path: Path, node: yaml.MappingNode, mistakes: list[str]) -> None:
        self._path = path
        self._node = node
        self._mistakes = mistakes
        self._before = len(mistakes)
        self._lines: dict[tuple[str, str], int] = {}
        self._fields: dict[str, yaml.Node] = {}
        self._id = next((v.value for k, v in node.value if k.value == "id" and isinstance(v.value, str)), "?")

    def entry(self) -> Entry | None:
        self._collect_fields()
        service = Service(
            id=self._one("id", _slug, ""),
            name=self._one("name", _shown, ""),
            vendor=self._one("vendor", _slug, ""),
            category=self._one("category", _slug, ""),
            aliases=self._many("aliases", _alias),
            needs_company=self._needs_company(),
            handles=self._many("handles", _handle),
            handles_official=self._many("handles_official", _handle),
            hashtags=self._many("hashtags", _hashtag),
            symptoms=self._many("symptoms", _symptom),
            dashboard=self._dashboard(),
            siblings=self._many("siblings", _slug),
            not_names=self._many("not_names", _name),
        )
        for field in _REQUIRED:
            if field not in self._fields:
                self._note(self._node, field, "is missing; every service needs it")
        if not any(field in self._fields for field in _NAMING):
            self._note(self._node, "aliases", f"nothing names this service; give one of {', '.join(_NAMING)}")
        if len(self._mistakes) > self._before:
            return None
        return Entry(service=service, path=self._path, line=_line(self._node), lines=self._lines)

    def _note(self, node: yaml.Node, field: str, why: str) -> None:
        self._mistakes.append(f"{self._path}:{_line(node)}: service '{self._id}', field '{field}': {why}")

    def _collect_fields(self) -> None:
        for key, value in self._node.value:
            field = str(key.value)
            if field not in Service.__struct_fields__:
                known = ", ".join(Service.__struct_fields__)
                self._note(key, field, f"no such field; the fields are {known}")
            elif field in self._fields:
                self._note(key, field, "stands twice; keep one")
            else:
                self._fields[field] = value

    def _one(self, field: str, read: Callable[[str], str], otherwise: str) -> str:
        node = self._fields.get(field)
        return otherwise if node is None else self._read(node, field, read) or otherwise

    def _many(self, field: str, read: Callable[[str], Read]) -> tuple[Read, ...]:
        node = self._fields.get(field)
        return () if node is None else self._read_list(node, field, read)

    def _read(self, node: yaml.Node, field: str, read: Callable[[str], Read]) -> Read | None:
        """One value; ``None`` when it is wrong, which has then been noted."""
        if not isinstance(node, yaml.ScalarNode):
            self._note(node, field, "must be one text, not a list or block")
            return None
        if node.tag != "tag:yaml.org,2002:str":
            kind = node.tag.rpartition(":")[2]
            self._note(node, field, f"YAML reads {node.value or 'nothing'!r} as {kind}; put it in quotes")
            return None
        try:
            value = read(node.value)
        except ValueError as why:
            self._note(node, field, str(why))
            return None
        self._lines.setdefault((field, str(value)), _line(node))
        return value

    def _read_list(self, node: yaml.Node, field: str, read: Callable[[str], Read]) -> tuple[Read, ...]:
        if not isinstance(node, yaml.SequenceNode):
            self._note(node, field, "must be a list, as in [one, two]")
            return ()
        values = [self._read(part, field, read) for part in _spread(node)]
        return tuple(dict.fromkeys(value for value in values if value is not None))

    def _needs_company(self) -> tuple[NeedsCompany, ...]:
        field = "needs_company"
        node = self._fields.get(field)
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self._note(node, field, "must be a list, as in [{word: meet, company: [google, call]}]")
            return ()
        return tuple(name for part in node.value for name in self._needy_words(part, field))

    def _needy_words(self, node: yaml.Node, field: str) -> list[NeedsCompany]:
        parts = self._parts(node, field, ("word", "company"))
        if parts is None:
            return []
        if "word" not in parts or "company" not in parts:
            self._note(
                node, field, "needs both a word and its company: {word: meet, company: [google, call]}"
            )
            return []
        before = len(self._mistakes)
        word = self._read(parts["word"], field, _name)
        company = self._read_list(parts["company"], field, _company)
        if word is None or len(self._mistakes) > before:
            return []
        if not Company(word, company):
            self._note(parts["company"], field, f"'{word}' has no company but itself; list other words")
        return [NeedsCompany(word=word, company=company)]

    def _dashboard(self) -> Dashboard | None:
        field = "dashboard"
        node = self._fields.get(field)
        parts = None if node is None else self._parts(node, field, ("kind", "url", "component"))
        if node is None or parts is None:
            return None
        if "kind" not in parts or "url" not in parts:
            self._note(node, field, "needs a kind and a url: {kind: page, url: 'https://...'}")
            return None
        kind = self._read(parts["kind"], field, _dashboard_kind)
        url = self._read(parts["url"], field, _url)
        component = self._read(parts["component"], field, _shown) if "component" in parts else None
        return None if kind is None or url is None else Dashboard(kind=kind, url=url, component=component)

    def _parts(self, node: yaml.Node, field: str, allowed: tuple[str, ...]) -> dict[str, yaml.Node] | None:
        if not isinstance(node, yaml.MappingNode):
            self._note(node, field, f"must be a block with {', '.join(allowed)}")
            return None
        for key, _ in node.value:
            if key.value not in allowed:
                self._note(key, field, f"'{key.value}' does not belong here; only {', '.join(allowed)}")
        return {str(key.value): value for key, value in node.value}


def _spread(node: yaml.SequenceNode) -> list[yaml.Node]:
    """The parts of a list; a list inside it (a shared one, by its anchor) is spread out."""
    parts: list[yaml.Node] = []
    for part in node.value:
        parts.extend(part.value if isinstance(part, yaml.SequenceNode) else [part])
    return parts


# --- What each value may look like. Each gives the value as kept, or a ValueError that says how to mend it.


def _shown(text: str) -> str:
    shown = " ".join(text.split())
    if not shown:
        raise ValueError("is empty; write a name or leave the field out")
    return shown


def _slug(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(f"{text!r} may hold only a-z, 0-9 and _, as in apple_music")
    return text


def _name(text: str) -> str:
    name = fold(_shown(text)).strip()
    if name.startswith(("@", "#")):
        raise ValueError(f"{text!r} bears a sign; handles and hashtags have fields of their own")
    if not any(char.isalnum() for char in name):
        raise ValueError(f"{text!r} holds no letter or digit; nobody can be called that")
    return name


def _alias(text: str) -> str:
    name = _name(text)
    # In a script that runs on without spaces two characters may well be a whole name: 微信.
    if len(name) < SHORTEST_ALIAS and any(goes_on(char) for char in name):
        raise ValueError(f"{text!r} has fewer than {SHORTEST_ALIAS} characters; move it to needs_company")
    return name


def _handle(text: str) -> str:
    return _signed(text, "@", "handle", _HANDLE)


def _hashtag(text: str) -> str:
    return _signed(text, "#", "hashtag", _TAG)


def _signed(text: str, sign: str, what: str, form: re.Pattern[str]) -> str:
    word = fold(_shown(text))
    if word.startswith(sign):
        raise ValueError(f"{text!r} bears its sign; write it without the {sign}")
    if not form.fullmatch(word):
        raise ValueError(f"{text!r} cannot be a {what}; write it as people do after the {sign}")
    return word


def _company(text: str) -> str:
    company = fold(_shown(text)).strip()
    if not any(char.isalnum() for char in company.replace(NAME, "")):
        raise ValueError(f"company {text!r} holds no word; write one, or a phrase such as 'is {NAME} down'")
    return company


def _symptom(text: str) -> Symptom:
    try:
        return Symptom(text)
    except ValueError:
        raise ValueError(f"no symptom {text!r}; the symptoms are {', '.join(Symptom)}") from None


def _dashboard_kind(text: str) -> str:
    if not _KIND.fullmatch(text):
        raise ValueError(f"kind {text!r} must be a lower-case word such as statuspage, or page")
    return text


def _url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise ValueError(f"{text!r} is no address; write it whole, from https:// on")
    return text
