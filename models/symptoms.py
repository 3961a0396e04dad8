"""Symptoms: what fails, found by spaCy rules over the tokens of a masked text."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from domain.mention import Symptom

# Words that say that something fails; a symptom's word counts when one of them stands near it.
_FAILS = """
n't nt not no never unable cannot cant wont dont doesnt isnt fail fails failing failed failure error
errors stuck refuses refusing nothing none issue issues trouble problem problems broken down
impossible forever keeps keep missing lost dead zero stopped stops dropped drops dropping drop
rejected half messed weird frozen freezes without times timing timeout struggling hangs hanging
blank wrong borked offline limited unavailable only ages kicked hung
"""

# Words that name what fails, if they stand near one of those above.
_NEAR: dict[Symptom, str] = {
    Symptom.SENDING: """
        send sends sending sent deliver delivered delivering outgoing out
    """,
    Symptom.RECEIVING: """
        receive receives received receiving incoming arrive arrives arriving arrived inbox through
    """,
    Symptom.CALLING: """
        call calls calling called ring rings ringing dial dialing voice hear facetiming mic
    """,
    Symptom.LOGIN: """
        login logins signin log logging sign signing password 2fa authenticate authentication auth
        activation activate verification credentials otp
    """,
    Symptom.LOADING: """
        load loads loading open opens opening opened refresh refreshes refreshing render page feed
        timeline screen website site spinner thumbnails
    """,
    Symptom.CONNECTION: """
        connect connects connecting connected connection server servers internet signal service reach
        reconnecting network data bars host join lte
    """,
    Symptom.PLAYBACK: """
        play plays playing playback stream streams streaming song songs audio video videos sound music
    """,
    Symptom.PAYMENT: """
        pay pays paying payment payments checkout card cards charge charged transaction transactions
        transfer transfers withdraw deposit deposits purchase refund payout terminal money balance
    """,
    Symptom.NOTIFICATIONS: """
        notification notifications notify notified notifs notif push alerts pings
    """,
    Symptom.SYNC: """
        sync syncs syncing synced synchronize backup backups
    """,
    Symptom.SEARCH: """
        search searches searching searched
    """,
    Symptom.UPLOAD: """
        upload uploads uploading uploaded post posting publish attach attachment attachments
    """,
    Symptom.DOWNLOAD: """
        download downloads downloading downloaded install installing installs
    """,
}

# Phrases that name what fails by themselves; "a|b" is either word.
_ALONE: dict[Symptom, str] = {
    Symptom.SENDING: """
        stuck|sitting|sits in outbox|queue
        turn|turns|turning|turned green
        n't|not|never|nothing|none go|goes|going through|out
        stuck on|at|in sending
        undelivered
        failed to send
        red exclamation
        not delivered
        one|1 tick
    """,
    Symptom.RECEIVING: """
        minutes|hours late
        out of order
        not|nt|n't|never|stopped|no get|getting any|my|texts|messages|emails|mail
        not|n't get|getting any texts|messages|emails|mail
        no new messages|texts|emails|mail
        messages|texts|emails|mail late|delayed
        come|coming|came through
    """,
    Symptom.CALLING: """
        dropped|dropping|drops call|calls
        call|calls drop|drops|dropped|dropping|failed|ended
        straight to voicemail
    """,
    Symptom.LOGIN: """
        verification|login|security|signin loop
        stuck on|at verifying
        not let|letting me in|register|log
        logged|logs|signed|kicked|locked|logging|kicks|throws|threw me|us|everyone out
        logged|signed|locked out
        ca|can n't|not|nt get|log|sign|logon in|into
        cant log|sign|get in|into
        invalid|wrong password
        lock|locks|locked me out
    """,
    Symptom.LOADING: """
        something went wrong
        technical difficulties|problem
        not found
        error xcode
        content|page unavailable
        try|retry reloading
        tap to retry
        grey|gray|blank|empty boxes|box|squares
        blank|white|black|grey|gray|empty screen|page|feed
        spinning|endless|infinite|eternal wheel|circle|loading|spinner
        just|keeps|still|keep|forever spinning|spins|loading
        spinning
        xcode
        bad gateway
        gateway timeout|error
        internal server error
    """,
    Symptom.CONNECTION: """
        sos
        no sync
        loses|lost|losing sync
        fast busy
        disconnected|disconnects|disconnecting|reconnecting|offline|disconnect
        timed|timing|times out
        no service|signal|internet|connection|bars|network|data|reception
        stuck on|at connecting|updating
        sos only|mode
        connection lost|timeout|refused|reset|error
        lost connection
        502|503|504
        server|servers error|errors|down
    """,
    Symptom.PLAYBACK: """
        cut|cuts|cutting out|off
        content|title|song unavailable|greyed
        greyed|grayed out
        skips|skip every
        buffering|buffers|buffer
        keeps|keep pausing|skipping|stopping
        no sound|audio
    """,
    Symptom.PAYMENT: """
        unable to order
        card refused|rejected
        declined|declines
        charged twice
        double charged
    """,
    Symptom.DOWNLOAD: """
        download|downloads pending|stuck|paused
    """,
    Symptom.CRASH: """
        crash|crashes|crashed|crashing
        force close|closes|closed
        keeps|keep closing|freezing|quitting|dying|restarting
        closes|quits|closed by itself
        closes|shuts itself|down
        freezes|frozen|freezing|froze
        kicks|boots|throws me to|back
    """,
    Symptom.SLOW: """
        minutes|hours late
        full minute|minutes
        dial up
        still processing
        slow|slowly|sluggish|laggy|lag|lags|lagging|slower|crawling
        taking|takes|took forever|ages|minutes|hours|xnum
        high ping|latency
        snail|crawl|molasses
    """,
}
_WITHIN = 4  # words from the one that fails to the one that names what


class SymptomRules:
    """The rules, bound to the vocabulary of one tokenizer.

    Whole phrases in a ``PhraseMatcher``: a ``Matcher`` with word lists says the same ten times slower.
    """

    def __init__(self, vocab: Vocab) -> None:
        self._vocab = vocab
        self._matcher = PhraseMatcher(vocab)
        self._alone = {
            self._add(f"alone {symptom}", _lines(_ALONE.get(symptom, ""))): symptom for symptom in Symptom
        }
        self._near = {
            self._add(f"near {symptom}", _NEAR.get(symptom, "").split()): symptom for symptom in Symptom
        }
        self._fails = self._add("fails", _FAILS.split())

    def find(self, doc: Doc) -> tuple[Symptom, ...]:
        """The symptoms a text names, in the order of ``Symptom``.

        >>> import spacy
        >>> nlp = spacy.blank("en")
        >>> SymptomRules(nlp.vocab).find(nlp("messages won't send and it keeps crashing"))
        (<Symptom.SENDING: 'sending'>, <Symptom.CRASH: 'crash'>)
        """
        matches = self._matcher(doc)
        if not matches:
            return ()
        fails = [start for key, start, _ in matches if key == self._fails]
        found = {self._alone[key] for key, _, _ in matches if key in self._alone}
        for key, start, _ in matches:
            if key in self._near and any(abs(start - place) <= _WITHIN for place in fails):
                found.add(self._near[key])
        return tuple(sorted(found, key=_ORDER.__getitem__))

    def _add(self, rule: str, phrases: Iterable[str]) -> int:
        self._matcher.add(
            rule, [Doc(self._vocab, words=spelled) for phrase in phrases for spelled in _spelled_out(phrase)]
        )
        key: int = self._vocab.strings.add(rule)
        return key


_ORDER = {symptom: place for place, symptom in enumerate(Symptom)}


def _lines(phrases: str) -> list[str]:
    return [line.strip() for line in phrases.strip().splitlines()]


def _spelled_out(phrase: str) -> Iterable[list[str]]:
    """Every reading of a phrase.

    >>> list(_spelled_out("stuck on|at"))
    [['stuck', 'on'], ['stuck', 'at']]
    """
    return map(list, product(*(word.split("|") for word in phrase.split())))
