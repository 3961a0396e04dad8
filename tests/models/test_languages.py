"""In which language a post is written, told well enough that it is read by the right words."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.languages import READ, language_of
from models.text import Names, mask

ASKED = Names().of("spotify")


def told(text: str, hint: str | None = None) -> str:
    return language_of(mask(text, ASKED), hint)


SENTENCES = {
    "en": """
        spotify has stopped playing in the middle of my run
        is it only me or is spotify not loading any playlists
        my whole office just lost spotify, what is going on
        spotify logged me out and won't take my password
        third time this week that spotify dies on the bus
        anyone in leeds with the same spotify trouble?
        looks like spotify is back, at least on my laptop
        spotify confirms that an outage hit its servers this morning
        i pay for spotify and all i get is a black screen
        finally found a good playlist on spotify for the rain
        spotify keeps skipping after ten seconds
        how do i turn off the shuffle in spotify
    """,
    "de": """
        spotify spielt bei mir seit einer Stunde nichts mehr ab
        Hat noch jemand Probleme mit spotify oder liegt es an mir?
        ich komme nicht mehr in mein spotify Konto rein
        spotify stürzt jedes Mal ab, wenn ich ein Lied anklicke
        Schon wieder eine Störung bei spotify, das nervt langsam
        spotify läuft bei mir wieder, danke fürs Reparieren
        warum lädt spotify heute so ewig lange
        die Zeitung schreibt, dass spotify europaweit ausgefallen ist
        Wie kann ich bei spotify mein Passwort ändern?
        gestern ging spotify noch, heute nur ein schwarzer Bildschirm
        keine Verbindung zu spotify, obwohl das Netz geht
        mit spotify in den Feierabend, schönes Wochenende euch
    """,
    "es": """
        spotify se me cierra cada vez que abro una canción
        ¿A alguien más le falla spotify esta tarde?
        llevo dos horas sin poder entrar en mi cuenta de spotify
        otra vez se ha caído spotify y nadie dice nada
        spotify ya funciona de nuevo, por fin
        no me carga ninguna lista en spotify desde anoche
        según la prensa spotify sufre una caída mundial
        quiero cancelar spotify pero no encuentro dónde
        qué pasa con spotify que no suena nada
        la aplicación de spotify se queda en blanco
        pago spotify todos los meses para que no sirva
        me encanta la nueva lista de spotify para cocinar
    """,
    "fr": """
        spotify ne démarre plus depuis la mise à jour
        Est-ce que spotify rame chez vous aussi ce soir ?
        impossible de me connecter à mon compte spotify
        encore une panne chez spotify, quelle blague
        ça y est, spotify remarche chez moi
        la musique se coupe toutes les dix secondes sur spotify
        les journaux parlent d'une panne mondiale de spotify
        j'ai un écran noir quand j'ouvre spotify
        comment on change son mot de passe sur spotify ?
        je paie spotify et je ne peux rien écouter
        mes listes ont disparu de spotify, c'est normal ?
        belle découverte ce matin sur spotify avec le café
    """,
    "it": """
        spotify si blocca appena faccio partire una canzone
        Qualcuno ha problemi con spotify stasera o solo io?
        non riesco più a entrare nel mio account di spotify
        ancora una volta spotify è giù e nessuno risponde
        finalmente spotify è tornato a funzionare
        le mie playlist sono sparite da spotify stamattina
        secondo i giornali spotify ha avuto un guasto in tutta Europa
        la schermata di spotify resta tutta nera
        come faccio a cambiare la password di spotify?
        pago spotify ogni mese e non posso ascoltare niente
        da ieri sera la musica su spotify va a scatti
        che bella la nuova raccolta di spotify per lo studio
    """,
    "nl": """
        spotify stopt steeds na een paar seconden met spelen
        Heeft er nog iemand last van spotify vanavond?
        ik kan niet meer inloggen op mijn spotify
        alweer een storing bij spotify, ik word er gek van
        gelukkig doet spotify het weer bij mij
        mijn afspeellijsten zijn weg uit spotify
        volgens de krant ligt spotify in heel Europa plat
        ik krijg alleen een zwart scherm als ik spotify open
        hoe verander ik mijn wachtwoord bij spotify?
        ik betaal voor spotify en kan niets luisteren
        sinds gisteren hapert de muziek op spotify
        wat een heerlijke lijst op spotify voor onderweg
    """,
    "pt": """
        o spotify fecha sozinho toda vez que abro uma música
        Mais alguém com problema no spotify hoje à noite?
        não consigo entrar na minha conta do spotify
        de novo o spotify caiu e ninguém avisa
        finalmente o spotify voltou a funcionar aqui
        minhas listas sumiram do spotify desde ontem
        segundo o jornal o spotify teve uma falha mundial
        a tela do spotify fica toda preta quando abro
        como eu troco a senha do spotify?
        pago spotify todo mês e não posso ouvir nada
        o que está acontecendo com o spotify que não toca
        adorei a nova seleção do spotify para trabalhar
    """,
    "ja": """
        spotifyが急に止まって聴けないんだけど
        スポティファイ使えない人いる?
        ログインできなくて困ってる spotify
        また障害かな、spotify重すぎる
        やっと spotify 直ったみたい
        プレイリストが全部消えた
        spotifyで世界的な障害が起きているとのニュース
        画面が真っ黒のまま動かない
        パスワードの変え方を教えてください
        毎月お金を払っているのに何も聴けない
        昨日から音が途切れる
        雨の日に spotify で聴く曲が好き
    """,
}
SAYINGS = [(lang, text.strip()) for lang, block in SENTENCES.items() for text in block.strip().split("\n")]


def test_there_are_a_dozen_sentences_in_each_language_that_is_read() -> None:
    assert SENTENCES.keys() == READ
    assert [lang for lang in READ if sum(lang == one for one, _ in SAYINGS) != 12] == []


@pytest.mark.parametrize(("lang", "text"), SAYINGS)
def test_a_sentence_is_known_for_the_language_it_is_in(lang: str, text: str) -> None:
    assert told(text) == lang


SHORT = [
    ("es", "spotify no funciona"),
    ("es", "se cayó spotify"),
    ("pt", "spotify não funciona"),
    ("pt", "spotify caiu"),
    ("fr", "spotify marche pas"),
    ("fr", "spotify plus rien"),
    ("de", "spotify geht nicht"),
    ("de", "spotify Störung"),
    ("it", "spotify non va"),
    ("it", "spotify non funziona"),
    ("nl", "spotify werkt niet"),
    ("nl", "spotify doet het niet"),
    ("ja", "spotify落ちた"),
    ("en", "spotify down"),
    ("en", "is spotify down?"),
    ("en", "spotify dead"),
]


@pytest.mark.parametrize(("lang", "text"), SHORT)
def test_two_or_three_words_are_told_with_the_hint_of_their_source(lang: str, text: str) -> None:
    assert told(text, lang) == lang


@pytest.mark.parametrize("hint", ["de", "fr", "ja", "und", "", "not a language"])
def test_a_wrong_hint_does_not_turn_a_plain_sentence(hint: str) -> None:
    assert told("is it just me or is spotify not loading for anyone", hint) == "en"
    assert told("llevo dos horas sin poder entrar en mi cuenta de spotify", hint) == "es"


ELSEWHERE = [
    ("pl", "spotify nie działa od rana, czy ktoś jeszcze ma ten problem?"),
    ("pl", "znowu nie mogę się zalogować do spotify"),
    ("tr", "spotify sabahtan beri açılmıyor, sizde de böyle mi?"),  # noqa: RUF001
    ("tr", "spotify çöktü galiba, şarkılar çalmıyor"),  # noqa: RUF001
    ("id", "spotify saya tidak bisa dibuka dari tadi pagi, ada yang sama?"),
    ("id", "kenapa lagu di spotify tidak bisa diputar sejak kemarin"),
    ("ru", "спотифай не работает с самого утра, у кого так же?"),  # noqa: RUF001
    ("uk", "у мене не відкривається спотіфай вже другу годину"),  # noqa: RUF001
    ("ar", "التطبيق لا يعمل منذ الصباح"),
    ("ko", "스포티파이 노래가 재생이 안 돼요"),
    ("zh", "今天音乐软件打不开了,有人和我一样吗"),
    ("sv", "spotify fungerar inte sedan i morse, är det fler som har problem?"),
    ("fi", "spotify ei toimi aamusta asti, onko muilla samaa ongelmaa?"),
    ("cs", "od rána mi nefunguje spotify, má to ještě někdo?"),
    ("el", "δεν ανοίγει το spotify από το πρωί"),
]


@pytest.mark.parametrize(("lang", "text"), ELSEWHERE)
def test_a_language_that_is_not_read_is_told_as_itself_and_never_glossed_as_another(
    lang: str, text: str
) -> None:
    assert told(text) == lang


ENGLISH_AS_TYPED = [
    "spotify ded lol",
    "yo wtf spotify u broken again",
    "spotfy aint wrking 4 me smh",
    "omg spotify plzzz fix ur app",
    "spotify is downnnnn 😭😭😭",
    "cant conect to spotify agian",
    "ngl spotify been trash all day fr fr",
    "https://example.com/status spotify",
    "@SpotifyCares same here",
    "@SpotifyCares @ann_b still nothing",
    "#spotifydown",
    "spotify down https://t.co/abc123",
    "SPOTIFY IS DOWN AGAIN WHAT THE HELL",
    "spotify error 503",
    "bruh spotify",
    "spotify lol",
    "spotify ???",
    "gonna cry, spotify dead rn",
    "i'm in são paulo and spotify is not working for me",
    "no spotify no me, la la la is all i can sing now",
]


@pytest.mark.parametrize("text", ENGLISH_AS_TYPED)
def test_english_stays_english_with_its_slang_slips_and_links(text: str) -> None:
    assert told(text) == "en"


@pytest.mark.parametrize("text", ["", " ", "xsvc", "xsvc xnum xurl", "?!", "😭😭", "2012", "@spotify"])
def test_what_has_no_words_is_read_as_english(text: str) -> None:
    assert told(text) == "en"


def test_a_smiley_of_one_kana_makes_no_text_japanese() -> None:
    assert told("spotify is down again ツ") == "en"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200), st.none() | st.sampled_from(sorted(READ)) | st.text(max_size=5))
def test_any_text_whatever_its_hint_is_in_a_language_with_an_iso_code(text: str, hint: str | None) -> None:
    assert re.fullmatch(r"[a-z]{2,3}", language_of(text, hint))
    assert re.fullmatch(r"[a-z]{2,3}", told(text, hint))


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(SAYINGS), st.sampled_from(["", "!!", " https://t.co/x", " 😭", " @ann", " 42"]))
def test_links_handles_numbers_and_signs_at_the_end_change_no_language(
    saying: tuple[str, str], end: str
) -> None:
    lang, text = saying
    assert told(text + end) == lang
