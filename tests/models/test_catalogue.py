"""The catalogue: what is shipped, what a user adds, and how mistakes are told."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mention import Symptom
from models.catalogue import SHIPPED, CatalogueError, load_catalogue
from models.catalogue_file import read_entries

GOOD = """\
services:
  - id: acme
    name: Acme
    vendor: acme
    category: cloud
    aliases: [Acme Cloud]
"""


def written(folder, text, name="mine.yaml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def mistakes_of(*paths):
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(*paths)
    return caught.value.mistakes


def test_the_shipped_catalogue_knows_at_least_120_services():
    catalogue = load_catalogue(SHIPPED)
    assert len(catalogue) >= 120


def test_imessage_and_facetime_are_fully_described():
    services = load_catalogue(SHIPPED).services
    for id_ in ("imessage", "facetime"):
        service = services[id_]
        assert service.aliases
        assert service.hashtags
        assert service.symptoms
        assert service.dashboard is not None
        assert {"icloud", "att", "verizon", "sprint", "tmobile"} <= set(service.siblings)


def test_official_handles_lead_to_their_service():
    handles = load_catalogue(SHIPPED).official_handles
    assert handles["spotifycares"] == "spotify"
    assert handles["applesupport"] == "apple"


def test_a_file_adds_services_and_its_names_are_folded(tmp_path):
    catalogue = load_catalogue(SHIPPED, written(tmp_path, GOOD))
    assert list(catalogue.services)[-1] == "acme"
    assert catalogue.services["acme"].aliases == ("acme cloud",)


def test_a_later_file_replaces_a_service_as_a_whole(tmp_path):
    text = GOOD.replace("id: acme", "id: netflix").replace("Acme Cloud", "netflix")
    service = load_catalogue(SHIPPED, written(tmp_path, text)).services["netflix"]
    assert (service.name, service.handles_official, service.dashboard) == ("Acme", (), None)


def test_a_list_shared_by_its_anchor_is_spread_out(tmp_path):
    text = "lists:\n  - &words [down, outage]\n" + GOOD
    text += "    needs_company:\n      - {word: ac, company: [*words, cloud]}\n"
    service = load_catalogue(written(tmp_path, text)).services["acme"]
    assert service.needs_company[0].company == ("down", "outage", "cloud")


def test_company_may_be_a_phrase_around_the_name(tmp_path):
    text = GOOD + "    needs_company:\n      - {word: ac, company: [is ~ down, CAN'T connect]}\n"
    service = load_catalogue(written(tmp_path, text)).services["acme"]
    assert service.needs_company[0].company == ("is ~ down", "can't connect")


FIELD_MISTAKES = [
    ("    handels: [acme]", "handels", "no such field"),
    ("    aliases: [one]", "aliases", "stands twice"),
    ("    handles: ['@acme']", "handles", "without the @"),
    ("    hashtags: ['#acme']", "hashtags", "without the #"),
    ("    handles: acme", "handles", "must be a list"),
    ("    handles: [123]", "handles", "put it in quotes"),
    ("    handles: [no]", "handles", "put it in quotes"),
    ("    handles: [a b]", "handles", "cannot be a handle"),
    ("    hashtags: ['']", "hashtags", "is empty"),
    ("    symptoms: [sulking]", "symptoms", "no symptom 'sulking'"),
    ("    siblings: [nobody]", "siblings", "no service 'nobody'"),
    ("    siblings: [acme]", "siblings", "not its own sibling"),
    ("    needs_company: [{word: meet}]", "needs_company", "needs both a word and its company"),
    ("    needs_company: [{word: meet, company: []}]", "needs_company", "no company but itself"),
    ("    needs_company: [{word: meet, company: [meet]}]", "needs_company", "no company but itself"),
    ("    needs_company: [{word: meet, company: ['~ !']}]", "needs_company", "holds no word"),
    ("    needs_company: [{word: meet, company: ['~']}]", "needs_company", "holds no word"),
    ("    needs_company: [{word: meet, company: [a], with: b}]", "needs_company", "'with' does not belong"),
    ("    needs_company: [{word: acme cloud, company: [a]}]", "needs_company", "also an alias"),
    ("    needs_company: meet", "needs_company", "must be a list"),
    ("    not_names: ['@acme']", "not_names", "bears a sign"),
    ("    dashboard: {kind: page}", "dashboard", "needs a kind and a url"),
    ("    dashboard: {kind: page, url: acme.com}", "dashboard", "from https:// on"),
    ("    dashboard: {kind: A Page, url: 'https://acme.com'}", "dashboard", "lower-case word"),
    ("    dashboard: 'https://acme.com'", "dashboard", "must be a block"),
]


@pytest.mark.parametrize(("line", "field", "why"), FIELD_MISTAKES)
def test_a_mistake_is_told_with_file_line_service_field_and_mend(tmp_path, line, field, why):
    path = written(tmp_path, GOOD + line + "\n")
    (told,) = mistakes_of(path)
    assert told.startswith(f"{path}:7: service 'acme', field '{field}': ")
    assert why in told


def test_an_unknown_symptom_is_told_with_those_there_are(tmp_path):
    (told,) = mistakes_of(written(tmp_path, GOOD + "    symptoms: [sulking]\n"))
    assert all(symptom in told for symptom in Symptom)


def test_an_alias_too_short_is_sent_to_needs_company(tmp_path):
    (told,) = mistakes_of(written(tmp_path, GOOD.replace("Acme Cloud", "ac")))
    assert "fewer than 3 characters" in told
    assert "needs_company" in told


def test_a_missing_field_is_named(tmp_path):
    (told,) = mistakes_of(written(tmp_path, GOOD.replace("    vendor: acme\n", "")))
    assert "field 'vendor': is missing" in told


def test_a_service_that_nothing_names_is_told(tmp_path):
    (told,) = mistakes_of(written(tmp_path, GOOD.replace("    aliases: [Acme Cloud]\n", "")))
    assert "nothing names this service" in told


def test_every_mistake_of_every_file_is_told_at_once(tmp_path):
    one = written(tmp_path, GOOD + "    handles: ['@a']\n    hashtags: ['#b']\n", "one.yaml")
    two = written(tmp_path, GOOD + "    symptoms: [sulking]\n", "two.yaml")
    assert len(mistakes_of(one, two, tmp_path / "missing.yaml")) == 4


def test_an_id_used_twice_in_one_file_is_told_with_the_first_line(tmp_path):
    again = GOOD + GOOD.replace("services:\n", "").replace("Acme Cloud", "other cloud")
    (told,) = mistakes_of(written(tmp_path, again))
    assert ":7: service 'acme', field 'id': already used on line 2" in told


CLAIMS = [("aliases", "spotify"), ("handles", "spotifycares"), ("hashtags", "spotifydown")]


@pytest.mark.parametrize(("field", "name"), CLAIMS)
def test_a_name_of_another_service_is_told_with_its_owner(tmp_path, field, name):
    text = GOOD.replace("    aliases: [Acme Cloud]\n", f"    {field}: [{name}]\n")
    (told,) = mistakes_of(SHIPPED, written(tmp_path, text))
    assert f"field '{field}': " in told
    assert "already names 'spotify'" in told


UNREADABLE = [
    ("services: [", "not YAML"),
    ("", "a catalogue is 'services:'"),
    ("just words", "a catalogue is 'services:'"),
    ("lists: []", "no services"),
    ("services: [3]", "a service is a block"),
    ("service: []", "'service' does not belong here"),
]


@pytest.mark.parametrize(("text", "why"), UNREADABLE)
def test_a_file_of_another_shape_is_told(tmp_path, text, why):
    assert why in "\n".join(mistakes_of(written(tmp_path, text)))


def test_a_tag_that_would_run_python_is_never_acted_upon(tmp_path):
    text = GOOD.replace("id: acme", "id: !!python/object/apply:os.getcwd []")
    assert "must be one text" in mistakes_of(written(tmp_path, text))[0]


def test_a_missing_file_or_an_empty_folder_or_bytes_that_are_no_text_are_told(tmp_path):
    assert "cannot be read" in mistakes_of(tmp_path)[0]
    (tmp_path / "latin.yaml").write_bytes(b"services: \xff")
    assert "cannot be read" in mistakes_of(tmp_path / "missing.yaml")[0]
    assert "UTF-8" in mistakes_of(tmp_path / "latin.yaml")[0]


def test_a_folder_stands_for_its_files(tmp_path):
    one = "services: [{id: acme, name: Acme, vendor: acme, category: shop, aliases: [acme]}]"
    (tmp_path / "one.yaml").write_text(one, encoding="utf-8")
    (tmp_path / "two.yaml").write_text(one.replace("acme", "ecma").replace("Acme", "Ecma"), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no catalogue", encoding="utf-8")
    assert list(load_catalogue(tmp_path).services) == ["acme", "ecma"]


def test_no_file_that_ships_replaces_a_service_of_another():
    files = sorted(SHIPPED.glob("*.yaml"))
    listed = [entry.service.id for path in files for entry in read_entries(path)[0]]
    assert len(listed) == len(set(listed)) == len(load_catalogue(SHIPPED).services)


@given(st.text(alphabet="services:-[]{}&*!|'\"\n abc#@,?", max_size=80))
def test_any_text_is_a_catalogue_or_a_catalogue_error(tmp_path_factory, text):
    path = written(tmp_path_factory.mktemp("any"), text)
    with suppress(CatalogueError):
        load_catalogue(path)
