"""The rules and queries for X: they fit the plan, and find whatever the matcher would."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.service import NeedsCompany, Service
from ingest.sources.x.rules import OURS, Rules, rules_of
from models.catalogue import SHIPPED, Catalogue, load_catalogue
from models.corpus import read_corpus
from models.matcher import Matcher
from tests.ingest.sources.fake_x_rules import InvalidRule, Said, Test, parsed

CORPUS = Path(SHIPPED).parent / "corpus"
_NOT_IN_TAGS = re.compile(r"\W")


@cache
def catalogue() -> Catalogue:
    return load_catalogue(SHIPPED)


@cache
def shipped(most: int = 1000, longest: int = 1024) -> Rules:
    return rules_of(catalogue(), (), most, longest)


@cache
def whole_tests(most: int = 1000, longest: int = 1024) -> tuple[Test, ...]:
    return tuple(parsed(rule.value) for rule in shipped(most, longest).wanted(only_first=False))


@cache
def rules_for(id_: str) -> tuple[Test, ...]:
    return tuple(parsed(value) for value in values(catalogue().services[id_]))


def clauses_in(rule: str) -> list[str]:
    return rule.removeprefix("(").removesuffix(") -is:retweet").split(" OR ")


def found(text: str, tests: tuple[Test, ...], author: str = "somebody") -> bool:
    said = Said.by(text, author)
    return any(test(said) for test in tests)


def service(id_: str = "spotify", **fields: object) -> Service:
    return Service(**{"id": id_, "name": id_.title(), "vendor": id_, "category": "music", **fields})  # type: ignore[arg-type]  # a table of fields


def values(*services: Service, most: int = 1000, longest: int = 1024) -> list[str]:
    return [rule.value for rule in rules_of(services, (), most, longest).others]


# --- the shipped catalogue ---


@pytest.mark.parametrize(("most", "longest"), [(1000, 1024), (1000, 512)])
def test_the_shipped_catalogue_fits_the_plan(most: int, longest: int) -> None:
    rules = shipped(most, longest)
    assert rules.left_out == ()
    assert len(rules.others) <= most
    assert max(len(rule.value) for rule in rules.others) <= longest


def names_alone() -> Iterator[tuple[str, str]]:
    """Every name by which the matcher knows a service at once, as a post would hold it."""
    for one in catalogue():
        for name in one.aliases:
            yield one.id, name
            word = _NOT_IN_TAGS.sub("", name)
            yield from ((one.id, f"#{word}{ending}") for ending in ("", "down", "isdown", "outage"))
        yield from ((one.id, f"@{handle}") for handle in (*one.handles, *one.handles_official))
        yield from ((one.id, f"#{tag}") for tag in one.hashtags)


def names_in_company() -> Iterator[tuple[str, str]]:
    """Every everyday word beside each part of its company, as it is written and as many write it."""
    for one in catalogue():
        for needy in one.needs_company:
            for company in needy.company:
                said = company.replace("~", needy.word)
                text = said if "~" in company else f"{needy.word} {said}"
                yield one.id, text
                yield one.id, text.replace("n't", "nt")
                if "~" not in company:
                    yield one.id, f"#{_NOT_IN_TAGS.sub('', needy.word)} is not for me. {said}"


@pytest.mark.parametrize("names", [names_alone, names_in_company])
def test_every_name_by_which_the_matcher_knows_a_service_is_found(
    names: Callable[[], Iterator[tuple[str, str]]],
) -> None:
    matcher, lost, hits = Matcher(catalogue()), [], 0
    for id_, name in dict.fromkeys(names()):
        if re.fullmatch(r"#\d+", name):
            continue  # X knows no hashtag without a letter
        text = f"So, {name.upper()}: what's up?"
        if found(text, rules_for(id_)):
            hits += 1
        # A name may also be part of another's name, or stand where its company does not.
        elif id_ in {naming.service for naming in matcher.match(text)}:
            lost.append((id_, text))
    assert lost == []
    assert hits > 4000


def test_every_post_of_the_corpus_that_names_a_service_is_found() -> None:
    matcher = Matcher(catalogue())
    named = [(post.text, one.service) for post in read_corpus(CORPUS) for one in matcher.match(post.text)]
    assert len(named) > 2000
    assert [text for text, id_ in named if not found(text, rules_for(id_))] == []


def test_the_rules_of_all_hold_the_rules_of_each() -> None:
    whole = {clause for rule in shipped().others for clause in clauses_in(rule.value)}
    assert all(
        clause in whole for one in catalogue() for value in values(one) for clause in clauses_in(value)
    )


def test_what_names_nobody_is_not_found_for_it_would_be_paid_for() -> None:
    tests = whole_tests()
    texts = [
        "lovely weather in the mountains today",
        "target practice was fun, we went up and down the hill",
        "one more visa stamp and my passport is full",
        "he is out of the game and on the bench",
        "the bell rang at nine and school began",
    ]
    assert [text for text in texts if found(text, tests)] == []


def test_what_an_official_account_says_is_found_whatever_it_says() -> None:
    assert found("We're looking into it.", whole_tests(), author="SpotifyCares")


def test_a_repost_is_never_found() -> None:
    said = Said.by("RT @somebody: spotify is down", is_repost=True)
    assert not any(test(said) for test in whole_tests())


# --- what a rule looks like ---


def test_a_name_finds_its_own_hashtag_and_account_so_neither_is_asked_for() -> None:
    [value] = values(
        service(aliases=("spotify",), handles=("spotify", "spotifycares"), hashtags=("spotify",))
    )
    assert (
        value == "(spotify OR @spotifycares OR #spotifydown OR #spotifyisdown OR #spotifyoutage) -is:retweet"
    )


def test_a_name_within_a_longer_one_finds_both() -> None:
    [value] = values(service(aliases=("icloud drive", "icloud", "icloudy")))
    assert '"icloud drive"' not in value
    assert value.startswith("(icloud OR icloudy OR ")


def test_an_everyday_word_stands_beside_its_company() -> None:
    needy = NeedsCompany(
        word="target", company=("redcard", "gift card", "is ~ down", "~ won't load", "redcard app")
    )
    [value] = values(service("target", needs_company=(needy,)))
    assert value == (
        '("is target down" OR "target wont load" OR "target won\'t load"'
        ' OR (target (redcard OR "gift card"))) -is:retweet'
    )


def test_the_hashtag_of_an_everyday_name_of_two_words_needs_company_too() -> None:
    needy = NeedsCompany(word="blue bubbles", company=("iphone", "blue"))
    [value] = values(service(needs_company=(needy,)))
    assert value == '((("blue bubbles" OR #bluebubbles) iphone)) -is:retweet'


@pytest.mark.parametrize(
    "name",
    ["or", "and", 'say "cheese"', "back\\slash", "from:here", "disney+", "-minus", "(paren)"],
)
def test_a_name_that_would_be_read_as_an_operator_is_quoted(name: str) -> None:
    [value] = values(service(aliases=(name,)))
    assert found(f"I say {name} to you", (parsed(value),))
    assert not found("I say nothing at all", (parsed(value),))


def test_an_account_that_x_does_not_allow_is_looked_for_as_a_text() -> None:
    [value] = values(service(handles=("bsky.app", "averyverylongaccount")))
    assert value == '("bsky.app" OR averyverylongaccount) -is:retweet'


def test_a_hashtag_without_a_letter_does_not_exist() -> None:
    [value] = values(service(aliases=("1.1.1.1",)))
    assert "#1111 " not in value
    assert "#1111down" in value


# --- limits ---


def test_when_not_all_fit_those_that_matter_come_first_and_the_rest_is_told() -> None:
    rules = rules_of(catalogue(), ("spotify", "psn"), most=20, longest=512)
    assert len(rules.first) + len(rules.others) <= 20
    tests = tuple(parsed(rule.value) for rule in rules.first)
    assert found("spotify down", tests)
    assert found("psn down", tests)
    [why] = rules.left_out
    assert why.startswith("20 rules of 512 characters do not hold all names of ")
    assert "Telegram" in why
    assert "Spotify" not in why.split(", ")


def test_a_name_that_is_longer_than_any_rule_is_told() -> None:
    rules = rules_of([service(aliases=("spotify", "x" * 60))], (), most=10, longest=60)
    assert any(why.startswith("no rule is long enough for xxxx") for why in rules.left_out)
    assert found("spotify is down", tuple(parsed(rule.value) for rule in rules.others))


def test_tags_are_ours_and_tell_the_group() -> None:
    rules = rules_of(
        [service(aliases=("spotify",)), service("deezer", aliases=("deezer",))], ("deezer",), 10, 512
    )
    [first], [other] = rules.first, rules.others
    assert first.tag.startswith(f"{OURS}first:")
    assert other.tag.startswith(f"{OURS}others:")
    assert rules.wanted(only_first=True) == (first,)
    assert rules.wanted(only_first=False) == (first, other)


def test_the_same_catalogue_makes_the_same_rules() -> None:
    assert rules_of(catalogue(), (), 1000, 1024) == shipped()


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=40)
WRITTEN = st.text("ab~ '\"()-:@#é微", min_size=1, max_size=20)


@settings(max_examples=40, deadline=None)
@given(
    services=st.lists(
        st.builds(
            Service,
            id=st.uuids().map(str),
            name=st.just("Name"),
            vendor=st.just("v"),
            category=st.just("c"),
            aliases=st.lists(NAMES | WRITTEN, max_size=4).map(tuple),
            needs_company=st.lists(
                st.builds(
                    NeedsCompany,
                    word=NAMES | WRITTEN,
                    company=st.lists(NAMES | WRITTEN, max_size=4).map(tuple),
                ),
                max_size=2,
            ).map(tuple),
            handles=st.lists(st.from_regex(r"\w[\w.-]{0,20}", fullmatch=True), max_size=2).map(tuple),
            handles_official=st.lists(st.from_regex(r"\w[\w.-]{0,20}", fullmatch=True), max_size=2).map(
                tuple
            ),
            hashtags=st.lists(st.from_regex(r"\w{1,30}", fullmatch=True), max_size=2).map(tuple),
        ),
        max_size=6,
    ),
    most=st.integers(0, 8),
    longest=st.integers(20, 200),
)
def test_whatever_the_names_rules_keep_the_limits_and_are_understood(
    services: list[Service], most: int, longest: int
) -> None:
    rules = rules_of(services, [one.id for one in services[:2]], most, longest)
    wanted = rules.wanted(only_first=False)
    assert len(wanted) <= most
    for rule in wanted:
        assert len(rule.value) <= longest
        assert rule.value.count("(") == rule.value.count(")") or '"' in rule.value
        try:
            parsed(rule.value)
        except InvalidRule as invalid:
            pytest.fail(f"{invalid}: {rule.value}")
