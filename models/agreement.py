"""Agreement: a reply that says no more than "same here", in any language that is read.

Of a word or two no detector can tell the language, and no model what it is about: both are the thread's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from domain.mention import KINDS, Kind, Mention, Tag, TaggedMention
from models.decision import kind_of
from models.folding import fold
from models.gloss import without_accents

# What an English customer would say for it, and how it is said.
_SAYINGS = """
same here: same; same here; same for me; same with me; same issue; same issue here; same problem
same here: same problem here; same thing; same thing here; same error; ditto; exactly the same; yep same
same here: yes same; yup same; same same; me 2; same boat; +1 same; same +1
me too: me too; mine too; me as well; mine as well; also here; here too; us too; also me; +1; x2; +1 here
me too: for me too
not working for me either: me neither; mine neither; not for me either; me either; nor me; neither here
this: this; this this; ^; so much this
same here: igual; igual aquí; a mí igual; me pasa igual; me pasa lo mismo; lo mismo; lo mismo aquí
same here: estoy igual
same here: mismo problema; acá igual; a mí me pasa lo mismo; ídem; idem
me too: yo también; a mí también; aquí también; acá también; y yo; yo tb; yo igual
not working for me either: a mí tampoco; yo tampoco; aquí tampoco
same here: igual aqui; aqui igual; mesma coisa; mesma coisa aqui; mesmo problema; aqui a mesma coisa
same here: o mesmo aqui
me too: eu também; aqui também; comigo também; o meu também; a minha também; eu tb; aqui tb; eu tbm
me too: aqui tbm
me too: pra mim também; aqui em casa também
not working for me either: pra mim também não; aqui também não; nem aqui; nem pra mim; eu também não
same here: pareil; pareil ici; pareil pour moi; pareil chez moi; même chose; même chose ici; même problème
same here: même souci
me too: moi aussi; ici aussi; chez moi aussi; nous aussi; je confirme
not working for me either: moi non plus; ici non plus; chez moi non plus
same here: dito; geht mir genauso; gleiches problem; bei mir genauso; hier genauso; das gleiche hier
same here: dasselbe
same here: dasselbe hier; gleiches hier; hier dasselbe; hier das gleiche; bei mir dasselbe
same here: bei mir das gleiche
me too: auch; ich auch; bei mir auch; hier auch; hier ebenfalls; bei uns auch; bei mir ebenfalls; mir auch
not working for me either: bei mir auch nicht; hier auch nicht; ich auch nicht; bei uns auch nicht
same here: uguale; uguale qui; stesso problema; stessa cosa; stessa cosa qui; lo stesso; lo stesso qui
same here: idem qui
me too: anche io; anch'io; anche a me; anche qui; pure io; pure a me; pure qui; anche da me; anche per me
not working for me either: neanche a me; nemmeno a me; neanche io; nemmeno io; neanche qui
same here: zelfde; zelfde hier; hetzelfde; hetzelfde hier; hier hetzelfde; zelfde probleem
same here: hetzelfde probleem
me too: ik ook; ook hier; hier ook; bij mij ook; ook bij mij; wij ook; bij ons ook; mij ook
not working for me either: bij mij ook niet; hier ook niet; ik ook niet
same here: 同じく; 同じです; 同じ; 同様です; 同様; 同じ症状です; 同じ症状; 同じ状況です; 同じ現象
me too: 私も; 私もです; 僕も; 俺も; うちも; うちもです; こちらも; こちらもです; こっちも; 自分も; 自分もです
me too: わたしも
"""
_LONGEST = 60  # characters, with the names of those addressed
_ADDRESSED = re.compile(r"[@#][\w.]+")
_NOISE = re.compile(r"[^\w+^' ]+")
_COMPLAINT, _QUESTION = KINDS.index(Kind.COMPLAINT), KINDS.index(Kind.QUESTION)


def agreement(post_text: str) -> str | None:
    """What a text that only agrees says in English; ``None`` if it says more than that.

    >>> [agreement(text) for text in ("@ann Bei mir auch!", "+1", "same old story")]
    ['me too', 'me too', None]
    """
    return _ENGLISH.get(_plain(post_text)) if len(post_text) <= _LONGEST else None


def only_agrees(mention: Mention) -> bool:
    """Whether a mention answers another post, and only agrees with it."""
    return mention.post.in_reply_to is not None and agreement(mention.post.text) is not None


def follow(tagged: Sequence[TaggedMention]) -> list[TaggedMention]:
    """The same, in which whoever only agrees says what the post says that they answer, if it is among these.

    "Same here" under a complaint complains, and under a joke it is one more. Under a question it complains
    too: it is the answer of one for whom it fails.
    """
    followed = list(tagged)
    places: dict[tuple[str, str], int] | None = None
    for place, one in enumerate(tagged):
        post = one.mention.post
        if post.in_reply_to is None or one.mention.speaks_for is not None or not only_agrees(one.mention):
            continue
        if places is None:
            places = {(each.mention.post.source, each.mention.post.id): at for at, each in enumerate(tagged)}
        parent = places.get((post.source, post.in_reply_to))
        if parent is not None:
            followed[place] = _after(one, followed[parent])
    return followed


def _after(one: TaggedMention, parent: TaggedMention) -> TaggedMention:
    # To agree with "we are looking into it" is to say that it fails: there the words alone tell.
    if parent.mention.speaks_for is not None or not parent.is_read:
        return one
    said = {tag.service: tag for tag in parent.tags}
    return replace(one, tags=tuple(_agreeing(tag, said.get(tag.service)) for tag in one.tags))


def _agreeing(tag: Tag, said: Tag | None) -> Tag:
    if said is None:
        return tag
    likely = list(said.probabilities)
    likely[_COMPLAINT] += likely[_QUESTION]
    likely[_QUESTION] = 0.0
    probabilities = (likely[0], likely[1], likely[2], likely[3], likely[4])
    return replace(said, kind=kind_of(probabilities), probabilities=probabilities)


def _plain(text: str) -> str:
    return " ".join(_NOISE.sub(" ", without_accents(_ADDRESSED.sub(" ", fold(text)))).split())


_ENGLISH = {
    _plain(saying): english
    for english, _, sayings in (line.partition(": ") for line in _SAYINGS.strip().split("\n"))
    for saying in sayings.split("; ")
}
