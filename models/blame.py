"""Which of several services a post blames: one that is praised, or fled to, is not the one that fails."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORKS = r"(?:still\ )?(?:works|working|fine|ok|okay|good|great|perfect|perfectly|up|alive)\b"
_SPARED = re.compile(
    rf"""
    \bxsvc\ (?:app\ |call\ |calls\ )?(?:is\ |are\ |'s\ |seems\ |just\ )?(?:all\ )?{_WORKS}(?!\ (?:not|only)\b)
    | \b(?:back|switch|switched|switching|move|moved|moving)\ (?:over\ )?to\ xsvc\b
    | \b(?:thank\ god|good\ thing|hooray)\ for\ xsvc\b
    | \b(?:we\ are|we're|were|i\ am|i'm|them|me|us|her|him|everyone|back|stay)\ (?:all\ )?on\ xsvc\b
    | \b(?:using|use|used|via|download|downloaded|downloading|got)\ xsvc\b
    | \bxsvc\ (?:it\ is|instead|for\ now|then)\b
    """,
    re.VERBOSE,
)


def is_spared(words: Sequence[str]) -> bool:
    """Whether a post that names others too has the service asked about (``xsvc``) work, or be fled to.

    >>> is_spared("xsvc works and xother does not".split())
    True
    >>> is_spared("xother works and xsvc does not".split())
    False
    """
    return "xother" in words and _SPARED.search(" ".join(words)) is not None
