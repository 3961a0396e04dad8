"""Which of several services a post blames. ``xsvc`` is the one asked about, ``xother`` another it names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.mention import Kind, Mention
from domain.post import Post
from models.blame import cannot_reach, has_fled, is_spared
from models.catalogue import SHIPPED, load_catalogue
from models.matcher import Matcher
from models.model_file import load_shipped

CATALOGUE = load_catalogue(SHIPPED)
MATCHER, CLASSIFIER = Matcher(CATALOGUE), load_shipped(CATALOGUE)
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "xsvc works and xother does not",
        "the router is fine , xsvc is fine , xother is not",
        "xother is not working so we are on xsvc",
        "tried xother , will not connect , back to xsvc i guess",
        "using xsvc because xother is down",
        "xother is dead , thank god for xsvc",
        "my xsvc is fine but xother will not send",
        "xother is not loading for us xsvc is working",
        "for me is running xsvc , but xother not",
        "xother plays nothing , xsvc is running",
        "xother , xsvc and xother work fine but xother does not",
        "xother is down , xsvc is not",
        "xother not working , xsvc does",
        "everything else loads ( xsvc , xother ) , only xother fails",
        "i switched from xother to xsvc because xother is down",
        "can not reach my mum on xother , i am on xsvc",
        "can not call xother from xsvc",
    ],
)
def test_a_service_that_works_or_is_fled_to_is_spared(text: str) -> None:
    assert is_spared(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "xother works and xsvc does not",
        "neither xsvc nor xother will load",
        "xsvc and xother are both down",
        "can not get on xsvc or xother",
        "xsvc is not working so i am on xother",
        "xsvc works",  # alone it says nothing of blame: the words must tell
        "xsvc works , but only on wifi , xother works",
        "i am on xsvc and it is not working , xother works",
        "can not call xsvc from xother",
        "xsvc is down , xother is not",
        "good morning xsvc , xother is down",
    ],
)
def test_a_service_that_fails_is_not_spared(text: str) -> None:
    assert not is_spared(text.split())


@pytest.mark.parametrize(
    "text",
    [
        "xsvc is back , xother is still down",
        "xsvc works again but xother does not",
        "is xsvc up ? xother is not",
    ],
)
def test_whether_it_is_back_or_asked_for_is_left_to_the_words(text: str) -> None:
    assert not is_spared(text.split())


@pytest.mark.parametrize(
    ("text", "fled"),
    [
        ("moved to xother because xsvc is down", True),
        ("xsvc still down , switched to xother", True),
        ("moved to xsvc because xother is down", False),
    ],
)
def test_who_flees_from_a_service_tells_no_news(text: str, fled: bool) -> None:
    assert has_fled(text.split()) is fled


@pytest.mark.parametrize(
    "text",
    [
        "half of brazil moved to xother because xsvc is down",
        "users switched to xother because xsvc is down",
        "moved to xother because xsvc is down xurl",
        "should i move to xother , is xsvc down ?",
        "moved to xother , xsvc has better songs",
    ],
)
def test_who_tells_of_others_or_links_or_asks_or_is_content_has_not_fled(text: str) -> None:
    assert not has_fled(text.split())


@pytest.mark.parametrize(
    ("text", "in_vain"),
    [
        ("can not call xsvc from xother", True),
        ("can not call xother from xsvc", False),
        ("can you call xsvc from xother ?", False),
        ("can not call xsvc from xother ?", False),
    ],
)
def test_who_calls_in_vain_from_one_network_blames_the_other(text: str, in_vain: bool) -> None:
    assert cannot_reach(text.split()) is in_vain


_SAID = "xsvc xother is not works down but because , . using moved to on from call only and fine i am ?"
_WORDS = _SAID.split()


@given(st.lists(st.sampled_from(_WORDS), max_size=14))
def test_no_words_spare_a_service_and_make_its_writer_flee_from_it(words: list[str]) -> None:
    assert not (is_spared(words) and has_fled(words))


@given(st.lists(st.sampled_from([word for word in _WORDS if word != "xother"]), max_size=14))
def test_who_names_one_service_alone_spares_and_flees_none(words: list[str]) -> None:
    assert not any(judged(words) for judged in (is_spared, has_fled, cannot_reach))


SENTENCES = """
en|my WhatsApp is fine but iMessage won't send|imessage
en|using Signal because Facebook Messenger is down|messenger
en|Netflix works, Disney+ doesn't|disney_plus
en|Spotify won't load, YouTube is fine|spotify
en|moved to Telegram because WhatsApp is down|whatsapp
en|can't call Vodafone from EE|vodafone
en|WhatsApp still down, switched to Signal|whatsapp
en|Slack isn't loading for us, Teams is working|slack
es|WhatsApp funciona bien, pero Instagram no carga|instagram
es|Instagram no me abre pero WhatsApp sí funciona|instagram
es|me pasé a Skype porque WhatsApp está caído y no envía nada|whatsapp
es|no puedo llamar a Vodafone desde Movistar|vodafone
es|usando Skype porque WhatsApp se cayó y no envía|whatsapp
es|mi Netflix va perfecto pero Disney+ no funciona|disney_plus
es|Spotify no reproduce nada, YouTube va bien|spotify
es|como WhatsApp no va, estoy en Skype|whatsapp
pt|WhatsApp funciona, mas o Instagram não carrega|instagram
pt|o Instagram não abre, o WhatsApp está normal|instagram
pt|fui pro Telegram porque o WhatsApp caiu e não envia nada|whatsapp
pt|não consigo ligar da Vodafone para a TIM Brasil|tim_brasil
pt|usando Telegram porque o WhatsApp está fora do ar|whatsapp
pt|meu Netflix está ok mas o Disney+ não funciona|disney_plus
pt|mudei para o Telegram, o WhatsApp não envia nada|whatsapp
fr|WhatsApp marche bien mais Instagram ne charge pas|instagram
fr|Instagram ne s'ouvre plus, WhatsApp fonctionne|instagram
fr|je suis passé sur Telegram parce que WhatsApp est en panne|whatsapp
fr|impossible d'appeler Vodafone depuis Bouygues Telecom|vodafone
fr|j'utilise Telegram car WhatsApp est en panne|whatsapp
fr|mon Netflix va bien mais Disney+ ne marche pas|disney_plus
fr|Spotify ne se lance pas alors que YouTube marche|spotify
de|WhatsApp geht, aber Instagram lädt nicht|instagram
de|Instagram geht nicht, WhatsApp schon|instagram
de|bin zu Telegram gewechselt, weil WhatsApp down ist|whatsapp
de|kann von Vodafone niemanden bei O2 erreichen|o2
de|nutze Telegram, weil WhatsApp nicht geht|whatsapp
de|bei mir läuft Netflix, aber Disney+ nicht|disney_plus
de|Spotify spielt nichts ab, YouTube läuft|spotify
it|WhatsApp funziona ma Instagram non si carica|instagram
it|Instagram non si apre, WhatsApp va bene|instagram
it|sono passato a Skype perché WhatsApp è down|whatsapp
it|non riesco a chiamare TIM da Vodafone|tim_italia
it|uso Telegram perché WhatsApp non funziona|whatsapp
it|il mio Netflix va ma Disney+ non funziona|disney_plus
it|Spotify non parte, YouTube invece funziona|spotify
nl|WhatsApp doet het, maar Instagram laadt niet|instagram
nl|Instagram werkt niet, WhatsApp wel|instagram
nl|overgestapt op Telegram omdat WhatsApp plat ligt|whatsapp
nl|kan vanaf KPN niemand bij Ziggo bellen|ziggo
nl|gebruik nu Telegram omdat WhatsApp eruit ligt|whatsapp
nl|mijn Netflix werkt prima maar Disney+ doet het niet|disney_plus
nl|mijn Spotify speelt niks af, maar YouTube werkt gewoon|spotify
ja|WhatsAppは使えるのにInstagramが開かない|instagram
ja|LINEが送れないからTelegramに移った|line
ja|ドコモからソフトバンクに電話がつながらない|softbank
ja|Instagramが落ちてるのでTelegramを使ってる|instagram
ja|Netflixは見れるけどDisney+が見れない|disney_plus
ja|Spotifyが再生できない、YouTubeは問題ない|spotify
"""
CASES = [line.split("|") for line in SENTENCES.strip().split("\n")]


@pytest.mark.parametrize(("lang", "text", "blamed"), CASES)
def test_in_every_language_a_post_blames_the_one_that_fails(lang: str, text: str, blamed: str) -> None:
    mention = Mention(Post("test", "1", text, NOON, lang=lang), MATCHER.match(text))
    (tagged,) = CLASSIFIER.tag([mention])
    assert len(tagged.tags) > 1
    assert [tag.service for tag in tagged.tags if tag.kind is Kind.COMPLAINT] == [blamed]
